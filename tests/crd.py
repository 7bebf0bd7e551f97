"""Whether a custom resource fits its definition, as the API server's schema check would say.

The definitions are the structural excerpts in `rehearsal/crds`. Unknown fields are errors, as they
are for a client that applies with strict field validation. CEL rules are left to the API server of
the rehearsal.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

VALUES = ("type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
SHAPES = ("required", "minItems", "maxItems", "minProperties", "maxProperties")
COMBINATIONS = ("allOf", "anyOf", "oneOf", "not")
ASSERTIONS = frozenset((*VALUES, *SHAPES, *COMBINATIONS))
"""Keywords that mean the same in OpenAPI 3.0 and JSON Schema. In a structural schema the
combinations only narrow what is declared outside of them."""
EXCERPTS = Path(__file__).parents[1] / "rehearsal" / "crds"


def misfits(manifest: Mapping[str, Any]) -> list[str]:
    """Return what the schema of the manifest's kind and version says against it, by path.

    Raises:
        LookupError: No excerpt defines the kind in that version.
    """
    schema = _schema(manifest["apiVersion"], manifest["kind"])
    found = Draft202012Validator(schema).iter_errors(manifest)  # pyright: ignore[reportUnknownMemberType] - the library's stub leaves its generics open
    return sorted(f"{error.json_path}: {error.message}" for error in found)


@cache
def _schema(api_version: str, kind: str) -> dict[str, Any]:
    group, _, version = api_version.rpartition("/")
    for path in sorted(EXCERPTS.rglob("*.json")):
        spec = json.loads(path.read_text())["spec"]
        if spec["group"] == group and spec["names"]["kind"] == kind:
            for served in spec["versions"]:
                if served["name"] == version:
                    return _closed(served["schema"]["openAPIV3Schema"])
    raise LookupError(f"no excerpt under {EXCERPTS.name}/ defines {kind} of {api_version}")


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI schema as JSON Schema that refuses unknown fields."""
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields", False)
    closed = {key: value for key, value in schema.items() if key in ASSERTIONS}
    if schema.get("x-kubernetes-int-or-string"):
        closed["type"] = ["integer", "string"]
    if schema.get("nullable"):
        closed["type"] = [schema["type"], "null"]
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "properties" in schema:
        fields = schema["properties"].items()
        closed["properties"] = {name: _closed(field) for name, field in fields}
        closed["additionalProperties"] = open_ended
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        closed["additionalProperties"] = _closed(cast("dict[str, Any]", values))
    return closed
