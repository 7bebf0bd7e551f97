"""A stack of its own, driven by its commands as a person would: in processes, by exit status."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import yaml

from rehearsal.control_plane import Connection, ControlPlane
from rehearsal.layout import REPOSITORY, Layout
from rehearsal.recovery import EngineState
from settings.environment import PLATFORM_KEY
from tests.rehearsal.commands import Command, begin
from tests.rehearsal.conftest import Kubectl, eventually

COMMAND_SECONDS = 240.0


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    status: int
    output: str
    errors: str

    @property
    def said(self) -> str:
        """Return all that it said, without the line breaks of a narrow terminal."""
        return " ".join(f"{self.output}\n{self.errors}".split())


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal of an environment file that lies in a folder of the test."""

    layout: Layout
    file: Path
    home: Path
    begun: list[Command] = field(default_factory=list[Command], repr=False)

    @property
    def state(self) -> EngineState:
        """Return the engine's state."""
        return EngineState(self.layout)

    @property
    def environment(self) -> dict[str, str]:
        """Return variables without anything of AWS, Pulumi or a `make`; HOME is empty."""
        foreign = ("AWS_", "PULUMI_", "KUBECONFIG", "MAKE", "MFLAGS")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {"HOME": str(self.home), "COLUMNS": "200"}

    def begin(self, command: str, *arguments: str, stack: str = "") -> Command:
        """Start `python -m rehearsal <command>`, in a process group of its own."""
        words = [command, "--stack", stack or str(self.file), *arguments]
        begun = begin(words, self.environment, self.home.parent)
        self.begun.append(begun)
        return begun

    def run(self, command: str, *arguments: str, stack: str = "") -> Done:
        """Run `python -m rehearsal <command>` to its end."""
        return ended(self.begin(command, *arguments, stack=stack))

    @cached_property
    def exports(self) -> str:
        """Return what docs/rehearsal.md tells a person to `eval`."""
        done = self.run("env")
        assert done.status == 0, done.said
        return done.output

    def tool(self, *command: str, given: str = "") -> str:
        """Return the output of a plain command in the project folder, as docs/rehearsal.md says."""
        script = f'{self.exports}cd {self.layout.project} && exec "$@"'
        done = subprocess.run(
            ["bash", "-c", script, "bash", *command],
            cwd=REPOSITORY,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change `llm-platform:platform` of the environment file."""
        document: dict[str, Any] = yaml.safe_load(self.file.read_text())
        change(document["config"][PLATFORM_KEY])
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))

    def connection(self) -> Connection:
        """Return how to reach the rehearsal's control plane."""
        connection = ControlPlane(self.layout).connection()
        assert connection is not None
        return connection

    def kubectl(self) -> Kubectl:
        """Return kubectl for the rehearsal's control plane."""
        return Kubectl(self.connection().kubeconfig)

    def processes(self) -> dict[int, str]:
        """Return the processes that name the stack or its folder, or serve it as a plugin."""
        found = {each.pid: "a command" for each in self.begun if each.poll() is None}
        for process in psutil.process_iter(["pid", "cmdline"]):
            try:
                named = " ".join(process.info["cmdline"] or ())
                variables = process.environ() if "rehearsal.providers" in named else {}
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            if self.layout.stack in f"{named} {' '.join(variables.values())}":
                found[process.pid] = named
        return found


def ended(command: Command) -> Done:
    """Wait for a command and return what became of it."""
    output, errors = command.communicate(COMMAND_SECONDS)
    assert command.returncode is not None
    return Done(command.returncode, output, errors)


@contextmanager
def rehearsed(folder: Path, label: str, environment: str = "dev") -> Generator[Rehearsed]:
    """Yield a rehearsal of a copy of an environment file of the checkout; nothing stays of it."""
    stack = f"test-{label}-{os.getpid()}"
    file = folder / f"Pulumi.{stack}.yaml"
    shutil.copy(REPOSITORY / f"Pulumi.{environment}.yaml", file)
    home = folder / f"home-{stack}"
    home.mkdir()
    found = Rehearsed(Layout.of(stack), file, home)
    try:
        yield found
    finally:
        eventually("every process is gone", lambda: not kill(found.processes()))
        shutil.rmtree(found.layout.root, ignore_errors=True)


def kill(pids: Iterable[int]) -> list[int]:
    """Kill the processes and return them; commands, so that they start no other, and the rest."""
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
    return list(pids)
