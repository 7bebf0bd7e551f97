"""Priorities of replicas by what they take: the larger ask goes first, and none drives out another.

A large replica left for last finds its place taken by small ones that could have gone anywhere.
"""

from collections.abc import Iterable, Mapping

from planning.pool_facts import PoolFacts
from planning.specs.devices import PrioritySpec
from settings.models import ModelSettings


def priority(weight: int) -> PrioritySpec:
    """Return the priority of a replica that takes `weight` thousandths of a GPU."""
    return PrioritySpec(name=f"gpu-{weight}m", value=weight)


def priorities(
    models: Iterable[ModelSettings], pools: Mapping[str, PoolFacts]
) -> tuple[PrioritySpec, ...]:
    """Return the priorities of these models, each once, highest first."""
    weights = {pools[model.pool].weight(pools[model.pool].ask(model)) for model in models}
    return tuple(map(priority, sorted(weights, reverse=True)))
