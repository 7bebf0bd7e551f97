"""What ends a command in the middle, and the moment for it."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

import psutil
import pytest

from tests.rehearsal.commands import Command
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Done, Rehearsed, ended

Strike = Callable[[Command], None]


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
