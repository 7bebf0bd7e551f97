"""A Karpenter NodePool as plain data: the same for our own Karpenter and for EKS Auto Mode.

Source: https://karpenter.sh/docs/concepts/nodepools/ (`v1`).
"""

from typing import Any

from planning.specs.base import DISCOVERY_TAG
from planning.specs.pools import DisruptionBudgetSpec, DynamicPoolSpec


def supplied_from(spec: DynamicPoolSpec) -> dict[str, Any]:
    """Return what every node class says: network, tags and the reservations it may use."""
    found = [{"tags": {DISCOVERY_TAG: spec.cluster_name}}]
    said: dict[str, Any] = {"subnetSelectorTerms": found, "securityGroupSelectorTerms": found}
    if spec.tags:
        said["tags"] = spec.tags
    if spec.reservations:
        terms = [{"id": reservation} for reservation in spec.reservations]
        said["capacityReservationSelectorTerms"] = terms
    return said


def dynamic_node_pool(
    spec: DynamicPoolSpec, node_class: dict[str, str], counted_per_gpu: int = 1
) -> dict[str, Any]:
    """Return the NodePool spec: what may be started, how much of it, and when it ends.

    Only empty nodes are consolidated, and none expires unless asked to: moving a model server costs
    minutes of its capacity, and expiry heeds no disruption budget. A static pool consolidates
    nothing, and is limited in nodes, since the API takes no other limit beside `replicas`.

    Args:
        spec: The pool.
        node_class: Group and kind of its node class, which has the pool's name.
        counted_per_gpu: What Karpenter counts as `nvidia.com/gpu` for one GPU.
    """
    allowed = {
        "karpenter.sh/capacity-type": [*spec.capacity],
        "node.kubernetes.io/instance-type": [*spec.instance_types],
        "kubernetes.io/arch": ["amd64"],
    }
    if spec.zones:
        allowed["topology.kubernetes.io/zone"] = [*spec.zones]
    hours = spec.expire_after_hours
    node = {
        "nodeClassRef": {**node_class, "name": spec.name},
        "requirements": [{"key": k, "operator": "In", "values": v} for k, v in allowed.items()],
        "taints": [taint.model_dump() for taint in spec.taints],
        "expireAfter": "Never" if hours is None else f"{hours}h",
        "terminationGracePeriod": f"{spec.termination_grace_minutes}m",
    }
    node_pool: dict[str, Any] = {
        **_size(spec, counted_per_gpu),
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "Never" if spec.static else f"{spec.idle_minutes}m",
            "budgets": [_budget(budget) for budget in spec.budgets],
        },
        "template": {"metadata": {"labels": spec.labels}, "spec": node},
    }
    return node_pool if spec.weight is None else {"weight": spec.weight, **node_pool}


def _size(spec: DynamicPoolSpec, counted_per_gpu: int) -> dict[str, Any]:
    if spec.static is None:
        return {"limits": {"nvidia.com/gpu": str(spec.gpu_limit * counted_per_gpu)}}
    return {"replicas": spec.static.nodes, "limits": {"nodes": str(spec.static.most_nodes)}}


def _budget(budget: DisruptionBudgetSpec) -> dict[str, Any]:
    shown: dict[str, Any] = {"nodes": budget.nodes}
    if budget.reasons:
        shown["reasons"] = [*budget.reasons]
    if budget.schedule is not None:
        shown |= {"schedule": budget.schedule, "duration": budget.duration}
    return shown
