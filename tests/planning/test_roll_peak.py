"""How models roll: with room for one more beside everything else, or in the place of an old one."""

import pytest

from planning.placing.placement import place
from planning.placing.roll_peak import RollPeak, roll_peaks
from planning.placing.rolls import roll_refusals
from planning.pools.facts import PoolFacts
from planning.sharing.device import gpus_touched, take, untouched
from settings.finding import Finding
from tests.documents import REMOVED
from tests.planning.planned import planned
from tests.planning.pool_facts import HAMI, Models, karpenter, managed, model, pools, share


def peaks(models: Models, facts: dict[str, PoolFacts]) -> dict[str, RollPeak]:
    return roll_peaks(dict(models), facts, place(models, facts))


def ways(models: Models, facts: dict[str, PoolFacts]) -> dict[str, str]:
    return {name: peak.rollout for name, peak in peaks(models, facts).items()}


def test_a_neighbour_s_minimum_replicas_leave_less_room_for_a_surge():
    facts = pools(k=karpenter(1, gpu_limit=3))
    assert ways([("a", model("k"))], facts) == {"a": "surge"}
    with_one = [("a", model("k")), ("b", model("k"))]
    assert ways(with_one, facts) == {"a": "surge", "b": "surge"}
    with_two = [("a", model("k")), ("b", model("k", replicas=2))]
    assert ways(with_two, facts) == {"a": "in-place", "b": "in-place"}


def test_a_neighbour_of_another_pool_takes_nothing():
    facts = pools(k=karpenter(1, gpu_limit=2), m=managed(1, 4))
    crowded = [("a", model("k")), ("b", model("m", replicas=3))]
    assert ways(crowded, facts) == {"a": "surge", "b": "surge"}


def test_the_smaller_of_two_models_may_surge_where_the_larger_may_not():
    facts = pools(m=managed(4, 2))
    assert ways([("big", model("m", gpus=4)), ("small", model("m"))], facts) == {
        "big": "in-place",
        "small": "surge",
    }


def test_room_that_is_only_there_when_others_lie_well_is_no_room():
    # Two small replicas take one node of three together, or a GPU each of two.
    facts = pools(m=managed(4, 3))
    models = [("big", model("m", gpus=4)), ("small", model("m", replicas=2))]
    assert ways(models, facts) == {"big": "in-place", "small": "surge"}
    assert ways([("big", model("m", gpus=4)), ("small", model("m"))], facts)["big"] == "surge"


def test_a_surge_that_needs_another_node_says_which_and_counts_its_gpus():
    facts = pools(k=karpenter(1, 4, gpu_limit=8))
    assert peaks([("a", model("k", gpus=4))], facts)["a"] == RollPeak(
        "surge", gpus_floor=4, gpus_peak=8, new_node="g6e.12xlarge"
    )
    assert peaks([("a", model("k"))], facts)["a"] == RollPeak(
        "surge", gpus_floor=1, gpus_peak=2, new_node="g6e.2xlarge"
    )


def test_a_group_that_may_grow_starts_a_node_and_one_that_may_not_has_no_room():
    grows = pools(m=managed(1, {"min": 1, "max": 2}))
    assert peaks([("a", model("m"))], grows)["a"].new_node == "g6e.2xlarge"
    assert ways([("a", model("m"))], pools(m=managed(1, 1))) == {"a": "in-place"}


def test_a_share_surges_on_a_gpu_that_is_used_already():
    facts = pools(s=managed(1, 1, sharing=HAMI))
    small = [("a", model("s", share=share(10, 30)))]
    assert peaks(small, facts)["a"] == RollPeak("surge", gpus_floor=1, gpus_peak=1)
    assert ways([("a", model("s", share=share(10, 60)))], facts) == {"a": "in-place"}


def test_replicas_that_divide_one_claim_are_replaced_in_place():
    facts = pools(d=managed(4, 2, sharing={"kind": "dra"}))
    together = model("d", 2, device={"count": 1, "shared": True})
    assert peaks([("a", together)], facts)["a"] == RollPeak("in-place", 1, 1)


def test_the_peak_of_a_surge_is_what_the_gpus_really_carry():
    facts = pools(m=managed(4, 1))
    peak = peaks([("a", model("m", 2))], facts)["a"]
    devices = facts["m"].devices
    room = untouched(devices)
    for _ in range(3):
        found = take(devices, room, facts["m"].ask(model("m")))
        assert found
        room = found[0]
    assert peak.gpus_peak == gpus_touched(devices, room) == 3


