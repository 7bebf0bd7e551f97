"""What an engine that was killed leaves behind: its lock, and operations it had begun.

Source: the file backend of the engine, https://github.com/pulumi/pulumi/tree/master/pkg/backend/diy.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from rehearsal.layout import Layout
from settings.environment import PROJECT

HOLDER_SECONDS: Final = 30.0
"""How long an engine whose command was killed may take to notice it and end."""
POLL_SECONDS: Final = 0.1


@dataclass(frozen=True)
class EngineState:
    """The files of the engine's state of one stack."""

    layout: Layout

    @property
    def file(self) -> Path:
        """Return the checkpoint: every resource, and every operation that was begun."""
        return self._folder / "stacks" / PROJECT / f"{self.layout.stack}.json"

    def resources(self) -> list[dict[str, Any]]:
        """Return what the engine has made, as it recorded it."""
        return self._checkpoint().get("resources") or []

    def pending_operations(self) -> list[dict[str, Any]]:
        """Return what the engine had begun when it was killed."""
        return self._checkpoint().get("pending_operations") or []

    def applied_config(self) -> dict[str, Any] | None:
        """Return the `config:` of the last update that ended; None before the first."""
        entries = (self._folder / "history" / PROJECT / self.layout.stack).glob("*.history.json")
        for entry in sorted(entries, reverse=True):
            update = _document(entry)
            if update and update["kind"] == "update":
                return update["config"]
        return None

    def free_lock(self, say: Callable[[str], None]) -> bool:
        """Remove the lock of an engine that died, once it is dead, and mend what it was writing.

        Returns:
            Whether it is free now; False while a living engine holds it for longer than 30 s.
        """
        deadline = time.monotonic() + HOLDER_SECONDS
        told = False
        while holder := self.holder():
            if not told:
                say(f"waiting for the engine that works on {self.layout.stack} (pid {holder})")
                told = True
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        for lock in self._locks():
            lock.unlink(missing_ok=True)
        self._mend()
        return True

    def holder(self) -> int | None:
        """Return the id of the living engine that holds the lock, or None."""
        return next((pid for lock in self._locks() if (pid := _living_holder(lock))), None)

    def _checkpoint(self) -> dict[str, Any]:
        """Return the newest whole checkpoint; a stack that was only made has none."""
        document = _document(self.file) or _document(self._backup) or {"checkpoint": {}}
        return document["checkpoint"].get("latest") or {}

    def _mend(self) -> None:
        """Put the backup in place of a checkpoint whose writing was cut short.

        The engine copies the checkpoint before it writes the next one in place, so one of them is
        always whole; before the second one there was nothing to lose. Beside each lies what a web
        server would say of it: nobody misses that, but the engine refuses one that is cut short.
        """
        for file in (self.file, self._backup):
            attributes = file.with_name(f"{file.name}.attrs")
            if attributes.exists() and not _document(attributes):
                attributes.unlink()
        if not self.file.exists() or _document(self.file):
            return
        if _document(self._backup):
            self._backup.replace(self.file)
        else:
            self.file.unlink()

    @property
    def _backup(self) -> Path:
        return self.file.with_name(f"{self.file.name}.bak")

    def _locks(self) -> list[Path]:
        return sorted((self._folder / "locks").rglob("*.json"))

    @property
    def _folder(self) -> Path:
        return self.layout.state / ".pulumi"


def _document(path: Path) -> dict[str, Any] | None:
    """Return the JSON of a file, or None where it is missing or its writing was cut short."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _living_holder(lock: Path) -> int | None:
    held = _document(lock)
    if held is None:
        return None
    pid: int = held["pid"]
    try:
        written = lock.stat().st_mtime
        process = psutil.Process(pid)
        # One that began after the lock was written has only got the same id.
        lives = process.create_time() <= written and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None
    return pid if lives else None
