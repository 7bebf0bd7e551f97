"""What pydantic found, in the words of someone who edits a YAML file."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

from pydantic_core import ErrorDetails

from settings.base import PATTERN_WORDS
from settings.environment import PLATFORM_KEY, PlatformSettings
from settings.finding import Finding

SOURCE = "settings/schema.json"
MAPPING_WORDS = "write a mapping, `key: value`"
LONGEST_SHOWN = 60
"""Characters of a wrong value that a finding repeats."""
YamlPath = tuple[int | str, ...]


def yaml_path(detail: ErrorDetails, document: Mapping[str, Any]) -> YamlPath:
    """Return the place in the document, of a missing key too.

    Pydantic's own also names the member of a union, and marks what is wrong with a key itself.
    """
    path: list[int | str] = []
    nodes: list[Any] = [document]
    for step in detail["loc"]:
        if holds(nodes[-1], step):
            path.append(step)
            nodes.append(nodes[-1][step])
    return (*path, detail["loc"][-1]) if detail["type"] == "missing" else tuple(path)


def holds(node: Any, step: int | str) -> bool:
    """Return whether `node` is a mapping or list that has `step`."""
    if isinstance(node, list):
        return isinstance(step, int) and step < len(cast("list[Any]", node))
    return isinstance(node, dict) and step in cast("dict[str, Any]", node)


def finding_of(detail: ErrorDetails, document: Mapping[str, Any]) -> Finding:
    """Return one validation error as a finding."""
    path = yaml_path(detail, document)
    problem, fix = _words(detail)
    dotted = ".".join(str(step) for step in path) or PLATFORM_KEY
    return Finding(path=dotted, problem=problem, fix=fix, source=SOURCE)


def follows_from_items(detail: ErrorDetails) -> bool:
    """Return whether a list is too short only because its items are wrong, which is said there."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _words(detail: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what would be right."""
    kind, found, context = detail["type"], _found(detail["input"]), detail.get("ctx", {})
    if kind == "value_error":
        problem, _, fix = str(context["error"]).partition("; ")
        return problem, fix
    if kind == "string_pattern_mismatch":
        problem = "is not a name" if detail["loc"][-1] == "[key]" else found
        return problem, PATTERN_WORDS[context["pattern"]]
    if kind.startswith("union_tag"):
        return _kind_words(detail["input"], str(context["discriminator"]).strip("'"), context)
    spoken = {
        "extra_forbidden": ("is not a known key", _nearest_key(str(detail["loc"][-1]))),
        "missing": ("is missing", "add it, it has no default"),
        "string_type": (found, "write it in quotes" if _is_scalar(detail["input"]) else "write it"),
        "int_type": (found, "write a whole number, without quotes"),
        "bool_type": (found, "write true or false, without quotes"),
        "tuple_type": (found, "write a list, `[one, another]`"),
        "too_short": (found, "name at least one"),
        "too_long": (found, f"name at most {context.get('max_length')}"),
        "dict_type": (found, MAPPING_WORDS),
        "model_type": (found, MAPPING_WORDS),
        "model_attributes_type": (found, MAPPING_WORDS),
        "literal_error": (found, f"use {context.get('expected')}"),
        "greater_than": (found, f"use more than {context.get('gt')}"),
        "greater_than_equal": (found, f"use at least {context.get('ge')}"),
        "less_than_equal": (found, f"use at most {context.get('le')}"),
    }
    return spoken.get(kind, (found, detail["msg"]))


def _kind_words(value: Any, tag: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with the key that says which kind a mapping is."""
    if "expected_tags" not in context:
        return f"has no `{tag}`", f"add `{tag}:` to say which kind it is"
    return f"`{tag}` {_found(value[tag])}", f"use one of {context['expected_tags']}"


def _is_scalar(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)


def _found(value: Any) -> str:
    """Return what stands there."""
    if value is None or value in ([], {}):
        return "is empty"
    if isinstance(value, dict | list):
        return "is a mapping" if isinstance(value, dict) else "is a list"
    if isinstance(value, bool):
        return f"is {str(value).lower()}"
    if isinstance(value, str):
        return f"is {value[:LONGEST_SHOWN]!r}{'…' if len(value) > LONGEST_SHOWN else ''}"
    return f"is {value}"


def _nearest_key(key: str) -> str:
    if key in _known_keys():
        return "remove it, it is a key of another mapping"
    close = get_close_matches(key, _known_keys(), n=1)
    return f"did you mean `{close[0]}`?" if close else "remove it"


@cache
def _known_keys() -> tuple[str, ...]:
    schema = PlatformSettings.model_json_schema()
    shapes = [schema, *schema["$defs"].values()]
    return tuple({key: None for shape in shapes for key in shape.get("properties", {})})
