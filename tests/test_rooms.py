"""The rooms of the house: what each may import, and what it may ask of the machine."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PURE = ("catalog", "settings", "planning", "review")
PROGRAM = (*PURE, "components", "stacks", "rehearsal")
ROOMS = (*PROGRAM, "benchmarks", "tests")
LONGEST_FILE = 220
"""Lines: more is not one reading. Facts and generated tables are data."""
MAY_IMPORT: dict[str, set[str]] = {
    "catalog": set(),
    "settings": set(),
    "planning": {"catalog", "settings", "review"},
    "review": {"planning", "settings"},
    "components": {"planning", "settings", "catalog"},
    "stacks": {"components", "planning", "settings"},
    "rehearsal": {"catalog", "settings", "planning", "review"},
}
"""Arrows between rooms; `planning` asks `review` only for how its command prints a plan."""
MACHINE = {"os", "time", "socket", "subprocess", "requests", "urllib", "http", "random", "secrets"}
"""Modules that bring environment, clock, network or chance."""
CLOCK = {"now", "today", "utcnow"}
PROBE = """
import importlib, sys
for name in {modules}:
    importlib.import_module(name)
found = [name for name in sys.modules if name.startswith("pulumi")]
sys.exit(str(found) if found else 0)
"""


def files(room: str) -> list[Path]:
    return sorted((REPOSITORY / room).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write the room's name"
            yield node.module or ""


def named(file: Path) -> str:
    return str(file.relative_to(REPOSITORY))


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_is_imported_without_pulumi(room: str):
    modules = [
        ".".join(file.relative_to(REPOSITORY).with_suffix("").parts)
        for file in files(room)
        if file.stem != "__main__"
    ]
    assert modules
    probe = PROBE.format(modules=modules)
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("room", PURE)
def test_a_pure_room_asks_nothing_of_the_machine(room: str):
    # A refresh of the catalog is a command for people, and reads the files they name.
    for file in files(room):
        tree = ast.parse(file.read_text("utf-8"))
        assert not MACHINE & {name.partition(".")[0] for name in imported(file)}, named(file)
        asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not CLOCK & asked, named(file)
        assert not {"environ", "getenv"} & asked, named(file)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_between_rooms_point_down_the_list(room: str):
    for file in files(room):
        rooms = {name.partition(".")[0] for name in imported(file)} & {*ROOMS}
        assert rooms - {room} <= MAY_IMPORT[room], named(file)


def test_only_the_command_of_planning_knows_how_a_plan_is_printed():
    importers = {
        named(file)
        for file in files("planning")
        if any(name.startswith("review") for name in imported(file))
    }
    assert importers == {"planning/__main__.py"}


def test_the_program_never_imports_the_rehearsal():
    program = [REPOSITORY / "__main__.py", *(f for room in PROGRAM[:-1] for f in files(room))]
    for file in program:
        assert not any(name.startswith("rehearsal") for name in imported(file)), named(file)


@pytest.mark.parametrize("room", PROGRAM)
def test_a_file_of_the_program_fits_in_one_reading(room: str):
    long = {
        named(file): count
        for file in files(room)
        if (count := len(file.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}
