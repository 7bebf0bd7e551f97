"""Labels and taints of GPU nodes, and who tolerates them; the same for every supply of nodes."""

from collections.abc import Iterable

from planning.pool_facts import PoolFacts
from planning.releases import HAMI_NODE_LABEL, NO_DEVICE_PLUGIN_LABEL
from planning.specs.base import (
    GPU_TAINT,
    GPU_TOLERATION,
    POOL_LABEL,
    SHARING_LABEL,
    Taint,
    Toleration,
)
from settings.karpenter_pool import KarpenterPool


def node_labels(pool: PoolFacts) -> dict[str, str]:
    """Return the labels of a pool's nodes; the platform's own win over further ones."""
    further = pool.settings.labels if isinstance(pool.settings, KarpenterPool) else {}
    labels = {**further, POOL_LABEL: pool.name, SHARING_LABEL: pool.settings.sharing.kind}
    if pool.shared:
        labels |= HAMI_NODE_LABEL | NO_DEVICE_PLUGIN_LABEL
    return labels


def node_taints(pool: PoolFacts) -> tuple[Taint, ...]:
    """Return the taints of a pool's nodes: the one of every GPU node, and its further ones."""
    return (GPU_TAINT, *_further_taints(pool))


def tolerations(pools: Iterable[PoolFacts]) -> tuple[Toleration, ...]:
    """Return what a pod needs to run on nodes of these pools, each toleration once."""
    further = {(taint.key, taint.effect): None for pool in pools for taint in _further_taints(pool)}
    return (GPU_TOLERATION, *(Toleration(key=key, effect=effect) for key, effect in further))


def _further_taints(pool: PoolFacts) -> tuple[Taint, ...]:
    if not isinstance(pool.settings, KarpenterPool):
        return ()
    return tuple(Taint.model_validate(taint.model_dump()) for taint in pool.settings.taints)
