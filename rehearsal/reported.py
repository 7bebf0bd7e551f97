"""What a report says, as JSON and in the terminal."""

from pydantic import BaseModel, ConfigDict

from planning.specs.costs import Usd
from rehearsal.purchases import Purchase


class Reported(BaseModel):
    """Stable and typed: `docs/report-json.md`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PendingPod(Reported):
    """A replica without a node."""

    pod: str
    reason: str
    """In the scheduler's words, then Karpenter's."""


class HeldDeviceReport(Reported):
    """A GPU, a part of one or a share of one that a replica holds through a ResourceClaim."""

    driver: str
    pool: str
    """The node."""
    device: str
    share_id: str | None
    """Tells shares of one device apart; null for a whole one."""
    consumed: dict[str, str]
    """Quantities of the device's capacity that the share takes, by name."""


class ReplicaDevices(Reported):
    """What one running replica holds."""

    pod: str
    devices: tuple[HeldDeviceReport, ...]


class ServiceReport(Reported):
    """One model service."""

    name: str
    wanted: int
    """Pods that its workload asks for: replicas, times the nodes of each."""
    running: int
    """Replicas that are ready on a node."""
    nodes: tuple[str, ...]
    """Node of each running replica."""
    devices: tuple[ReplicaDevices, ...]
    """Of each running replica that holds claims."""
    pending: tuple[PendingPod, ...]


class NodeReport(Reported):
    """One node, of a GPU pool or of the system."""

    name: str
    instance_type: str
    pool: str | None
    """None for a system node."""
    capacity_type: str
    gpus: int
    gpus_used: int
    usd_per_hour: Usd | None
    """None where the catalog has no price."""


class CostReport(Reported):
    """The plan's price of the environment, per month of 730 hours."""

    floor_usd_per_month: Usd
    ceiling_usd_per_month: Usd


class PackingReport(Reported):
    """How the replicas of a pool that divides its GPUs fill them."""

    pool: str
    replicas: int
    """Minimum replicas."""
    gpus_used: int
    """GPUs that carried something when the cluster was looked at."""
    gpus_least: float
    """Sum of what they ask for, in GPUs."""
    gpus_undivided: int
    """What they would take with a GPU each."""
    usd_per_month: Usd
    """Of the GPUs that are used."""
    undivided_usd_per_month: Usd
    """Of a GPU each."""


Placed = dict[str, dict[str, int]]
"""Replicas by model and pool."""


class Report(Reported):
    """The whole report."""

    stack: str
    services: tuple[ServiceReport, ...]
    nodes: tuple[NodeReport, ...]
    purchases: tuple[Purchase, ...]
    """One per pool that Karpenter supplies."""
    packing: tuple[PackingReport, ...]
    """One per pool that divides its GPUs."""
    cost: CostReport
    predicted: Placed
    """Minimum replicas as the plan placed them."""
    observed: Placed
    """Replicas as the scheduler placed them."""
    agrees: bool
    """Whether both are the same; where not, one of them has a bug."""
    simulated: tuple[str, ...]
    """What was not the real thing."""

    @property
    def as_planned(self) -> bool:
        """Return whether every wanted replica runs, where the plan has it."""
        return self.agrees and all(found.running == found.wanted for found in self.services)
