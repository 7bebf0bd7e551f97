"""`python -m planning`, as a person and as a script use it."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from planning.__main__ import app
from planning.plan import Plan, Refusal
from tests.documents import ENVIRONMENT_FILES, REPOSITORY, config

WRONG = {"models.chat.gpus": 16, "models.tiny.pool": "h100", "network.natt": "single"}
PATHS = ["models.chat.gpus", "models.tiny.pool", "network.natt"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def written(folder: Path, changes: Mapping[str, Any]) -> str:
    file = folder / "Pulumi.dev.yaml"
    file.write_text(yaml.safe_dump({"config": config(changes)}), "utf-8")
    return str(file)


@pytest.mark.parametrize("file", ENVIRONMENT_FILES, ids=lambda file: file.name)
def test_an_environment_file_is_shown_as_tables(file: Path):
    done = run(str(file))
    assert (done.exit_code, done.stderr) == (0, "")
    for title in ("GPU pools", "model services", "cost per month", "floor and ceiling"):
        assert title in done.stdout


@pytest.mark.parametrize("file", ENVIRONMENT_FILES, ids=lambda file: file.name)
def test_json_is_the_plan_with_money_as_numbers(file: Path):
    done = run(str(file), "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed.keys() == Plan.model_fields.keys()
    assert isinstance(printed["cost"]["floor_usd_per_month"], float)
    assert "refused" not in printed
    again = Plan.model_validate(printed)
    assert json.loads(again.model_dump_json()) == printed


def test_json_is_the_same_text_each_time():
    assert (
        run(str(ENVIRONMENT_FILES[0]), "--json").stdout
        == run(str(ENVIRONMENT_FILES[0]), "--json").stdout
    )


def test_a_refused_file_gives_every_finding_on_the_error_stream_and_exit_1(tmp_path: Path):
    done = run(written(tmp_path, WRONG))
    assert (done.exit_code, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "refused: 3 findings, nothing was changed"
    assert [line.strip().split(":")[0] for line in lines if line.startswith("  ")][::2] == PATHS
    assert "fix: did you mean `nat`?" in done.stderr


def test_a_refusal_as_json_is_typed_too(tmp_path: Path):
    done = run(written(tmp_path, WRONG), "--json")
    assert (done.exit_code, done.stderr) == (1, "")
    refusal = Refusal.model_validate_json(done.stdout)
    assert [finding.path for finding in refusal.findings] == PATHS
    assert json.loads(done.stdout).keys() == {"refused", "findings"}


def test_a_file_that_is_not_there_is_refused_like_any_other(tmp_path: Path):
    done = run(str(tmp_path / "Pulumi.none.yaml"))
    assert done.exit_code == 1
    assert "Pulumi.none.yaml: cannot be read: No such file or directory" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["a.yaml", "b.yaml"], ["a.yaml", "--jsn"]])
def test_wrong_usage_says_how_to_use_it(arguments: list[str]):
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage:" in done.stderr


@pytest.mark.parametrize("content", ["{", "config: {'llm-platform:platform': [1]}", "\x00"])
def test_a_wrong_file_is_refused_from_the_shell_without_a_traceback(tmp_path: Path, content: str):
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(content, "utf-8")
    command = [sys.executable, "-m", "planning", str(file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("refused: ")
    assert "Traceback" not in done.stderr


def test_the_page_on_json_names_every_key_and_no_other():
    page = (REPOSITORY / "docs" / "plan-json.md").read_text("utf-8")
    table = page.split("## Exit 1")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {key.split(".")[0] for key in re.findall(r"`([a-z_.]+)", " ".join(first_cells))}
    assert named == Plan.model_fields.keys()
