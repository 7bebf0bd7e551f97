"""Which instance types a pool may have: those it names, or those of its families."""

from catalog.eks import FAMILIES_WITHOUT_DRIVER
from catalog.instance_types import INSTANCE_TYPES, InstanceType
from settings.dynamic_pool import DynamicPool
from settings.managed_pool import ManagedPool

LEAST_VCPU = 8
"""Of a family: smaller types have 16 or 32 GiB of memory, through which weights of that size and
more are read, and the node image pulls no image in parallel on them. Who wants one names it.
Source: awslabs/amazon-eks-ami, nodeadm/doc/examples.md (FastImagePull from .2xlarge on)."""


def instance_names(pool: DynamicPool | ManagedPool, region: str) -> tuple[str, ...]:
    """Return the instance types of a pool, in the order of the settings or of the catalog.

    A family stands for types of the catalog and not for itself: Karpenter would also start a type
    that the catalog does not know, whose price and memory no plan could tell.
    """
    if not isinstance(pool, DynamicPool) or not pool.families:
        return pool.instances
    wanted = (found for family in pool.families for found in family_types(family, region))
    return tuple(found.name for found in wanted if _wanted(found, pool))


def family_types(family: str, region: str) -> tuple[InstanceType, ...]:
    """Return the types of a family that can carry a pool; `pool_rules` says why others cannot."""
    if family in FAMILIES_WITHOUT_DRIVER:
        return ()
    return tuple(
        found
        for found in INSTANCE_TYPES.values()
        if found.family == family
        and found.gpus
        and found.arch == "amd64"
        and found.vcpu >= LEAST_VCPU
        and region in found.usd_per_hour
    )


def gpu_families() -> tuple[str, ...]:
    """Return every family with whole NVIDIA GPUs."""
    return tuple({found.family: None for found in INSTANCE_TYPES.values() if found.gpus})


def _wanted(found: InstanceType, pool: DynamicPool) -> bool:
    return found.gpus <= pool.gpu_limit and pool.gpus_per_node in (None, found.gpus)
