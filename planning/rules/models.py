"""Rules between a model and its pool."""

from collections.abc import Iterable, Iterator, Mapping

from planning.pools.facts import PoolFacts
from planning.rules.engine import engine_rules
from planning.rules.fit import context_findings, fit_findings, spread_findings
from planning.rules.groups import efa_rules, whole_node_rules
from planning.rules.pools import INSTANCE_SOURCE
from planning.rules.prefill import prefill_rules
from planning.sharing.device import take, untouched
from planning.sharing.ways import KINDS_BY_ASK
from settings.finding import Finding, counted
from settings.models import ModelSettings

POOL_SOURCE = "settings/sharing.py"


def model_rules(
    name: str, model: ModelSettings, pools: Iterable[str], sound: Mapping[str, PoolFacts]
) -> Iterator[Finding]:
    """Yield what is wrong with a model; where its pool is not sound, the pool is what is wrong."""
    own = [*engine_rules(f"models.{name}.engine", model.engine), *context_findings(name, model)]
    yield from own
    if model.pool not in pools:
        yield Finding(
            path=f"models.{name}.pool",
            problem=f"there is no pool '{model.pool}'",
            fix=f"use one of {', '.join(pools)}, or add it under `pools`",
            source="settings/models.py",
        )
    elif model.pool in sound:
        yield from _on_pool(name, model, sound[model.pool], fitted=not own)


def _on_pool(
    name: str, model: ModelSettings, pool: PoolFacts, *, fitted: bool
) -> Iterator[Finding]:
    """Yield what is wrong with the ask; only of a sound one more can be said."""
    if wrong := [*_ask(name, model, pool)]:
        yield from wrong
        return
    yield from _replicas(name, model, pool)
    yield from efa_rules(name, model, pool)
    yield from prefill_rules(name, model, pool)
    spread = [*spread_findings(name, model, pool.ask(model).devices)]
    yield from spread
    if fitted and not spread:
        yield from fit_findings(name, model, pool)


def _ask(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    asked, way = model.asked_by, pool.way
    if asked is None and not way.silent:
        yield Finding(
            path=f"models.{name}",
            problem=f"does not say what it takes of pool '{pool.name}', which hands out its GPUs "
            f"by `{way.kind}`",
            fix=f"ask with `{way.example}`, or use a pool of whole GPUs",
            source=POOL_SOURCE,
        )
    elif asked is not None and asked not in way.asks:
        yield Finding(
            path=f"models.{name}.{asked}",
            problem=f"pool '{pool.name}' hands out its GPUs by `{way.kind}`, which knows no "
            f"`{asked}`",
            fix=f"ask with `{way.example}`, or use a pool of {' or '.join(KINDS_BY_ASK[asked])}",
            source=POOL_SOURCE,
        )
    elif refused := [*way.refusals(f"models.{name}", model, pool.first)]:
        yield from refused
    elif model.share is not None:
        yield from _share(name, model.share.memory_gib, pool)
    else:
        yield from _devices(name, model, pool)
        yield from whole_node_rules(name, model, pool)


def _share(name: str, memory_gib: int, pool: PoolFacts) -> Iterator[Finding]:
    has_gib = pool.gpu_memory_mib // 1024
    if memory_gib > has_gib:
        yield Finding(
            path=f"models.{name}.share.memory_gib",
            problem=f"{memory_gib} GiB is more than one {pool.gpu_name} has ({has_gib} GiB)",
            fix=f"ask for at most {has_gib}, or for whole GPUs on another pool",
            source=INSTANCE_SOURCE,
        )


def _devices(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    ask, most = pool.ask(model), pool.most_gpus_per_node
    devices = pool.way.devices(max(pool.types, key=lambda found: found.gpus))
    if take(devices, untouched(devices), ask) is None:
        yield Finding(
            path=f"models.{name}.{model.asked_by or 'gpus'}",
            problem=f"{counted(ask.devices, 'GPU')} per replica, but no instance of pool "
            f"'{pool.name}' has more than {most} ({', '.join(found.name for found in pool.types)})",
            fix=f"use at most {most}, or add a larger type to pools.{pool.name}.instances",
            source=INSTANCE_SOURCE,
        )


def _replicas(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    ask = pool.ask(model)
    others = model.prefill.replicas.max if model.prefill else 0
    room = max(0, pool.most_replicas(ask) // model.nodes - others)
    if model.replicas.max > room:
        each = "this share" if model.share else counted(ask.devices, pool.way.device)
        each += f" in each of {model.nodes} nodes" if model.nodes > 1 else ""
        each += f", beside {others} for prefill" if others else ""
        lower = f"lower it to {room}" if room else "ask for fewer GPUs per replica"
        yield Finding(
            path=f"models.{name}.replicas.max",
            problem=f"{counted(model.replicas.max, 'replica')} of {each}, but pool '{pool.name}' "
            f"with its {counted(pool.gpus_for_replicas, 'GPU')} has room for {room}",
            fix=f"{lower}, or raise {pool.size_path}",
            source=POOL_SOURCE,
        )
