"""Two runs at once build once, and a killed run leaves nothing that looks finished."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from rehearsal.layout import REPOSITORY
from rehearsal.tools.golang import find_go
from rehearsal.tools.toolbox import Toolbox
from tests.rehearsal.hello import ensure, says, write_hello

RUN = """
import sys
from pathlib import Path
from rich.console import Console
from tests.rehearsal.hello import toolbox_in
toolbox_in(Path(sys.argv[1])).ensure(Console())
"""
SLOW_GO = """#!/bin/sh
if [ "$1" = build ]; then
  echo $$ >> {folder}/builds
  until [ -e {folder}/go-on ]; do sleep 0.02; done
fi
exec {go} "$@"
"""


@pytest.fixture
def toolbox(tmp_path: Path) -> Toolbox:
    return write_hello(tmp_path)


@pytest.fixture
def slow_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Put a `go` on PATH that notes each build in `builds` and goes on once `go-on` exists."""
    script = tmp_path / "path" / "go"
    script.parent.mkdir()
    script.write_text(SLOW_GO.format(folder=tmp_path, go=find_go("1.26.0").path))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    yield tmp_path
    (tmp_path / "go-on").touch()


@pytest.fixture
def start(tmp_path: Path) -> Generator[Callable[[str], subprocess.Popen[bytes]]]:
    """Return what starts a run of its own, its output in the file given."""
    started: list[subprocess.Popen[bytes]] = []

    def run(output: str) -> subprocess.Popen[bytes]:
        with (tmp_path / output).open("wb") as file:
            command = [sys.executable, "-c", RUN, str(tmp_path)]
            process = subprocess.Popen(command, cwd=REPOSITORY, stdout=file, stderr=file)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def wait_for(path: Path, pattern: str) -> re.Match[str]:
    """Return the first match of `pattern` in a file that is still being written."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = re.search(pattern, path.read_text()) if path.exists() else None
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{path.name} never held {pattern!r}")


def test_two_runs_at_once_build_once(
    toolbox: Toolbox, slow_go: Path, start: Callable[[str], subprocess.Popen[bytes]]
):
    first = start("first")
    wait_for(slow_go / "builds", r"\d+\n")
    second = start("second")
    waited = wait_for(slow_go / "second", r"waiting for another run .* \(pid (\d+)\)")
    assert int(waited[1]) == first.pid
    (slow_go / "go-on").touch()
    assert (first.wait(240), second.wait(240)) == (0, 0)
    assert len((slow_go / "builds").read_text().splitlines()) == 1
    assert "building" not in (slow_go / "second").read_text()
    assert toolbox.missing() == []


def test_a_killed_run_leaves_nothing_that_looks_finished(
    toolbox: Toolbox, slow_go: Path, start: Callable[[str], subprocess.Popen[bytes]]
):
    killed = start("killed")
    go = int(wait_for(slow_go / "builds", r"(\d+)\n")[1])
    for pid in (killed.pid, go):
        os.kill(pid, signal.SIGKILL)
    killed.wait()
    assert toolbox.missing() == ["hello"]
    assert not (slow_go / "tools/bin/hello").exists()
    (slow_go / "go-on").touch()
    ensure(toolbox)
    assert says(toolbox.tool("hello")) == "hello v1.2.3/1/2"
