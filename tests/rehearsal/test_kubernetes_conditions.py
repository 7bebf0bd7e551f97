"""`pulumi.com/waitFor: condition=…` is answered by what its controller has seen last."""

from typing import Any, cast

import pytest

from rehearsal.providers.kubernetes.annotations import wait_for
from rehearsal.providers.kubernetes.cluster import Cluster

NOWHERE = cast("Cluster", None)
"""The rule asks nothing of a cluster."""
AVAILABLE = {"type": "Available", "status": "True"}


def missing(conditions: list[dict[str, Any]], **status: int) -> str | None:
    live = {"metadata": {"generation": 2}, "status": {"conditions": conditions, **status}}
    (rule,) = wait_for("condition=Available")
    return rule(NOWHERE, live)


@pytest.mark.parametrize(
    ("condition", "status"),
    [(AVAILABLE | {"observedGeneration": 1}, {}), (AVAILABLE, {"observedGeneration": 1})],
)
def test_a_condition_of_before_the_change_is_no_answer(
    condition: dict[str, Any], status: dict[str, int]
):
    assert missing([condition], **status) == "its condition Available is of before the change"


def test_a_condition_of_this_change_is_and_so_is_one_that_says_nothing_of_it():
    assert missing([AVAILABLE | {"observedGeneration": 2}], observedGeneration=1) is None
    assert missing([AVAILABLE]) is None


def test_one_that_is_false_or_not_there_is_waited_for():
    no = {"type": "Available", "status": "False", "message": "1 of 2 groups"}
    assert missing([no]) == "its condition Available is False, not True (1 of 2 groups)"
    assert missing([]) == "its condition Available is not set, not True"
