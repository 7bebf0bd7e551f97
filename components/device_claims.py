"""ResourceClaims of DRA devices: as an object, and as a pod names it.

Source: Kubernetes 1.36 API, resource.k8s.io/v1.
"""

from typing import Any

import pulumi
from pulumi_kubernetes.resource.v1 import ResourceClaim, ResourceClaimTemplate

from components.manifests import Manifest, metadata
from planning.specs.devices import ClaimSpec, DeviceRequestSpec

POD_CLAIM = "gpus"
"""What the pod calls its claim."""
REQUEST = "gpus"
"""What the claim calls its one request."""


def device_claim(
    name: str,
    spec: ClaimSpec,
    namespace: pulumi.Input[str],
    labels: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> ResourceClaim | ResourceClaimTemplate:
    """Make the claim that all replicas hold, or the template of one per pod.

    Args:
        name: Logical name; the object itself is called `spec.name`.
        spec: What is claimed.
        namespace: Namespace of the pods.
        labels: Labels of the object.
        opts: Parent and ordering.
    """
    meta = metadata(spec.name, namespace, labels)
    if spec.shared:
        return ResourceClaim(name, metadata=meta, spec=claim_spec(spec), opts=opts)
    template: Manifest = {"metadata": {"labels": labels}, "spec": claim_spec(spec)}
    return ResourceClaimTemplate(name, metadata=meta, spec=template, opts=opts)


def claim_spec(spec: ClaimSpec) -> Manifest:
    """Return the spec of a ResourceClaim."""
    devices: Manifest = {"requests": [_request(spec.requests)]}
    if constraints := _constraints(spec):
        devices["constraints"] = constraints
    return {"devices": devices}


def pod_claims(spec: ClaimSpec | None) -> Manifest:
    """Return the pod's part: which claim it holds."""
    if spec is None:
        return {}
    kind = "resourceClaimName" if spec.shared else "resourceClaimTemplateName"
    return {"resourceClaims": [{"name": POD_CLAIM, kind: spec.name}]}


def claims(spec: ClaimSpec | None) -> Manifest:
    """Return the part of a container's `resources`."""
    return {} if spec is None else {"claims": [{"name": POD_CLAIM}]}


def cel(expression: str) -> Manifest:
    """Return the selector that an expression over `device` is."""
    return {"cel": {"expression": expression}}


def _request(requests: tuple[DeviceRequestSpec, ...]) -> Manifest:
    if len(requests) == 1:
        return {"name": REQUEST, "exactly": _exactly(requests[0])}
    alternatives = [
        {"name": f"choice-{number}", **_exactly(request)}
        for number, request in enumerate(requests, start=1)
    ]
    return {"name": REQUEST, "firstAvailable": alternatives}


def _exactly(request: DeviceRequestSpec) -> Manifest:
    found: dict[str, Any] = {"deviceClassName": request.device_class}
    if request.count is None:
        found["allocationMode"] = "All"
    else:
        found |= {"allocationMode": "ExactCount", "count": request.count}
    if request.selectors:
        found["selectors"] = [cel(text) for text in request.selectors]
    if request.capacity:
        found["capacity"] = {"requests": request.capacity}
    if request.admin_access:
        found["adminAccess"] = True
    return found


def _constraints(spec: ClaimSpec) -> list[Manifest]:
    asked = {
        "matchAttribute": spec.match_attribute,
        "distinctAttribute": spec.distinct_attribute,
    }
    return [{"requests": [REQUEST], key: value} for key, value in asked.items() if value]
