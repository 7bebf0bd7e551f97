"""What a refresh sees: which of our fields are no longer as we left them.

Compared is the live object with the one that was recorded after the last update, and only where
the inputs say something. So defaults of the server, a quantity written differently (`1000m`) and
fields of other managers are no drift; a changed or removed field of ours is.
"""

import base64
from enum import Enum
from typing import TypeAlias, cast

from rehearsal.providers.kubernetes.secrecy import sealed_object
from rehearsal.providers.values import Properties, Value, revealed


class _Absent(Enum):
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
Maybe: TypeAlias = "Value | _Absent"


def refreshed_inputs(inputs: Properties, recorded: Properties, live: Properties) -> Properties:
    """Return `inputs` with the drift from `recorded` to `live`, as secret as they were."""
    plain_inputs = cast("Properties", revealed(inputs))
    plain_recorded = cast("Properties", revealed(recorded))
    if plain_inputs.get("kind") == "Secret":
        plain_recorded, live = _with_strings(plain_recorded), _with_strings(live)
    drifted = _drift(plain_inputs, plain_recorded, live)
    return sealed_object(cast("Properties", drifted), inputs)


def _with_strings(secret: Properties) -> Properties:
    """Return a Secret with its data as `stringData` too: the server keeps only `data`."""
    data = secret.get("data")
    texts: Properties = {}
    for key, value in (data if isinstance(data, dict) else {}).items():
        texts[key] = base64.b64decode(str(value)).decode(errors="replace")
    return {**secret, "stringData": texts}


def _drift(inputs: Value, recorded: Maybe, live: Maybe) -> Maybe:
    if live == recorded:
        return inputs
    if live is ABSENT:
        return ABSENT
    match inputs, recorded, live:
        case dict(), dict(), dict():
            parts = {
                key: _drift(value, recorded.get(key, ABSENT), live.get(key, ABSENT))
                for key, value in inputs.items()
            }
            return {key: value for key, value in parts.items() if value is not ABSENT}
        case list(), list(), list():
            return _list_drift(inputs, recorded, live)
        case _:
            return live


def _list_drift(inputs: list[Value], recorded: list[Value], live: list[Value]) -> list[Value]:
    """Return the drift of a list: item by item where items have names, else by position."""
    named = [_by_name(items) for items in (inputs, recorded, live)]
    if all(items is not None for items in named):
        wanted, before, now = cast("list[Properties]", named)
        parts = [
            _drift(item, before.get(name, ABSENT), now.get(name, ABSENT))
            for name, item in wanted.items()
        ]
        return [part for part in parts if part is not ABSENT]
    if len(inputs) == len(recorded) == len(live):
        triples = zip(inputs, recorded, live, strict=True)
        return [part for triple in triples if (part := _drift(*triple)) is not ABSENT]
    return live


def _by_name(items: list[Value]) -> Properties | None:
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        return None
    return dict(zip(cast("list[str]", names), items, strict=True))
