"""Checks inputs against the SDK's own types: every mistake at once, each with its path."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from rehearsal.providers.aws.schema import Field, Schema, Shape
from rehearsal.providers.differences import item_path, key_path
from rehearsal.providers.values import UNKNOWN, Properties, Secret, Value


@dataclass(frozen=True)
class Failure:
    """One refused input: `path` as in `vpcConfig.subnetIds[0]`, and what would be right."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def failures(schema: Schema, inputs: Properties) -> list[Failure]:
    """Return what the SDK's types do not allow in `inputs`.

    Unknown values are right anywhere; secrets are looked into, and never shown.
    """
    return list(_in_object("", inputs, schema.inputs, schema))


def _in_object(
    path: str, value: Mapping[str, Value], fields: Mapping[str, Field], schema: Schema
) -> Iterator[Failure]:
    for key, item in sorted(value.items()):  # the engine's messages have no order
        at = key_path(path, key)
        if key in fields:
            if item is not None:  # null is how the engine sends an absent value
                yield from _in_value(at, item, fields[key].shape, schema)
        else:
            yield Failure(at, f"there is no such input{_nearest(key, fields)}")
    for key, field in fields.items():
        if field.required and value.get(key) is None:
            yield Failure(key_path(path, key), f"is required: {_words(field.shape)}")


def _in_value(path: str, value: Value, shape: Shape, schema: Schema) -> Iterator[Failure]:
    if isinstance(value, Secret):
        for failure in _in_value(path, value.value, shape, schema):
            yield Failure(failure.path, _without_value(failure.reason))
        return
    if value is UNKNOWN or shape == "any" or _is_scalar(value, shape):
        return
    match shape, value:
        case {"list": inner}, list():
            for index, item in enumerate(value):
                yield from _in_value(item_path(path, index), item, inner, schema)
        case {"map": inner}, dict():
            for key, item in sorted(value.items()):
                yield from _in_value(key_path(path, key), item, inner, schema)
        case {"object": str(name)}, dict():
            yield from _in_object(path, value, schema.types[name], schema)
        case {"either": list(shapes)}, _:
            yield from _in_either(path, value, shapes, schema)
        case _:
            yield Failure(path, f"is {_shown(value)}; {_words(shape)} would be right")


def _in_either(path: str, value: Value, shapes: list[Shape], schema: Schema) -> Iterator[Failure]:
    """Accept any of `shapes`; else report against those of the right kind, or name them all."""
    found = [list(_in_value(path, value, shape, schema)) for shape in shapes]
    if not all(found):
        return
    inside = [problems for problems in found if all(item.path != path for item in problems)]
    if inside:
        yield from min(inside, key=len)
    else:
        yield Failure(path, f"is {_shown(value)}; {_words({'either': shapes})} would be right")


def _is_scalar(value: Value, shape: Shape) -> bool:
    match shape:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False


def _words(shape: Shape) -> str:
    match shape:
        case {"list": inner}:
            return f"a list of {_plural(inner)}"
        case {"map": inner}:
            return f"a map of {_plural(inner)}"
        case {"object": name}:
            return f"an object ({name})"
        case {"either": list(shapes)}:
            return " or ".join(_words(item) for item in shapes)
        case _:
            return {"integer": "a whole number", "any": "anything"}.get(str(shape), f"a {shape}")


def _plural(shape: Shape) -> str:
    """Return `strings` for "string"; the words of a nested list or union stay singular."""
    match shape:
        case {"object": name}:
            return f"objects ({name})"
        case "integer":
            return "whole numbers"
        case "string" | "number" | "boolean":
            return f"{shape}s"
        case _:
            return _words(shape)


def _shown(value: Value) -> str:
    """Return the kind of `value`, with the value itself when it is short."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool() | int() | float() | str():
            kind = {"bool": "boolean", "str": "string"}.get(type(value).__name__, "number")
            text = json.dumps(value, ensure_ascii=False)
            return f"a {kind} ({text})" if len(text) <= 60 else f"a {kind}"
        case _:
            return "null"


def _without_value(reason: str) -> str:
    """Remove what `_shown` put in parentheses: it would be a secret."""
    return re.sub(r"^(is a \w+) \(.*\);", r"\1;", reason, flags=re.DOTALL)


def _nearest(key: str, fields: Mapping[str, Field]) -> str:
    """Return a hint; Python spells `subnet_ids` what the engine calls `subnetIds`."""
    spellings = {name.lower(): name for name in fields}
    found = get_close_matches(key.replace("_", "").lower(), spellings, n=1)
    return f"; the nearest is `{spellings[found[0]]}`" if found else ""
