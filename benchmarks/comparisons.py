"""The platform against the floor: pairs of runs, and where the difference comes from."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final, Literal

from benchmarks import floor, subject
from benchmarks.marks import ANSWERED, ASKED, COMPOSED, LOADED
from benchmarks.pairs import in_turns, median_ratio
from benchmarks.process import ENDED, Run, measure
from benchmarks.results import Comparison, Part
from benchmarks.sandbox import sandbox
from rehearsal.project import environment_file, write_project

Operation = Literal["preview", "up"]
Pairs = Sequence[tuple[Run, Run]]

PREVIEW: Final = {
    LOADED: "start Python and import the engine's side",
    subject.PLANNED: "read and plan the environment",
    ASKED: "the engine starts: stack, secrets, program",
    COMPOSED: "the program names its resources",
    ANSWERED: "providers start, resources are answered",
    ENDED: "end",
}
"""What lies before each moment."""
UP: Final = {
    LOADED: PREVIEW[LOADED],
    subject.PLANNED: PREVIEW[subject.PLANNED],
    subject.READY: "start the control plane and the fleet",
    ASKED: PREVIEW[ASKED],
    COMPOSED: PREVIEW[COMPOSED],
    ANSWERED: "providers start, resources are made and become ready",
    subject.APPLIED: "the engine ends",
    subject.PLACED: "the last pods find their nodes",
    ENDED: "end",
}
NOT_THE_ENGINE: Final = (subject.READY, subject.PLACED)
"""Moments before which the rehearsal works, and not the engine."""


def run_pairs(operation: Operation, stack: str, runs: int) -> Pairs:
    """Measure an operation `runs` times from nothing, and the floor beside each."""

    def of_subject() -> Run:
        with sandbox(stack) as layout:
            arguments = [operation, str(layout.root), str(environment_file(stack))]
            return measure(subject.__name__, arguments)

    def of_floor(run: Run) -> Run:
        components = run.resources - 1  # the stack itself is a resource of both
        with sandbox(stack) as layout:
            write_project(layout, {})
            return measure(floor.__name__, [operation, str(layout.root), str(components)])

    return in_turns(runs, of_subject, of_floor)


def of_preview(stack: str, pairs: Pairs) -> Comparison:
    """Return what a preview costs, of a stack that does not exist yet."""
    return _comparison("preview", stack, pairs, PREVIEW, lambda run: run.seconds)


def of_up(stack: str, pairs: Pairs) -> Comparison:
    """Return what an update costs on a control plane that runs already."""
    parts = {name: said for name, said in UP.items() if name not in NOT_THE_ENGINE}
    return _comparison("up", stack, pairs, parts, engine_seconds)


def of_rehearsal(stack: str, pairs: Pairs) -> Comparison:
    """Return what a rehearsal costs, from an empty folder to every pod in its place."""
    return _comparison("rehearsal", stack, pairs, UP, lambda run: run.seconds)


def engine_seconds(run: Run) -> float:
    """Return the seconds of a run without those of the control plane and its pods."""
    return run.seconds - sum(before(run, moment) for moment in NOT_THE_ENGINE)


def _comparison(
    operation: str,
    stack: str,
    pairs: Pairs,
    parts: Mapping[str, str],
    seconds_of: Callable[[Run], float],
) -> Comparison:
    seconds = tuple(seconds_of(run) for run, _ in pairs)
    floor_seconds = tuple(seconds_of(run) for _, run in pairs)
    return Comparison(
        operation=operation,
        stack=stack,
        resources=pairs[0][0].resources,
        ratio=median_ratio(seconds, floor_seconds),
        seconds=seconds,
        floor_seconds=floor_seconds,
        parts=tuple(
            Part(
                name=said,
                seconds=median(before(run, moment) for run, _ in pairs),
                floor_seconds=median(before(run, moment) for _, run in pairs),
            )
            for moment, said in parts.items()
        ),
    )


def before(run: Run, moment: str) -> float:
    """Return the seconds that led to a moment; 0 where the run has no such moment."""
    if moment not in run.moments:
        return 0.0
    moments = [None, *run.moments]
    return run.between(moments[moments.index(moment) - 1], moment)
