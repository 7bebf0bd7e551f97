"""What the engine's side leaves out, and what it does meanwhile."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi import automation as auto

from rehearsal import program
from rehearsal.engine_calls import BriefWorkspace, BuiltPulumi
from rehearsal.layout import REPOSITORY, TOOLS

LOADS_AHEAD = """
import sys
from rehearsal.program import IMPORTS, load_ahead
thread = load_ahead()
thread.join()
assert IMPORTS in sys.modules and "pulumi_aws" in sys.modules
"""


def test_the_version_is_that_of_the_built_program():
    built = BuiltPulumi()
    said = subprocess.check_output([TOOLS / "bin" / "pulumi", "version"], text=True).strip()
    assert f"v{built.version}" == said


def test_choosing_a_stack_and_its_outputs_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def called(*arguments: object) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(auto.PulumiCommand, "run", called)
    workspace = BriefWorkspace(work_dir=str(tmp_path), pulumi_command=BuiltPulumi())
    stack = auto.Stack.select("dev", workspace)
    assert (stack.name, stack.outputs()) == ("dev", {})


def test_what_the_program_imports_is_there_before_it_runs():
    done = subprocess.run(
        [sys.executable, "-c", LOADS_AHEAD], cwd=REPOSITORY, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_error_of_the_program_is_left_to_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(program, "IMPORTS", "stacks.that_nobody_wrote")
    program.load_ahead().join()
    assert gc.isenabled()
    assert capsys.readouterr().err == ""