def test_the_plan_shows_each_roll_with_what_it_holds():
    (chat, tiny) = planned().rolls
    assert chat.model_dump() == {
        "name": "chat",
        "pool": "l40s",
        "rollout": "surge",
        "device": "GPU",
        "devices_floor": 1,
        "devices_peak": 2,
        "gpus_floor": 1,
        "gpus_peak": 2,
        "gpus_limit": 8,
        "new_node": "g6e.2xlarge",
        "serving": 1,
        "away_seconds": 0,
    }
    assert (tiny.device, tiny.devices_floor, tiny.devices_peak, tiny.gpus_peak) == (
        "share",
        1,
        2,
        1,
    )


def test_a_service_rolls_as_the_plan_says():
    plan = planned({"models.chat.replicas": {"min": 8, "max": 8}})
    assert [spec.rollout for spec in plan.models] == [roll.rollout for roll in plan.rolls]
    (chat, _) = plan.rolls
    assert (chat.rollout, chat.serving, chat.devices_peak) == ("in-place", 7, 8)


def roll_findings(changes: dict[str, object]) -> list[Finding]:
    found = planned(changes).warnings
    return [warning for warning in found if warning.source == "planning/placing/roll_peak.py"]


def test_a_lone_replica_without_room_for_another_is_warned_of():
    plan = planned({"models.tiny.share": {"memory_gib": 16, "cores_percent": 60}})
    (_, tiny), (_, spec) = plan.rolls, plan.models
    assert tiny.away_seconds == spec.grace_seconds + spec.startup_seconds
    (warning,) = roll_findings({"models.tiny.share": {"memory_gib": 16, "cores_percent": 60}})
    assert str(warning) == (
        "pools.l4.nodes: gives no sure room, beside the minimum replicas of its models, for one "
        "more of tiny, of which one runs: a change of it takes it away for up to "
        f"{tiny.away_seconds:,} s; raise it until one more has room, or change such a model "
        "when nobody asks it [planning/placing/roll_peak.py]"
    )


def test_a_pool_full_of_lone_replicas_is_one_warning():
    entry = {"model": "Qwen/Qwen3-0.6B", "revision": "0" * 40, "pool": "l40s", "context": 512}
    models = {f"m{number}": entry for number in range(8)}
    (warning,) = roll_findings({"models": models})
    assert warning.path == "pools.l40s.gpu_limit"
    assert "for one more of m0, m1, m2, m3, m4 or 3 others, of which one runs" in warning.problem


@pytest.mark.parametrize(("replicas", "warnings"), [(1, 1), (2, 0)])
def test_a_lone_replica_with_a_claim_to_divide_is_told_to_be_two(replicas: int, warnings: int):
    changes: dict[str, object] = {
        "pools.l4.sharing": {"kind": "dra"},
        "models.tiny.share": REMOVED,
        "models.tiny.device": {"count": 1, "shared": True},
        "models.tiny.replicas": {"min": replicas, "max": 2},
        "cluster.kubernetes": "1.36",
    }
    found = roll_findings(changes)
    assert len(found) == warnings
    for warning in found:
        assert warning.path == "models.tiny.replicas.min"
        assert warning.fix == "raise it to 2: one of them stays"
        assert warning.problem.startswith(
            "is 1, and no replica is started beside those that divide one claim: a change of the "
            "model takes it away for up to "
        )


def test_a_model_that_is_to_roll_in_place_does_so_where_there_is_room():
    facts = pools(k=karpenter(1, gpu_limit=3))
    pinned = model("k").model_copy(update={"rollout": "in-place"})
    assert peaks([("a", pinned)], facts)["a"] == RollPeak("in-place", gpus_floor=1, gpus_peak=1)


def test_a_model_that_is_to_surge_is_refused_where_a_neighbour_takes_its_room():
    facts = pools(k=karpenter(1, gpu_limit=2))
    pinned = model("k").model_copy(update={"rollout": "surge"})
    alone, both = {"a": pinned}, {"a": pinned, "b": model("k")}
    assert [*roll_refusals(alone, facts, place(alone.items(), facts))] == []
    assert [*roll_refusals(both, facts, place(both.items(), facts))] == [
        Finding(
            path="models.a.rollout",
            problem="is surge, and beside the minimum replicas of all its models pool 'k' has no "
            "sure room for one more: a change would stand still",
            fix="raise pools.k.gpu_limit, or write in-place",
            source="planning/placing/roll_peak.py",
        )
    ]


def test_a_replica_over_two_nodes_surges_where_two_more_nodes_may_come():
    two = model("m", gpus=8).model_copy(update={"nodes": 2})
    for nodes, rollout in ((2, "in-place"), (3, "in-place"), (4, "surge")):
        facts = pools(m=managed(8, nodes))
        peak = peaks([("a", two)], facts)["a"]
        assert (peak.rollout, peak.gpus_peak) == (rollout, 32 if rollout == "surge" else 16)
