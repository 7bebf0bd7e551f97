"""What a cluster holds, and whom it belongs to."""

from typing import Any

from planning.specs.base import DOMAIN
from tests.rehearsal.conftest import Kubectl

PASSING = {"Event", "Lease", "Endpoints", "EndpointSlice"}
"""What the control plane makes and forgets by itself."""
KEEP = ("annotations", "helm.sh/resource-policy", "keep")
"""What Helm leaves on purpose when a release goes; here CloudNativePG's definitions."""
DERIVED = ("labels", "kube-aggregator.kubernetes.io/automanaged", "true")
"""What the API server makes of each definition."""
PART_OF_US = f"app.kubernetes.io/part-of={DOMAIN}"


def every_object(kubectl: Kubectl, *selection: str) -> list[dict[str, Any]]:
    """Return every stored object of the cluster, or those that `selection` names."""
    kinds = kubectl.run("api-resources", "--verbs=list,delete", "--output=name").split()
    found: list[dict[str, Any]] = kubectl.get(",".join(kinds), "--all-namespaces", *selection)
    return found


def identity(found: dict[str, Any]) -> str:
    """Return kind, namespace and name."""
    metadata = found["metadata"]
    place = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    return f"{found['kind']} {place}"


def lasting(kubectl: Kubectl) -> set[str]:
    """Return what the cluster holds for good, without what Helm leaves on purpose."""
    return {
        identity(found)
        for found in every_object(kubectl)
        if found["kind"] not in PASSING and not _has(found, KEEP) and not _has(found, DERIVED)
    }


def ours(kubectl: Kubectl) -> set[str]:
    """Return the objects that carry the program's label, and that no controller made of others."""
    labelled = every_object(kubectl, f"--selector={PART_OF_US}")
    return {
        identity(found)
        for found in labelled
        if found["kind"] not in PASSING and "ownerReferences" not in found["metadata"]
    }


def _has(found: dict[str, Any], mark: tuple[str, str, str]) -> bool:
    field, key, value = mark
    return found["metadata"].get(field, {}).get(key) == value
