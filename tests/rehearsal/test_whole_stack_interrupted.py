"""Engines and commands that die in the middle: the next command goes on, and nothing is lost."""

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import Popen

import psutil
import pytest

from rehearsal.cloud import Cloud
from tests.rehearsal.cluster_objects import ours
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Done, Rehearsed, ended, rehearsed

Strike = Callable[[Popen[str]], None]


def engine_of(command: Popen[str]) -> psutil.Process | None:
    """Return the engine that a command drives, once there is one."""
    try:
        children = psutil.Process(command.pid).children()
        return next((child for child in children if child.name() == "pulumi"), None)
    except psutil.NoSuchProcess:
        return None


def kill_the_engine(command: Popen[str]) -> None:
    """Kill the engine; the command that drives it lives."""
    engine = engine_of(command)
    assert engine is not None
    engine.kill()


def is_at_work(stack: Rehearsed, count: int) -> bool:
    """Return whether so many resources are made, and more is begun."""
    return len(stack.state.resources()) >= count and bool(stack.state.pending_operations())


def is_held_at_work(stack: Rehearsed, count: int, command: Popen[str]) -> bool:
    """Stop the engine to look whether it is at work, and let it go on where it is not.

    What is seen of a stopped engine is what a kill leaves: nothing ends between look and kill.
    """
    engine = engine_of(command)
    if engine is None:
        return False
    with suppress(psutil.NoSuchProcess):
        engine.suspend()
        if is_at_work(stack, count):
            return True
        engine.resume()
    return False


def kill_the_command(command: Popen[str]) -> None:
    """Kill the command that runs the program; its engine is left alone."""
    command.kill()


def press_ctrl_c(command: Popen[str]) -> None:
    """Send what a terminal sends: to the command, its engine and its plugins."""
    os.killpg(command.pid, signal.SIGINT)


def struck(
    stack: Rehearsed, command: str, when: Callable[[Popen[str]], bool], strike: Strike
) -> Done:
    """Begin a command, strike at a moment, and wait for its end."""
    begun = stack.begin(command)
    eventually("it is in the middle", lambda: begun.poll() is not None or when(begun), 120, 0.02)
    if begun.returncode is not None:
        pytest.fail(f"{command} ended before it was struck: {ended(begun).said}")
    strike(begun)
    return ended(begun)


@dataclass(frozen=True)
class Interruptions:
    """What the commands that were struck said, and the one that was not."""

    engine_killed: Done
    command_killed: Done
    ctrl_c: Done
    finished: Done
    begun: tuple[int, int]
    """Operations that the killed engine, and that of the killed command, had begun."""
    report: dict[str, object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Rehearsed]:
    with rehearsed(folder, "cut") as found:
        yield found


@pytest.fixture(scope="module")
def up(stack: Rehearsed, folder: Path) -> Interruptions:
    """An `up` that was killed twice and interrupted once, at three points, and then let through."""
    report = folder / "report.json"

    def after(count: int) -> Callable[[Popen[str]], bool]:
        return lambda _: is_at_work(stack, count)

    engine_killed = struck(stack, "up", partial(is_held_at_work, stack, 10), kill_the_engine)
    first = len(stack.state.pending_operations())
    command_killed = struck(stack, "up", after(60), kill_the_command)
    eventually("its engine ended", lambda: stack.state.holder() is None)
    second = len(stack.state.pending_operations())
    ctrl_c = struck(stack, "up", after(110), press_ctrl_c)
    finished = stack.run("up", "--json", str(report))
    assert finished.status == 0, finished.said
    found = json.loads(report.read_text())
    return Interruptions(engine_killed, command_killed, ctrl_c, finished, (first, second), found)


def test_an_up_after_three_interruptions_converges(up: Interruptions):
    assert up.begun[0] > 0, "the engine was killed between two operations"
    assert up.report["agrees"] is True


def test_a_killed_engine_is_an_error_in_words(up: Interruptions):
    assert up.engine_killed.status == 1
    assert "Traceback" not in up.engine_killed.said


def test_ctrl_c_says_how_to_go_on(up: Interruptions, stack: Rehearsed):
    name = stack.layout.stack
    assert up.ctrl_c.status == 130
    assert f"interrupted; `make rehearse STACK={name}` goes on from here" in up.ctrl_c.said
    assert f"`make rehearse-down STACK={name}` removes it" in up.ctrl_c.said
    assert "Traceback" not in up.ctrl_c.said


def test_every_resource_of_the_account_is_in_the_state_once(up: Interruptions, stack: Rehearsed):
    made = Counter(resource.urn for resource in Cloud(stack.layout.cloud).all())
    recorded = {each["urn"] for each in stack.state.resources() if each["type"].startswith("aws:")}
    assert set(made.values()) == {1}
    assert made.keys() == recorded


def test_every_object_of_ours_is_in_the_state(up: Interruptions, stack: Rehearsed):
    recorded = {
        f"{each['type'].rpartition(':')[2]} {each['id']}"
        for each in stack.state.resources()
        if each["type"].startswith("kubernetes:")
    }
    found = ours(stack.kubectl())
    assert len(found) > 20
    assert found - recorded == set()


def test_nothing_is_pending_and_nothing_is_locked(up: Interruptions, stack: Rehearsed):
    assert stack.state.pending_operations() == []
    assert stack.state.holder() is None
    locks = stack.layout.state.rglob("locks/**/*.json")
    assert list(locks) == []


@pytest.fixture(scope="module")
def destroy(up: Interruptions, stack: Rehearsed) -> tuple[Done, Done, Done]:
    """A destroy of which the engine was killed, then the command, and then one let through."""

    def down_to(count: int) -> Callable[[Popen[str]], bool]:
        return lambda _: len(stack.state.resources()) <= count

    return (
        struck(stack, "destroy", down_to(125), kill_the_engine),
        struck(stack, "destroy", down_to(60), kill_the_command),
        stack.run("destroy"),
    )


def test_a_destroy_after_two_interruptions_leaves_nothing(
    destroy: tuple[Done, Done, Done], stack: Rehearsed
):
    killed, _, finished = destroy
    assert killed.status == 1
    assert "Traceback" not in killed.said
    assert finished.status == 0, finished.said
    assert finished.said.endswith("nothing is left")
    assert stack.processes() == {}
    assert not stack.layout.root.exists()
