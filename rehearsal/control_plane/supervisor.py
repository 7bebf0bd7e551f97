"""Background processes that outlive the command that started them, and are never lost."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.control_plane.files import private_folder, write_private
from rehearsal.control_plane.processes import Program, Record, alive, ask, end
from rehearsal.go_runtime import GO_RUNTIME

TAIL_LINES = 10


@dataclass(frozen=True)
class Supervisor:
    """The processes recorded in `folder`, with their output in `logs`."""

    folder: Path
    logs: Path

    def running(self, name: str) -> psutil.Process | None:
        """Return the living process recorded as `name`, if it is still the one we started."""
        record = self._record(name)
        return None if record is None else alive(record)

    def is_current(self, program: Program) -> bool:
        """Return whether `program` runs, with the tool and configuration of today."""
        record = self._record(program.name)
        if record is None or alive(record) is None:
            return False
        try:
            return record.fingerprint == program.fingerprint()
        except FileNotFoundError:
            return False

    def start(self, program: Program) -> None:
        """Start `program` in a session of its own, so that it outlives us, and record it.

        Its output goes to `logs/<name>.log`; the log of the process before it stays beside that.

        Raises:
            ControlPlaneError: the tool cannot be executed.
        """
        private_folder(self.logs)
        log = self.log(program.name)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        # A small environment: a proxy, a KUBECONFIG or a configuration in HOME is not ours to obey.
        environment = {"PATH": os.defpath, "HOME": str(self.folder), **GO_RUNTIME}
        output = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        silence = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        try:
            pid = os.posix_spawn(
                program.command[0],
                program.command,
                environment,
                file_actions=[silence, output, (os.POSIX_SPAWN_DUP2, 1, 2)],
                setsid=True,
            )
        except OSError as error:
            raise ControlPlaneError(
                f"{program.name} cannot be executed ({error.strerror}): {program.command[0]}"
            ) from error
        self._remember(program, pid)

    def end(self, names: Sequence[str]) -> None:
        """End the processes recorded as `names`: TERM to all, KILL after 10 s, wait, forget."""
        end([process for name in names if (process := self.running(name))])
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def end_strays(self, tools: Mapping[str, Path]) -> None:
        """End what runs one of `tools` (name -> path) for this folder, and is not recorded.

        A run that died between start and record left it. It is ours beyond doubt: our tool, with
        our folder in its arguments.
        """
        recorded = {process.pid for name in tools if (process := self.running(name))}
        paths = {str(path) for path in tools.values()}
        found = [process for process in psutil.process_iter() if process.pid not in recorded]
        end([process for process in found if self._is_of_this_folder(process, paths)])

    def end_copies(self, name: str, command: Sequence[str]) -> None:
        """End what runs exactly `command` by way of `env`, and is not the one recorded as `name`.

        For a program that an interpreter runs: its tool is not ours alone.
        """
        recorded = self.running(name)
        # `env` has become what it was given: the interpreter and its arguments.
        ours = list(command[2:])
        found = [process for process in psutil.process_iter() if ask(process.cmdline) == ours]
        end([process for process in found if process != recorded])

    def log(self, name: str) -> Path:
        """Return the file with the output of the process called `name`."""
        return self.logs / f"{name}.log"

    def tail(self, name: str) -> str:
        """Return where the log of `name` is, and its last 10 lines."""
        log = self.log(name)
        lines = (
            log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        )
        return "\n  ".join([f"last lines of {log}:", *(lines[-TAIL_LINES:] or ["(empty)"])])

    def _remember(self, program: Program, pid: int) -> None:
        try:
            create_time = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return  # It is gone already: who waits for it finds no record, and tells so.
        record = Record(pid=pid, create_time=create_time, fingerprint=program.fingerprint())
        private_folder(self.folder)
        write_private(self._path(program.name), record.model_dump_json() + "\n")

    def _record(self, name: str) -> Record | None:
        path = self._path(name)
        if not path.exists():
            return None
        return Record.model_validate_json(path.read_text(encoding="utf-8"))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.process.json"

    def _is_of_this_folder(self, process: psutil.Process, tools: set[str]) -> bool:
        command = ask(process.cmdline) or [""]
        return command[0] in tools and any(f"{self.folder}/" in part for part in command[1:])
