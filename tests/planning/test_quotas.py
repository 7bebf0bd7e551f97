"""vCPU by hand: an instance type's vCPU are read from the catalog's table."""

from typing import Any

import pytest

from planning.plan import Plan
from planning.planner import plan_config
from settings.files import read_config, stack_of
from tests.documents import ENVIRONMENT_FILES, REMOVED
from tests.planning.planned import planned

DEV, PROD = (plan_config(stack_of(file), read_config(file)) for file in ENVIRONMENT_FILES)
STANDARD, G, P = "L-1216C47A", "L-DB2E81BA", "L-417A185B"
SPOT_G, SPOT_P4, SPOT_P5 = "L-3819A6DF", "L-7212CCBC", "L-C4BD4855"
PRICED: dict[str, Any] = {"models": REMOVED, "budget.gpus": 64, "budget.usd_per_month": 10**6}


def vcpus(plan: Plan) -> dict[str, int]:
    return {need.code: need.vcpus for need in plan.quotas}


@pytest.mark.parametrize(
    ("plan", "code", "by_hand", "used_by"),
    [
        (DEV, STANDARD, 2 * 4, ("system",)),  # m7i.xlarge
        (PROD, STANDARD, 3 * 8, ("system",)),  # m7i.2xlarge
        # 4 GPUs: four g6e.4xlarge of 16 vCPU; and one g6.2xlarge of 8
        (DEV, G, 4 * 16 + 8, ("l40s", "shared-l4")),
        (DEV, SPOT_G, 4 * 16, ("l40s",)),
        # 8 GPUs: eight g6e.4xlarge; two g6e.24xlarge of 96; two g6.2xlarge
        (PROD, G, 8 * 16 + 2 * 96 + 2 * 8, ("l40s", "l40s-quad", "shared-l4")),
        (PROD, SPOT_G, 8 * 16, ("l40s",)),
        (PROD, P, (3 + 2) * 192, ("h100", "h100-pair")),  # p5.48xlarge
    ],
)
def test_a_quota_is_what_everything_at_its_limit_has_in_vcpu(
    plan: Plan, code: str, by_hand: int, used_by: tuple[str, ...]
) -> None:
    (need,) = (need for need in plan.quotas if need.code == code)
    assert (need.vcpus, need.used_by) == (by_hand, used_by)


def test_a_quota_that_nothing_draws_on_is_not_asked_for() -> None:
    assert vcpus(DEV).keys() == {STANDARD, G, SPOT_G}
    assert vcpus(PROD).keys() == {STANDARD, G, P, SPOT_G}


@pytest.mark.parametrize(
    ("types", "limit", "by_hand"),
    [
        # Types with one GPU have more vCPU each than types with four: 8 x 16 beats 2 x 48.
        (["g6e.4xlarge", "g6e.12xlarge"], 8, 8 * 16),
        (["g6e.2xlarge", "g6e.12xlarge"], 8, 2 * 48),  # and 8 x 8 does not
        (["g6e.2xlarge", "g6e.12xlarge"], 6, 48 + 2 * 8),
        (["g6e.16xlarge"], 3, 3 * 64),
        (["g6e.48xlarge"], 15, 192),  # the second node of eight GPUs is beyond the limit
    ],
)
def test_the_nodes_with_the_most_vcpu_fill_the_limit(
    types: list[str], limit: int, by_hand: int
) -> None:
    changes = {"pools.l40s.instances": types, "pools.l40s.gpu_limit": limit}
    assert vcpus(planned(PRICED | changes))[G] == by_hand + 8  # and the g6.2xlarge of pool l4


def test_a_pool_that_may_buy_spot_and_on_demand_needs_all_of_it_in_both() -> None:
    found = vcpus(planned({"pools.l40s.capacity": ["spot", "on-demand"]}))
    assert (found[SPOT_G], found[G]) == (2 * 48, 2 * 48 + 8)


def test_a_pool_on_spot_alone_needs_nothing_on_demand() -> None:
    found = vcpus(planned({"pools.l40s.capacity": ["spot"]}))
    assert (found[SPOT_G], found[G]) == (96, 8)


def test_a_managed_group_may_run_the_largest_of_its_types_on_every_node() -> None:
    group = {"pools.l4.instances": ["g6.2xlarge", "g6.16xlarge"], "pools.l4.nodes": 3}
    assert vcpus(planned(PRICED | group))[G] == 2 * 48 + 3 * 64


@pytest.mark.parametrize(
    ("instance", "gpus", "code", "by_hand"),
    [("p4d.24xlarge", 8, SPOT_P4, 96), ("p5.48xlarge", 16, SPOT_P5, 384)],
)
def test_spot_of_p5_is_not_spot_of_p4(instance: str, gpus: int, code: str, by_hand: int) -> None:
    pool = {"provisioner": "karpenter", "instances": [instance], "gpu_limit": gpus}
    big = {"pools.big": {**pool, "capacity": ["spot"]}}
    found = vcpus(planned(PRICED | big, "us-east-1"))
    assert {key: found.get(key) for key in (SPOT_P4, SPOT_P5)} == {
        SPOT_P4: None,
        SPOT_P5: None,
        code: by_hand,
    }


def test_spot_that_aws_lists_no_quota_for_is_said_and_counted_nowhere() -> None:
    pool = {"provisioner": "karpenter", "instances": ["p6-b200.48xlarge"], "gpu_limit": 8}
    changes = {"pools.b200": {**pool, "capacity": ["spot", "on-demand"]}}
    plan = planned(PRICED | changes, "us-east-1")
    said = [str(found) for found in plan.warnings if found.path.startswith("pools.")]
    assert said == [
        (
            "pools.b200.capacity: AWS names no spot quota for p6-b200.48xlarge: its vCPU are in no "
            "sum here; ask AWS Support what limits it, or buy without spot [catalog/quotas.py]"
        )
    ]
    assert vcpus(plan)[P] == 192
    assert SPOT_P5 not in vcpus(plan)


def test_a_new_account_is_told_how_far_it_is() -> None:
    assert [(need.code, need.default_vcpus) for need in PROD.quotas] == [
        (STANDARD, 5),
        (G, 0),
        (P, 0),
        (SPOT_G, 0),
    ]
