"""Settings of a pool that is one EKS managed node group."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Setting
from settings.sharing import Capacity, InstanceNames, Sharing, WholeSharing


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
