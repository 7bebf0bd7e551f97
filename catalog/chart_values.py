"""Which values each chart of `charts.py` has: a misspelt one is found before Helm ignores it.

Data: `chart_values.json`, written by `python -m catalog.refresh_charts`, with source and version of
each chart in it.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

ANY: Final = "any"
"""Marks a key below which everything is known."""

Tree = Mapping[str, Any]
"""Keys of a mapping, each with the tree below it, `any`, or `leaf`: nothing stands below it."""


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
        if place == ANY:
            return True
        if not isinstance(place, Mapping) or key not in place:
            return False
        place = cast("Tree", place)[key]
    return True


def unknown_values(chart: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a sentence for each of `values` that `chart` does not have, with the nearest one.

    Errors: KeyError when no values of `chart` are described.
    """
    tree: Tree = _chart(chart)["values"]
    paths = tuple(_paths(tree))
    return tuple(_sentence(path, paths) for path in _unknown(tree, values))


def _unknown(place: Any, values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if not isinstance(place, Mapping) or key not in place:
            yield prefix + key
        elif (below := cast("Tree", place)[key]) != ANY and isinstance(value, Mapping):
            yield from _unknown(below, cast("Mapping[str, Any]", value), f"{prefix}{key}.")


def _paths(tree: Tree, prefix: str = "") -> Iterator[str]:
    for key, below in tree.items():
        yield prefix + key
        if isinstance(below, Mapping):
            yield from _paths(cast("Tree", below), f"{prefix}{key}.")


def _sentence(path: str, paths: tuple[str, ...]) -> str:
    parent = path.rpartition(".")[0]
    siblings = [known for known in paths if known.rpartition(".")[0] == parent]
    nearest = get_close_matches(path, siblings, n=1) or get_close_matches(path, paths, n=1)
    return f"{path} (nearest: {nearest[0]})" if nearest else path
