"""What runs where, as the control plane tells it: the data of the report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from catalog.instance_types import find_instance_type
from planning.specs.base import MODEL_LABEL, POOL_LABEL
from rehearsal.api import Api, Manifest
from rehearsal.control_plane.connection import Connection
from rehearsal.fleet.claims import (
    RESOURCE_CLAIMS,
    Claims,
    HeldDevice,
    allocated,
    by_name,
    devices_of,
)
from rehearsal.fleet.gpu_usage import gpus_used
from rehearsal.fleet.instance_offers import CAPACITY_TYPE_LABEL, ON_DEMAND, SPOT, usd_per_hour
from rehearsal.fleet.leader_worker_sets import SETS
from rehearsal.fleet.nodes import CAPACITY_LABEL, INSTANCE_LABEL, REGION_LABEL
from rehearsal.fleet.pending import condition, pending_reason

ENDED: Final = ("Succeeded", "Failed")
WORKLOADS: Final = ("/apis/apps/v1/deployments", "/apis/apps/v1/statefulsets", SETS)
"""What runs the replicas of a model."""
CAPACITY_TYPES: Final = {"ON_DEMAND": ON_DEMAND, "SPOT": SPOT}
"""Capacity types of the EKS API, and Karpenter's words for them."""


@dataclass(frozen=True, kw_only=True)
class ObservedNode:
    """A node of the cluster."""

    name: str
    instance_type: str
    pool: str | None
    """GPU pool; None for a system node."""
    capacity_type: str
    """`on-demand` or `spot`."""
    ready: bool
    gpus: int
    """Physical GPUs."""
    gpus_used: int
    """GPUs in use; of slices and MIG instances in the node's status, the least that has as many."""
    usd_per_hour: Decimal | None
    """None where the catalog has no price."""


@dataclass(frozen=True, kw_only=True)
class ObservedPod:
    """A replica of a model."""

    name: str
    model: str
    node: str | None
    """None while it waits for a place."""
    ready: bool
    reason: str | None
    """Why it has no place: the scheduler's words, then Karpenter's; None for a placed one."""
    devices: tuple[HeldDevice, ...] = ()
    """What it holds through ResourceClaims."""
    uid: str = ""
    """Tells it from one that takes its name, as a StatefulSet's next one does."""


@dataclass(frozen=True, kw_only=True)
class ObservedService:
    """A model's Deployment, StatefulSet or LeaderWorkerSet."""

    name: str
    """Model."""
    namespace: str
    wanted: int
    """Pods: replicas, times the nodes of each."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The cluster at one moment; everything sorted by name."""

    nodes: tuple[ObservedNode, ...]
    services: tuple[ObservedService, ...]
    pods: tuple[ObservedPod, ...]


def observe(connection: Connection) -> Observation:
    """Return what runs where.

    Raises:
        UnreachableError: the API server does not answer.
    """
    api = Api(connection)
    try:
        return observation(
            nodes=api.list("/api/v1/nodes") or [],
            deployments=[
                found
                for path in WORKLOADS
                for found in api.list(path, labelSelector=MODEL_LABEL) or []
            ],
            pods=api.list("/api/v1/pods") or [],
            events=api.list("/api/v1/events", fieldSelector="reason=FailedScheduling") or [],
            claims=api.list(RESOURCE_CLAIMS) or [],
        )
    finally:
        api.close()


def observation(
    *,
    nodes: Iterable[Manifest],
    deployments: Iterable[Manifest],
    pods: Sequence[Manifest],
    events: Sequence[Manifest],
    claims: Sequence[Manifest] = (),
) -> Observation:
    """Return the observation that these objects make."""
    known = by_name(claims)
    held = _by_pool(claims)
    alive = [pod for pod in pods if pod.get("status", {}).get("phase") not in ENDED]
    wanted: Counter[tuple[str, str]] = Counter()
    for found in map(_service, deployments):
        # The sets of one model are one service: clients see no more of it.
        wanted[found.name, found.namespace] += found.wanted
    replicas = [
        _pod(pod, events, known)
        for pod in alive
        if MODEL_LABEL in _labels(pod) and "deletionTimestamp" not in pod["metadata"]
    ]
    return Observation(
        nodes=tuple(
            sorted((_node(found, alive, held) for found in nodes), key=lambda node: node.name)
        ),
        services=tuple(
            ObservedService(name=name, namespace=namespace, wanted=count)
            for (name, namespace), count in sorted(wanted.items())
        ),
        pods=tuple(sorted(replicas, key=lambda pod: pod.name)),
    )


def _service(workload: Manifest) -> ObservedService:
    spec: Manifest = workload["spec"]
    each = spec.get("leaderWorkerTemplate", {}).get("size", 1)
    return ObservedService(
        name=_labels(workload)[MODEL_LABEL],
        namespace=workload["metadata"]["namespace"],
        wanted=int(spec.get("replicas", 1)) * int(each),
    )


def _by_pool(claims: Iterable[Manifest]) -> dict[str, list[HeldDevice]]:
    """Return the devices that claims hold, by pool: here every pool is a node."""
    pools: dict[str, list[HeldDevice]] = {}
    for claim in claims:
        for device in allocated(claim):
            pools.setdefault(device.pool, []).append(device)
    return pools


def _node(
    node: Manifest, pods: Iterable[Manifest], held: Mapping[str, Sequence[HeldDevice]]
) -> ObservedNode:
    name, labels = node["metadata"]["name"], _labels(node)
    instance = find_instance_type(labels.get(INSTANCE_LABEL, ""))
    managed = CAPACITY_TYPES.get(labels.get(CAPACITY_LABEL, ""), ON_DEMAND)
    capacity_type = labels.get(CAPACITY_TYPE_LABEL, managed)
    placed = [pod for pod in pods if pod["spec"].get("nodeName") == name]
    return ObservedNode(
        name=name,
        instance_type=labels.get(INSTANCE_LABEL, ""),
        pool=labels.get(POOL_LABEL),
        capacity_type=capacity_type,
        ready=condition(node, "Ready").get("status") == "True",
        gpus=instance.gpus if instance else 0,
        gpus_used=gpus_used(node, instance, placed, held.get(name, ())),
        usd_per_hour=(
            usd_per_hour(instance, labels.get(REGION_LABEL, ""), capacity_type)
            if instance
            else None
        ),
    )


def _pod(pod: Manifest, events: Sequence[Manifest], claims: Claims) -> ObservedPod:
    node = pod["spec"].get("nodeName")
    return ObservedPod(
        name=pod["metadata"]["name"],
        model=_labels(pod)[MODEL_LABEL],
        node=node,
        ready=condition(pod, "Ready").get("status") == "True",
        reason=None if node else pending_reason(pod, events),
        devices=devices_of(pod, claims),
        uid=pod["metadata"].get("uid", ""),
    )


def _labels(found: Manifest) -> dict[str, str]:
    return found["metadata"].get("labels", {})
