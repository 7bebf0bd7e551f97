"""How an excerpt is made of a custom resource definition: what validates stays, prose goes."""

import json
from collections.abc import Mapping
from typing import Any, cast

from rehearsal.crds import SOURCE_ANNOTATION

PROSE = frozenset({"description", "title", "example", "externalDocs"})
"""Schema keywords that validate nothing (OpenAPI 3.0, Schema Object)."""
ONE_SCHEMA = frozenset({"items", "additionalProperties", "not"})
MANY_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf"})
NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "definitions"})
LINE_LENGTH = 100


def excerpt(definition: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the structural excerpt of `definition`, which was found at `source`.

    Versions that are not served are left out, and so are the annotations of the tools that
    generated the original. Raises KeyError when it is no `apiextensions.k8s.io/v1` definition.
    """
    spec = definition["spec"]
    return {
        "apiVersion": definition["apiVersion"],
        "kind": definition["kind"],
        "metadata": {
            "name": definition["metadata"]["name"],
            "annotations": {SOURCE_ANNOTATION: source},
        },
        "spec": {
            "group": spec["group"],
            "names": spec["names"],
            "scope": spec["scope"],
            "versions": [_version(version) for version in spec["versions"] if version["served"]],
        },
    }


def _version(version: Mapping[str, Any]) -> dict[str, Any]:
    schema = structure(version["schema"]["openAPIV3Schema"])
    kept = {key: value for key, value in version.items() if key != "additionalPrinterColumns"}
    return {**kept, "schema": {"openAPIV3Schema": schema}}


def structure(schema: Any) -> Any:
    """Return `schema` without prose; a property that is *named* like a prose keyword stays."""
    if not isinstance(schema, dict):
        return schema  # `additionalProperties: true`
    keywords = cast("dict[str, Any]", schema)
    return {key: _inner(key, value) for key, value in keywords.items() if key not in PROSE}


def _inner(keyword: str, value: Any) -> Any:
    if keyword in NAMED_SCHEMAS:
        return {name: structure(schema) for name, schema in value.items()}
    if keyword in MANY_SCHEMAS:
        return [structure(schema) for schema in value]
    return structure(value) if keyword in ONE_SCHEMA else value


def compact_json(value: Any, indent: int = 0) -> str:
    """Return `value` as JSON for people: what fits into `LINE_LENGTH` stays on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= LINE_LENGTH:
        return flat
    inner, pad = indent + 1, "\n" + " " * indent
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        items = [f"{json.dumps(k)}: {compact_json(v, inner)}" for k, v in mapping.items()]
        return "{" + ",".join(f"{pad} {item}" for item in items) + pad + "}"
    if isinstance(value, list):
        sequence = cast("list[Any]", value)
        return "[" + ",".join(f"{pad} {compact_json(v, inner)}" for v in sequence) + pad + "]"
    return flat
