"""How a process of tests keeps its memory, and which files come first where several share them."""

import gc
from collections.abc import Generator
from pathlib import Path

import pytest

LONGEST = (
    "test_whole_stack",
    "test_seven_ways",
    "test_random_environments",
    "test_fleet",
    "test_control_plane",
    "test_fleet_node_overlays",
    "test_aws_engine",
    "test_kubernetes_engine",
    "test_kubernetes_waits",
    "test_main_program",
)
"""Files that take longest, the longest first: begun last they would be waited for alone."""
WAITS = "started"
"""The fixture of those that come next: a control plane, whose start takes a while."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while tests are collected, and leave what was imported to no collection.

    The cloud SDKs are some million objects, and they live as long as the process.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and end with what never waits."""
    waiting = {item.path for item in items if WAITS in getattr(item, "fixturenames", ())}

    def place(path: Path) -> int:
        if path.stem in LONGEST:
            return LONGEST.index(path.stem)
        return len(LONGEST) + (path not in waiting)

    items.sort(key=lambda item: place(item.path))
