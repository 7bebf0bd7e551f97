"""What the engine is given, and what it leaves behind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rehearsal.engine_environment import (
    PLUGINS,
    engine_environment,
    forget_own_settings,
    official_kubernetes_plugin,
)
from rehearsal.layout import Layout
from rehearsal.recovery import EngineState


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "dev")


def write(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def write_lock(layout: Layout, pid: int) -> Path:
    lock = layout.state / ".pulumi/locks/organization/llm-platform/dev/1.json"
    return write(lock, {"pid": pid})


def install_plugin(folder: Path) -> Path:
    plugin = folder / "pulumi-resource-kubernetes"
    folder.mkdir(parents=True)
    plugin.write_text("#!/bin/sh\n")
    plugin.chmod(0o755)
    return plugin


@pytest.fixture
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "own"))
    return tmp_path


def test_the_rehearsals_plugin_stands_in_where_the_official_one_is_missing(
    nothing_installed: Path, layout: Layout
):
    assert official_kubernetes_plugin() is None
    assert str(PLUGINS / "kubernetes") in engine_environment(layout)["PATH"].split(":")


def test_the_official_plugin_is_used_from_the_engines_folder_newest_first(
    nothing_installed: Path, layout: Layout
):
    for version in ("4.9.0", "4.34.2"):
        install_plugin(nothing_installed / "own/plugins" / f"resource-kubernetes-v{version}")
    found = official_kubernetes_plugin()
    assert found is not None
    assert found.parent.name == "resource-kubernetes-v4.34.2"
    folders = engine_environment(layout)["PATH"].split(":")
    assert str(found.parent) in folders
    assert str(PLUGINS / "kubernetes") not in folders


def test_the_stand_in_on_the_path_is_not_taken_for_the_official_plugin(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", f"{PLUGINS / 'kubernetes'}:{os.defpath}")
    assert official_kubernetes_plugin() is None
    plugin = install_plugin(nothing_installed / "bin")
    monkeypatch.setenv("PATH", f"{PLUGINS / 'kubernetes'}:{plugin.parent}")
    assert official_kubernetes_plugin() == plugin


def test_the_persons_own_settings_of_pulumi_are_not_obeyed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "environ", {"PULUMI_CONFIG_PASSPHRASE": "own", "PULUMI_HOME": "/p"})
    forget_own_settings()
    assert os.environ == {"PULUMI_HOME": "/p"}


def test_the_engine_writes_in_the_rehearsals_folder_alone(layout: Layout):
    variables = engine_environment(layout)
    for name in ("PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        assert str(layout.root) in variables[name], name


def test_the_lock_of_a_dead_engine_is_removed(layout: Layout):
    with subprocess.Popen([sys.executable, "-c", "pass"]) as dead:
        dead.wait()
    lock = write_lock(layout, dead.pid)
    assert EngineState(layout).free_lock(lambda _: None)
    assert not lock.exists()


def test_the_lock_of_an_engine_whose_id_is_anothers_by_now_is_removed(layout: Layout):
    lock = write_lock(layout, os.getpid())
    os.utime(lock, (1, 1))
    assert EngineState(layout).free_lock(lambda _: None)
    assert not lock.exists()


def test_the_lock_of_a_living_engine_is_waited_for_and_left(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("rehearsal.recovery.HOLDER_SECONDS", 0.0)
    lock, said = write_lock(layout, os.getpid()), list[str]()
    assert not EngineState(layout).free_lock(said.append)
    assert said == [f"waiting for the engine that works on dev (pid {os.getpid()})"]
    assert lock.exists()


def test_what_was_applied_last_is_the_last_update_not_a_later_preview_or_refresh(layout: Layout):
    history = layout.state / ".pulumi/history/llm-platform/dev"
    assert EngineState(layout).applied_config() is None
    write(history / "dev-1.history.json", {"kind": "update", "config": {"aws:region": "old"}})
    write(history / "dev-2.history.json", {"kind": "update", "config": {"aws:region": "new"}})
    write(history / "dev-3.history.json", {"kind": "refresh", "config": {"aws:region": "later"}})
    assert EngineState(layout).applied_config() == {"aws:region": "new"}


def test_a_state_without_resources_has_nothing_pending(layout: Layout):
    assert EngineState(layout).pending_operations() == []
    checkpoints: tuple[dict[str, Any], ...] = ({}, {"latest": None}, {"latest": {"resources": []}})
    for checkpoint in checkpoints:
        write(EngineState(layout).file, {"checkpoint": checkpoint})
        assert EngineState(layout).pending_operations() == []


def checkpoint(*names: str) -> dict[str, Any]:
    return {"checkpoint": {"latest": {"resources": [{"urn": name} for name in names]}}}


def test_a_checkpoint_whose_writing_was_cut_short_is_taken_from_its_backup(layout: Layout):
    state = EngineState(layout)
    write(state.file.with_name("dev.json.bak"), checkpoint("one"))
    state.file.write_text('{"checkpoint": {"lat')
    assert state.resources() == [{"urn": "one"}]
    assert state.free_lock(print)
    assert json.loads(state.file.read_text()) == checkpoint("one")


def test_a_backup_that_was_cut_short_leaves_the_checkpoint_alone(layout: Layout):
    state = EngineState(layout)
    write(state.file, checkpoint("one", "two"))
    state.file.with_name("dev.json.bak").write_text("")
    assert state.free_lock(print)
    assert len(state.resources()) == 2


def test_a_first_checkpoint_that_was_cut_short_is_begun_anew(layout: Layout):
    state = EngineState(layout)
    write(state.file, {}).write_text("")
    assert state.resources() == []
    assert state.free_lock(print)
    assert not state.file.exists()


def test_attributes_of_a_checkpoint_that_were_cut_short_are_removed_and_whole_ones_stay(
    layout: Layout,
):
    state = EngineState(layout)
    write(state.file, checkpoint("one"))
    cut_short = state.file.with_name("dev.json.attrs")
    cut_short.write_text("")
    whole = write(state.file.with_name("dev.json.bak.attrs"), {"md5": "HhSGKE1jnyAIBI12VkAQfA=="})
    assert state.free_lock(print)
    assert not cut_short.exists()
    assert whole.exists()
    assert state.resources() == [{"urn": "one"}]


def test_a_lock_whose_writing_was_cut_short_holds_nobody_up(layout: Layout):
    lock = write_lock(layout, 1)
    lock.write_text('{"pi')
    assert EngineState(layout).free_lock(print)
    assert not lock.exists()
