"""What the engine is doing, as it does it: a live line in a terminal, plain lines in a pipe."""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self

from pulumi.automation.events import DiagnosticEvent, EngineEvent
from rich.console import Console
from rich.markup import escape
from rich.status import Status

HEARTBEAT_SECONDS: Final = 10.0
STACK_TYPE: Final = "pulumi:pulumi:Stack"
VERBS: Final = {
    "create": "created",
    "update": "updated",
    "create-replacement": "replaced",
    "delete": "deleted",
    "refresh": "looked at",
    "read": "read",
    "same": "unchanged",
}
"""What a step did. A replacement is several steps and counts once; other steps are no news."""
INTENTIONS: Final = {
    "create": "to create",
    "update": "to update",
    "create-replacement": "to replace",
    "delete": "to delete",
    "same": "unchanged",
}
"""What a step would do."""
USED_FROM_PATH: Final = "using pulumi-resource-"
"""The engine's word for a plugin of ours: as it should be."""
SUMMARIES: Final = ("preview failed", "update failed", "destroy failed", "refresh failed")


class EngineProgress(AbstractContextManager["EngineProgress"]):
    """Counts the engine's steps and keeps what it complains of."""

    def __init__(self, console: Console, doing: str, verbs: Mapping[str, str] = VERBS) -> None:
        self.console = console
        self.doing = doing
        self.verbs = verbs
        self.errors: list[str] = []
        self._steps: dict[tuple[str, str], None] = {}
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
        self.console.print(f"{self._line()}, stopped" if error else self._line(ended=True))

    def on_event(self, event: EngineEvent) -> None:
        """Take one event of the engine."""
        if event.diagnostic_event is not None:
            self._complain(event.diagnostic_event)
        if event.res_outputs_event is not None:
            step = event.res_outputs_event.metadata
            # A component reports a second time when it registers its outputs.
            self._steps[step.op.value, step.urn] = None
        if self._status is not None:
            self._status.update(self._line())
        elif time.monotonic() - self._spoke > HEARTBEAT_SECONDS:
            self._spoke = time.monotonic()
            self.console.print(self._line())

    def say(self, what: str) -> None:
        """Print a line of its own."""
        self.console.print(escape(what))

    def _complain(self, diagnostic: DiagnosticEvent) -> None:
        text = diagnostic.message.replace("<{%reset%}>", "").strip()
        if diagnostic.severity == "warning" and text and not text.startswith(USED_FROM_PATH):
            self.console.print(f"[yellow]mind[/] {escape(text)}")
        if diagnostic.severity != "error" or not text or text in SUMMARIES:
            return
        _, type_, name = (diagnostic.urn or "::::").rsplit("::", 2)
        said = text if type_ in ("", STACK_TYPE) else f"{name}: {text}"
        if said not in self.errors:
            self.errors.append(said)

    def _line(self, *, ended: bool = False) -> str:
        counts = Counter(kind for kind, _ in self._steps)
        told = {self.verbs[kind]: counts[kind] for kind in self.verbs if counts[kind]}
        if ended and not told.keys() - {"unchanged", "looked at"}:
            told = {}
            done = "nothing to change" if self.verbs is INTENTIONS else "nothing changed"
        else:
            done = ", ".join(f"{count} {verb}" for verb, count in told.items()) or "starting"
        return f"{self.doing}: {done} ({time.monotonic() - self._begun:.0f} s)"
