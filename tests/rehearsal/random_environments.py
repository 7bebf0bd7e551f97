"""Random environments: one or two pools of any way, and models that fill them more or less."""

from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from settings.environment import PlatformSettings

SEED = 20261121
L4 = {1: "g6.2xlarge", 4: "g6.12xlarge", 8: "g6.48xlarge"}
H100 = "p5.4xlarge"
MIG_LAYOUTS: tuple[dict[str, Any], ...] = (
    {"layout": {"1g.10gb": 2, "2g.20gb": 1, "3g.40gb": 1}},
    {"profile": "2g.20gb"},
    {"layout": {"3g.40gb": 1, "1g.10gb": 3}},
    {"layout": {"2g.20gb": 2, "1g.10gb": 3}},
)
TIGHT = (0.7, 1.1)
"""Of what the pool has, what the models ask for together."""
DIVIDING = ("hami", "hami-dra")
SIZES = {
    **dict.fromkeys(("whole", "dra"), (1, 4, 8)),
    **dict.fromkeys(("hami", "hami-dra"), (1, 4)),
    **dict.fromkeys(("time-slicing", "mps"), (1,)),
}
"""GPUs of a node, by way."""
MOST_GPUS = 8
"""Of a pool."""
MOST_REPLICAS = 24
"""Of a pool: enough to fill it, few enough for hundreds of environments."""


@dataclass(frozen=True)
class Made:
    """A pool, its models, and whether it was to be filled tightly."""

    pool: dict[str, Any]
    models: list[dict[str, Any]]


def environments(count: int) -> list[PlatformSettings]:
    """Return so many environments, the same in every run."""
    found: list[PlatformSettings] = []

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(_pools(), min_size=1, max_size=2))
    def collect(made: list[Made]) -> None:
        found.append(_platform(len(found), made))

    collect()
    return found[:count]


def _platform(number: int, made: list[Made]) -> PlatformSettings:
    pools = {f"e{number}-p{index}": one.pool for index, one in enumerate(made)}
    models = {
        f"e{number}-p{index}-m{model}": {**entry, "pool": f"e{number}-p{index}"}
        for index, one in enumerate(made)
        for model, entry in enumerate(one.models)
    }
    return PlatformSettings.model_validate(
        {
            "template": "dev",
            "cluster": {"admins": ["arn:aws:iam::111122223333:role/platform"]},
            "pools": pools,
            "models": models,
            "budget": {"gpus": 10_000, "usd_per_month": 10_000_000},
        }
    )


@st.composite
def _pools(draw: st.DrawFn) -> Made:
    kind = draw(st.sampled_from(["whole", "time-slicing", "mps", "mig", "dra", "hami", "hami-dra"]))
    sharing: dict[str, Any] = {"kind": kind}
    gpus, nodes, instance = 1, draw(st.integers(1, 3 if kind in DIVIDING else 2)), H100
    if kind == "mig":
        sharing |= draw(st.sampled_from(MIG_LAYOUTS))
    else:
        gpus = draw(st.sampled_from(SIZES[kind]))
        nodes = min(nodes, MOST_GPUS // gpus)
        instance = L4[gpus]
    if kind in ("time-slicing", "mps"):
        sharing["replicas"] = draw(st.integers(2, 3))
    pool = {"provisioner": "managed", "instances": [instance], "nodes": nodes, "sharing": sharing}
    fill = draw(st.floats(*TIGHT)) if draw(st.integers(0, 9)) < 7 else draw(st.floats(0.1, 0.7))
    return Made(pool, draw(_models(sharing, gpus, fill * gpus * nodes)))


@st.composite
def _models(
    draw: st.DrawFn, sharing: dict[str, Any], gpus: int, goal: float
) -> list[dict[str, Any]]:
    """Return models until they ask for so many GPUs, on nodes of `gpus`."""
    asked = 0.0
    models: list[dict[str, Any]] = []
    while asked < goal and len(models) < 5:
        ask, size = draw(_asks(sharing, gpus))
        left = MOST_REPLICAS // 4 if size < goal else 1
        most = max(1, min(left, round((goal - asked) / size)))
        replicas = most if len(models) == 4 else draw(st.integers(1, most))
        asked += replicas * size
        scale = {"min": replicas, "max": replicas}
        models.append({"model": "a/b", "context": 512, "replicas": scale, **ask})
    return models


@st.composite
def _asks(draw: st.DrawFn, sharing: dict[str, Any], gpus: int) -> tuple[dict[str, Any], float]:
    """Return an ask in the terms of the way, and its size in GPUs."""
    match sharing["kind"]:
        case "time-slicing" | "mps":
            return {"gpus": 1}, 1 / sharing["replicas"]
        case "mig":
            profile = draw(st.sampled_from(sorted(sharing.get("layout") or [sharing["profile"]])))
            return {"mig": profile}, int(profile[0]) / 7
        case "hami" | "hami-dra":
            memory, cores = draw(st.integers(2, 14)), draw(st.sampled_from([10, 20, 25, 30, 50]))
            share = {"memory_gib": memory, "cores_percent": cores}
            return {"share": share}, max(memory / 22, cores / 100)
        case _:
            size = draw(st.sampled_from([size for size in (1, 2, 4, 8) if size <= gpus]))
            by_device = sharing["kind"] == "dra" and draw(st.booleans())
            device = {"device": {"count": size, "product": "L4"}}
            return (device if by_device else {"gpus": size}), size
