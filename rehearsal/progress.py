"""What the engine is doing, as it does it: a live line in a terminal, plain lines in a pipe."""

import time
from collections import Counter
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self

from pulumi.automation.events import EngineEvent
from rich.console import Console
from rich.markup import escape
from rich.status import Status

HEARTBEAT_SECONDS: Final = 10.0
VERBS: Final = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "same": "unchanged",
    "refresh": "looked at",
    "read": "read",
}


class EngineProgress(AbstractContextManager["EngineProgress"]):
    """Counts the engine's steps and keeps what it complains of."""

    def __init__(self, console: Console, doing: str) -> None:
        self.console = console
        self.doing = doing
        self.errors: list[str] = []
        self.done: Counter[str] = Counter()
        self._begun = self._spoke = time.monotonic()
        self._status: Status | None = None

    def __enter__(self) -> Self:
        """Start the line."""
        if self.console.is_terminal:
            self._status = self.console.status(self._line())
            self._status.start()
        else:
            self.console.print(f"{self.doing} …")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the line with what was done."""
        if self._status is not None:
            self._status.stop()
        self.console.print(self._line() + (", stopped" if error else ""))

    def on_event(self, event: EngineEvent) -> None:
        """Take one event of the engine."""
        if event.diagnostic_event is not None:
            self._complain(event.diagnostic_event.severity, event.diagnostic_event.message)
        if event.res_outputs_event is not None:
            self.done[str(event.res_outputs_event.metadata.op.value)] += 1
        if self._status is not None:
            self._status.update(self._line())
        elif time.monotonic() - self._spoke > HEARTBEAT_SECONDS:
            self._spoke = time.monotonic()
            self.console.print(self._line())

    def _complain(self, severity: str, message: str) -> None:
        text = message.replace("<{%reset%}>", "").strip()
        if severity == "error" and text and text not in self.errors:
            self.errors.append(text)
        elif severity == "warning" and text and not text.startswith("using pulumi-resource-"):
            self.console.print(f"[yellow]mind[/] {escape(text)}")

    def _line(self) -> str:
        counts = [f"{count} {VERBS.get(kind, kind)}" for kind, count in self.done.items()]
        seconds = time.monotonic() - self._begun
        return f"{self.doing}: {', '.join(counts) or 'starting'} ({seconds:.0f} s)"
