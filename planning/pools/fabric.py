"""What a replica has of the network between nodes: EFA interfaces, and how NCCL is told of them.

It gets no IPC_LOCK: the namespace's `restricted` level forbids the capability, and a process that
is not root never has it in effect. How much memory may be locked is the node image's to say.
Source: https://man7.org/linux/man-pages/man7/capabilities.7.html
"""

from catalog.fabric import (
    EFA_ENVIRONMENT,
    EFA_RESOURCE,
    RDMA_ENVIRONMENT,
    RDMA_FAMILIES,
    SOCKET_ENVIRONMENT,
)
from planning.pools.facts import PoolFacts
from planning.pools.marks import has_efa
from planning.specs.devices import GpuAsk, GpuGrant
from settings.models import ModelSettings


def efa_interfaces(pool: PoolFacts, ask: GpuAsk) -> int:
    """Return the EFA interfaces that a pod asks for: all of its node, where it takes the node.

    A node's interfaces cannot be divided by GPUs that are near them; a pod that shares its node
    with others gets none.
    """
    whole = not pool.divides and ask.devices == pool.first.gpus
    return pool.first.efa_interfaces if whole and has_efa(pool) else 0


def with_efa(grant: GpuGrant, interfaces: int) -> GpuGrant:
    """Return what a pod carries to get its GPUs, and its EFA interfaces with them."""
    if not interfaces:
        return grant
    return grant.model_copy(update={"limits": {**grant.limits, EFA_RESOURCE: str(interfaces)}})


def network_environment(model: ModelSettings, pool: PoolFacts, interfaces: int) -> dict[str, str]:
    """Return what NCCL and libfabric are told; nothing without peers on other nodes and EFA."""
    told: dict[str, str] = {}
    if model.nodes > 1:
        told |= SOCKET_ENVIRONMENT
    if interfaces:
        told |= EFA_ENVIRONMENT
    if interfaces and pool.first.family in RDMA_FAMILIES:
        told |= RDMA_ENVIRONMENT
    return told
