"""Which devices pods hold through ResourceClaims.

Source: kubernetes.io/docs/reference/kubernetes-api, ResourceClaim v1 (`status.allocation`) and Pod
v1 (`status.resourceClaimStatuses`, `status.extendedResourceClaimStatus`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rehearsal.api import Manifest
from rehearsal.fleet.resource_slices import API_VERSION

RESOURCE_CLAIMS: Final = f"/apis/{API_VERSION}/resourceclaims"


@dataclass(frozen=True, kw_only=True)
class HeldDevice:
    """A device, or a share of one, that was allocated to a claim."""

    driver: str
    pool: str
    """Of the drivers here: the node."""
    device: str
    share_id: str | None = None
    """Tells shares of one device apart; None for a whole one."""
    consumed: dict[str, str] = field(default_factory=dict[str, str], hash=False)
    """Quantities of its capacity that the share takes, by name."""
    admin: bool = False
    """Whether it is only looked at: nothing is taken from it."""


Claims = Mapping[tuple[str, str], Manifest]
"""ResourceClaims by namespace and name."""


def by_name(claims: Iterable[Manifest]) -> Claims:
    """Return claims by namespace and name."""
    return {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in claims}


def devices_of(pod: Manifest, claims: Claims) -> tuple[HeldDevice, ...]:
    """Return the devices that `pod` holds, in the order of its claims."""
    namespace = pod["metadata"].get("namespace", "default")
    found = [claims.get((namespace, name)) for name in dict.fromkeys(_claim_names(pod))]
    return tuple(device for claim in found if claim for device in allocated(claim))


def allocated(claim: Manifest) -> Iterator[HeldDevice]:
    """Yield the devices that were allocated to a claim."""
    allocation: Manifest = claim.get("status", {}).get("allocation") or {}
    for result in allocation.get("devices", {}).get("results") or ():
        yield HeldDevice(
            driver=result["driver"],
            pool=result["pool"],
            device=result["device"],
            share_id=result.get("shareID"),
            consumed=dict(result.get("consumedCapacity") or {}),
            admin=bool(result.get("adminAccess")),
        )


def _claim_names(pod: Manifest) -> Iterator[str]:
    for claim in pod["spec"].get("resourceClaims") or ():
        if name := claim.get("resourceClaimName"):
            yield name
    status: Manifest = pod.get("status", {})
    for made in status.get("resourceClaimStatuses") or ():
        if name := made.get("resourceClaimName"):
            yield name
    # Made by the scheduler for an extended resource that a DeviceClass serves.
    bridged: Manifest = status.get("extendedResourceClaimStatus") or {}
    if name := bridged.get("resourceClaimName"):
        yield name
