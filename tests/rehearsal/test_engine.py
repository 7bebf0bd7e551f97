"""What the engine is given, what it leaves behind, and what it says while it works."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent
from rich.console import Console

from rehearsal.engine_environment import (
    PLUGINS,
    engine_environment,
    forget_own_settings,
    official_kubernetes_plugin,
)
from rehearsal.layout import Layout
from rehearsal.progress import INTENTIONS, VERBS, EngineProgress
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
    write(EngineState(layout).file, {"checkpoint": {"latest": None}})
    assert EngineState(layout).pending_operations() == []


def event(kind: str, content: dict[str, Any]) -> EngineEvent:
    document = {"sequence": 1, "timestamp": 1, kind: content}
    return EngineEvent.from_json(document)  # pyright: ignore[reportUnknownMemberType] - the SDK's dict


def step(op: str, name: str) -> EngineEvent:
    metadata = {"op": op, "urn": f"urn:pulumi:dev::p::t::{name}", "type": "t", "provider": ""}
    return event("resOutputsEvent", {"metadata": metadata})


def complaint(severity: str, message: str, urn: str = "") -> EngineEvent:
    told = {"message": message, "color": "never", "severity": severity, "urn": urn}
    return event("diagnosticEvent", told)


def heard(*events: EngineEvent, verbs: Any = VERBS) -> tuple[str, list[str]]:
    """Return what was printed to a pipe, and the errors that were kept."""
    out = io.StringIO()
    progress = EngineProgress(Console(file=out, width=200), "up", verbs)
    with progress:
        for event in events:
            progress.on_event(event)
    return out.getvalue(), progress.errors


def test_each_resource_counts_once():
    said, _ = heard(step("create", "a"), step("create", "a"), step("create", "b"))
    assert said.splitlines()[-1] == "up: 2 created (0 s)"


def test_a_replacement_counts_once():
    said, _ = heard(*(step(op, "a") for op in ("create-replacement", "replace", "delete-replaced")))
    assert said.splitlines()[-1] == "up: 1 replaced (0 s)"


def test_an_update_that_does_nothing_says_so():
    said, _ = heard(step("same", "a"), step("same", "b"))
    assert said.splitlines()[-1] == "up: nothing changed (0 s)"


def test_a_preview_speaks_of_what_would_be():
    said, _ = heard(step("create", "a"), step("same", "b"), verbs=INTENTIONS)
    assert said.splitlines()[-1] == "up: 1 to create, 1 unchanged (0 s)"


def test_an_error_names_its_resource_once_and_the_engines_summary_is_no_news():
    urn = "urn:pulumi:dev::p::aws:ec2/vpc:Vpc::network-vpc"
    stack = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
    _, errors = heard(
        complaint("error", "<{%reset%}>no such thing<{%reset%}>\n", urn),
        complaint("error", "no such thing", urn),
        complaint("error", "refused: 1 finding", stack),
        complaint("error", "update failed", stack),
    )
    assert errors == ["network-vpc: no such thing", "refused: 1 finding"]


def test_a_warning_is_passed_on_but_not_that_of_our_plugins():
    said, errors = heard(
        complaint("warning", "using pulumi-resource-aws from $PATH at x"),
        complaint("warning", "[a] budget is tight"),
    )
    assert said.splitlines()[1] == "mind [a] budget is tight"
    assert "using pulumi-resource" not in said
    assert errors == []
