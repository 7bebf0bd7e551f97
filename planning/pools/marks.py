"""Labels and taints of GPU nodes, and who tolerates them; the same for every supply of nodes."""

from collections.abc import Iterable

from planning.pools.facts import PoolFacts
from planning.specs.base import (
    EFA_LABEL,
    GPU_TAINT,
    GPU_TOLERATION,
    POOL_LABEL,
    Taint,
    Toleration,
)
from settings.dynamic_pool import DynamicPool
from settings.managed_pool import ManagedPool


def node_labels(pool: PoolFacts) -> dict[str, str]:
    """Return the labels of a pool's nodes; the platform's own win over further ones."""
    further = pool.settings.labels if isinstance(pool.settings, DynamicPool) else {}
    marks = {EFA_LABEL: "true"} if has_efa(pool) else {}
    return {**further, POOL_LABEL: pool.name, **pool.image.labels(pool.way), **marks}


def has_efa(pool: PoolFacts) -> bool:
    """Return whether a pool's nodes carry Elastic Fabric Adapter interfaces."""
    return isinstance(pool.settings, ManagedPool) and pool.settings.efa


def node_taints(pool: PoolFacts) -> tuple[Taint, ...]:
    """Return the taints of a pool's nodes: the one of every GPU node, and its further ones."""
    return (GPU_TAINT, *_further_taints(pool))


def tolerations(pools: Iterable[PoolFacts]) -> tuple[Toleration, ...]:
    """Return what a pod needs to run on nodes of these pools, each toleration once."""
    further = {(taint.key, taint.effect): None for pool in pools for taint in _further_taints(pool)}
    return (GPU_TOLERATION, *(Toleration(key=key, effect=effect) for key, effect in further))


def _further_taints(pool: PoolFacts) -> tuple[Taint, ...]:
    if not isinstance(pool.settings, DynamicPool):
        return ()
    return tuple(Taint.model_validate(taint.model_dump()) for taint in pool.settings.taints)
