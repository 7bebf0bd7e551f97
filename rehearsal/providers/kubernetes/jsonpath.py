"""The part of kubectl's JSONPath that a `pulumi.com/waitFor` annotation needs.

Fields, quoted fields, positions and one kind of filter:
`{.status.conditions[?(@.type=="Ready")].status}`, `{.status['phase']}`, `{.spec.ports[0].port}`.
Source: kubernetes.io/docs/reference/kubectl/jsonpath.
"""

import re
from collections.abc import Callable
from typing import Any, cast

from rehearsal.providers.kubernetes.manifests import at

Step = Callable[[Any], list[Any]]

_STEP = re.compile(
    r"""\.(?P<plain>(?:[\w-]|\\\.)+)
    | \[["'](?P<quoted>[^"']+)["']\]
    | \[(?P<index>-?\d+)\]
    | \[\?\(@\.(?P<field>[\w.-]+)\s*==\s*["'](?P<value>[^"']*)["']\)\]""",
    re.VERBOSE,
)


def parsed(expression: str) -> list[Step]:
    """Return the steps of `expression`, in braces or not. Raises ValueError when it has others."""
    text = expression.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    steps: list[Step] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            rest = text[position:]
            problem = f"JSONPath {expression!r} is not understood from {rest!r} on"
            raise ValueError(problem)
        steps.append(_step(found))
        position = found.end()
    if not steps:
        problem = "JSONPath is empty; write one such as {.status.phase}"
        raise ValueError(problem)
    return steps


def _step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        index = int(found["index"])
        return lambda value: _present(at(value, index))
    if found["field"] is not None:
        path, wanted = found["field"].split("."), found["value"]
        return lambda value: [item for item in _items(value) if at(item, *path) == wanted]
    name = found["quoted"] or found["plain"].replace("\\.", ".")
    return lambda value: _present(at(value, name))


def _present(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def found(steps: list[Step], manifest: Any) -> list[Any]:
    """Return every value in `manifest` that the steps lead to."""
    values = [manifest]
    for step in steps:
        values = [result for value in values for result in step(value)]
    return values
