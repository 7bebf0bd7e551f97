"""Arguments of `vllm serve` as its parser reads them, before it is known what they mean.

Source: vLLM 0.33.0, vllm/utils/argparse_utils.py, and argparse of Python.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.engine_flags import spelled

NUMBER = re.compile(r"-\d+|-\d*\.\d+")
"""What begins with a dash and is a value all the same."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One flag with the arguments that follow it."""

    index: int
    """Its place among the arguments, from 0."""
    written: str
    """As it is written, without a value behind `=`."""
    name: str
    """As vLLM reads it: dashes, without a key of its JSON value."""
    key: str = ""
    """Dotted key of its JSON value: `backend` of `--attention-config.backend`."""
    appends: bool = False
    """Whether it adds to the list at `key`: `--arg.key+ value`."""
    values: tuple[str, ...] = ()
    """What follows, up to the next flag; one when it stands behind `=`."""
    places: tuple[int, ...] = ()
    """The place of each of `values`."""


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A value in front of every flag."""

    index: int
    value: str


def is_flag(argument: str) -> bool:
    """Return whether an argument begins a flag, and is not the value of one."""
    return argument.startswith("-") and len(argument) > 1 and not NUMBER.fullmatch(argument)


def read(arguments: Sequence[str]) -> Iterator[Given | Stray]:
    """Yield each flag with what follows it, in order."""
    starts = [index for index, argument in enumerate(arguments) if is_flag(argument)]
    first = starts[0] if starts else len(arguments)
    for index in range(first):
        yield Stray(index=index, value=arguments[index])
    for start, end in zip(starts, [*starts, len(arguments)][1:], strict=True):
        yield _given(start, arguments[start], arguments[start + 1 : end])


def _given(index: int, argument: str, following: Sequence[str]) -> Given:
    written, equals, value = argument.partition("=")
    values, places = (*following,), (*range(index + 1, index + 1 + len(following)),)
    if equals:
        values, places = (value, *values), (index, *places)
    if level := re.fullmatch(r"-O(\w*)", written):
        if level[1]:
            values, places = (level[1], *values), (index, *places)
        return Given(
            index=index,
            written="-O",
            name="--optimization-level",
            values=values,
            places=places,
        )
    head, _, key = spelled(written).partition(".")
    return Given(
        index=index,
        written=written,
        name=head,
        key=key.removesuffix("+"),
        appends=key.endswith("+"),
        values=values,
        places=places,
    )
