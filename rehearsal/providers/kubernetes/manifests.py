"""Reading Kubernetes objects as plain data, and naming them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from rehearsal.providers.values import Properties, revealed

Manifest: TypeAlias = dict[str, Any]
"""A Kubernetes object: JSON data with `apiVersion`, `kind` and `metadata`."""

SERVER_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""What only the API server writes. Source: kubernetes.io/docs/reference: ObjectMeta."""
CHANGING_METADATA = ("generation", "managedFields", "resourceVersion", "selfLink")
"""The part of it that changes without anyone changing what the object means."""


def at(manifest: Any, *path: str | int) -> Any:
    """Return what is at `path` in `manifest`, or None where the path ends early."""
    for step in path:
        if isinstance(manifest, Mapping):
            manifest = cast("Mapping[Any, Any]", manifest).get(step)
        elif isinstance(manifest, list) and isinstance(step, int):
            sequence = cast("list[Any]", manifest)
            manifest = sequence[step] if -len(sequence) <= step < len(sequence) else None
        else:
            return None
    return manifest


def mapping_at(manifest: Any, *path: str | int) -> dict[str, Any]:
    """Return the object at `path`, an empty one where there is none."""
    found = at(manifest, *path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def items_at(manifest: Any, *path: str | int) -> list[dict[str, Any]]:
    """Return the list of objects at `path`, an empty one where there is none."""
    found = at(manifest, *path)
    return cast("list[dict[str, Any]]", found) if isinstance(found, list) else []


def condition(manifest: Manifest, kind: str) -> dict[str, Any]:
    """Return the condition of type `kind` in the object's status; empty when it has none."""
    for entry in items_at(manifest, "status", "conditions"):
        if entry.get("type") == kind:
            return entry
    return {}


def annotation(manifest: Mapping[str, Any], name: str) -> str:
    """Return the annotation `name`, or an empty string."""
    value = at(manifest, "metadata", "annotations", name)
    return value if isinstance(value, str) else ""


def stable(live: Manifest) -> Manifest:
    """Return `live` without the metadata that changes when nothing else does."""
    metadata = {k: v for k, v in mapping_at(live, "metadata").items() if k not in CHANGING_METADATA}
    return {**live, "metadata": metadata}


def as_inputs(live: Manifest) -> Manifest:
    """Return `live` as a person would write it: no status and no metadata of the server."""
    metadata = {k: v for k, v in mapping_at(live, "metadata").items() if k not in SERVER_METADATA}
    return {key: value for key, value in live.items() if key != "status"} | {"metadata": metadata}


def plain(inputs: Properties) -> Manifest:
    """Return property values as the object they describe: without the mark of secrets."""
    return {key: revealed(value) for key, value in inputs.items()}


@dataclass(frozen=True)
class Target:
    """Which resource to read or delete."""

    token: str
    """Resource type, such as `kubernetes:apps/v1:Deployment`."""
    id: str
    """`namespace/name`, or `name` for an object without a namespace."""


@dataclass(frozen=True)
class Identity:
    """What an object is called in its cluster."""

    api_version: str
    kind: str
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "Identity":
        """Return the identity that `manifest` states."""
        return cls(
            api_version=manifest["apiVersion"],
            kind=manifest["kind"],
            name=at(manifest, "metadata", "name"),
            namespace=at(manifest, "metadata", "namespace") or None,
        )

    @classmethod
    def targeted(cls, target: Target) -> "Identity":
        """Return the identity of the object that `target` names by its type and id."""
        _, api_version, kind = target.token.split(":")
        namespace, _, name = target.id.rpartition("/")
        return cls(api_version.removeprefix("core/"), kind, name, namespace or None)

    @property
    def group(self) -> str:
        """Return the API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def id(self) -> str:
        """Return the resource's id for the engine: `namespace/name`, or `name` without one."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
