"""Names and identifiers that are made up, the same each time for the same resource.

They come from a digest of the URN, so that a create that is tried again after a crash finds what
the first try made. A replacement needs another one than the resource that it replaces: hence the
generation, which counts the resources of one URN that the engine has in its state.
"""

import hashlib
import itertools
import re
import threading
from collections import defaultdict
from collections.abc import Callable

from rehearsal.providers.aws.schema import Schema
from rehearsal.providers.values import Properties, Value

# What the official provider names automatically where it is not called `name`
# (pulumi-aws provider/resources.go, AutoName).
NAME_INPUTS = {
    "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:rds/instance:Instance": "identifier",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
}

_FORMS = {"aws:kms/alias:Alias": "alias/{name}-{{}}"}
_LOWER_CASE = frozenset({"aws:s3/bucket:Bucket", *(t for t in NAME_INPUTS if ":rds/" in t)})


def digest(urn: str, generation: int, purpose: str = "") -> str:
    """Return 64 hexadecimal digits that belong to this resource and `purpose`."""
    return hashlib.sha256(f"{urn}\n{generation}\n{purpose}".encode()).hexdigest()


def name_input(schema: Schema) -> str | None:
    """Return the input that holds the physical name, or None where the type has none."""
    name = NAME_INPUTS.get(schema.token, "name")
    return name if name in schema.inputs else None


class Known:
    """Values (ids, names) per URN that the engine has shown to be in its state.

    The engine always diffs or reads a resource before it replaces it, so what it has not shown in
    this run is either new or was left behind by a run that crashed.
    """

    def __init__(self) -> None:
        self._values: defaultdict[str, set[object]] = defaultdict(set)
        self._lock = threading.Lock()

    def add(self, urn: str, *values: object) -> None:
        """Note that the engine has `values` for `urn`."""
        with self._lock:
            self._values[urn].update(values)

    def remove(self, urn: str, *values: object) -> None:
        """Note that `values` of `urn` are gone."""
        with self._lock:
            self._values[urn].difference_update(values)

    def has(self, urn: str, value: object) -> bool:
        """Return whether the engine has `value` for `urn`."""
        with self._lock:
            return value in self._values[urn]

    def free_generation(self, urn: str, value_of: Callable[[int], str]) -> int:
        """Return the first generation whose value, by `value_of`, the engine does not have."""
        with self._lock:
            taken = self._values[urn]
            return next(n for n in itertools.count() if value_of(n) not in taken)


def with_name(
    schema: Schema, urn: str, inputs: Properties, old_inputs: Properties, known: Known
) -> Properties:
    """Return `inputs` with a physical name, as the official provider gives one in `Check`.

    A name given by the program or made up by an earlier `Check` stays; otherwise the logical name
    and 7 hexadecimal digits.
    """
    name = name_input(schema)
    if not name or schema.inputs[name].required:
        return inputs
    if inputs.get(name) is not None or inputs.get(f"{name}Prefix") is not None:
        return inputs
    if is_made_up(schema, urn, old_inputs.get(name)):
        return {**inputs, name: old_inputs[name]}

    def made_up(generation: int) -> str:
        return _form(schema, urn).format(digest(urn, generation)[:7])

    return {**inputs, name: made_up(known.free_generation(urn, made_up))}


def is_made_up(schema: Schema, urn: str, name: Value) -> bool:
    """Return whether `name` is one that `with_name` gives the resource of `urn`."""
    pattern = re.escape(_form(schema, urn)).replace(r"\{\}", "[0-9a-f]{7}")
    return isinstance(name, str) and re.fullmatch(pattern, name) is not None


def _form(schema: Schema, urn: str) -> str:
    logical = urn.rsplit("::", 1)[-1].replace("{", "").replace("}", "")
    lower = logical.lower() if schema.token in _LOWER_CASE else logical
    return _FORMS.get(schema.token, "{name}-{{}}").format(name=lower)
