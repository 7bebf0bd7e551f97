"""What is kept of a Helm release: a ConfigMap in its namespace, and its outputs."""

import hashlib

from rehearsal.providers.kubernetes.charts import chart_name
from rehearsal.providers.kubernetes.manifests import Identity, Manifest
from rehearsal.providers.kubernetes.waiting import Operation
from rehearsal.providers.values import Properties

NOTE = "recorded by the rehearsal: not rendered"
RECORD_PREFIX = "rehearsal-release-"
OWNER = "rehearsal.llm-platform/owner"
"""Annotation of a record: which resource made it."""


def owner_digest(operation: Operation) -> str:
    """Return what stands in a record for the resource that made it."""
    return hashlib.sha256(operation.urn.encode()).hexdigest()[:16]


def record_identity(release: Manifest) -> Identity:
    """Return the identity of a release's record."""
    return Identity("v1", "ConfigMap", f"{RECORD_PREFIX}{release['name']}", release["namespace"])


def record(release: Manifest, operation: Operation, revision: int) -> Manifest:
    """Return the record of a release: what it is, but not its values, which may be secret."""
    identity = record_identity(release)
    data = {
        "chart": chart_name(release["chart"]),
        "version": str(release.get("version", "")),
        "revision": str(revision),
        "note": NOTE,
    }
    annotations = {OWNER: owner_digest(operation)}
    metadata = {"name": identity.name, "namespace": identity.namespace, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def release_outputs(inputs: Properties, release: Manifest, revision: int) -> Properties:
    """Return a release's outputs, with the keys of the official provider."""
    status: Properties = {
        "status": "deployed",
        "name": release["name"],
        "namespace": release["namespace"],
        "revision": revision,
        "chart": chart_name(release["chart"]),
        "version": release.get("version"),
    }
    return {"description": NOTE, **inputs, "resourceNames": {}, "status": status}
