"""One background process: what it runs, what proves that it is ours, how it ends.

A process is known by its id and its creation time: an id alone may be another program's by now.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
from pydantic import BaseModel, ConfigDict

from rehearsal.control_plane.errors import ControlPlaneError

GRACE_SECONDS = 10.0
"""How long a process has to end after TERM, before KILL."""

POLL_SECONDS = 0.02

CLOCK_SECONDS = 2.0
"""How far two readings of one creation time differ, as the kernel corrects when it booted."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Program:
    """What one background process runs; some argument names the folder of its supervisor."""

    name: str
    command: tuple[str, ...]
    """Absolute path of the tool, and its arguments."""
    configuration: tuple[Path, ...] = ()
    """Files that the tool reads once, when it starts."""

    def fingerprint(self) -> str:
        """Return a hash of tool, arguments and configuration: another one needs a new process."""
        tool = Path(self.command[0]).stat()
        parts = [*self.command, str(tool.st_size), str(tool.st_mtime_ns)]
        digest = hashlib.sha256("\0".join(parts).encode())
        for path in self.configuration:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


class Record(BaseModel):
    """What proves that a process is ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    create_time: float
    """Seconds since the epoch, as psutil gives it."""
    fingerprint: str


def alive(record: Record) -> psutil.Process | None:
    """Return the process of `record`, or None when it ended, or its id is another's by now."""
    try:
        process = psutil.Process(record.pid)
        created = process.create_time()
    except psutil.NoSuchProcess:
        return None
    same = abs(created - record.create_time) < CLOCK_SECONDS
    return process if same and not has_ended(process) else None


def has_ended(process: psutil.Process) -> bool:
    """Return whether no thread of `process` runs any more; its exit status may be unread."""
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return not process.is_running()
        if process.num_threads() > 1:
            return False  # Its first thread is gone, others still hold its ports.
        process.wait(timeout=0)  # Takes the exit status, if it is a child of ours.
    except (psutil.NoSuchProcess, psutil.TimeoutExpired):
        return True
    return True


def end(processes: Sequence[psutil.Process]) -> None:
    """End `processes`: TERM to all, KILL to those that are left after 10 s, and wait.

    Raises:
        ControlPlaneError: one of them cannot be ended.
    """
    for process in processes:
        ask(process.terminate)
    for process in _wait(processes):
        ask(process.kill)
    if left := _wait(processes):
        raise ControlPlaneError(f"cannot end process {', '.join(str(each.pid) for each in left)}")


def _wait(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Wait for `processes` to end, and return those that did not within 10 s."""
    deadline = time.monotonic() + GRACE_SECONDS
    while left := [process for process in processes if not has_ended(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return left


def ask(question: Callable[[], T]) -> T | None:
    """Return the answer about a process, or None when it ended or is another user's."""
    try:
        return question()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
