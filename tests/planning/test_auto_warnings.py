"""What works with EKS Auto Mode but will surprise."""

from typing import Any

import pytest

from tests.planning.planned import planned
from tests.planning.test_auto_rules import LIFE, RESERVATIONS, auto

FEE = (
    "pools.l40s.provisioner: EKS bills a fee for each hour of each node on top of the instance, "
    "about 12% of its on-demand price; no line of the plan counts it; read the fee of the instance "
    "type on the page of EKS prices [catalog/auto_mode.py, FEE_SHARE]"
)
END = (
    "pools.l40s.expire_after_hours: each node ends after 336 hours at the latest, whatever "
    "`disruption` and the models' PodDisruptionBudgets say; AWS allows no longer life than 21 "
    "days, and replaces nodes about once a week for a new image, within `disruption`; run two "
    f"replicas of what must not pause, or use another `provisioner` {LIFE}"
)
UNWATCHED = (
    "pools.l40s.provisioner: the GPU Operator keeps off these nodes, and with it the DCGM "
    "exporter: there are no GPU metrics of them; watch the models' own metrics, or use another "
    "`provisioner` [NVIDIA/cloud-native-docs: gpu-operator/getting-started.rst]"
)
IN_PLACE = (
    "pools: have one from EKS Auto Mode: where this environment is up without any, this `up` would "
    "remove Karpenter's charts, and with their definitions every NodePool of the cluster, the new "
    "ones included; bring it up as a new environment, and move the models [docs/auto-mode.md]"
)
WARNINGS: list[tuple[dict[str, Any], str]] = [
    (
        {"pools.l40s.disruption": []},
        (
            "pools.l40s.disruption: has no budget that always holds for Drifted: a new image or "
            "label would replace every node at once outside of the schedules; add "
            '`{nodes: "1", reasons: [Drifted]}`; the smallest active budget counts '
            "[karpenter.sh/docs/concepts/nodepools]"
        ),
    ),
    (
        {"pools.l40s.capacity": ["reserved"], "pools.l40s.reservations": ["cr-1"]},
        (
            "pools.l40s.reservations: are billed for as long as they exist, used or not; and from "
            "the first one that is named, no node of the cluster uses an open reservation unless "
            f"it is named too; name every reservation that nodes should use {RESERVATIONS}"
        ),
    ),
    (
        {"karpenter": {"node_overlay": True}},
        (
            "karpenter: is about a Karpenter of our own, and none is installed beside EKS Auto "
            "Mode, which brings the release that AWS chooses; take it out "
            "[Amazon EKS User Guide, automode-learn-instances]"
        ),
    ),
    (
        {"storage.shared_files": {"kind": "efs"}},
        (
            "storage.shared_files: is efs, and whether its driver runs on nodes of EKS Auto Mode, "
            "which have an image of their own, was not seen; try it in dev first, or use another "
            "`provisioner` [Amazon EKS User Guide, automode-learn-instances]"
        ),
    ),
]


def warnings(changes: dict[str, Any]) -> list[str]:
    return [str(warning) for warning in planned(auto(changes)).warnings]


def test_fee_life_metrics_and_the_way_there_are_always_mentioned():
    assert {FEE, END, UNWATCHED, IN_PLACE} <= {*warnings({})}


@pytest.mark.parametrize(
    ("changes", "expected"), WARNINGS, ids=[next(iter(row[0])) for row in WARNINGS]
)
def test_what_surprises_is_said_when_it_applies(changes: dict[str, Any], expected: str):
    assert expected not in warnings({})
    assert expected in warnings(changes)


def test_a_plan_without_such_a_pool_says_nothing_of_auto_mode():
    said = " ".join(str(warning) for warning in planned().warnings)
    assert "Auto Mode" not in said
    assert "DCGM" not in said
