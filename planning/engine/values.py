"""Whether a value of a flag is one that the release takes."""

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, Final, cast

from catalog.engine_flags import EngineFlag, Kind
from planning.engine.tokens import Given
from settings.finding import counted

Words = tuple[str, str]
"""What is wrong, and what would be right."""

WANTED: Final[dict[Kind, str]] = {
    "bool": "nothing",
    "float": "a number",
    "int": "a whole number",
    "json": "JSON",
    "json-or-string": "text or JSON",
    "size": "a whole number, or one with a unit such as 16k (16,000) or 16K (16,384)",
    "size-or-auto": "a whole number, one with a unit such as 16k (16,000) or 16K (16,384), or auto",
    "string": "text",
    "word": "text",
}
"""A value of each kind, in words."""
LIMITS: Final = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
MOST_NAMED = 24
"""Of longer lists only the nearest name is told."""


def value_faults(flag: EngineFlag, given: Given) -> Iterator[Words]:
    """Yield what is wrong with the values of a flag, and with how many there are."""
    taken = given.values[: 1 if flag.many != "+" or _behind_equals(given) else None]
    if flag.kind == "bool":
        if taken:
            yield _needless(flag, given)
        return
    if given.key or given.appends:
        yield from _keyed(flag, given)
        return
    if not taken and flag.many != "?":
        yield f"{given.written} has no value", f"add one: {WANTED[flag.kind]}"
    for value in taken:
        yield from _wrong(flag, given.written, value)


def surplus(flag: EngineFlag, given: Given) -> tuple[tuple[int, str], ...]:
    """Return the values behind a flag that it does not take, each with its place."""
    if flag.many == "+" and not _behind_equals(given):
        return ()
    # A value behind a flag that takes none is said of the flag.
    return tuple(zip(given.places, given.values, strict=True))[1:]


def first_keys(given: Given) -> tuple[str, ...]:
    """Return the first keys of a JSON value, whether it is given whole or by key."""
    if given.key:
        return (given.key.partition(".")[0],)
    try:
        value = json.loads(given.values[0]) if given.values else None
    except ValueError:
        return ()
    return tuple(cast("dict[str, Any]", value)) if isinstance(value, dict) else ()


def _behind_equals(given: Given) -> bool:
    return bool(given.places) and given.places[0] == given.index


def _needless(flag: EngineFlag, given: Given) -> Words:
    off = f", or {flag.off[-1]} to turn it off" if flag.off else ", or leave it out"
    return (
        f"{given.written} takes no value, and {given.values[0]!r} stands there",
        f"write {flag.name} alone{off}",
    )


def _wrong(flag: EngineFlag, written: str, value: str) -> Iterator[Words]:
    if flag.nullable and value in {"", "None"}:
        return
    try:
        read = READERS[flag.kind](value)
    except ValueError:
        yield f"{written} is {value!r}", f"write {WANTED[flag.kind]}"
        return
    if flag.choices and _plain(flag, value) not in flag.choices:
        yield f"{written} is {value!r}", f"use one of {', '.join(flag.choices)}"
    elif flag.registered and value and value not in flag.registered:
        yield f"{written} is {value!r}, which the release does not have", _named(flag, value)
    elif flag.keys:
        yield from _unknown_keys(flag, written, value, read)
    elif flag.bounds:
        for limit, bound in flag.bounds.items():
            if not _holds(limit, read, bound):
                yield f"{written} is {value}", f"use {LIMITS[limit]} {bound:g}"


def _unknown_keys(flag: EngineFlag, written: str, value: str, read: Any) -> Iterator[Words]:
    if not isinstance(read, dict):
        yield f"{written} is {value!r}", 'write a JSON object, {"key": value}'
        return
    for key in cast("dict[str, Any]", read):
        yield from _unknown_key(flag, key)


def _size(value: str) -> int:
    """Return a whole number with or without a unit; only k, m, g and t take decimals.

    Errors: ValueError for anything else.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kmgtKMGT])", value.strip())
    if not found:
        return int(value)
    power = "kmgt".index(found[2].lower()) + 1
    return int(float(found[1]) * 1000**power) if found[2].islower() else int(found[1]) * 1024**power


def _size_or_auto(value: str) -> int:
    return -1 if value.strip().lower() in {"-1", "auto"} else _size(value)


def _json_or_string(value: str) -> Any:
    return json.loads(value) if re.fullmatch(r"(?s)\s*{.*}\s*", value) else value


READERS: Final[dict[Kind, Callable[[str], Any]]] = {
    "float": float,
    "int": int,
    "json": json.loads,
    "json-or-string": _json_or_string,
    "size": _size,
    "size-or-auto": _size_or_auto,
    "string": str,
    "word": str,
}
"""How vLLM reads a value of each kind; ValueError where it refuses it."""


def _plain(flag: EngineFlag, value: str) -> str:
    if flag.kind == "int":
        return str(int(value))
    return value.lower().replace("-", "_") if flag.kind == "word" else value


def _holds(limit: str, number: float, bound: float) -> bool:
    return {
        "gt": number > bound,
        "ge": number >= bound,
        "lt": number < bound,
        "le": number <= bound,
    }[limit]


def _named(flag: EngineFlag, value: str) -> str:
    close = get_close_matches(value, flag.registered, n=1)
    if close:
        return f"did you mean {close[0]}?"
    if len(flag.registered) <= MOST_NAMED:
        return f"use one of {', '.join(flag.registered)}"
    return f"use one of the {counted(len(flag.registered), 'name')} of the release, or leave it out"


def _keyed(flag: EngineFlag, given: Given) -> Iterator[Words]:
    if flag.kind not in {"json", "json-or-string"}:
        yield (
            f"{given.written} has a key, but {flag.name} is {WANTED[flag.kind]}",
            f"write {flag.name} alone, with its value",
        )
        return
    if not given.values:
        yield f"{given.written} has no value", "add the value of this key"
    yield from _unknown_key(flag, given.key.partition(".")[0])


def _unknown_key(flag: EngineFlag, key: str) -> Iterator[Words]:
    if not flag.keys or key in flag.keys:
        return
    close = get_close_matches(key, flag.keys, n=1)
    right = f"did you mean {close[0]}?" if close else f"use one of {', '.join(flag.keys)}"
    yield f"{flag.name} has no key {key!r}", right
