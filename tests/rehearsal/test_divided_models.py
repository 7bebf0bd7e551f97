"""A model whose replicas divide the work is one model to who looks at the cluster."""

from dataclasses import replace
from typing import Any

import pytest

from planning.specs.base import MODEL_LABEL
from rehearsal.drills.model import chosen_model
from rehearsal.fleet.observation import ObservedPod, observation
from rehearsal.report import report
from rehearsal.turn import RehearsalError
from tests.planning.planned import planned
from tests.review.test_plan_tables import cells

IMAGE = "registry.example/vllm-router:0.1.17"
PLAN = planned({"models.chat.prefill": {"router_image": IMAGE}})


def deployment(name: str, model: str, replicas: int) -> dict[str, Any]:
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "models", "labels": {MODEL_LABEL: model}},
        "spec": {"replicas": replicas},
    }


SETS = [deployment("chat-decode", "chat", 2), deployment("chat-prefill", "chat", 1)]
SEEN = observation(nodes=[], deployments=[*SETS, deployment("tiny", "tiny", 1)], pods=[], events=[])


def test_the_sets_of_a_model_are_one_service_that_wants_all_of_them():
    assert [(found.name, found.wanted) for found in SEEN.services] == [("chat", 3), ("tiny", 1)]


def test_the_report_holds_the_pods_of_both_sets_against_the_plan():
    found = report(PLAN, SEEN)
    assert found.predicted["chat"] == {"l40s": 2}
    assert found.observed.keys() == found.predicted.keys() == {"chat", "tiny"}
    (chat, _) = found.services
    assert (chat.name, chat.wanted) == ("chat", 3)


def test_a_drill_says_that_it_follows_one_set():
    with pytest.raises(
        RehearsalError, match="model chat runs in two sets, one for prefill and one"
    ):
        chosen_model(PLAN, SEEN, "chat")


def test_a_drill_that_may_choose_takes_another_model():
    node = observation(
        nodes=[{"metadata": {"name": "n"}, "spec": {}, "status": {}}],
        deployments=[],
        pods=[],
        events=[],
    ).nodes
    busy = [
        ObservedPod(name=name, uid=name, model=name, node="n", ready=True, reason=None)
        for name in ("chat", "tiny")
    ]
    seen = replace(SEEN, nodes=node, pods=tuple(busy))
    assert chosen_model(PLAN, seen, None).name == "tiny"


def test_the_plan_shows_a_row_for_each_set_and_where_both_are_once():
    assert cells(PLAN, "chat-prefill Qwen/Qwen3-8B")[-1] == "l40s-0 (g6e.12xlarge)"
    assert cells(PLAN, "chat-decode Qwen/Qwen3-8B")[-1] == "with chat-prefill"
