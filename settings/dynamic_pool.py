"""Settings that every pool has whose nodes are started for waiting pods: Karpenter's, in our hands
or in those of EKS."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import (
    LABEL_KEY_PATTERN,
    LABEL_VALUE_PATTERN,
    RESERVATION_PATTERN,
    Distinct,
    DistinctSome,
    Setting,
)
from settings.disruption import DRIFTED_ONE_BY_ONE, EMPTY_AT_ONCE, DisruptionBudget
from settings.sharing import MOST_GPUS, Sharing, WholeSharing

LabelKey = Annotated[str, Field(pattern=LABEL_KEY_PATTERN)]
LabelValue = Annotated[str, Field(pattern=LABEL_VALUE_PATTERN)]
ReservationId = Annotated[str, Field(pattern=RESERVATION_PATTERN)]


class NodeTaint(Setting):
    """A taint of the pool's nodes, beside the one that every GPU node has."""

    key: LabelKey
    """Key of your own, `team` or `example.com/team`."""
    value: LabelValue
    """What tells its nodes from others with the same key."""
    effect: Literal["NoSchedule", "NoExecute", "PreferNoSchedule"] = "NoSchedule"
    """What happens to pods that do not tolerate it."""


class DynamicPool(Setting):
    """A pool whose nodes are started when pods wait for them and ended when they are empty."""

    instances: Distinct[str] = ()
    """EC2 instance types that may be started, or `families`; all with the same GPU."""
    families: Distinct[str] = ()
    """Instance families instead, `[g6e]`: their types of the catalog with at least 8 vCPUs, a price
    in the region and no more GPUs than `gpu_limit`."""
    gpus_per_node: Annotated[int, Field(ge=1, le=64)] | None = None
    """Of the families, only the types with so many GPUs; without it, all."""
    capacity: DistinctSome[Literal["reserved", "spot", "on-demand"]] = ("on-demand",)
    """Capacity types; reserved is tried first, then spot, then on-demand, whatever the order."""
    reservations: Annotated[Distinct[ReservationId], Field(max_length=30)] = ()
    """Ids of EC2 capacity reservations that `reserved` may use, `cr-…`; no other is ever used."""
    zones: Distinct[str] = ()
    """Zones of the network that its nodes start in, by name; none means all of them."""
    gpu_limit: Annotated[int, Field(ge=1, le=MOST_GPUS)]
    """Most GPUs the pool may own at once, in whole devices."""
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """Minutes a node stays empty before it is ended."""
    disruption: Annotated[tuple[DisruptionBudget, ...], Field(strict=False, max_length=50)] = (
        EMPTY_AT_ONCE,
        DRIFTED_ONE_BY_ONE,
    )
    """Budgets for what is taken away without need; a list here takes the place of the default
    ones."""
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    """The preference among pools that could take a pod: the higher one first."""
    termination_grace_minutes: Annotated[int, Field(ge=1, le=2880)] = 30
    """Minutes after which a draining node is ended whatever still runs on it."""
    labels: Annotated[dict[LabelKey, LabelValue], Field(default_factory=dict, max_length=50)]
    """Further labels of the nodes."""
    taints: Annotated[tuple[NodeTaint, ...], Field(strict=False, max_length=10)] = ()
    """Further taints of the nodes; the pool's models and the GPU layer tolerate them."""
    sharing: Sharing = WholeSharing()
    """How the pool hands out its GPUs."""
