"""Property values as they travel between the engine and a provider.

The engine sends protobuf `Struct`s in which unknown values are marker strings and secrets are
objects with a signature (pulumi sdk/go/common/resource/plugin/rpc.go). Here they become `UNKNOWN`
and `Secret`, and whole numbers become `int`, so that a provider never meets a marker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from google.protobuf.struct_pb2 import NullValue, Struct
from google.protobuf.struct_pb2 import Value as Message

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a protocol marker, no password
UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_MARKERS = frozenset(
    {
        UNKNOWN_MARKER,  # string; the others: bool, number, array, asset, archive, object
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


class Unknown(Enum):
    """The type of `UNKNOWN`; an enum so that a type checker narrows `value is UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
"""A value that only the update will know."""

Value: TypeAlias = (
    "bool | int | float | str | list[Value] | dict[str, Value] | Unknown | Secret | None"
)
Properties: TypeAlias = dict[str, Value]


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in its state; its `repr` does not show it."""

    value: Value

    def __repr__(self) -> str:
        return "Secret(…)"


def from_struct(struct: Struct) -> Properties:
    """Return the properties in `struct`, with markers replaced by `UNKNOWN` and `Secret`."""
    return {key: _from_message(struct.fields[key]) for key in struct.fields}


def _from_message(message: Message) -> Value:
    match message.WhichOneof("kind"):
        case "string_value":
            text = message.string_value
            return UNKNOWN if text in UNKNOWN_MARKERS else text
        case "number_value":
            number = message.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return message.bool_value
        case "list_value":
            return [_from_message(item) for item in message.list_value.values]
        case "struct_value":
            return _from_object(from_struct(message.struct_value))
        case _:
            return None


def _from_object(properties: Properties) -> Value:
    if SIGNATURE_KEY not in properties:
        return properties
    if properties[SIGNATURE_KEY] != SECRET_SIGNATURE:
        problem = "assets, archives and resource references are not simulated; pass plain data"
        raise ValueError(problem)
    return Secret(properties.get("value"))


def to_struct(properties: Mapping[str, Value]) -> Struct:
    """Return `properties` as the engine reads them; the inverse of `from_struct`."""
    return Struct(fields={key: _to_message(value) for key, value in properties.items()})


def _to_message(value: Value) -> Message:
    message = Message()
    match value:
        case None:
            message.null_value = NullValue.NULL_VALUE
        case bool():  # before int: a bool is one
            message.bool_value = value
        case int() | float():
            message.number_value = value
        case str():
            message.string_value = value
        case Unknown():
            message.string_value = UNKNOWN_MARKER
        case Secret(inner):
            sealed: Properties = {SIGNATURE_KEY: SECRET_SIGNATURE, "value": inner}
            message.struct_value.CopyFrom(to_struct(sealed))
        case list():
            message.list_value.values.extend(_to_message(item) for item in value)
        case dict():
            message.struct_value.CopyFrom(to_struct(value))
    return message


def revealed(value: Value) -> Value:
    """Return `value` with every secret replaced by what it holds."""
    match value:
        case Secret(inner):
            return revealed(inner)
        case list():
            return [revealed(item) for item in value]
        case dict():
            return {key: revealed(item) for key, item in value.items()}
        case _:
            return value


def sealed_like(value: Value, pattern: Value) -> Value:
    """Return `value` with `Secret` wherever `pattern` (usually the inputs) has one."""
    match pattern, value:
        case _, Secret():
            return value
        case Secret(), _:
            return Secret(value)
        case dict(), dict():
            return {key: sealed_like(item, pattern.get(key)) for key, item in value.items()}
        case list(), list():
            padded = [*pattern, *[None] * (len(value) - len(pattern))]
            return [sealed_like(item, like) for item, like in zip(value, padded, strict=False)]
        case _:
            return value


def has_unknown(value: Value) -> bool:
    """Return whether `value` is or holds an `UNKNOWN`."""
    match value:
        case Unknown():
            return True
        case Secret(inner):
            return has_unknown(inner)
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
        case _:
            return False
