"""`__main__` under the real engine, and the commands that refuse before it starts."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from pulumi import automation as auto
from pulumi.automation.events import EngineEvent
from rich.console import Console

from rehearsal.engine import Engine, EngineError
from rehearsal.engine_environment import engine_environment
from rehearsal.layout import REPOSITORY, TOOLS, Layout
from rehearsal.program import run_program
from rehearsal.progress import EngineProgress
from rehearsal.project import write_project
from settings.environment import PLATFORM_KEY
from settings.files import read_config
from tests.rehearsal.rehearsed import Rehearsed, rehearsed

MISTAKES = (
    "network.natt",
    "models.qwen3-8b.context",
    "models.qwen2-5-7b.pool",
    "models.lone",
    "budget.gpus",
)
"""Unknown key, wrong type, missing pool, more GPUs than any instance has, budget exceeded."""


def spoil(platform: dict[str, Any]) -> None:
    platform["network"]["natt"] = "single"
    platform["models"]["qwen3-8b"]["context"] = "long"
    platform["models"]["qwen2-5-7b"]["pool"] = "h900"
    platform["models"]["lone"] = platform["models"]["qwen3-8b"] | {"gpus": 8, "context": 8192}
    platform["budget"]["gpus"] = 1


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Rehearsed]:
    with rehearsed(tmp_path, "program") as found:
        yield found


@pytest.fixture
def wrong(stack: Rehearsed) -> Rehearsed:
    stack.edit(spoil)
    return stack


def assert_refused(said: str) -> None:
    for path in MISTAKES:
        assert path in said, path
    assert said.count("fix: ") >= len(MISTAKES)
    assert "Traceback" not in said


def test_five_mistakes_are_refused_at_once_before_anything_starts(wrong: Rehearsed):
    done = wrong.run("up")
    assert done.status == 1
    assert_refused(done.said)
    assert not wrong.layout.root.exists()
    assert wrong.processes() == {}


def test_make_rehearse_refuses_them_too(wrong: Rehearsed):
    done = subprocess.run(
        ["make", "--silent", "rehearse", f"STACK={wrong.file}"],
        cwd=REPOSITORY,
        env=wrong.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Error 1" in done.stderr
    assert_refused(done.stderr)
    assert not wrong.layout.root.exists()


def run_plainly(layout: Layout, config: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Preview the program as plain `pulumi` would; return what it said, and what it registered."""
    write_project(layout, dict(config))
    registered: list[str] = []
    progress = EngineProgress(Console(quiet=True), "preview")

    def on_event(event: EngineEvent) -> None:
        progress.on_event(event)
        if event.resource_pre_event is not None:
            registered.append(event.resource_pre_event.metadata.type)

    workspace = auto.LocalWorkspace(
        work_dir=str(layout.project),
        pulumi_command=auto.PulumiCommand(root=str(TOOLS), skip_version_check=True),
        program=run_program,
        env_vars=engine_environment(layout),
    )
    stack = auto.Stack.create(layout.stack, workspace)
    with pytest.raises(auto.CommandError) as refused:
        stack.preview(on_event=on_event)
    return "\n".join([*progress.errors, str(refused.value)]), registered


def test_the_program_itself_refuses_them_all_and_registers_nothing(wrong: Rehearsed):
    config = yaml.safe_load(wrong.file.read_text())["config"]
    said, registered = run_plainly(wrong.layout, config)
    for path in MISTAKES:
        assert path in said, path
    assert "Traceback" not in said
    assert set(registered) <= {"pulumi:pulumi:Stack"}


def test_a_missing_secret_is_a_finding_with_the_command_that_sets_it(stack: Rehearsed):
    said, registered = run_plainly(stack.layout, read_config(stack.file))
    assert "llm-platform:litellmMasterKey: is not set" in said
    assert "pulumi config set --secret llm-platform:litellmMasterKey" in said
    assert "pulumi config set --secret llm-platform:litellmSaltKey" in said
    assert "Traceback" not in said
    assert set(registered) <= {"pulumi:pulumi:Stack"}


def test_a_first_preview_shows_the_whole_plan_and_starts_nothing(tmp_path: Path):
    with rehearsed(tmp_path, "first", "prod") as stack:
        children = set(psutil.Process().children(recursive=True))
        done = stack.run("preview")
        assert done.status == 0, done.said
        assert "aws:eks/cluster:Cluster cluster-control-plane" in done.said
        assert "kubernetes:apps/v1:Deployment qwen3-8b-deployment" in done.said
        models = yaml.safe_load(stack.file.read_text())["config"][PLATFORM_KEY]["models"]
        sets = sum(2 if "prefill" in entry else 1 for entry in models.values())
        assert done.said.count("kubernetes:keda.sh/v1alpha1:ScaledObject") == sets
        assert "Traceback" not in done.said
        assert stack.processes() == {}
        assert set(psutil.Process().children(recursive=True)) == children
        assert not stack.layout.control_plane.exists()
        assert [path for path in stack.home.rglob("*") if path.is_file()] == []


def test_the_engines_refusal_has_no_traceback(stack: Rehearsed):
    write_project(stack.layout, read_config(stack.file))
    (stack.layout.project / "Pulumi.yaml").write_text("name: [")
    with pytest.raises(EngineError) as refused:
        Engine(stack.layout, print).preview(lambda _: None)
    assert "Traceback" not in str(refused.value)
    assert "Pulumi.yaml" in str(refused.value)
