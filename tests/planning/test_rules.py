"""Rules of the budget, and what placement and cost refuse, by message."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

ONLY_FOURS = {"provisioner": "karpenter", "instances": ["g6e.12xlarge"], "gpu_limit": 8}
OTHER = {"model": "a/b", "context": 512}

RULES: list[tuple[dict[str, Any], str]] = [
    (
        {"budget.gpus": 8},
        (
            "budget.gpus: 8, but the pools may own 9 (l40s 8 + l4 1); raise it, or lower "
            "`gpu_limit` or `nodes` of a pool [settings/budget.py]"
        ),
    ),
    (
        {"models.other": {**OTHER, "pool": "l40s", "gpus": 4, "replicas": {"min": 2, "max": 2}}},
        (
            "models.chat.replicas.min: is 1, but 0 find room beside the other models of pool "
            "'l40s', which may own 8 GPUs; raise pools.l40s.gpu_limit, or lower replicas.min "
            "[planning/placing/placement.py]"
        ),
    ),
    (
        {"models.more": {**OTHER, "pool": "l4", "share": {"memory_gib": 20, "cores_percent": 50}}},
        (
            "models.tiny.replicas.min: is 1, but 0 find room beside the other models of pool "
            "'l4', which may own 1 GPU; raise pools.l4.nodes, or lower replicas.min "
            "[planning/placing/placement.py]"
        ),
    ),
    (
        {"budget.usd_per_month": 2754},
        (
            "budget.usd_per_month: 2,754 USD, but minimum replicas alone cost 2,754.21 USD per "
            "month; raise it, lower replicas.min, or use smaller instances [planning/cost.py, "
            "on-demand prices of the catalog]"
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


def test_a_region_without_prices_is_refused():
    (finding,) = refusals({}, "eu-north-1")
    assert finding == (
        "aws:region: eu-north-1 has no prices in the catalog; use one of us-east-1, us-west-2, "
        "eu-west-1, ap-northeast-1 [catalog/regions.py]"
    )


def test_nodes_of_four_gpus_leave_no_room_for_a_third_replica_of_four():
    changes = {"pools.l40s": ONLY_FOURS, "models.chat.gpus": 4}
    assert planned(changes | {"models.chat.replicas": {"min": 2, "max": 2}}).warnings == ()
    (finding,) = refusals(changes | {"models.chat.replicas": {"min": 3, "max": 3}})
    assert finding.startswith("models.chat.replicas.max: 3 replicas of 4 GPUs, but pool 'l40s'")


def test_another_minor_than_hami_s_scheduler_is_fine_where_nothing_is_shared():
    changes = {"cluster.kubernetes": "1.35", "pools.l4": REMOVED, "models.tiny": REMOVED}
    assert planned(changes).cluster.kubernetes == "1.35"
