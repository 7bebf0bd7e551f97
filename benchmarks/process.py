"""A measured process: started anew, timed from outside, ended with everything it started."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import psutil

from rehearsal.layout import REPOSITORY

END_SECONDS: Final = 15.0
"""Most that an interrupted engine may take to finish what it has begun."""
POLL_SECONDS: Final = 0.05
ENDED: Final = "ended"
"""The moment at which the process was gone."""


class BenchmarkError(Exception):
    """A measured process failed; the message is what it said."""


@dataclass(frozen=True)
class Run:
    """One run of a measured process."""

    moments: Mapping[str, float]
    """Seconds since its start, by name and in order; the last is `ended`."""
    operations: Mapping[str, int]
    """What the engine did, by kind."""

    @property
    def seconds(self) -> float:
        """Return how long it took, from its start to its end."""
        return self.moments[ENDED]

    @property
    def resources(self) -> int:
        """Return how many resources the engine answered for."""
        return sum(self.operations.values())

    def between(self, first: str | None, second: str) -> float:
        """Return the seconds from one moment to another; None is the start."""
        return self.moments[second] - (0.0 if first is None else self.moments[first])


def measure(module: str, arguments: Sequence[str]) -> Run:
    """Run a module that tells its marks, in a fresh interpreter.

    Raises:
        BenchmarkError: it failed.
    """
    begun = time.time()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that it can be ended with its engine
    ) as process:
        try:
            said, complained = process.communicate()
        except BaseException:
            _end(process)
            raise
    ended = time.time()
    if process.returncode:
        raise BenchmarkError(f"{module} {' '.join(arguments)}: {complained.strip() or said}")
    told = json.loads(said.splitlines()[-1])
    moments = {**told["moments"], ENDED: ended}
    return Run(
        moments={name: moment - begun for name, moment in moments.items()},
        operations=told["operations"],
    )


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and the engine that it started, and wait until both are gone.

    What has a session of its own, as a control plane has, is for the sandbox to end.
    """
    offspring = psutil.Process(process.pid).children(recursive=True)
    started = [child for child in offspring if _session(child) == process.pid]
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    deadline = time.monotonic() + END_SECONDS
    while any(map(_runs, started)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for child in filter(_runs, started):
        child.kill()


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
