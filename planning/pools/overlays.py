"""What Karpenter has to be told of nodes whose GPUs are sliced, or cut by MIG.

Karpenter takes what a new node offers from its instance type, which says physical GPUs. A
NodeOverlay says otherwise, and Karpenter then counts all that it says, against the pool's limits
too. Source: kubernetes-sigs/karpenter v1.14.1, pkg/cloudprovider/types.go (ApplyCapacityOverlay),
pkg/controllers/provisioning/scheduling/scheduler.go (filterByRemainingResources).
"""

from planning.pools.facts import PoolFacts
from planning.sharing.mig import Mig
from planning.sharing.slices import Slices
from planning.sharing.whole import GPU_RESOURCE
from planning.specs.base import POOL_LABEL
from planning.specs.pools import NodeOverlaySpec


def needs_overlay(pool: PoolFacts) -> bool:
    """Return whether nodes that are started for pods offer another number of GPUs than their type
    has; those of a static pool are started for none."""
    return isinstance(pool.way, Slices | Mig) and not pool.is_static


def devices_per_gpu(pool: PoolFacts) -> int:
    """Return what a node publishes as `nvidia.com/gpu` for each of its GPUs."""
    return len(pool.devices) // pool.first.gpus if needs_overlay(pool) else 1


def node_overlays(pool: PoolFacts) -> tuple[NodeOverlaySpec, ...]:
    """Return an overlay per number of GPUs that the pool's types have, fewest first."""
    if not needs_overlay(pool):
        return ()
    return tuple(
        NodeOverlaySpec(
            name=f"{pool.name}-{gpus}-gpu",
            node_labels={POOL_LABEL: pool.name},
            instance_types=tuple(found.name for found in pool.types if found.gpus == gpus),
            capacity={GPU_RESOURCE: gpus * devices_per_gpu(pool)},
        )
        for gpus in sorted({found.gpus for found in pool.types})
    )
