"""Settings of GPU pools: where GPUs come from and how a pool hands them out."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import DistinctSome, Setting


class WholeSharing(Setting):
    """A container gets whole GPUs from the NVIDIA device plugin."""

    kind: Literal["whole"] = "whole"


class HamiSharing(Setting):
    """A container gets a share of a GPU's memory and cores, enforced by HAMi."""

    kind: Literal["hami"]
    splits: Annotated[int, Field(ge=2, le=100)] = 10
    """Most containers per GPU (`devicePlugin.deviceSplitCount`)."""


Sharing = Annotated[WholeSharing | HamiSharing, Field(discriminator="kind")]
"""How a pool hands out its GPUs; exactly one way per node."""

InstanceNames = DistinctSome[str]
Capacity = Literal["spot", "on-demand"]
MOST_GPUS = 10_000
"""Beyond any pool; a slip of the keyboard is named here and not computed."""


class KarpenterPool(Setting):
    """A pool whose nodes Karpenter starts when pods wait for them and ends when they are empty."""

    provisioner: Literal["karpenter"]
    instances: InstanceNames
    """EC2 instance types that Karpenter may start; all with the same GPU."""
    capacity: DistinctSome[Capacity] = ("on-demand",)
    """Capacity types; Karpenter tries spot before on-demand whatever the order here."""
    gpu_limit: Annotated[int, Field(ge=1, le=MOST_GPUS)]
    """Most GPUs the pool may own at once, in whole devices."""
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """Minutes a node stays empty before it is ended."""
    sharing: Sharing = WholeSharing()
    """How the pool hands out its GPUs."""


class ManagedPool(Setting):
    """A pool of a fixed number of nodes in one EKS managed node group."""

    provisioner: Literal["managed"]
    instances: InstanceNames
    """EC2 instance types of the node group, first choice first; all with the same GPU."""
    capacity: Capacity = "on-demand"
    """Capacity type of the node group."""
    nodes: Annotated[int, Field(ge=1, le=100)]
    """Nodes, all month."""
    sharing: Sharing = WholeSharing()
    """How the pool hands out its GPUs."""


Pool = Annotated[KarpenterPool | ManagedPool, Field(discriminator="provisioner")]
"""A GPU pool."""
