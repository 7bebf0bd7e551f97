"""Pairs of runs, taken in turns, so that a machine that gets slower does so for both."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

Measurement = TypeVar("Measurement")


def in_turns(
    runs: int, subject: Callable[[], Measurement], floor: Callable[[Measurement], Measurement]
) -> list[tuple[Measurement, Measurement]]:
    """Return `runs` pairs of subject and floor; every second pair begins with the floor.

    The floor is told a run of the subject that came before it, since it must be as large.
    """
    first = subject()
    pairs = [(first, floor(first))]
    while len(pairs) < runs:
        if len(pairs) % 2:
            of_floor = floor(first)
            pairs.append((subject(), of_floor))
        else:
            of_subject = subject()
            pairs.append((of_subject, floor(of_subject)))
    return pairs


def median_ratio(seconds: Sequence[float], floor_seconds: Sequence[float]) -> float:
    """Return the median of the ratios of each pair.

    Raises:
        ValueError: there is none, or the lengths differ.
    """
    if not seconds:
        raise ValueError("no runs: there is no ratio of nothing")
    return median(one / other for one, other in zip(seconds, floor_seconds, strict=True))
