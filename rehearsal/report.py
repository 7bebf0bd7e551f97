"""What a rehearsal found: which model runs where, what waits and why, and whether the plan knew."""

from collections import Counter

from pydantic import BaseModel, ConfigDict

from planning.plan import Packing, Plan, Usd
from rehearsal.fleet.observation import Observation, ObservedPod
from rehearsal.fleet.simulated import SIMULATED
from rehearsal.purchases import Purchase, purchases


class Reported(BaseModel):
    """Stable and typed: `docs/report-json.md`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
    """Replicas that the Deployment asks for."""
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


def report(plan: Plan, seen: Observation) -> Report:
    """Hold what was seen against what was planned."""
    pool_of = {node.name: node.pool or "" for node in seen.nodes}
    observed: Placed = {model.name: {} for model in plan.models}
    for pod in seen.pods:
        if pod.ready and pod.node:
            pools = observed.setdefault(pod.model, {})
            pool = pool_of.get(pod.node, "")  # a node may go between two questions
            pools[pool] = pools.get(pool, 0) + 1
    predicted: Placed = {
        service.name: {service.pool: service.placed} if service.placed else {}
        for service in plan.placement.services
    }
    return Report(
        stack=plan.stack,
        services=_services(seen),
        nodes=tuple(
            NodeReport(
                name=node.name,
                instance_type=node.instance_type,
                pool=node.pool,
                capacity_type=node.capacity_type,
                gpus=node.gpus,
                gpus_used=node.gpus_used,
                usd_per_hour=node.usd_per_hour,
            )
            for node in seen.nodes
        ),
        purchases=purchases(plan, seen.nodes),
        packing=tuple(_packing(packed, seen) for packed in plan.packing),
        cost=CostReport(
            floor_usd_per_month=plan.cost.floor_usd_per_month,
            ceiling_usd_per_month=plan.cost.ceiling_usd_per_month,
        ),
        predicted=predicted,
        observed=observed,
        agrees=predicted == observed,
        simulated=SIMULATED,
    )


def _packing(packed: Packing, seen: Observation) -> PackingReport:
    used = sum(node.gpus_used for node in seen.nodes if node.pool == packed.pool)
    return PackingReport(
        pool=packed.pool,
        replicas=packed.replicas,
        gpus_used=used,
        gpus_least=float(packed.gpus_least),
        gpus_undivided=packed.gpus_undivided,
        usd_per_month=used * packed.usd_per_gpu_month,
        undivided_usd_per_month=packed.gpus_undivided * packed.usd_per_gpu_month,
    )


def _services(seen: Observation) -> tuple[ServiceReport, ...]:
    wanted = Counter({service.name: service.wanted for service in seen.services})
    pods: dict[str, list[ObservedPod]] = {name: [] for name in wanted}
    for pod in seen.pods:
        pods.setdefault(pod.model, []).append(pod)
    return tuple(
        ServiceReport(
            name=name,
            wanted=wanted[name],
            running=sum(pod.ready for pod in replicas),
            nodes=tuple(pod.node for pod in replicas if pod.ready and pod.node),
            devices=tuple(_devices(pod) for pod in replicas if pod.ready and pod.devices),
            pending=tuple(
                PendingPod(pod=pod.name, reason=pod.reason or "has a node, is not ready yet")
                for pod in replicas
                if not pod.ready
            ),
        )
        for name, replicas in pods.items()
    )


def _devices(pod: ObservedPod) -> ReplicaDevices:
    return ReplicaDevices(
        pod=pod.name,
        devices=tuple(
            HeldDeviceReport(
                driver=device.driver,
                pool=device.pool,
                device=device.device,
                share_id=device.share_id,
                consumed=device.consumed,
            )
            for device in pod.devices
        ),
    )
