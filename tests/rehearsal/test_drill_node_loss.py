"""How the loss of a node is judged, and which model is drilled, as data."""

import pytest

from planning.plan import Plan
from planning.planner import plan_config
from rehearsal.drills.command import Drill, On, run_drill
from rehearsal.drills.model import Replicas, chosen_model, replicas_of
from rehearsal.drills.node_loss import Meanwhile, all_back, came_back
from rehearsal.drills.steps import watch_while_it_moves
from rehearsal.fleet.observation import Observation, ObservedNode, ObservedPod, ObservedService
from rehearsal.layout import REPOSITORY
from rehearsal.session import Session
from rehearsal.turn import RehearsalError
from review.terminal import console
from settings.files import read_config

FULL = "scheduler: 0/2 nodes are available: 2 Insufficient nvidia.com/gpu"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_config("dev", read_config(REPOSITORY / "Pulumi.dev.yaml"))


def node(name: str) -> ObservedNode:
    return ObservedNode(
        name=name,
        instance_type="g6e.2xlarge",
        pool="l40s",
        capacity_type="spot",
        ready=True,
        gpus=1,
        gpus_used=1,
        usd_per_hour=None,
    )


def pod(name: str, model: str, on: str | None, reason: str | None = None) -> ObservedPod:
    return ObservedPod(
        name=name, model=model, node=on, ready=on is not None, reason=reason, uid=name
    )


def seen(*pods: ObservedPod, nodes: tuple[str, ...] = ("a",)) -> Observation:
    models = {one.model for one in pods}
    return Observation(
        nodes=tuple(node(name) for name in nodes),
        services=tuple(ObservedService(name=name, namespace="m", wanted=1) for name in models),
        pods=pods,
    )


def meanwhile(*on: str, waiting: tuple[str, ...] = (), wanted: int = 1) -> Meanwhile:
    replicas = Replicas(on=on, waiting=waiting)
    return Meanwhile(wanted=wanted, replicas=replicas, least=0, seconds=6.25)


@pytest.mark.parametrize(
    ("on", "kind"), [("lost", "made anew"), ("other", "there before"), ("fresh", "new")]
)
def test_a_replica_that_came_back_is_told_with_its_node_its_time_and_what_ran_meanwhile(
    on: str, kind: str
) -> None:
    step = came_back(meanwhile(on), "lost", frozenset({"lost", "other"}))
    assert (step.expected, step.ok) == ("1 of 1 run again", True)
    assert step.seen == f"1 of 1 run on {on} ({kind}) after 6.2 s; never fewer than 0 ran"


def test_a_replica_that_cannot_come_back_is_told_in_the_schedulers_words() -> None:
    found = meanwhile("other", waiting=(FULL, FULL), wanted=3)
    step = came_back(found, "lost", frozenset({"lost", "other"}))
    assert not step.ok
    assert step.seen == (
        f"1 of 3 run on other (there before); waits: {FULL}; never fewer than 0 ran"
    )


def test_every_model_has_to_run_as_before() -> None:
    before = {"chat": 2, "code": 1}
    assert all_back(before, {"chat": 2, "code": 1, "more": 1}).ok
    step = all_back(before, {"chat": 1})
    assert (step.seen, step.ok) == ("chat: 1 of 2, code: 0 of 1", False)
    assert step.expected == "3 replicas of 2 models run, as before"


def test_a_pod_of_a_node_that_is_no_more_does_not_run_whatever_it_says() -> None:
    found = seen(pod("x", "chat", "a"), pod("y", "chat", "gone"), pod("z", "chat", None, FULL))
    assert replicas_of(found, "chat") == Replicas(
        on=("a",), waiting=("has a node, is not ready yet", FULL)
    )


def test_a_pod_that_was_lost_does_not_count_on_the_node_that_took_the_name() -> None:
    found = seen(pod("x", "chat", "a"), pod("y", "chat", "a"))
    assert replicas_of(found, "chat", {"x"}).running == 1


def test_the_first_model_at_work_is_drilled_unless_another_is_named(plan: Plan) -> None:
    found = seen(pod("x", "qwen3-8b", "a"), pod("y", "qwen2-5-7b", None, FULL))
    assert chosen_model(plan, found, None).name == "qwen3-8b"
    both = seen(pod("x", "qwen3-8b", "a"), pod("y", "qwen2-5-7b", "a"))
    assert chosen_model(plan, both, None).name == "qwen2-5-7b"
    assert chosen_model(plan, both, "qwen3-8b").pool == "l40s"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("llama", "stack dev runs no model llama; it runs: qwen3-8b"),
        (
            "qwen3-8b",
            (
                "model qwen3-8b has no replica at work: `python -m rehearsal report --stack dev` "
                "says why"
            ),
        ),
        (
            None,
            "the models have no replica at work: `python -m rehearsal report --stack dev` says why",
        ),
    ],
)
def test_a_model_without_a_replica_at_work_cannot_be_drilled(
    plan: Plan, name: str | None, said: str
) -> None:
    with pytest.raises(RehearsalError) as refused:
        chosen_model(plan, seen(pod("x", "qwen3-8b", None, FULL)), name)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("drill", "on", "said"),
    [
        (
            Drill.NODE_LOSS,
            On(pool="l40s"),
            "drill node-loss is of a model: use --model instead of --pool",
        ),
        (
            Drill.KARPENTER_POOL,
            On(model="qwen3-8b"),
            "drill karpenter-pool is of a pool: use --pool instead of --model",
        ),
    ],
)
def test_a_drill_of_the_one_is_no_drill_of_the_other(drill: Drill, on: On, said: str) -> None:
    with pytest.raises(RehearsalError) as refused:
        run_drill(Session.of("dev", console()), drill, on)
    assert str(refused.value) == said


def test_watching_goes_on_while_something_moves() -> None:
    answers = iter([1, 1, 2])
    asked = watch_while_it_moves(lambda: next(answers), lambda found: found == 2, 60, 60)
    assert asked == 2
    same = watch_while_it_moves(lambda: 1, lambda found: found == 2, 60, still_seconds=0)
    assert same == 1
