"""What the state keeps of an object: its outputs, its field manager, its identity."""

import hashlib

from rehearsal.providers.kubernetes.manifests import (
    Identity,
    Manifest,
    Target,
    annotation,
    plain,
    stable,
)
from rehearsal.providers.kubernetes.secrecy import sealed_object
from rehearsal.providers.values import Properties

MANAGER_KEY = "__fieldManager"
"""Output that remembers the field manager, as with the official provider."""
MANAGER_ANNOTATION = "pulumi.com/patchFieldManager"


def about(live: Manifest, reasons: list[str]) -> list[str]:
    """Return `reasons` as sentences about the object."""
    return [f"{Identity.of(live)}: {reasons[0]}", *reasons[1:]]


def outputs(live: Manifest, inputs: Properties, manager: str) -> Properties:
    """Return the outputs for `live`: as secret as the inputs, without what changes by itself."""
    remembered: Properties = {MANAGER_KEY: manager} if manager else {}
    return {**sealed_object(stable(live), inputs), **remembered}


def manager_of(manifest: Manifest, urn: str) -> str:
    """Return the field manager of a resource: one per URN, so that no two share an object."""
    digest = hashlib.sha256(urn.encode()).hexdigest()[:8]
    return annotation(manifest, MANAGER_ANNOTATION) or f"pulumi-kubernetes-{digest}"


def identity_of(target: Target, recorded: Properties) -> Identity:
    """Return the identity that was recorded: an alias may have changed the type's version."""
    manifest = plain(recorded)
    return Identity.of(manifest) if "metadata" in manifest else Identity.targeted(target)
