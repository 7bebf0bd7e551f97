"""Many environments in one cluster at once, each with nodes of its own."""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from components.device_claims import claim_spec
from components.workloads.pod import pod_spec
from planning.models.fit import model_fit
from planning.models.priorities import priorities
from planning.models.services import Entry, model_services
from planning.placing.placement import place
from planning.pools.facts import PoolFacts, known_pools
from planning.specs.models import ModelServiceSpec
from planning.specs.placement import Placement
from rehearsal.api import Api, Manifest
from rehearsal.control_plane import ControlPlane
from settings.environment import PlatformSettings

NAMESPACE = "models"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
REGION = "us-east-1"
NOT_READY = "node.kubernetes.io/not-ready"
HANDS = 8
"""Connections that objects are created over."""
Request = tuple[str, Manifest]
"""Collection and object."""


@dataclass(frozen=True)
class Crowded:
    """One environment of the crowd: what was planned, and its pods."""

    platform: PlatformSettings
    pools: dict[str, PoolFacts]
    placement: Placement
    services: tuple[ModelServiceSpec, ...] = field(repr=False)

    @property
    def pods(self) -> dict[str, ModelServiceSpec]:
        """Return every replica by the name of its pod."""
        return {
            f"{spec.name}-{number}": spec
            for spec in self.services
            for number in range(spec.min_replicas)
        }


def crowded(platform: PlatformSettings) -> Crowded:
    """Return an environment, planned whether it fits or not."""
    pools = known_pools(platform.pools, REGION)
    assert pools.keys() == platform.pools.keys()
    services = tuple(
        spec
        for name, model in platform.models.items()
        for spec in model_services(
            Entry(
                name=name,
                model=model,
                pool=pools[model.pool],
                fit=model_fit(name, model, pools[model.pool]),
                rollout="in-place",
            )
        )
    )
    return Crowded(platform, pools, place(platform.models.items(), pools), services)


def objects(crowd: Iterable[Crowded]) -> tuple[list[Request], list[Request]]:
    """Return what pods need to be created, and the pods."""
    classes: dict[str, Request] = {}
    claims: list[Request] = []
    pods: list[Request] = []
    for one in crowd:
        for priority in priorities(one.platform.models.values(), one.pools):
            body = {
                "metadata": {"name": priority.name},
                "value": priority.value,
                "preemptionPolicy": "Never",
            }
            classes[priority.name] = (
                "/apis/scheduling.k8s.io/v1/priorityclasses",
                {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", **body},
            )
        claims += [claim for spec in one.services for claim in _claims(spec)]
        pods += [_pod(name, spec) for name, spec in one.pods.items()]
    return [*classes.values(), *claims], pods


@contextmanager
def hand(plane: ControlPlane) -> Generator[Api]:
    """Yield a connection to the API server."""
    connection = plane.connection()
    assert connection is not None
    api = Api(connection)
    try:
        yield api
    finally:
        api.close()


def create(plane: ControlPlane, requests: Iterable[Request]) -> None:
    """Create objects over several connections, in no order."""
    piles: list[list[Request]] = [[] for _ in range(HANDS)]
    for number, request in enumerate(requests):
        piles[number % HANDS].append(request)

    def work(pile: list[Request]) -> None:
        with hand(plane) as api:
            for path, body in pile:
                api.create(path, body)

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(work, piles))


def has_account(plane: ControlPlane) -> bool:
    """Return whether pods can be created."""
    with hand(plane) as api:
        return api.get(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default") is not None


def all_prepared(plane: ControlPlane) -> bool:
    """Return whether every node takes pods, and every claim of a pod is made."""
    with hand(plane) as api:
        nodes, pods = api.list("/api/v1/nodes") or [], api.list(PODS) or []
    new = any(
        taint["key"] == NOT_READY for node in nodes for taint in node["spec"].get("taints", ())
    )
    return not new and all(
        len(pod["spec"].get("resourceClaims", ()))
        == len(pod["status"].get("resourceClaimStatuses", ()))
        for pod in pods
        if any(
            "resourceClaimTemplateName" in each for each in pod["spec"].get("resourceClaims", ())
        )
    )


def all_tried(plane: ControlPlane) -> bool:
    """Return whether a scheduler has placed every pod, or said why it cannot."""
    with hand(plane) as api:
        waiting = api.list(PODS, fieldSelector="spec.nodeName=") or []
    return all(_said(pod).get("status") == "False" for pod in waiting)


def places(plane: ControlPlane) -> dict[str, tuple[str | None, str]]:
    """Return of each pod its node, and what the scheduler says of it."""
    with hand(plane) as api:
        pods = api.list(PODS, resourceVersion="") or []
    return {
        pod["metadata"]["name"]: (pod["spec"].get("nodeName"), _said(pod).get("message", ""))
        for pod in pods
    }


def _said(pod: Manifest) -> dict[str, str]:
    conditions: list[dict[str, Any]] = pod.get("status", {}).get("conditions", [])
    nothing: dict[str, Any] = {}
    return next((one for one in conditions if one["type"] == "PodScheduled"), nothing)


def _claims(spec: ModelServiceSpec) -> Iterator[Request]:
    claim = spec.grant.claim
    if claim is None:
        return
    kind = "ResourceClaim" if claim.shared else "ResourceClaimTemplate"
    body = claim_spec(claim) if claim.shared else {"spec": claim_spec(claim)}
    yield (
        f"/apis/resource.k8s.io/v1/namespaces/{NAMESPACE}/{kind.lower()}s",
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": claim.name},
            "spec": body,
        },
    )


def _pod(name: str, spec: ModelServiceSpec) -> Request:
    metadata = {"name": name, "labels": spec.labels, "annotations": spec.grant.annotations}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
    return PODS, {**body, "spec": pod_spec(spec, "default")}
