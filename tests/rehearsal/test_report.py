"""The report: what was seen, held against what was planned."""

import dataclasses
from decimal import Decimal

import pytest
from rich.console import Console

from planning.plan import Plan
from planning.planner import plan_config
from rehearsal.fleet.claims import HeldDevice
from rehearsal.fleet.observation import (
    Observation,
    ObservedNode,
    ObservedPod,
    ObservedService,
)
from rehearsal.layout import REPOSITORY
from rehearsal.report import report
from rehearsal.report_tables import report_tables
from rehearsal.reported import Report
from settings.files import read_config

WHY = "0/5 nodes are available: 1 node(s) were unschedulable"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_config("dev", read_config(REPOSITORY / "Pulumi.dev.yaml"))


def node(name: str, pool: str | None) -> ObservedNode:
    return ObservedNode(
        name=name,
        instance_type="g6e.2xlarge",
        pool=pool,
        capacity_type="spot",
        ready=True,
        gpus=1,
        gpus_used=1,
        usd_per_hour=Decimal("0.9"),
    )


def replica(model: str, node: str | None, number: int = 1, *, ready: bool = True) -> ObservedPod:
    reason = None if node else WHY
    name = f"{model}-{number}"
    return ObservedPod(
        name=name, model=model, node=node, ready=ready and node is not None, reason=reason
    )


def seen(*pods: ObservedPod) -> Observation:
    wanted = {"qwen2-5-7b": 1, "qwen3-0-6b": 2, "qwen3-8b": 1}
    return Observation(
        nodes=(node("a", "l40s"), node("b", "l40s"), node("c", "shared-l4"), node("s", None)),
        services=tuple(
            ObservedService(name=name, namespace="models", wanted=count)
            for name, count in wanted.items()
        ),
        pods=pods,
    )


AS_PLANNED = (
    replica("qwen2-5-7b", "a"),
    replica("qwen3-0-6b", "c", 1),
    replica("qwen3-0-6b", "c", 2),
    replica("qwen3-8b", "b"),
)


def test_replicas_on_nodes_of_their_pools_agree_with_the_plan(plan: Plan):
    found = report(plan, seen(*AS_PLANNED))
    assert found.predicted == found.observed
    assert found.predicted["qwen3-0-6b"] == {"shared-l4": 2}
    assert found.as_planned


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(replica("qwen3-8b", "c"), id="on another pool"),
        pytest.param(replica("qwen3-8b", None), id="nowhere"),
        pytest.param(replica("qwen3-8b", "b", ready=False), id="not ready"),
        pytest.param(replica("qwen3-8b", "gone"), id="on a node that has gone"),
    ],
)
def test_one_replica_elsewhere_is_a_disagreement(plan: Plan, odd: ObservedPod):
    found = report(plan, seen(*AS_PLANNED[:-1], odd))
    assert not found.agrees
    assert not found.as_planned


def test_a_pending_replica_is_named_with_its_reason(plan: Plan):
    found = report(plan, seen(*AS_PLANNED[:-1], replica("qwen3-8b", None)))
    service = found.services[-1]
    assert (service.name, service.wanted, service.running) == ("qwen3-8b", 1, 0)
    assert [(each.pod, each.reason) for each in service.pending] == [("qwen3-8b-1", WHY)]


def test_the_devices_of_a_replica_stand_with_its_service(plan: Plan):
    whole = HeldDevice(driver="gpu.nvidia.com", pool="b", device="gpu-2")
    share = HeldDevice(
        driver="hami-core-gpu.project-hami.io",
        pool="b",
        device="hami-gpu-0",
        share_id="s",
        consumed={"memory": "8Gi", "cores": "30"},
    )
    holder = dataclasses.replace(replica("qwen3-8b", "b"), devices=(whole, share))
    waiting = dataclasses.replace(replica("qwen3-8b", None, 2), devices=(share,))
    found = report(plan, seen(*AS_PLANNED[:-1], holder, waiting))
    (held,) = found.services[-1].devices
    assert held.pod == "qwen3-8b-1"
    assert held.model_dump(mode="json")["devices"][1] == {
        "driver": "hami-core-gpu.project-hami.io",
        "pool": "b",
        "device": "hami-gpu-0",
        "share_id": "s",
        "consumed": {"memory": "8Gi", "cores": "30"},
    }
    assert found.services[0].devices == ()
    printed = Console(width=200, record=True)
    printed.print(report_tables(found))
    text = printed.export_text()
    assert "b/gpu-2 " in text
    assert "b/hami-gpu-0 (cores 30, memory 8Gi)" in text


