"""A field-by-field comparison of property values, and the engine's answer made from it.

Paths are Pulumi's: `spec.template`, `subnetIds[0]`, `labels["app.kubernetes.io/name"]`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.values import UNKNOWN, Value, revealed

Kind = Literal["add", "delete", "update"]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "update": provider_pb2.PropertyDiff.UPDATE,
}
_REPLACING_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


@dataclass(frozen=True)
class Difference:
    """One changed field."""

    path: str
    kind: Kind

    @property
    def top(self) -> str:
        """Return the top-level property that `path` begins with."""
        if self.path.startswith("["):
            return self.path.removeprefix('["').partition('"]')[0]
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def key_path(path: str, key: str) -> str:
    """Return the path of `key` in the object at `path` (empty: the top)."""
    if not _PLAIN_KEY.fullmatch(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def item_path(path: str, index: int) -> str:
    """Return the path of the item at `index` in the list at `path`."""
    return f"{path}[{index}]"


def differences(old: Value, new: Value) -> list[Difference]:
    """Return what changes from `old` to `new`, each at its deepest field, in a fixed order.

    An absent key equals null, a secret equals its plain value, and an unknown new value counts as
    changed: only the update will tell.
    """
    return list(_differences(revealed(old), revealed(new), ""))


def _differences(old: Value, new: Value, path: str) -> Iterator[Difference]:
    match old, new:
        case dict(), dict():
            for key in sorted(old.keys() | new.keys()):
                yield from _differences(old.get(key), new.get(key), key_path(path, key))
        case list(), list():
            for index, (before, after) in enumerate(zip_longest(old, new)):
                yield from _differences(before, after, item_path(path, index))
        case (None, None):
            return
        case (None, _):
            yield Difference(path, "add")
        case (_, None):
            yield Difference(path, "delete")
        case _:
            if new is UNKNOWN or type(old) is not type(new) or old != new:
                yield Difference(path, "update")


def diff_response(
    found: Sequence[Difference],
    *,
    replaces: Callable[[Difference], bool],
    delete_before_replace: bool = False,
    input_diff: bool = True,
) -> provider_pb2.DiffResponse:
    """Return the answer to a `Diff` call.

    `replaces` says which differences force a new resource; `delete_before_replace` is for
    resources whose fixed name can exist only once; `input_diff` says that `found` compares inputs.
    """
    replacing = {item.path for item in found if replaces(item)}
    detailed = {
        item.path: provider_pb2.PropertyDiff(
            kind=(_REPLACING_KINDS if item.path in replacing else _KINDS)[item.kind],
            inputDiff=input_diff,
        )
        for item in found
    }
    some = provider_pb2.DiffResponse.DIFF_SOME
    return provider_pb2.DiffResponse(
        changes=some if found else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=sorted({item.top for item in found}),
        replaces=sorted({item.top for item in found if item.path in replacing}),
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_before_replace and bool(replacing),
    )
