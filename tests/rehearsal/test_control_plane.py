"""The control plane starts, survives what kills its parts, and leaves nothing."""

import json
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from rehearsal.control_plane import Connection, ControlPlane
from rehearsal.control_plane.programs import NAMES
from rehearsal.layout import REPOSITORY, Layout
from tests.rehearsal.conftest import Kubectl


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One whose first two starts are killed in the middle.

    Later it is killed, stopped and started again: a start mends it, as these tests show.
    """
    plane = ControlPlane(Layout(tmp_path_factory.mktemp("rehearsal") / "own"))
    try:
        for moment in ("kube-apiserver", "kube-scheduler"):
            start_until(plane, moment)
        plane.start(silent)
        yield plane
    finally:
        plane.stop()


@pytest.fixture(scope="module")
def plane(started: ControlPlane) -> ControlPlane:
    return started


def pids(plane: ControlPlane) -> dict[str, int]:
    records = {name: plane.layout.control_plane / f"{name}.process.json" for name in NAMES}
    return {name: json.loads(path.read_text())["pid"] for name, path in records.items()}


def silent(_message: str) -> None:
    pass


def kill(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    process.wait(60)


def port_of(connection: Connection) -> int:
    return int(connection.endpoint.rpartition(":")[2])


def start_until(plane: ControlPlane, moment: str) -> None:
    """Let a process start `plane`, and kill it while it starts `moment`."""
    program = f"""
from pathlib import Path
from rehearsal.control_plane import ControlPlane
from rehearsal.layout import Layout
ControlPlane(Layout(Path({str(plane.layout.root)!r}))).start(lambda said: print(said, flush=True))
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert any(line.endswith(f"starting {moment}\n") for line in killed.stdout)
        killed.kill()


def test_starts_that_were_killed_in_the_middle_are_finished_by_the_next(started: ControlPlane):
    assert started.healthy()
    folder = f"{started.layout.control_plane}/"
    commands = {each.pid: each.info["cmdline"] for each in psutil.process_iter(["cmdline"])}
    ours = [pid for pid, command in commands.items() if folder in str(command)]
    assert sorted(ours) == sorted(pids(started).values())


def test_it_is_the_pinned_kubernetes_and_the_token_is_an_administrator(kubectl: Kubectl):
    version = json.loads(kubectl.run("version", "-o", "json"))
    assert version["serverVersion"]["gitVersion"].startswith("v1.36.")
    me = json.loads(kubectl.run("auth", "whoami", "-o", "json"))["status"]["userInfo"]
    assert me["username"] == "rehearsal-admin"
    assert "system:masters" in me["groups"]


def test_a_second_start_is_the_same_connection_and_starts_nothing(started: ControlPlane):
    before, said = pids(started), list[str]()
    assert started.start(said.append) == started.connection()
    assert (pids(started), said) == (before, [])
    assert started.healthy()


def test_what_holds_a_key_is_for_its_owner_only(started: ControlPlane):
    connection = started.connection()
    assert connection is not None
    assert connection.token not in repr(connection)
    folder = started.layout.control_plane
    for path in (started.layout.connection, connection.kubeconfig, *folder.glob("pki/*.key")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_every_socket_listens_on_loopback(started: ControlPlane):
    for name, pid in pids(started).items():
        sockets = psutil.Process(pid).net_connections(kind="inet")
        listening = [each.laddr for each in sockets if each.status == psutil.CONN_LISTEN]
        assert listening, name
        assert {address[0] for address in listening} == {"127.0.0.1"}, name


def test_a_killed_api_server_is_repaired_at_the_same_endpoint(plane: ControlPlane):
    connection, before = plane.start(silent), pids(plane)
    kill(before["kube-apiserver"])
    assert not plane.healthy()
    assert plane.start(silent) == connection
    assert plane.healthy()
    assert pids(plane)["etcd"] == before["etcd"]
    assert not {pid for pid in before.values() if psutil.pid_exists(pid)} - {before["etcd"]}


def test_after_a_crash_of_everything_it_starts_on_the_same_data(plane: ControlPlane):
    connection = plane.start(silent)
    kubectl = Kubectl(connection.kubeconfig)
    kubectl.run("create", "configmap", "kept", "--from-literal=key=value")
    for pid in pids(plane).values():
        kill(pid)
    assert plane.start(silent) == connection
    assert kubectl.get("configmap", "kept")["data"] == {"key": "value"}


def test_stop_leaves_no_process_and_no_port_and_two_starts_at_once_are_one_at_the_same_endpoint(
    plane: ControlPlane,
):
    connection, before = plane.start(silent), pids(plane)
    plane.stop()
    assert not [name for name, pid in before.items() if psutil.pid_exists(pid)]
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port_of(connection))) != 0
    assert plane.connection() is None
    assert not plane.healthy()
    plane.stop()
    said: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(plane.start, said.append) for _ in range(2)]
    assert both[0].result() == both[1].result() == connection
    assert said.count("control plane: starting etcd") == 1
    assert "control plane: another command works on stack own: waiting" in said


def test_a_port_that_a_stranger_took_is_replaced_and_said(plane: ControlPlane):
    old = port_of(plane.start(silent))
    plane.stop()
    said: list[str] = []
    with socket.create_server(("127.0.0.1", old)):
        new = port_of(plane.start(said.append))
    assert new != old
    taken = f"port {old} of kube-apiserver is taken by another program: using {new}"
    assert taken in said
    assert plane.healthy()


def test_a_process_that_was_started_but_not_recorded_is_not_left_behind(plane: ControlPlane):
    plane.start(silent)
    lost = pids(plane)["kwok"]
    (plane.layout.control_plane / "kwok.process.json").unlink()
    plane.start(silent)
    assert pids(plane)["kwok"] != lost
    assert not psutil.pid_exists(lost)
