"""How a roll is judged: every state counts, also one that lasted a moment."""

from collections.abc import Iterable
from typing import Any

import pytest

from planning.specs.base import MODEL_LABEL, POOL_LABEL
from planning.specs.rolls import PlannedRoll
from rehearsal.drills.model_roll import MANAGER
from rehearsal.drills.roll_states import RollStates
from rehearsal.drills.rolled import Rolled, as_before, changed, is_complete, peak, strategy
from rehearsal.fleet.nodes import node_manifest
from tests.rehearsal.test_fleet_nodes import group

Object = dict[str, Any]


def planned(**changes: Any) -> PlannedRoll:
    surge = PlannedRoll(
        name="chat",
        pool="shared",
        rollout="surge",
        device="GPU",
        devices_floor=1,
        devices_peak=2,
        gpus_floor=1,
        gpus_peak=2,
        gpus_limit=4,
        new_node=None,
        serving=1,
        away_seconds=0,
    )
    return surge.model_copy(update=changes)


def pod(name: str, *, ready: bool = True, ending: bool = False, **changes: Any) -> Object:
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if ending else {}
    metadata = {"name": name, "uid": name, "labels": {MODEL_LABEL: "chat"}} | deleted
    limits = {"nvidia.com/gpu": "1"}
    spec = {"nodeName": "shared-0", "containers": [{"resources": {"requests": limits}}]}
    condition = {"type": "Ready", "status": str(ready)}
    return {
        "metadata": metadata,
        "spec": spec,
        "status": {"phase": "Running", "conditions": [condition]} | changes,
    }


def change(kind: str, found: Object) -> Object:
    return {"type": kind, "object": found}


SURGE = [
    change("ADDED", pod("new", ready=False)),
    change("MODIFIED", pod("new")),
    change("MODIFIED", pod("old", ending=True)),
    change("DELETED", pod("old", ending=True)),
]
IN_PLACE = [SURGE[index] for index in (2, 3, 0, 1)]


def rolled(changes: Iterable[Object], *, complete: bool = True, **known: Any) -> Rolled:
    states = RollStates(planned=planned(), pods={"old": pod("old")})
    states.look([node_manifest(group(labels={POOL_LABEL: "shared"}), 0)], [])
    states.begin()
    old = frozenset(states.ready)
    states.follow(changes)
    waiting = known.get("waiting", ())
    return Rolled(states=states, old=old, complete=complete, waiting=waiting, seconds=3)


def test_a_surge_keeps_the_floor_and_takes_one_replica_more_at_its_peak() -> None:
    found = rolled(SURGE)
    step = changed("the roll", planned(), found)
    assert step.ok
    assert step.expected == "1 of 1 are new, never fewer than 1 ready"
    assert step.seen == (
        "1 of 1 are new after 3.0 s, never fewer than 1 ready in 5 states of the API"
    )
    held = peak(planned(), found.states)
    assert held.ok
    assert held.expected == (
        "at most 4 in pool shared; with every model's minimum replicas the plan counts 2"
    )
    assert held.seen == "2 in use, on nodes with 4; at most 2 replicas of chat at once"


def test_a_moment_without_a_replica_is_seen_and_only_a_roll_in_place_may_have_it() -> None:
    found = rolled(IN_PLACE)
    step = changed("the roll", planned(), found)
    assert (step.ok, "never fewer than 0 ready" in step.seen) == (False, True)
    assert changed("the roll", planned(rollout="in-place", serving=0), found).ok
    assert found.states.most_placed == 1


def test_a_replica_that_is_not_ready_serves_nobody() -> None:
    unready = change("MODIFIED", pod("old", ready=False))
    assert rolled([unready, change("MODIFIED", pod("old"))]).states.least_ready == 0


