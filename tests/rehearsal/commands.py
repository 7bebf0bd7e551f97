"""Commands as processes of their own, without the seconds in which each imports the cloud SDKs.

Each is forked from a server that has imported them already (`multiprocessing`'s fork server), has
its own process group, environment and output, and ends with the status of `python -m rehearsal`.
What a command does from its first line on, `test_main_program` starts as a person does.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import mkdtemp

from rehearsal.layout import REPOSITORY

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.rehearsal.preloaded"])


@dataclass
class Command:
    """A running command; the part of `subprocess.Popen` that tests use."""

    process: ForkServerProcess
    folder: Path
    """Of what it writes."""

    @property
    def pid(self) -> int:
        """Return its id, which is also that of its process group."""
        assert self.process.pid is not None
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        """Return its status as `poll` does."""
        return self.poll()

    def poll(self) -> int | None:
        """Return its status, or None while it runs."""
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for its end and return what it wrote."""
        self.process.join(timeout)
        if self.process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.folder), timeout)
        return (self.folder / "output").read_text(), (self.folder / "errors").read_text()


def begin(arguments: list[str], environment: Mapping[str, str], folder: Path) -> Command:
    """Start `python -m rehearsal <arguments>`; what it writes is kept in `folder`."""
    folder = Path(mkdtemp(prefix="command-", dir=folder))
    process = SERVER.Process(target=_run, args=(arguments, dict(environment), folder))
    process.start()
    return Command(process, folder)


def _run(arguments: list[str], environment: dict[str, str], folder: Path) -> None:
    os.setsid()
    os.chdir(REPOSITORY)
    for number, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["rehearsal", *arguments]
    from rehearsal.__main__ import main

    main()
