"""What people see while tools are built: live lines in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

HEARTBEAT_SECONDS = 30.0
"""A pipe hears at least this often that the build is alive."""


class Progress:
    """Tells a console what is being built, for how long, and how much is left."""

    def __init__(
        self,
        console: Console,
        total: int,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count down from `total` programs; `clock` gives seconds."""
        self._console = console
        self._total = total
        self._left = total
        self._heartbeat_seconds = heartbeat_seconds
        self._clock = clock
        self._begun = self._started = self._spoke = clock()
        self._label = ""
        self._detail = ""
        self._spinner = Spinner("dots")

    @contextmanager
    def building(self, label: str, programs: int) -> Generator[Callable[[str], None]]:
        """Show that `label` is built; yields what to call often, with its log's newest line."""
        self._label, self._detail = label, ""
        self._started = self._spoke = self._clock()
        if self._console.is_terminal:
            with Live(self, console=self._console, refresh_per_second=8, transient=True):
                yield self._note
        else:
            self.say(f"{label}: building, {self._left} left of {self._total}")
            yield self._beat
        self._left -= programs
        took = duration(self._clock() - self._started)
        self.say(f"{label}: built in {took}, {self._left} left of {self._total}")

    def say(self, line: str) -> None:
        """Print one plain line, never wrapped, coloured or read as markup."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _note(self, detail: str) -> None:
        self._detail = detail

    def _beat(self, _detail: str) -> None:
        now = self._clock()
        if now - self._spoke >= self._heartbeat_seconds:
            self._spoke = now
            so_far = duration(now - self._started)
            self.say(f"{self._label}: still building, {so_far} so far, {self._left} left")

    def __rich__(self) -> Table:
        """Return the live lines, which rich asks for several times a second."""
        now = self._clock()
        lines = Table.grid(padding=(0, 1))
        lines.add_column(no_wrap=True)
        lines.add_column(no_wrap=True, overflow="ellipsis")
        so_far, in_all = duration(now - self._started), duration(now - self._begun)
        counted = f"{self._left} left of {self._total}, {in_all} in all"
        lines.add_row(self._spinner, Text(self._label))
        lines.add_row("", Text(f"building, {so_far} so far, {counted}"))
        lines.add_row("", Text(self._detail, style="dim"))
        return lines


def duration(seconds: float) -> str:
    """Return seconds as people say them: `48s`, `1m30`, `1h02m`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"
