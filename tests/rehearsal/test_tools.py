"""A tool is built once, whole, and again when its pins change or it is damaged."""

import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rehearsal.tools import __main__ as cli
from rehearsal.tools.recipes import ToolError
from rehearsal.tools.toolbox import Toolbox
from tests.rehearsal.hello import GO_MOD, ensure, says, write_hello


@pytest.fixture
def toolbox(tmp_path: Path) -> Toolbox:
    return write_hello(tmp_path)


def test_a_program_is_built_from_the_version_in_go_mod(toolbox: Toolbox):
    said = ensure(toolbox)
    assert said.splitlines()[0] == "hello: building, 1 left of 1"
    assert re.search(r"^hello: built in \d+s, 0 left of 1$", said, re.MULTILINE)
    assert says(toolbox.tool("hello")) == "hello v1.2.3/1/2"
    assert (toolbox.shared("hello-crds") / "one.yaml").read_text() == "kind: One\n"


def test_a_second_run_says_nothing_builds_nothing_and_needs_no_go(
    toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ensure(toolbox)
    before = toolbox.tool("hello").stat()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert ensure(toolbox) == ""
    assert toolbox.tool("hello").stat().st_mtime_ns == before.st_mtime_ns


def test_another_pin_is_another_program(toolbox: Toolbox, tmp_path: Path):
    ensure(toolbox)
    pins = tmp_path / "modules/hello/go.mod"
    pins.write_text(GO_MOD.replace("v1.2.3", "v1.3.0"))
    assert toolbox.missing() == ["hello"]
    ensure(toolbox)
    assert says(toolbox.tool("hello")) == "hello v1.3.0/1/3"


@pytest.mark.parametrize(
    "damage", ["no program", "half a program", "no stamp", "half a stamp", "no crds"]
)
def test_what_is_not_whole_is_built_again(toolbox: Toolbox, tmp_path: Path, damage: str):
    ensure(toolbox)
    program, stamp = tmp_path / "tools/bin/hello", tmp_path / "tools/stamps/hello.json"
    match damage:
        case "no program":
            program.unlink()
        case "half a program":
            program.write_bytes(program.read_bytes()[:1000])
        case "no stamp":
            stamp.unlink()
        case "half a stamp":
            stamp.write_text(stamp.read_text()[:20])
        case _:
            (tmp_path / "tools/share/hello-crds").rename(tmp_path / "elsewhere")
    assert toolbox.missing() == ["hello"]
    ensure(toolbox)
    assert toolbox.missing() == []
    assert says(program) == "hello v1.2.3/1/2"


def test_a_failed_build_leaves_no_program_and_says_why(toolbox: Toolbox, tmp_path: Path):
    (tmp_path / "upstream/cmd/hello/main.go").write_text("package main\n\nfunc main() { oops() }\n")
    with pytest.raises(ToolError, match="undefined: oops") as refused:
        ensure(toolbox)
    assert str(refused.value).startswith("hello: go build failed.\n")
    assert str(tmp_path / "tools/logs/hello.log") in str(refused.value)
    assert toolbox.missing() == ["hello"]
    with pytest.raises(ToolError, match=r"hello is not built: run `python -m rehearsal\.tools`"):
        toolbox.tool("hello")


def test_check_lists_what_is_missing_and_builds_nothing(
    toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cli, "Toolbox", lambda: toolbox)
    asked = CliRunner().invoke(cli.app, ["--check"])
    assert (asked.exit_code, asked.output) == (1, "missing or outdated: hello\n")
    assert not (tmp_path / "tools").exists()
    assert CliRunner().invoke(cli.app).exit_code == 0
    assert CliRunner().invoke(cli.app, ["--check"]).exit_code == 0


def test_an_unknown_tool_is_refused_with_the_known_ones():
    with pytest.raises(ToolError, match="no tool is called kubelet; there are etcd, kwok"):
        Toolbox().tool("kubelet")
