"""What ends a command in the middle, and the moment for it."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import psutil
import pytest

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine
from tests.rehearsal.cluster_objects import lasting
from tests.rehearsal.commands import Command
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Done, Rehearsed, ended

Strike = Callable[[Command], None]


@dataclass(frozen=True)
class Interruptions:
    """What the commands that were struck said."""

    engine_killed: Done
    begun: int
    """Operations that the killed engine had begun."""
    ctrl_c: Done


@dataclass(frozen=True)
class Destroyed:
    """What a destroy that was struck said, and what was left when one was let through."""

    engine_killed: Done
    objects: set[str]
    """What the cluster held for good when the engine was done, and before it stopped."""
    resources: int
    """Of the simulated account, then."""
    recorded: bool
    """Whether the engine still had a state."""
    finished: Done
    """The command that ended what ran."""


def engine_of(command: Command) -> psutil.Process | None:
    """Return the engine that a command drives, once there is one."""
    try:
        children = psutil.Process(command.pid).children()
        return next((child for child in children if child.name() == "pulumi"), None)
    except psutil.NoSuchProcess:
        return None


def kill_the_engine(command: Command) -> None:
    """Kill the engine; the command that drives it lives."""
    engine = engine_of(command)
    assert engine is not None
    engine.kill()


def is_at_work(stack: Rehearsed, count: int) -> bool:
    """Return whether so many resources are made, and more is begun."""
    return len(stack.state.resources()) >= count and bool(stack.state.pending_operations())


def is_held_at_work(stack: Rehearsed, count: int, command: Command) -> bool:
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


def kill_the_command(command: Command) -> None:
    """Kill the command that runs the program; its engine is left alone."""
    command.kill()


def press_ctrl_c(command: Command) -> None:
    """Send what a terminal sends: to the command, its engine and its plugins."""
    os.killpg(command.pid, signal.SIGINT)


def struck(stack: Rehearsed, command: str, when: Callable[[Command], bool], strike: Strike) -> Done:
    """Begin a command, strike at a moment, and wait for its end."""
    begun = stack.begin(command)
    eventually("it is in the middle", lambda: begun.poll() is not None or when(begun), 120, 0.02)
    if begun.returncode is not None:
        pytest.fail(f"{command} ended before it was struck: {ended(begun).said}")
    strike(begun)
    return ended(begun)


def interrupted_up(stack: Rehearsed) -> Interruptions:
    """Strike an `up` at three points: kill the engine, kill the command, and press Ctrl-C."""

    def after(count: int) -> Callable[[Command], bool]:
        return lambda _: is_at_work(stack, count)

    engine_killed = struck(stack, "up", partial(is_held_at_work, stack, 10), kill_the_engine)
    begun = len(stack.state.pending_operations())
    struck(stack, "up", after(60), kill_the_command)
    eventually("its engine ended", lambda: stack.state.holder() is None)
    return Interruptions(engine_killed, begun, struck(stack, "up", after(110), press_ctrl_c))


def interrupted_destroy(stack: Rehearsed) -> Destroyed:
    """Kill the engine of a `destroy`, then the command of another; the next one ends well.

    Its two halves are called apart, with a look at what is left before the cluster is gone.
    """
    state = stack.state

    def down_to(count: int) -> Callable[[Command], bool]:
        return lambda _: len(state.resources()) <= count

    engine_killed = struck(stack, "destroy", down_to(125), kill_the_engine)
    # The last sixty go in two seconds, in which an engine without its command may still work.
    struck(stack, "destroy", down_to(105), kill_the_command)
    assert state.resources(), "there was nothing to interrupt"
    Engine(stack.layout, print).destroy(lambda _: None)
    objects, resources = lasting(stack.connection()), len(Cloud(stack.layout.cloud).all())
    recorded = state.file.exists()
    return Destroyed(engine_killed, objects, resources, recorded, stack.run("destroy"))