def test_a_service_that_asks_for_more_than_runs_is_not_as_planned(plan: Plan):
    services = (ObservedService(name="qwen3-8b", namespace="models", wanted=2),)
    whole = seen(*AS_PLANNED)
    found = report(plan, Observation(nodes=whole.nodes, services=services, pods=whole.pods))
    assert found.agrees
    assert not found.as_planned


def test_a_model_that_may_scale_to_zero_is_expected_nowhere(plan: Plan):
    services = tuple(
        each.model_copy(update={"placed": 0, "nodes": ()}) for each in plan.placement.services
    )
    placement = plan.placement.model_copy(update={"services": services})
    idle = plan.model_copy(update={"placement": placement})
    assert report(idle, seen()).agrees


def test_money_is_a_number_in_json_and_an_unknown_price_is_null(plan: Plan):
    document = report(plan, seen(*AS_PLANNED)).model_dump(mode="json")
    assert document["cost"]["floor_usd_per_month"] == float(plan.cost.floor_usd_per_month)
    assert [each["pool"] for each in document["nodes"]] == ["l40s", "l40s", "shared-l4", None]


def test_what_karpenter_bought_stands_beside_what_the_plan_expected(plan: Plan):
    whole = seen(*AS_PLANNED)
    (purchase,) = report(plan, whole).purchases
    assert purchase.pool == "l40s"
    assert purchase.expected == purchase.bought == {"g6e.2xlarge": 2}
    # g6e.2xlarge in us-west-2 is 2.24208 USD on demand; the two that were seen cost 0.9 each.
    assert purchase.expected_usd_per_hour == Decimal("4.48416")
    assert purchase.bought_usd_per_hour == Decimal("1.8")


def test_another_type_and_an_unknown_price_are_said_as_they_are(plan: Plan):
    whole = seen(*AS_PLANNED)
    odd = dataclasses.replace(whole.nodes[0], instance_type="g6e.4xlarge", usd_per_hour=None)
    found = report(plan, dataclasses.replace(whole, nodes=(odd, *whole.nodes[1:])))
    assert found.purchases[0].bought == {"g6e.2xlarge": 1, "g6e.4xlarge": 1}
    assert found.model_dump(mode="json")["purchases"][0]["bought_usd_per_hour"] is None
    shown = printed(found)
    assert "Karpenter's purchases" in shown
    assert "1 x g6e.4xlarge" in shown


def test_a_pool_for_which_nothing_was_bought_says_so(plan: Plan):
    found = report(plan, dataclasses.replace(seen(), nodes=()))
    assert found.purchases[0].bought == {}
    assert found.purchases[0].bought_usd_per_hour == 0
    assert "none" in printed(found)


def printed(found: Report) -> str:
    terminal = Console(width=200)
    with terminal.capture() as captured:
        terminal.print(report_tables(found))
    return captured.get()


def test_the_tables_name_what_waits_and_where_the_two_disagree(plan: Plan):
    shown = printed(report(plan, seen(*AS_PLANNED[:-1], replica("qwen3-8b", None))))
    assert f"qwen3-8b-1: {WHY}" in shown
    assert "plan and scheduler disagree" in shown
    assert "qwen3-8b: planned {'l40s': 1}, seen nowhere" in shown


def test_what_dividing_gpus_saves_is_told_in_gpus_and_dollars(plan: Plan):
    found = report(plan, seen(*AS_PLANNED))
    (packed,) = found.packing
    # Two shares of 6 of 22.35 GiB, on a g6.2xlarge at 0.9776 USD per hour.
    assert (packed.pool, packed.replicas, packed.gpus_used) == ("shared-l4", 2, 1)
    assert (packed.gpus_least, packed.gpus_undivided) == (0.6, 2)
    assert packed.usd_per_month == Decimal("713.65")
    assert packed.undivided_usd_per_month == Decimal("1427.30")
    assert "1,427.30" in printed(found)
