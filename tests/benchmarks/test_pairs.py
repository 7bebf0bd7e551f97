"""Runs in turns, and the ratio of each pair."""

import pytest

from benchmarks.pairs import in_turns, median_ratio


def test_every_second_pair_begins_with_the_floor():
    order: list[str] = []

    def subject() -> str:
        order.append("subject")
        return f"s{len(order)}"

    def floor(measured: str) -> str:
        order.append(f"floor of {measured}")
        return f"f{len(order)}"

    pairs = in_turns(3, subject, floor)
    turns = ["subject", "floor of s1", "floor of s1", "subject", "subject", "floor of s5"]
    assert order == turns
    assert pairs == [("s1", "f2"), ("s4", "f3"), ("s5", "f6")]


def test_one_run_is_one_pair():
    assert in_turns(1, lambda: 2.0, lambda measured: measured / 2) == [(2.0, 1.0)]


def test_the_ratio_is_of_pairs_and_not_of_medians():
    assert median_ratio([2.0, 30.0, 4.0], [1.0, 10.0, 4.0]) == 2.0
    assert median_ratio([2.0, 3.0], [1.0, 1.0]) == 2.5


def test_no_runs_have_no_ratio():
    with pytest.raises(ValueError, match="no runs"):
        median_ratio([], [])


def test_a_run_without_its_floor_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        median_ratio([1.0, 2.0], [1.0])
