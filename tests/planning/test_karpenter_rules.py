"""Rules of Karpenter and its pools, message by message."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

NODE_POOLS = "[karpenter.sh/docs/concepts/nodepools]"
NODE_CLASSES = "[karpenter.sh/docs/concepts/nodeclasses]"
RESERVATIONS = "[karpenter.sh/docs/tasks/odcrs]"
OWNERS = "[planning/rules/karpenter.py, RESERVED_DOMAINS]"


def budgets(**budget: Any) -> dict[str, Any]:
    always = {"nodes": "1", "reasons": ["Drifted"]}
    return {"pools.l40s.disruption": [always, {"nodes": "0", **budget}]}


RULES: list[tuple[dict[str, Any], str]] = [
    (
        {"karpenter": {"version": "1.12.1"}},
        (
            "karpenter.version: 1.12.1 is too old for Kubernetes 1.36; use 1.14.1, or leave it out "
            "[catalog/karpenter.py, OLDEST_MINOR_FOR]"
        ),
    ),
    (
        {"karpenter": {"version": "1.14.0"}},
        (
            "karpenter.version: 1.14.0 is not in the catalog: what it may do in AWS is not known; "
            "use "
            "one of 1.15.0, 1.14.1, 1.13.1 [catalog/karpenter.py]"
        ),
    ),
    (
        {"pools.l40s.capacity": ["reserved", "on-demand"]},
        (
            "pools.l40s.reservations: is empty, but `capacity` has reserved: Karpenter uses no "
            "reservation, not even an open one, that is not named; name the reservations, cr-…, or "
            f"take reserved out of `capacity` {RESERVATIONS}"
        ),
    ),
    (
        {"pools.l40s.reservations": ["cr-1", "cr-2"]},
        (
            "pools.l40s.capacity: lacks reserved: cr-1, cr-2 would be paid and not used; add "
            "reserved "
            f"to `capacity`, or take out `reservations` {RESERVATIONS}"
        ),
    ),
    (
        {"pools.l40s.zones": ["us-west-2a", "us-west-2d"]},
        (
            "pools.l40s.zones: us-west-2d has no subnet of this network; use some of us-west-2a, "
            f"us-west-2b, or add zones to `network` {NODE_CLASSES}"
        ),
    ),
    (
        budgets(schedule="0 6 * * mon-fri"),
        (
            "pools.l40s.disruption.1: has a schedule, '0 6 * * mon-fri', and no duration: nobody "
            "could "
            f"say when it ends; add `duration_hours`, `duration_minutes` or both {NODE_POOLS}"
        ),
    ),
    (
        budgets(duration_hours=14),
        (
            "pools.l40s.disruption.1: has a duration and no schedule: nobody could say when it "
            "begins; "
            f"add `schedule: 0 6 * * mon-fri`, in UTC, or take out the duration {NODE_POOLS}"
        ),
    ),
    (
        budgets(duration_minutes=30),
        (
            "pools.l40s.disruption.1: has a duration and no schedule: nobody could say when it "
            "begins; "
            f"add `schedule: 0 6 * * mon-fri`, in UTC, or take out the duration {NODE_POOLS}"
        ),
    ),
    (
        budgets(schedule="0 25 * * *", duration_hours=1),
        (
            "pools.l40s.disruption.1.schedule: '25' is no hour, which is 0 to 23; write five "
            "fields of "
            f"cron in UTC, such as `0 6 * * mon-fri` {NODE_POOLS}"
        ),
    ),
    (
        {"pools.l40s.ami": "al2023@latest"},
        (
            "pools.l40s.ami: al2023@latest replaces every node of the pool at each release of the "
            "image, with another driver and kernel; pin a release, al2023@v20260714, and move it "
            "in "
            f"dev first {NODE_CLASSES}"
        ),
    ),
    (
        {"pools.l40s.ami": "ubuntu@24.04"},
        (
            "pools.l40s.ami: ubuntu@24.04 is no release of Amazon Linux 2023 or of Bottlerocket, "
            "for which the disks and the start-up of these nodes are made; use a release such as "
            "al2023@v20260714 or bottlerocket@v1.64.0 [planning/node_images/images.py]"
        ),
    ),
    (
        {"pools.l40s.ami": "al2023@v20260818"},
        (
            "pools.l40s.ami: al2023@v20260818: its container toolkit 1.20.0 breaks pods that mount "
            "/etc/nvidia read-only, the device plugin first; use al2023@v20260714 "
            "[catalog/eks.py, BROKEN_NODE_IMAGES]"
        ),
    ),
    (
        {"pools.l40s.labels": {"team": "search", "node.kubernetes.io/role": "gpu"}},
        (
            "pools.l40s.labels: node.kubernetes.io/role is set by its owner, not by a pool; use a "
            "key "
            f"of your own, team or example.com/team {OWNERS}"
        ),
    ),
    (
        {"pools.l40s.labels": {"gpu": "on"}},
        (
            "pools.l40s.labels: gpu is set by its owner, not by a pool; use a key of your own, "
            "team or "
            f"example.com/team {OWNERS}"
        ),
    ),
    (
        {"pools.l40s.taints": [{"key": "nvidia.com/gpu", "value": "yes"}]},
        (
            "pools.l40s.taints: nvidia.com/gpu is set by its owner, not by a pool; use a key of "
            "your "
            f"own, team or example.com/team {OWNERS}"
        ),
    ),
    (
        {"pools.l40s.taints": [{"key": "team", "value": "a"}, {"key": "team", "value": "b"}]},
        (
            "pools.l40s.taints: team stands there more than once with NoSchedule; name each key "
            "once "
            "per effect [Kubernetes: a node has one taint per key and effect]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), RULES, ids=[row[1].split(";")[0] for row in RULES]
)
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_a_kubernetes_minor_may_have_an_older_karpenter():
    changes: dict[str, Any] = {
        "karpenter": {"version": "1.12.1"},
        "cluster.kubernetes": "1.35",
        "pools.l4": REMOVED,
        "models.tiny": REMOVED,
    }
    [found] = refusals(changes)
    assert found.startswith("karpenter.version: 1.12.1 is not in the catalog")


def test_what_a_pool_chooses_is_what_karpenter_gets():
    plan = planned(
        {
            "pools.l40s.capacity": ["on-demand", "reserved", "spot"],
            "pools.l40s.reservations": ["cr-1"],
            "pools.l40s.zones": ["us-west-2b"],
            "pools.l40s.disruption": [
                {"nodes": "10%"},
                {
                    "nodes": "0",
                    "reasons": ["Drifted"],
                    "schedule": "0 6 * * mon-fri",
                    "duration_hours": 14,
                    "duration_minutes": 30,
                },
                {"nodes": "0", "schedule": "@daily", "duration_minutes": 45},
            ],
            "pools.l40s.weight": 50,
            "pools.l40s.expire_after_hours": 720,
            "pools.l40s.termination_grace_minutes": 120,
            "pools.l40s.ami": "al2023@v20260714",
            "pools.l40s.labels": {"team": "search", "example.com/tier": "gold"},
        }
    )
    [spec] = plan.gpu_pools
    assert spec.capacity == ("on-demand", "reserved", "spot")
    assert (spec.reservations, spec.zones, spec.weight) == (("cr-1",), ("us-west-2b",), 50)
    assert [(b.nodes, b.reasons, b.schedule, b.duration) for b in spec.budgets] == [
        ("10%", (), None, None),
        ("0", ("Drifted",), "0 6 * * mon-fri", "14h30m"),
        ("0", (), "@daily", "45m"),
    ]
    assert (spec.expire_after_hours, spec.termination_grace_minutes) == (720, 120)
    assert spec.delete_minutes == 135
    assert spec.ami_alias == "al2023@v20260714"
    assert spec.labels == {
        "team": "search",
        "example.com/tier": "gold",
        "llm-platform/pool": "l40s",
        "llm-platform/sharing": "whole",
        "llm-platform/device-manager": "device-plugin",
    }


def test_a_pool_that_chooses_nothing_is_cautious():
    [spec] = planned().gpu_pools
    assert spec.capacity == ("on-demand",)
    assert [(b.nodes, b.reasons) for b in spec.budgets] == [
        ("100%", ("Empty",)),
        ("1", ("Drifted",)),
    ]
    assert (spec.weight, spec.expire_after_hours, spec.zones, spec.reservations) == (
        None,
        None,
        (),
        (),
    )
    assert spec.delete_minutes == 45


def test_who_runs_on_a_further_tainted_pool_tolerates_it_and_nobody_else():
    taint = {"key": "team", "value": "search", "effect": "NoExecute"}
    plan = planned({"pools.l40s.taints": [taint]})
    [spec] = plan.gpu_pools
    assert [one.key for one in spec.taints] == ["nvidia.com/gpu", "team"]
    chat, tiny = plan.models
    further = {"key": "team", "operator": "Exists", "effect": "NoExecute"}
    assert [one.model_dump() for one in chat.tolerations][1:] == [further]
    assert len(tiny.tolerations) == 1
    values = plan.gpu_operator.release.values
    for agent in (values["daemonsets"], values["node-feature-discovery"]["worker"]):
        assert [one["key"] for one in agent["tolerations"]] == ["nvidia.com/gpu", "team"]
        assert agent["tolerations"][1] == further
