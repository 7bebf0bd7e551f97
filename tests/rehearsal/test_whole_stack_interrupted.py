"""Engines and commands that die in the middle: the next command goes on, and nothing is lost."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from tests.rehearsal.cluster_objects import ours
from tests.rehearsal.commands import Command
from tests.rehearsal.conftest import eventually
from tests.rehearsal.pool_drill import POOL, PoolDrill, pool_drill
from tests.rehearsal.rehearsed import Done, Rehearsed, rehearsed
from tests.rehearsal.strikes import (
    is_at_work,
    is_held_at_work,
    kill_the_command,
    kill_the_engine,
    press_ctrl_c,
    struck,
)


@dataclass(frozen=True)
class Interruptions:
    """What the commands that were struck said, and the one that was not."""

    engine_killed: Done
    command_killed: Done
    ctrl_c: Done
    finished: Done
    begun: tuple[int, int]
    """Operations that the killed engine, and that of the killed command, had begun."""
    report: dict[str, object]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Rehearsed]:
    with rehearsed(folder, "cut") as found:
        yield found


@pytest.fixture(scope="module")
def up(stack: Rehearsed, folder: Path) -> Interruptions:
    """An `up` that was killed twice and interrupted once, at three points, and then let through."""
    report = folder / "report.json"

    def after(count: int) -> Callable[[Command], bool]:
        return lambda _: is_at_work(stack, count)

    engine_killed = struck(stack, "up", partial(is_held_at_work, stack, 10), kill_the_engine)
    first = len(stack.state.pending_operations())
    command_killed = struck(stack, "up", after(60), kill_the_command)
    eventually("its engine ended", lambda: stack.state.holder() is None)
    second = len(stack.state.pending_operations())
    ctrl_c = struck(stack, "up", after(110), press_ctrl_c)
    finished = stack.run("up", "--json", str(report))
    assert finished.status == 0, finished.said
    found = json.loads(report.read_text())
    return Interruptions(engine_killed, command_killed, ctrl_c, finished, (first, second), found)


def test_an_up_after_three_interruptions_converges(up: Interruptions):
    assert up.begun[0] > 0, "the engine was killed between two operations"
    assert up.report["agrees"] is True


def test_a_killed_engine_is_an_error_in_words(up: Interruptions):
    assert up.engine_killed.status == 1
    assert "Traceback" not in up.engine_killed.said


def test_ctrl_c_says_how_to_go_on(up: Interruptions, stack: Rehearsed):
    name = stack.layout.stack
    assert up.ctrl_c.status == 130
    assert f"interrupted; `make rehearse STACK={name}` goes on from here" in up.ctrl_c.said
    assert f"`make rehearse-down STACK={name}` removes it" in up.ctrl_c.said
    assert "Traceback" not in up.ctrl_c.said


def test_every_resource_of_the_account_is_in_the_state_once(up: Interruptions, stack: Rehearsed):
    made = Counter(resource.urn for resource in Cloud(stack.layout.cloud).all())
    recorded = {each["urn"] for each in stack.state.resources() if each["type"].startswith("aws:")}
    assert set(made.values()) == {1}
    assert made.keys() == recorded


def test_every_object_of_ours_is_in_the_state(up: Interruptions, stack: Rehearsed):
    recorded = {
        f"{each['type'].rpartition(':')[2]} {each['id']}"
        for each in stack.state.resources()
        if each["type"].startswith("kubernetes:")
    }
    found = ours(stack.connection())
    assert len(found) > 20
    assert found - recorded == set()


def test_nothing_is_pending_and_nothing_is_locked(up: Interruptions, stack: Rehearsed):
    assert stack.state.pending_operations() == []
    assert stack.state.holder() is None
    locks = stack.layout.state.rglob("locks/**/*.json")
    assert list(locks) == []


@pytest.fixture(scope="module")
def drill(up: Interruptions, stack: Rehearsed, folder: Path) -> PoolDrill:
    return pool_drill(stack, folder)


def test_a_drill_that_was_interrupted_has_put_everything_back(drill: PoolDrill):
    assert drill.interrupted.status == 130, drill.interrupted.said
    assert "interrupted; the drill has put back what it had changed" in drill.interrupted.said
    assert drill.left_by_interrupted == []


def test_a_pool_is_filled_to_its_limit_and_emptied_as_its_budgets_allow(drill: PoolDrill):
    found = drill.found
    assert (found["drill"], found["pool"], found["ok"]) == ("karpenter-pool", POOL, True)
    seen = {step["name"]: step["seen"] for step in found["steps"]}
    # Two models hold a GPU each of the four.
    assert seen["replicas go up"] == "4 GPUs on 4 nodes, never more than 4; 2 of 5 replicas run"
    assert (
        "all available instance types exceed limits for nodepool (NodePool=l40s)"
        in seen["the rest waits"]
    )
    assert seen["a budget of 0 nodes"].startswith("2 are, 0 ended")
    assert seen["a budget of 100% of the nodes"] == "2 ended, 2 stay"
    assert drill.left == []
    (purchase,) = drill.report["purchases"]
    assert purchase["bought"] == purchase["expected"] == {"g6e.2xlarge": 2}


def test_a_pool_that_karpenter_does_not_supply_is_not_drilled(drill: PoolDrill, stack: Rehearsed):
    wrong = stack.run("drill", "karpenter-pool", "--pool", "shared-l4")
    assert (wrong.status, wrong.said.partition("Karpenter")[2]) == (
        1,
        " supplies no pool shared-l4; its pools: l40s",
    )


@pytest.fixture(scope="module")
def destroy(drill: PoolDrill, stack: Rehearsed) -> tuple[Done, Done, Done]:
    """A destroy of which the engine was killed, then the command, and then one let through."""

    def down_to(count: int) -> Callable[[Command], bool]:
        return lambda _: len(stack.state.resources()) <= count

    return (
        struck(stack, "destroy", down_to(125), kill_the_engine),
        struck(stack, "destroy", down_to(60), kill_the_command),
        stack.run("destroy"),
    )


def test_a_destroy_after_two_interruptions_leaves_nothing(
    destroy: tuple[Done, Done, Done], stack: Rehearsed
):
    killed, _, finished = destroy
    assert killed.status == 1
    assert "Traceback" not in killed.said
    assert finished.status == 0, finished.said
    assert finished.said.endswith("nothing is left")
    assert stack.processes() == {}
    assert not stack.layout.root.exists()