def test_a_roll_that_stands_still_says_what_waits() -> None:
    found = rolled([SURGE[0]], complete=False, waiting=("scheduler: 0/1 nodes are available",))
    step = changed("the roll", planned(), found)
    assert not step.ok
    assert step.seen == (
        "0 of 1 are new after 3.0 s, never fewer than 1 ready in 2 states of the API"
        "; waits: scheduler: 0/1 nodes are available"
    )


def test_a_replica_that_ended_holds_no_gpu_and_one_without_a_node_neither() -> None:
    ended = change("MODIFIED", pod("old", phase="Failed"))
    waiting = pod("new")
    del waiting["spec"]["nodeName"]
    states = rolled([ended, change("ADDED", waiting)]).states
    assert (states.most_placed, states.most_gpus) == (1, 1)


def test_more_gpus_than_the_pool_may_have_are_not_as_expected() -> None:
    assert not peak(planned(gpus_limit=3), rolled(SURGE).states).ok


def deployment(**changes: Any) -> Object:
    rolling = {"maxSurge": 1, "maxUnavailable": 0}
    return {
        "metadata": {"generation": 3},
        "spec": {"replicas": 2, "strategy": {"rollingUpdate": rolling}},
        "status": {
            "observedGeneration": 3,
            "replicas": 2,
            "updatedReplicas": 2,
            "availableReplicas": 2,
        },
    } | changes


@pytest.mark.parametrize(
    "status",
    [
        {"observedGeneration": 2},
        {"replicas": 3},
        {"updatedReplicas": 1},
        {"availableReplicas": 1},
    ],
    ids=str,
)
def test_a_roll_is_complete_when_all_replicas_are_new_and_ready(status: Object) -> None:
    assert is_complete(deployment())
    assert not is_complete(deployment(status=deployment()["status"] | status))
    assert not is_complete(deployment(status={}))


def test_a_deployment_has_to_roll_as_the_plan_says() -> None:
    assert strategy(planned(), deployment()).ok
    step = strategy(planned(rollout="in-place"), deployment())
    assert (step.expected, step.seen, step.ok) == (
        "in-place: maxSurge 0, maxUnavailable 1",
        "maxSurge 1, maxUnavailable 0",
        False,
    )


@pytest.mark.parametrize(
    ("update", "seen"),
    [
        ({"type": "RollingUpdate"}, "RollingUpdate, partition 0"),
        (
            {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
            "RollingUpdate, partition 1",
        ),
        ({"type": "OnDelete"}, "OnDelete, partition 0"),
    ],
)
def test_a_stateful_set_has_to_roll_every_replica_in_its_place(update: Object, seen: str) -> None:
    found = deployment(spec={"replicas": 2, "updateStrategy": update})
    step = strategy(planned(rollout="in-place"), found)
    assert step.expected == "in-place: RollingUpdate of every replica, one after the other"
    assert (step.seen, step.ok) == (seen, seen == "RollingUpdate, partition 0")
    assert not strategy(planned(rollout="surge"), found).ok


def test_a_new_replica_that_has_the_name_of_the_old_one_is_new() -> None:
    states = RollStates(planned=planned(), pods={"u1": named("u1")})
    states.begin()
    states.follow([change("DELETED", named("u1")), change("ADDED", named("u2"))])
    assert [*states.ready] == ["u2"]
    assert states.least_ready == 0


def named(uid: str) -> Object:
    found = pod("chat-0")
    return found | {"metadata": found["metadata"] | {"uid": uid}}


def test_what_the_drill_leaves_at_a_deployment_is_seen() -> None:
    assert as_before(deployment(), deployment(), MANAGER).ok
    fields = [{"manager": MANAGER}]
    owned = deployment(metadata={"generation": 3, "managedFields": fields})
    step = as_before(deployment(), owned, MANAGER)
    assert (step.ok, step.seen) == (
        False,
        "it says the same, the drill owns a field, 2 of 2 are",
    )
    other = as_before(deployment(), deployment(spec={"replicas": 3}), MANAGER)
    assert (other.ok, other.seen) == (
        False,
        "it says something else, the drill owns none, 2 of 3 are",
    )
