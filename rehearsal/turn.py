"""One command at a time works on a rehearsal."""

import os
from collections.abc import Generator
from contextlib import contextmanager

from rehearsal.control_plane.files import exclusive, private_folder
from rehearsal.layout import Layout


class RehearsalError(Exception):
    """A rehearsal that cannot do what was asked; the message says why."""


@contextmanager
def turn(layout: Layout) -> Generator[None]:
    """Work alone on the rehearsal of `layout`, until the end or the death of this process.

    Raises:
        RehearsalError: another command works on it; the message names its process.
    """
    lock = private_folder(layout.root) / "lock"

    def refuse() -> None:
        raise RehearsalError(
            f"another command works on stack {layout.stack} (pid {lock.read_text() or 'unknown'}): "
            "wait for it, or end it, then run this again"
        )

    with exclusive(lock, refuse):
        lock.write_text(str(os.getpid()))
        yield
