"""Pools of which Karpenter keeps a fixed number of nodes: counted, priced, and judged."""

from decimal import Decimal
from typing import Any

import pytest

from planning.plan import Plan
from planning.specs.costs import CostLine
from planning.specs.placement import PoolSummary
from planning.specs.pools import DisruptionBudgetSpec, StaticNodesSpec
from tests.documents import REMOVED
from tests.planning.planned import planned, planned_karpenter, refusals

NODEPOOLS = "[karpenter.sh/docs/concepts/nodepools, spec.replicas]"
API = "[kubernetes-sigs/karpenter v1.14.1: pkg/apis/v1/nodepool.go]"
DRIFT = "[kubernetes-sigs/karpenter v1.14.1: pkg/controllers/disruption/staticdrift.go]"
STATIC: dict[str, Any] = {
    "karpenter": {"static_capacity": True},
    "pools.l40s.instances": ["g6e.24xlarge", "g6e.12xlarge"],
    "pools.l40s.static_nodes": 2,
    "pools.l40s.gpu_limit": 12,
    "budget.gpus": 13,
}
"""Two nodes of four GPUs, and room for a third while one is replaced."""
ALPHA = (
    "pools.l40s.static_nodes: rests on StaticCapacity, which is alpha in Karpenter 1.14.1: a "
    "release that changes it may start the wrong number of nodes; move `karpenter.version` in dev "
    "first, or use `provisioner: managed` [karpenter.sh/docs/reference/settings, feature gates]"
)
SHARES: dict[str, Any] = {
    "models.chat.model": "Qwen/Qwen3-0.6B",
    "models.chat.share": {"memory_gib": 24, "cores_percent": 50},
}
WAYS: dict[str, dict[str, Any]] = {
    "whole": {},
    "dra": {"pools.l40s.sharing": {"kind": "dra"}, "pools.l4": REMOVED, "models.tiny": REMOVED},
    "hami": {"pools.l40s.sharing": {"kind": "hami"}, **SHARES},
    "hami-dra": {
        "pools.l40s.sharing": {"kind": "hami-dra"},
        **SHARES,
        "pools.l4": REMOVED,
        "models.tiny": REMOVED,
    },
    "time-slicing": {
        "pools.l40s.sharing": {"kind": "time-slicing", "replicas": 4},
        "models.chat.model": "Qwen/Qwen3-0.6B",
    },
}


def lines(plan: Plan) -> list[CostLine]:
    return [line for line in plan.cost.lines if line.item.startswith("pool l40s")]


def summary(plan: Plan) -> PoolSummary:
    return next(pool for pool in plan.pools if pool.name == "l40s")


def warned(changes: dict[str, Any]) -> list[str]:
    before = planned().warnings
    return [
        str(found)
        for found in planned(changes).warnings
        if found not in before and found.path.startswith("pools.l40s")
    ]


def test_its_nodes_are_there_and_paid_whether_a_model_needs_them_or_not():
    plan = planned(STATIC)
    nodes = [node for node in plan.placement.nodes if node.pool == "l40s"]
    assert [(node.instance_type, node.replicas) for node in nodes] == [
        ("g6e.12xlarge", ("chat",)),
        ("g6e.12xlarge", ()),
    ]
    found = {line.item: (line.floor_count, line.ceiling_count) for line in lines(plan)}
    assert found == {"pool l40s g6e.24xlarge": (0, 2), "pool l40s g6e.12xlarge": (2, 0)}
    assert (summary(plan).gpus_floor, summary(plan).gpus_limit) == (8, 12)


def test_its_bill_is_that_of_its_nodes_to_the_cent():
    [line] = lines(planned(STATIC | {"pools.l40s.instances": ["g6e.12xlarge"]}))
    # 2 x 10.49264 USD x 730 h
    assert line.floor_usd_per_month == line.ceiling_usd_per_month == Decimal("15319.25")


def test_the_quota_covers_the_node_that_comes_before_another_goes():
    needed = {need.code: need.vcpus for need in planned(STATIC).quotas}
    # 3 x 96 vCPU of g6e.24xlarge, and the g6.2xlarge of the managed pool
    assert needed["L-DB2E81BA"] == 3 * 96 + 8


def test_no_node_is_started_for_a_replica_more():
    models = {"models.chat.gpus": 4, "models.chat.replicas": {"min": 2, "max": 3}}
    assert refusals(STATIC | models) == [
        (
            "models.chat.replicas.max: 3 replicas of 4 GPUs, but pool 'l40s' with its 8 GPUs has "
            "room for 2; lower it to 2, or raise pools.l40s.static_nodes [settings/sharing.py]"
        ),
    ]
    full = planned(STATIC | models | {"models.chat.replicas": {"min": 2, "max": 2}})
    [roll] = [roll for roll in full.rolls if roll.pool == "l40s"]
    assert (roll.rollout, roll.new_node) == ("in-place", None)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_handing_out_gpus_is_possible_and_karpenter_need_not_know_it(way: str):
    changes = STATIC | WAYS[way]
    [pool] = planned(changes).gpu_pools
    assert pool.static == StaticNodesSpec(nodes=2, most_nodes=3)
    assert (pool.overlays, pool.devices_per_gpu) == ((), 1)
    settings = planned_karpenter(changes).controller.values["settings"]
    assert settings["featureGates"] == {"staticCapacity": True}
    assert "awsFeatureGates" not in settings
    expected = [ALPHA]
    assert [told for told in warned(changes) if "time-slicing keeps no model" not in told] == (
        expected
    )


