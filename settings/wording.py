"""What pydantic found, in the words of someone who edits a YAML file."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

from pydantic_core import ErrorDetails

from settings.environment import PLATFORM_KEY, PlatformSettings
from settings.finding import Finding

SOURCE = "settings/schema.json"
YamlPath = tuple[int | str, ...]


def yaml_path(loc: YamlPath, document: Mapping[str, Any]) -> YamlPath:
    """Return the place in the document; pydantic's own also names the member of a union."""
    path: list[int | str] = []
    node: Any = document
    for index, step in enumerate(loc):
        if holds(node, step):
            path.append(step)
            node = node[step]
        elif index == len(loc) - 1 and isinstance(node, dict):
            path.append(step)
    return tuple(path)


def holds(node: Any, step: int | str) -> bool:
    """Return whether `node` is a mapping or list that has `step`."""
    if isinstance(node, list):
        return isinstance(step, int) and step < len(cast("list[Any]", node))
    return isinstance(node, dict) and step in cast("dict[str, Any]", node)


def finding_of(detail: ErrorDetails, document: Mapping[str, Any]) -> Finding:
    """Return one validation error as a finding."""
    path = yaml_path(detail["loc"], document)
    problem, fix = _words(detail, path)
    dotted = ".".join(str(step) for step in path) or PLATFORM_KEY
    return Finding(path=dotted, problem=problem, fix=fix, source=SOURCE)


def _words(detail: ErrorDetails, path: YamlPath) -> tuple[str, str]:
    """Return what is wrong and what would be right."""
    found = "is a mapping" if isinstance(detail["input"], dict) else f"is {detail['input']!r}"
    context = detail.get("ctx", {})
    tag = str(context.get("discriminator", "")).strip("'")
    kind = detail["type"]
    if kind == "string_type" and isinstance(detail["input"], int | float):
        return f"{found}, a number", f'write it in quotes: "{detail["input"]}"'
    if kind == "value_error":
        problem, _, fix = detail["msg"].removeprefix("Value error, ").partition("; ")
        return problem, fix
    spoken = {
        "extra_forbidden": ("is not a known key", _nearest_key(str(path[-1]) if path else "")),
        "missing": ("is missing", "add it, it has no default"),
        "union_tag_not_found": (f"has no `{tag}`", f"add `{tag}:` to say which kind it is"),
        "union_tag_invalid": (
            f"`{tag}` is '{context.get('tag')}'",
            f"use one of {context.get('expected_tags')}",
        ),
        "string_pattern_mismatch": (found, f"write it so that it matches {context.get('pattern')}"),
    }
    return spoken.get(kind, (found, detail["msg"].replace("Input should", "it should")))


def _nearest_key(key: str) -> str:
    close = get_close_matches(key, _known_keys(), n=1)
    return f"did you mean `{close[0]}`?" if close else "remove it"


@cache
def _known_keys() -> tuple[str, ...]:
    schema = PlatformSettings.model_json_schema()
    shapes = [schema, *schema["$defs"].values()]
    return tuple({key: None for shape in shapes for key in shape.get("properties", {})})
