"""A running control plane, and a hand for it."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rehearsal.control_plane import ControlPlane
from rehearsal.layout import TOOLS, Layout
from tests.rehearsal.emptied import empty

T = TypeVar("T")

LONGEST_PAUSE = 1.0
"""Seconds."""


def eventually(
    what: str, ask: Callable[[], T | None], seconds: float = 120.0, pause: float = 0.1
) -> T:
    """Return the first answer that is neither None nor False, or fail after `seconds`.

    It asks again after `pause` seconds, and less often the longer it waits: asking costs, too.
    """
    begun = time.monotonic()
    while not (answer := ask()):
        waited = time.monotonic() - begun
        assert waited < seconds, f"not within {seconds} s: {what}"
        time.sleep(max(pause, min(waited / 10, LONGEST_PAUSE)))
    return answer


def established(definition: dict[str, Any]) -> bool:
    """Return whether the API of a custom resource definition is served."""
    conditions: list[dict[str, Any]] = definition.get("status", {}).get("conditions") or []
    return ("Established", "True") in {(one["type"], one["status"]) for one in conditions}


@dataclass(frozen=True)
class Kubectl:
    """kubectl of the built tools, with the administrator's kubeconfig."""

    kubeconfig: Path

    def run(self, *arguments: str, text: str = "") -> str:
        """Return the output of `kubectl <arguments>`, given `text`; fail with its error."""
        command = [str(TOOLS / "bin/kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments]
        # It is over before its garbage is worth collecting.
        variables = os.environ | {"GOGC": "off"}
        done = subprocess.run(
            command, env=variables, input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, *objects: dict[str, Any]) -> None:
        """Create or change `objects`."""
        self.run("apply", "-f", "-", text="\n---\n".join(json.dumps(each) for each in objects))

    def get(self, *arguments: str) -> Any:
        """Return an object, or the items of a list."""
        found = json.loads(self.run("get", "-o", "json", *arguments))
        return found.get("items", found)


@contextmanager
def running(folder: Path) -> Generator[ControlPlane]:
    """A control plane that runs in `folder`, and is stopped in the end."""
    plane = ControlPlane(Layout(folder / "shared"))
    try:
        plane.start(print)
        yield plane
    finally:
        plane.stop()


@pytest.fixture(scope="module")
def own_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane for one module, which may do with it what it likes."""
    with running(tmp_path_factory.mktemp("rehearsal")) as plane:
        yield plane


@pytest.fixture(scope="session")
def lasting_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane of all modules of this process that leave it as it runs."""
    with running(tmp_path_factory.mktemp("rehearsal")) as plane:
        yield plane


@pytest.fixture(scope="module")
def started(lasting_plane: ControlPlane) -> Iterator[ControlPlane]:
    """A control plane without nodes, definitions and pods; what a module makes goes after it.

    A module that needs one of its own has a fixture of this name, which is `own_plane`.
    """
    yield lasting_plane
    connection = lasting_plane.connection()
    assert connection is not None
    empty(connection)


@pytest.fixture(scope="module")
def kubectl(started: ControlPlane) -> Kubectl:
    """kubectl for `started`."""
    connection = started.connection()
    assert connection is not None
    return Kubectl(connection.kubeconfig)
