"""Inputs made complete and looked at before anything is asked of a cluster."""

import hashlib
import re
import secrets
from typing import cast

from rehearsal.providers.kubernetes.annotations import bad_wait
from rehearsal.providers.kubernetes.kinds import known_namespaced
from rehearsal.providers.values import UNKNOWN, Properties, Secret, Value, revealed

AUTONAMED = "pulumi.com/autonamed"
"""Annotation of an object whose name was made here. Source: pulumi-kubernetes metadata package."""
SUFFIX_LENGTH = 8

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""RFC 1123 names. Source: kubernetes.io/docs/concepts/overview/working-with-objects/names."""
NAMED_AS_LABELS = frozenset({"Namespace", "Service"})
NAMED_FREELY = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"})

Failures = list[tuple[str, str]]
"""(property, reason) of everything that is wrong."""


def without_nulls(value: Value) -> Value:
    """Return `value` without keys that are null: they say nothing to the API server."""
    match value:
        case Secret(inner):
            return Secret(without_nulls(inner))
        case dict():
            return {k: without_nulls(v) for k, v in value.items() if v is not None}
        case list():
            return [without_nulls(item) for item in value]
        case _:
            return value


def checked(
    old: Properties, new: Properties, *, logical_name: str, seed: bytes, namespace: str
) -> Properties:
    """Return the inputs `new` with a name and, where the kind needs one, a namespace.

    A name that was made for the inputs `old` is kept; `seed` makes a new one the same in preview
    and update.
    """
    inputs = cast("Properties", without_nulls(new))
    metadata = inputs.get("metadata", {})
    if not isinstance(metadata, dict):
        return inputs  # unknown or secret as a whole
    metadata = _named(metadata, _metadata(old), logical_name, seed)
    metadata = _placed(metadata, inputs, namespace)
    return {**inputs, "metadata": metadata}


def _metadata(inputs: Properties) -> Properties:
    found = revealed(inputs.get("metadata"))
    return found if isinstance(found, dict) else {}


def _annotations(metadata: Properties) -> Properties:
    found = metadata.get("annotations")
    return found if isinstance(found, dict) else {}


def _named(metadata: Properties, old: Properties, logical_name: str, seed: bytes) -> Properties:
    if metadata.get("name") or "generateName" in metadata:
        return metadata
    if AUTONAMED in _annotations(old):
        name = old.get("name")
    else:
        digest = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(SUFFIX_LENGTH)
        name = f"{logical_name}-{digest[:SUFFIX_LENGTH]}"
    annotations: Properties = {**_annotations(metadata), AUTONAMED: "true"}
    return {**metadata, "name": name, "annotations": annotations}


def _placed(metadata: Properties, inputs: Properties, namespace: str) -> Properties:
    api_version, kind = inputs.get("apiVersion"), inputs.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return metadata
    namespaced = known_namespaced(api_version.rpartition("/")[0], kind)
    if namespaced and not metadata.get("namespace"):
        return {**metadata, "namespace": namespace}
    if namespaced is False:
        return {key: value for key, value in metadata.items() if key != "namespace"}
    return metadata


def failures(inputs: Properties) -> Failures:
    """Return what is wrong with checked `inputs`, as far as it shows without a cluster."""
    found: Failures = []
    for key in ("apiVersion", "kind"):
        if not inputs.get(key):
            found.append((key, f"{key} is missing; every Kubernetes object states it"))
    metadata = _metadata(inputs)
    if "generateName" in metadata:
        problem = "server-side apply needs a fixed name; use name, or leave both out"
        found.append(("metadata.generateName", problem))
    elif metadata and metadata.get("name") is not UNKNOWN:
        found += _name_failures(inputs.get("kind"), metadata.get("name"))
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        found += [(f'metadata.annotations["{key}"]', why) for key, why in bad_wait(annotations)]
    return found


def _name_failures(kind: Value, name: Value) -> Failures:
    if not isinstance(name, str):
        return [("metadata.name", f"{name!r} is no text")]
    if kind in NAMED_FREELY:
        allowed, right = not set("/%") & set(name) and name not in (".", ".."), "no / or %"
    elif kind in NAMED_AS_LABELS:
        allowed = LABEL.fullmatch(name) is not None
        right = "at most 63 lower-case letters, digits and dashes, beginning and ending without one"
    else:
        allowed = len(name) <= 253 and SUBDOMAIN.fullmatch(name) is not None
        right = "lower-case letters, digits, dashes and dots (a DNS subdomain)"
    return [] if allowed else [("metadata.name", f"{name!r} is no name for a {kind}: use {right}")]
