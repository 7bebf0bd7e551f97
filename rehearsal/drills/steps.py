"""What a drill expected and what it saw, step by step."""

import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict
from rich.text import Text

from rehearsal.interrupts import held_back

POLL_SECONDS: Final = 0.3

Seen = TypeVar("Seen")


class DrillRecord(BaseModel):
    """Stable and typed: `docs/drills.md`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(DrillRecord):
    """One thing that a drill did, and what came of it."""

    name: str
    expected: str
    seen: str
    ok: bool
    """Whether what was seen is what was expected."""


class DrillReport(DrillRecord):
    """The whole drill."""

    drill: str
    stack: str
    pool: str
    """The pool, or that of the model."""
    model: str | None = None
    """None where a pool was drilled."""
    steps: tuple[Step, ...]
    """In the order in which they happened; none after the first that was not as expected, but for
    the last one, which puts everything back."""
    ok: bool
    """Whether every step was as expected."""


class Undoable(Protocol):
    """A drill."""

    def steps(self) -> Iterator[Step]:
        """Do one step after the other, and yield what came of each."""
        ...

    def put_back(self) -> None:
        """Undo whatever was done, at any moment."""
        ...

    def restored(self) -> Step:
        """Return, after `put_back`, whether nothing of the drill is left."""
        ...


def run_steps(drill: Undoable, say: Callable[[Text], None]) -> tuple[Step, ...]:
    """Drill up to the first step that is not as expected, put everything back, return the steps.

    Ctrl-C, and an error, go on to the caller once everything is put back.
    """
    seen: list[Step] = []
    try:
        for step in drill.steps():
            say(told(step))
            seen.append(step)
            if not step.ok:
                break
    finally:
        with held_back(lambda: say(Text("interrupted: putting back"))):
            drill.put_back()
    seen.append(drill.restored())
    say(told(seen[-1]))
    return tuple(seen)


def watch(ask: Callable[[], Seen], done: Callable[[Seen], bool], seconds: float) -> Seen:
    """Return the first answer that is `done`, or the last one within `seconds`."""
    deadline = time.monotonic() + seconds
    while not done(answer := ask()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return answer


def watch_while_it_moves(
    ask: Callable[[], Seen], done: Callable[[Seen], bool], seconds: float, still_seconds: float
) -> Seen:
    """Return the first answer that is `done`, or the last one.

    That is the one within `seconds`, or one that has been the same for `still_seconds`.
    """
    moved, last = time.monotonic(), ask()

    def look() -> Seen:
        nonlocal moved, last
        answer = ask()
        moved = moved if answer == last else time.monotonic()
        last = answer
        return answer

    def ended(answer: Seen) -> bool:
        return done(answer) or time.monotonic() - moved > still_seconds

    return last if done(last) else watch(look, ended, seconds)


def told(step: Step) -> Text:
    """Return a step as lines of a terminal."""
    word, style = ("ok", "green") if step.ok else ("NOT AS EXPECTED", "bold red")
    return Text.assemble(
        (f"{step.name}: ", "bold"),
        (word, style),
        f"\n  expected: {step.expected}\n  seen:     {step.seen}",
    )
