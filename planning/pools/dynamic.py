"""GPU pools whose nodes Karpenter starts and ends, in our hands or in those of EKS."""

from typing import Any

from planning.models.demand import volume_gib
from planning.naming import cluster_name, cost_tags, node_tags
from planning.node_images.start import start_of
from planning.pools.facts import PoolFacts
from planning.pools.marks import node_labels, node_taints
from planning.pools.overlays import devices_per_gpu, node_overlays
from planning.specs.pools import (
    AutoPoolSpec,
    DisruptionBudgetSpec,
    GpuPoolSpec,
    StaticNodesSpec,
)
from settings.auto_pool import AutoPool
from settings.disruption import DisruptionBudget
from settings.dynamic_pool import DynamicPool
from settings.karpenter_pool import KarpenterPool

DELETE_MARGIN_MINUTES = 15
"""What the engine waits longer for a pool than its slowest node may drain: EC2 has to end it."""


def gpu_pool(pool: PoolFacts, settings: KarpenterPool, stack: str) -> GpuPoolSpec:
    """Return a Karpenter pool."""
    start = start_of(pool, stack, node_labels(pool), node_taints(pool))
    return GpuPoolSpec(
        **_supplied(pool, settings, stack),
        tags=node_tags(stack, pool.name),
        static=_static(pool),
        devices_per_gpu=devices_per_gpu(pool),
        overlays=node_overlays(pool),
        ami_alias=pool.image.alias,
        disks=pool.image.disks(volume_gib(pool)),
        user_data=pool.image.karpenter_user_data(start),
        expire_after_hours=settings.expire_after_hours,
    )


def auto_pool(pool: PoolFacts, settings: AutoPool, stack: str) -> AutoPoolSpec:
    """Return a pool of EKS Auto Mode."""
    return AutoPoolSpec(
        **_supplied(pool, settings, stack),
        tags=cost_tags(stack),
        volume_gib=volume_gib(pool),
        expire_after_hours=settings.expire_after_hours,
    )


def _supplied(pool: PoolFacts, settings: DynamicPool, stack: str) -> dict[str, Any]:
    """Return what both have, by field."""
    return {
        "name": pool.name,
        "cluster_name": cluster_name(stack),
        "instance_types": tuple(found.name for found in pool.types),
        "gpus_per_node": tuple(found.gpus for found in pool.types),
        "capacity": settings.capacity,
        "reservations": settings.reservations,
        "zones": settings.zones,
        "gpu_limit": settings.gpu_limit,
        "idle_minutes": settings.idle_minutes,
        "budgets": tuple(
            _budget(budget)
            for budget in settings.disruption
            if not (pool.is_static and budget.reasons == ("Empty",))
        ),
        "weight": settings.weight,
        "termination_grace_minutes": settings.termination_grace_minutes,
        "delete_minutes": settings.termination_grace_minutes + DELETE_MARGIN_MINUTES,
        "labels": node_labels(pool),
        "taints": node_taints(pool),
    }


def _static(pool: PoolFacts) -> StaticNodesSpec | None:
    if not pool.is_static or pool.nodes is None or pool.most_nodes is None:
        return None
    return StaticNodesSpec(nodes=pool.nodes.max, most_nodes=pool.most_nodes)


def _budget(budget: DisruptionBudget) -> DisruptionBudgetSpec:
    hours, minutes = budget.duration_hours, budget.duration_minutes
    duration = "".join((f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""))
    return DisruptionBudgetSpec(
        nodes=budget.nodes,
        reasons=budget.reasons,
        schedule=budget.schedule,
        duration=duration or None,
    )
