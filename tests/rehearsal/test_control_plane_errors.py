"""A control plane that cannot run says which part, why, and what to do."""

from pathlib import Path

import pytest

from rehearsal.control_plane import ControlPlane, ControlPlaneError, control_plane
from rehearsal.control_plane.programs import NAMES
from rehearsal.control_plane.site import Site
from rehearsal.layout import TOOLS, Layout


def silent(_message: str) -> None:
    pass


def test_an_api_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path):
    plane = ControlPlane(Layout(tmp_path / "broken"))
    plane.layout.control_plane.mkdir(parents=True)
    (plane.layout.control_plane / "tokens.csv").write_text("half-a-line\n")
    try:
        with pytest.raises(ControlPlaneError) as error:
            plane.start(silent)
    finally:
        plane.stop()
    first, *lines = str(error.value).splitlines()
    log = plane.layout.logs / "kube-apiserver.log"
    assert first == (
        f"kube-apiserver ended while the control plane was starting; last lines of {log}:"
    )
    assert "must have at least 3 columns" in "".join(lines)
    assert len(lines) <= 10


def test_an_api_server_that_hangs_is_named_after_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in NAMES:
        (tools / name).symlink_to(TOOLS / "bin" / name)
    (tools / "kube-apiserver").unlink()
    (tools / "kube-apiserver").write_text("#!/bin/sh\nexec sleep 600\n")
    (tools / "kube-apiserver").chmod(0o700)
    monkeypatch.setattr(control_plane, "READY_SECONDS", 8.0)
    plane = ControlPlane(Layout(tmp_path / "hung"), tools)
    try:
        with pytest.raises(ControlPlaneError, match=r"kube-apiserver was not ready after 8 s \("):
            plane.start(silent)
    finally:
        plane.stop()


def test_missing_tools_are_named_with_the_command_that_builds_them(tmp_path: Path):
    plane = ControlPlane(Layout(tmp_path / "stack"), tmp_path / "bin")
    with pytest.raises(ControlPlaneError) as error:
        plane.start(silent)
    assert str(error.value) == (
        f"etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok missing in "
        f"{tmp_path / 'bin'}: build the tools with `python -m rehearsal.tools`"
    )
    plane.stop()
    assert not plane.layout.root.exists()


def test_a_port_that_another_program_takes_meanwhile_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    taken = "kwok ended while the control plane was starting; log:\n  bind: address already in use"
    tries: list[Site] = []

    def bring_up(_plane: ControlPlane, site: Site, _progress: object) -> None:
        tries.append(site)
        if len(tries) < 3:
            raise ControlPlaneError(taken)

    monkeypatch.setattr(ControlPlane, "_bring_up", bring_up)
    said: list[str] = []
    ControlPlane(Layout(tmp_path / "crowded")).start(said.append)
    assert said == [f"{taken.splitlines()[0]}: a port was taken; trying others"] * 2
    monkeypatch.setattr(control_plane, "MOST_ATTEMPTS", 1)
    tries.clear()
    with pytest.raises(ControlPlaneError, match="address already in use"):
        ControlPlane(Layout(tmp_path / "full")).start(said.append)
