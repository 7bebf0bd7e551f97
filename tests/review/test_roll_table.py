"""What a person sees of a roll before there is one."""

from tests.planning.planned import planned
from tests.review.test_plan_tables import cells

FULL = {"models.tiny.share": {"memory_gib": 16, "cores_percent": 60}}


def test_a_surge_shows_its_peak_and_the_instance_that_is_started():
    assert cells(planned(), "surge chat") == [
        *("surge", "chat", "1 GPU", "2", "1", "2", "8", "g6e.2xlarge", "1 replica")
    ]


def test_a_roll_in_place_shows_how_long_nobody_answers():
    plan = planned(FULL)
    away = f"away for {plan.rolls[1].away_seconds:,} s"
    assert cells(plan, "in-place tiny") == [
        *("in-place", "tiny", "1 share", "1", "1", "1", "1", away)
    ]
