"""A background process is ours only when its id and its creation time say so."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rehearsal.control_plane import ControlPlaneError, processes
from rehearsal.control_plane.processes import Program
from rehearsal.control_plane.supervisor import Supervisor
from tests.rehearsal.conftest import eventually

SHELL = shutil.which("sh") or ""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "records", tmp_path / "logs")
    yield supervisor
    supervisor.end(["worker"])


def worker(supervisor: Supervisor, script: str, *configuration: Path) -> Program:
    command = (SHELL, "-c", script, f"{supervisor.folder}/")
    return Program(name="worker", command=command, configuration=configuration)


def test_a_process_is_found_again_by_whoever_reads_its_record(supervisor: Supervisor):
    supervisor.start(worker(supervisor, "exec sleep 600"))
    found = Supervisor(supervisor.folder, supervisor.logs).running("worker")
    assert found is not None
    assert os.getsid(found.pid) == found.pid != os.getsid(0)
    supervisor.end(["worker"])
    assert supervisor.running("worker") is None
    assert not psutil.pid_exists(found.pid)


def test_a_process_that_ends_by_itself_is_not_running(supervisor: Supervisor):
    supervisor.start(worker(supervisor, "read line; exit 3"))
    process = psutil.Process(json.loads(record(supervisor).read_text())["pid"])
    process.wait(60)
    assert supervisor.running("worker") is None


def test_the_process_of_another_program_with_the_same_id_is_left_alone(supervisor: Supervisor):
    me = psutil.Process()
    supervisor.folder.mkdir()
    stale = {"pid": me.pid, "create_time": me.create_time() - 3600, "fingerprint": ""}
    record(supervisor).write_text(json.dumps(stale))
    assert supervisor.running("worker") is None
    supervisor.end(["worker"])
    assert me.is_running()


def test_a_process_without_a_record_is_ours_by_its_tool_and_folder(supervisor: Supervisor):
    other = Supervisor(supervisor.folder.with_name("others"), supervisor.logs)
    for each in (other, supervisor):
        script = "import time; time.sleep(600)"
        command = (sys.executable, "-c", script, f"{each.folder}/data")
        each.start(Program(name="worker", command=command))
    lost, kept = supervisor.running("worker"), other.running("worker")
    assert lost is not None
    record(supervisor).unlink()
    try:
        supervisor.end_strays({"worker": Path(sys.executable)})
        assert not psutil.pid_exists(lost.pid)
        assert other.running("worker") == kept
    finally:
        other.end(["worker"])


def test_a_process_that_ignores_term_is_killed(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.2)
    supervisor.start(worker(supervisor, "trap '' TERM; echo ready; while :; do sleep 1; done"))
    found = supervisor.running("worker")
    assert found is not None
    eventually("it ignores TERM", lambda: "ready" in supervisor.log("worker").read_text())
    supervisor.end(["worker"])
    assert not psutil.pid_exists(found.pid)


def test_another_configuration_or_command_is_another_process(
    supervisor: Supervisor, tmp_path: Path
):
    settings = tmp_path / "settings.yaml"
    settings.write_text("a: 1\n")
    program = worker(supervisor, "exec sleep 600", settings)
    supervisor.start(program)
    assert supervisor.is_current(program)
    assert not supervisor.is_current(worker(supervisor, "exec sleep 601", settings))
    settings.write_text("a: 2\n")
    assert not supervisor.is_current(program)
    settings.unlink()
    assert not supervisor.is_current(program)


def test_the_log_before_the_last_start_is_kept(supervisor: Supervisor):
    for word in ("first", "second"):
        supervisor.start(worker(supervisor, f"echo {word}; echo problem >&2"))
        if found := supervisor.running("worker"):
            found.wait(60)
    assert supervisor.log("worker").read_text() == "second\nproblem\n"
    assert (supervisor.logs / "worker.previous.log").read_text() == "first\nproblem\n"
    assert supervisor.tail("worker") == (
        f"last lines of {supervisor.log('worker')}:\n  second\n  problem"
    )


def test_a_tool_that_cannot_be_executed_is_named(supervisor: Supervisor, tmp_path: Path):
    tool = tmp_path / "tool"
    tool.write_text("")
    program = Program(name="worker", command=(str(tool),))
    with pytest.raises(ControlPlaneError) as error:
        supervisor.start(program)
    assert str(error.value) == f"worker cannot be executed (Permission denied): {tool}"


def record(supervisor: Supervisor) -> Path:
    return supervisor.folder / "worker.process.json"
