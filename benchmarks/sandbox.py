"""A rehearsal of the benchmarks' own, which is gone afterwards, whatever happened."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager

import psutil

from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.fleet.fleet import Fleet
from rehearsal.layout import Layout

PREFIX = "bench"


@contextmanager
def sandbox(stack: str) -> Generator[Layout]:
    """Lend a folder that does not exist yet; what runs on it ends with the block.

    Its name holds this process's id, so that two benchmarks do not meet.
    """
    layout = Layout.of(f"{PREFIX}-{os.getpid()}-{stack}")
    try:
        yield layout
    finally:
        remove(layout)


def remove_leftovers() -> None:
    """Remove what benchmarks that were killed have left."""
    for folder in Layout.of(PREFIX).root.parent.glob(f"{PREFIX}-*-*"):
        owner = folder.name.split("-")[1]
        if not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            remove(Layout(folder))


def remove(layout: Layout) -> None:
    """End what runs on a rehearsal, not asking the engine, and remove its folder."""
    if layout.root.exists():
        Fleet(layout, "").stop()
        ControlPlane(layout).stop()
        shutil.rmtree(layout.root)
