"""Which values each chart of `charts.py` has, and of which type: a slip is found before an install.

Helm ignores a misspelt value and takes `"false"` for true, since a text that is not empty is true
to a template. Data: `chart_values.json`, written by `python -m catalog.refresh_charts`, with source
and version of each chart in it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from reprlib import repr as shortened
from typing import Any, Final, TypeGuard, cast

ANY: Final = "any"
"""Type of a value whose default says nothing, null: what stands there is not judged."""
STRINGS: Final = "strings"
"""Type of a mapping to text, as labels are: `{gpu: on}` is YAML for true, and no label."""
ENV: Final = "env"
"""Type of a list of names with values, which are text: `"true"`, not true."""
OPEN: Final = "*"
"""As a key: the chart takes keys beside the described ones."""

Tree = Mapping[str, Any]
"""Keys of a mapping, each with the tree below it or with its type; `int|string` is either."""


@cache
def _charts() -> Mapping[str, Mapping[str, Any]]:
    return json.loads(files("catalog").joinpath("chart_values.json").read_text("utf-8"))


def described_version(chart: str) -> str:
    """Return the version whose values are described here.

    Errors: KeyError when no values of `chart` are described.
    """
    return cast("str", _chart(chart)["version"])


def _chart(chart: str) -> Mapping[str, Any]:
    if chart not in _charts():
        raise KeyError(f"no values of chart {chart} are known; known are {', '.join(_charts())}")
    return _charts()[chart]


def known_value(chart: str, path: str) -> bool:
    """Say whether `chart` has a value at the dotted `path`.

    Errors: KeyError when no values of `chart` are described.
    """
    place: Any = _chart(chart)["values"]
    for key in path.split("."):
        if isinstance(place, str):
            return place in _OPEN_TYPES
        place = _below(place, key)
        if place is None:
            return False
    return True


def wrong_values(chart: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a sentence for each of `values` that `chart` does not have, or has of another type.

    Errors: KeyError when no values of `chart` are described.
    """
    tree: Tree = _chart(chart)["values"]
    return tuple(_slips(tree, values, tuple(_paths(tree))))


def _slips(
    place: Tree, values: Mapping[str, Any], paths: tuple[str, ...], prefix: str = ""
) -> Iterator[str]:
    for key, value in values.items():
        path, below = prefix + key, _below(place, key)
        if below is None:
            yield _unknown(path, paths)
        elif isinstance(below, str):
            yield from _mistyped(path, value, below)
        elif _is_map(value):
            yield from _slips(below, value, paths, f"{path}.")
        else:
            yield _mismatch(path, value, "map")


def _below(place: Tree, key: str) -> Any:
    return place.get(key, place.get(OPEN))


def _mistyped(path: str, value: Any, expected: str) -> Iterator[str]:
    if expected == STRINGS and _is_map(value):
        for key, text in value.items():
            yield from _mistyped(f"{path}.{key}", text, "string")
    elif expected == ENV and _is_list(value):
        for number, variable in enumerate(value):
            if _is_map(variable) and "value" in variable:
                yield from _mistyped(f"{path}[{number}].value", variable["value"], "string")
    elif not any(_TYPES[one](value) for one in expected.split("|")):
        yield _mismatch(path, value, expected)


def _is_map(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, list | tuple)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TYPES: Final[Mapping[str, Callable[[object], bool]]] = {
    ANY: lambda _: True,
    "bool": lambda value: isinstance(value, bool),
    "int": _is_int,
    "number": lambda value: _is_int(value) or isinstance(value, float),
    "string": lambda value: isinstance(value, str),
    "list": _is_list,
    "map": _is_map,
    STRINGS: lambda _: False,
    ENV: lambda _: False,
}
"""What each type takes; the two that look into their items take nothing that has none."""
_OPEN_TYPES: Final = {ANY, "map", STRINGS}
_ARTICLED: Final = {"int": "an int", STRINGS: "a map of strings", ENV: "a list of variables"}


def _mismatch(path: str, value: Any, expected: str) -> str:
    types = " or ".join(_ARTICLED.get(one, f"a {one}") for one in expected.split("|"))
    return f"{path} is {shortened(value)}, the chart has {types}"


def _paths(tree: Tree, prefix: str = "") -> Iterator[str]:
    for key, below in tree.items():
        if key != OPEN:
            yield prefix + key
        if isinstance(below, Mapping):
            yield from _paths(cast("Tree", below), f"{prefix}{key}.")


def _unknown(path: str, paths: tuple[str, ...]) -> str:
    parent = path.rpartition(".")[0]
    siblings = [known for known in paths if known.rpartition(".")[0] == parent]
    nearest = get_close_matches(path, siblings, n=1) or get_close_matches(path, paths, n=1)
    return f"{path} (nearest: {nearest[0]})" if nearest else path
