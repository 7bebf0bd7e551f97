"""Priorities of replicas by what they take: the larger ask goes first, and none drives out another.

A large replica left for last finds its place taken by small ones that could have gone anywhere.
Nobody waits for the answers of a batch: its replicas go last.
"""

from collections.abc import Iterable, Mapping

from planning.pools.facts import PoolFacts
from planning.specs.devices import GpuAsk, PrioritySpec
from settings.models import ModelSettings


def priority(ask: GpuAsk, pool: PoolFacts) -> PrioritySpec:
    """Return the priority of a replica with this ask."""
    weight = pool.weight(ask)
    last = ask.behind
    return PrioritySpec(
        name=f"batch-gpu-{weight}m" if last else f"gpu-{weight}m",
        value=pool.rank(ask),
        description=f"Replicas{' for batches' if last else ''} of {weight / 1000:g} GPU",
    )


def priorities(
    models: Iterable[ModelSettings], pools: Mapping[str, PoolFacts]
) -> tuple[PrioritySpec, ...]:
    """Return the priorities of these models, each once, highest first."""
    placed = ((pools[model.pool], model) for model in models)
    found = {one.name: one for one in (priority(pool.ask(model), pool) for pool, model in placed)}
    return tuple(sorted(found.values(), key=lambda one: one.value, reverse=True))
