"""Ctrl-C while the engine works."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back(told: Callable[[], None]) -> Generator[None]:
    """Hold Ctrl-C back until the block has ended, then raise KeyboardInterrupt.

    A terminal sends it to the engine as well, which finishes what it has begun and ends; a second
    one makes it end at once. `told` is called at the first.
    """
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if not seen:
            told()
        seen.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if seen:
            raise KeyboardInterrupt