def test_budgets_are_about_outdated_nodes_alone():
    [pool] = planned(STATIC).gpu_pools
    assert pool.budgets == (DisruptionBudgetSpec(nodes="1", reasons=("Drifted",)),)


def test_without_static_nodes_nothing_is_kept_and_no_feature_is_on():
    [pool] = planned().gpu_pools
    assert pool.static is None
    assert "featureGates" not in planned_karpenter().controller.values["settings"]


RULES: list[tuple[dict[str, Any], str]] = [
    (
        {"karpenter": {}},
        (
            "pools.l40s.static_nodes: is 2, and Karpenter's feature StaticCapacity, by which it "
            "keeps a number of nodes, is off: it would start none; add `karpenter: "
            "{static_capacity: true}`, an alpha feature, or use `provisioner: managed` "
            f"{NODEPOOLS}"
        ),
    ),
    (
        {"pools.l40s.gpu_limit": 4},
        (
            "pools.l40s.gpu_limit: is 4, and 2 nodes of g6e.12xlarge have 8 GPUs; raise it to 12, "
            f"which leaves room to replace a node, or lower `static_nodes` {NODEPOOLS}"
        ),
    ),
    (
        {"pools.l40s.static_nodes": 1, "pools.l40s.gpu_limit": 2},
        (
            "pools.l40s.gpu_limit: is 2, and 1 node of g6e.12xlarge has 4 GPUs; raise it to 8, "
            f"which leaves room to replace a node, or lower `static_nodes` {NODEPOOLS}"
        ),
    ),
    (
        {"pools.l40s.weight": 50},
        (
            "pools.l40s.weight: is 50, and no pod's waiting starts a node of a static pool: the "
            f"API refuses a weight beside replicas; leave it out {API}"
        ),
    ),
    (
        {"pools.l40s.idle_minutes": 5},
        (
            "pools.l40s.idle_minutes: is 5, and a static pool keeps its nodes when they are empty; "
            f"leave it out, or leave out `static_nodes` {API}"
        ),
    ),
    (
        {
            "pools.l40s.disruption": [
                {"nodes": "1", "reasons": ["Drifted"]},
                {"nodes": "0", "reasons": ["Empty"]},
            ],
        },
        (
            "pools.l40s.disruption.1: is about empty nodes alone, which a static pool keeps; take "
            f"it out {API}"
        ),
    ),
    (
        {"pools.l40s.instances": ["g6e.12xlarge", "g6e.48xlarge"], "pools.l40s.gpu_limit": 24},
        (
            "pools.l40s.instances: types with different numbers of GPUs (g6e.12xlarge 4, "
            "g6e.48xlarge 8): the static pool would have no known size; use types with the same "
            "number of GPUs [catalog/instance_type_facts.py]"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), RULES, ids=[row[1][:48] for row in RULES])
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any],
    expected: str,
):
    assert refusals(STATIC | {"budget.gpus": 25} | changes) == [expected]


WARNINGS: list[tuple[dict[str, Any], str]] = [
    (
        {"pools.l40s.gpu_limit": 8},
        (
            "pools.l40s.gpu_limit: is 8, which its 2 nodes fill: Karpenter starts a new node "
            "before it ends an outdated one, so that a new image never comes; raise it to 12, and "
            f"`budget.gpus` with it; the GPUs are used for the time of a replacement {DRIFT}"
        ),
    ),
    (
        {"pools.l40s.capacity": ["reserved"], "pools.l40s.reservations": ["cr-1"]},
        (
            "pools.l40s.capacity: is reserved alone: Karpenter starts a new node before it ends an "
            "outdated one, and a reservation that the nodes fill has no room for it; reserve an "
            f"instance more, or add on-demand {DRIFT}"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WARNINGS, ids=[row[1][:40] for row in WARNINGS])
def test_a_surprise_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any],
    expected: str,
):
    assert warned(STATIC | changes) == [ALPHA, expected]


@pytest.mark.parametrize(
    ("private", "expected"),
    [({}, True), ({"network.private": True, "network.nat": "none"}, None)],
    ids=["public", "private"],
)
def test_karpenter_heeds_zonal_shifts_where_it_can_ask_for_them(
    private: dict[str, Any],
    expected: object,
):
    settings = planned_karpenter(private).controller.values["settings"]
    assert settings.get("enableZonalShift") is expected


def test_instances_have_the_name_of_their_pool():
    plan = planned()
    names = [spec.tags["Name"] for spec in (*plan.gpu_pools, *plan.managed_gpu_nodes)]
    assert names == ["llm-platform-dev-l40s", "llm-platform-dev-l4"]
