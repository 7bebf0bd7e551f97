"""What a change of each model needs, as the plan shows it, and where it takes a model away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from planning.placing.roll_peak import RollPeak, roll_peaks
from planning.pools.facts import PoolFacts
from planning.specs.models import ModelServiceSpec
from planning.specs.placement import Placement
from planning.specs.rolls import PlannedRoll
from settings.finding import Finding
from settings.models import ModelSettings

SOURCE = "planning/placing/roll_peak.py"
MOST_NAMED = 5


def planned_rolls(
    models: Iterable[ModelServiceSpec],
    pools: Mapping[str, PoolFacts],
    peaks: Mapping[str, RollPeak],
) -> tuple[PlannedRoll, ...]:
    """Return the roll of every model service."""
    return tuple(_roll(spec, pools[spec.pool], peaks[spec.model]) for spec in models)


def _roll(spec: ModelServiceSpec, pool: PoolFacts, peak: RollPeak) -> PlannedRoll:
    surge = peak.rollout == "surge"
    each = spec.gpu.devices * spec.pods_per_replica
    floor = each * (1 if spec.gpu.shared else spec.min_replicas)
    serving = spec.min_replicas if surge else spec.min_replicas - 1
    return PlannedRoll(
        name=spec.name,
        pool=spec.pool,
        rollout=peak.rollout,
        device=pool.way.device if spec.gpu.memory_mib is None else "share",
        devices_floor=floor,
        devices_peak=floor + each if surge else floor,
        gpus_floor=peak.gpus_floor,
        gpus_peak=peak.gpus_peak,
        gpus_limit=pool.gpus_limit,
        new_node=peak.new_node,
        serving=serving,
        away_seconds=0 if serving else spec.grace_seconds + spec.startup_seconds,
    )


def roll_refusals(
    models: Mapping[str, ModelSettings], pools: Mapping[str, PoolFacts], placement: Placement
) -> Iterator[Finding]:
    """Yield every model that is to surge where its pool has no sure room for one replica more."""
    if not any(model.rollout == "surge" for model in models.values()):
        return
    peaks = roll_peaks(models, pools, placement)
    for name, model in models.items():
        if model.rollout == "surge" and peaks[name].rollout == "in-place":
            pool = pools[model.pool]
            yield Finding(
                path=f"models.{name}.rollout",
                problem=f"is surge, and beside the minimum replicas of all its models pool "
                f"'{pool.name}' has no sure room for one more: a change would stand still",
                fix=f"raise {pool.size_path}, or write in-place",
                source=SOURCE,
            )


def roll_warnings(
    rolls: Iterable[PlannedRoll],
    models: Iterable[ModelServiceSpec],
    pools: Mapping[str, PoolFacts],
) -> Iterator[Finding]:
    """Yield a warning for every pool where a change of a model takes the model away."""
    alone = {spec.name: (spec, why) for spec in models if (why := _never_beside(spec))}
    lone: dict[str, list[PlannedRoll]] = {}
    for roll in rolls:
        if roll.serving == 0 and roll.name in alone:
            spec, why = alone[roll.name]
            yield Finding(
                path=f"models.{spec.model}.{'prefill.' * (spec.role == 'prefill')}replicas.min",
                problem=f"is 1, and no replica is started beside {why}: a "
                f"change of the model takes it away for up to {roll.away_seconds:,} s",
                fix="raise it to 2: one of them stays",
                source=SOURCE,
            )
        elif roll.serving == 0:
            lone.setdefault(roll.pool, []).append(roll)
    for name, found in lone.items():
        away = max(roll.away_seconds for roll in found)
        yield Finding(
            path=pools[name].size_path,
            problem="gives no sure room, beside the minimum replicas of its models, for one more "
            f"of {_listed(found)}, of which one runs: a change of it takes it away for up to "
            f"{away:,} s",
            fix="raise it until one more has room, or change such a model when nobody asks it",
            source=SOURCE,
        )


def _never_beside(spec: ModelServiceSpec) -> str | None:
    """Return beside which replicas none is started, whatever room there is; None where one is."""
    if spec.gpu.shared:
        return "those that divide one claim"
    return None if spec.cache is None else "one that keeps its volume"


def _listed(rolls: Sequence[PlannedRoll]) -> str:
    """Return their names; of many, the first few and how many more."""
    names = [roll.name for roll in rolls]
    told, more = names[:MOST_NAMED], len(names) - MOST_NAMED
    if more > 0:
        return f"{', '.join(told)} or {more} others"
    return " or ".join(told)
