"""What a cluster holds, and whom it belongs to."""

from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from typing import Any

from planning.specs.base import DOMAIN
from rehearsal.api import Api, RefusedError
from rehearsal.control_plane import Connection
from tests.rehearsal.conftest import eventually

PASSING = {"Event", "Lease", "Endpoints", "EndpointSlice"}
"""What the control plane makes and forgets by itself."""
KEEP = ("annotations", "helm.sh/resource-policy", "keep")
"""What Helm leaves on purpose when a release goes; here CloudNativePG's definitions."""
DERIVED = ("labels", "kube-aggregator.kubernetes.io/automanaged", "true")
"""What the API server makes of each definition."""
PART_OF_US = f"app.kubernetes.io/part-of={DOMAIN}"


def every_object(connection: Connection, selector: str = "") -> Iterator[dict[str, Any]]:
    """Yield every stored object of the cluster, or those with the labels of `selector`.

    One that is served in several versions comes once for each.
    """
    query = {"labelSelector": selector, "resourceVersion": ""}
    with closing(Api(connection)) as api:
        groups = (api.get("/apis") or {})["groups"]
        versions = [each["groupVersion"] for group in groups for each in group["versions"]]
        for version in ("/api/v1", *(f"/apis/{each}" for each in versions)):
            for resource in (api.get(version) or {}).get("resources", ()):
                if {"list", "delete"} <= {*resource["verbs"]} and "/" not in resource["name"]:
                    for found in _listed(api, f"{version}/{resource['name']}", query):
                        yield found | {"kind": resource["kind"]}


def _listed(api: Api, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Return the objects of a collection, once the API server is ready to tell."""

    def ask() -> tuple[list[dict[str, Any]]] | None:
        try:
            return (api.list(path, **query) or [],)
        except RefusedError as refused:
            if refused.status != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            return None  # the storage of a definition that is new

    (found,) = eventually(f"{path} is served", ask)
    return found


def identity(found: dict[str, Any]) -> str:
    """Return kind, namespace and name."""
    metadata = found["metadata"]
    place = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    return f"{found['kind']} {place}"


def lasting(connection: Connection) -> set[str]:
    """Return what the cluster holds for good, without what Helm leaves on purpose."""
    return {
        identity(found)
        for found in every_object(connection)
        if found["kind"] not in PASSING and not _has(found, KEEP) and not _has(found, DERIVED)
    }


def ours(connection: Connection) -> set[str]:
    """Return the objects that carry the program's label, and that no controller made of others."""
    labelled = every_object(connection, PART_OF_US)
    return {
        identity(found)
        for found in labelled
        if found["kind"] not in PASSING and "ownerReferences" not in found["metadata"]
    }


def _has(found: dict[str, Any], mark: tuple[str, str, str]) -> bool:
    field, key, value = mark
    return found["metadata"].get(field, {}).get(key) == value
