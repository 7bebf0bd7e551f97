"""Settings of a pool whose nodes Karpenter starts and ends."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import DistinctSome, Setting
from settings.sharing import MOST_GPUS, Capacity, InstanceNames, Sharing, WholeSharing


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
