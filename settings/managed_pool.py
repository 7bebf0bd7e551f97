"""Settings of a pool that is one EKS managed node group."""

from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, model_validator

from settings.base import RESERVATION_PATTERN, ZONE_PATTERN, Setting
from settings.node_image import Al2023Image, NodeImage
from settings.sharing import InstanceNames, Sharing, WholeSharing

MOST_NODES = 100
"""Beyond any group; a slip of the keyboard is named here and not computed."""


class NodeRange(Setting):
    """Between how many nodes Cluster Autoscaler keeps a group; where both are equal, it does not
    touch it."""

    min: Annotated[int, Field(ge=0, le=MOST_NODES)]
    """Nodes that always run."""
    max: Annotated[int, Field(ge=1, le=MOST_NODES)]
    """Most nodes."""

    @model_validator(mode="after")
    def _ordered(self) -> "NodeRange":
        if self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}; raise max or lower min")
        return self


def as_range(value: object) -> object:
    """Return a plain number of nodes as a range that is only this number.

    Raises:
        ValueError: it is neither a number nor a mapping.
    """
    match value:
        case bool():
            pass
        case int():
            return {"min": value, "max": value}
        case dict() | NodeRange():
            return cast("dict[str, Any] | NodeRange", value)
        case _:
            pass
    raise ValueError("is no number of nodes; write a whole number, or `{min: 1, max: 4}`")


Nodes = Annotated[
    NodeRange,
    BeforeValidator(
        as_range,
        json_schema_input_type=Annotated[int, Field(ge=1, le=MOST_NODES)] | NodeRange,
    ),
]
"""A fixed number of nodes, or `{min, max}`."""


class Reservation(Setting):
    """Capacity that was reserved, and perhaps paid, outside of this program."""

    id: Annotated[str, Field(pattern=RESERVATION_PATTERN)]
    """An On-Demand Capacity Reservation or a Capacity Block: one instance type in one zone."""


class ManagedPool(Setting):
    """A pool whose nodes are one EKS managed node group."""

    provisioner: Literal["managed"]
    instances: InstanceNames
    """EC2 instance types of the node group, first choice first; all with the same GPU."""
    capacity: Literal["spot", "on-demand", "capacity-block"] = "on-demand"
    """Capacity type of the node group; a Capacity Block is bought before, and named in
    `reservation`."""
    nodes: Nodes
    """A number of nodes, all month, or `{min, max}` for Cluster Autoscaler to choose from."""
    zone: Annotated[str, Field(pattern=ZONE_PATTERN)] | None = None
    """The one availability zone of its nodes, `us-west-2a`; without it they spread over all zones
    of the network."""
    placement_group: Literal["cluster"] | None = None
    """Whether EC2 packs the nodes close together, for the shortest ways between them."""
    efa: bool = False
    """Whether the nodes carry every Elastic Fabric Adapter interface of their instance type."""
    reservation: Reservation | None = None
    """Reserved capacity that the nodes take, and nothing else."""
    repair: bool = False
    """Whether EKS restarts or replaces a node that the node monitoring agent calls unhealthy."""
    image: NodeImage = Al2023Image()
    """The system of its nodes."""
    sharing: Sharing = WholeSharing()
    """How the pool hands out its GPUs."""
