"""What a rehearsal found: which model runs where, what waits and why, and whether the plan knew."""

from collections import Counter

from planning.plan import Plan
from planning.specs.placement import Packing
from rehearsal.fleet.observation import Observation, ObservedPod
from rehearsal.fleet.simulated import SIMULATED
from rehearsal.purchases import purchases
from rehearsal.reported import (
    CostReport,
    HeldDeviceReport,
    NodeReport,
    PackingReport,
    PendingPod,
    Placed,
    ReplicaDevices,
    Report,
    ServiceReport,
)


def report(plan: Plan, seen: Observation) -> Report:
    """Hold what was seen against what was planned."""
    pool_of = {node.name: node.pool or "" for node in seen.nodes}
    observed: Placed = {service.name: {} for service in plan.placement.services}
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
