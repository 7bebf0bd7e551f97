"""Stages of one life, each of which happens once; after one that failed there are no others."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TypeVar

import pytest


class Staged:
    """What has stages."""

    failure: str = ""
    """Which stage failed, and why; empty while none has."""


Life = TypeVar("Life", bound=Staged)
Seen = TypeVar("Seen")


def stage(happen: Callable[[Life], Seen]) -> "cached_property[Seen]":
    """Return a property for which `happen` is called once.

    After a stage that failed, each that has not happened yet fails with the reason of that one: it
    is neither tried nor blamed.
    """

    @wraps(happen)
    def once(life: Life) -> Seen:
        if life.failure:
            pytest.fail(life.failure, pytrace=False)
        try:
            return happen(life)
        except (Exception, pytest.fail.Exception) as problem:
            # The innermost is noted first; those that had asked for it only pass it on.
            failed = f"not reached, for the stage `{happen.__name__}` failed: {problem}"
            life.failure = life.failure or failed
            raise

    return cached_property(once)
