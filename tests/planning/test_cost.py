"""Cost by hand: prices are read from the catalog's table, a month is 730 hours."""

from decimal import Decimal
from typing import Any

import pytest

from planning.planner import plan_config
from planning.specs.costs import Cost, CostLine
from settings.files import read_config, stack_of
from tests.documents import ENVIRONMENT_FILES, REMOVED
from tests.planning.planned import planned

DEV, PROD = (plan_config(stack_of(file), read_config(file)).cost for file in ENVIRONMENT_FILES)


def usd(text: str) -> Decimal:
    return Decimal(text)


def line(cost: Cost, item: str) -> CostLine:
    (found,) = (line for line in cost.lines if line.item == item)
    return found


# How many at least and at most, floor and ceiling in dollars per month; beside it the price of an
# hour, and what 730 of them cost.
BY_HAND: list[tuple[Cost, str, tuple[int, int], tuple[str, str]]] = [
    (DEV, "EKS control plane", (1, 1), ("73.00", "73.00")),  # 0.10
    (DEV, "NAT gateway and its address", (1, 1), ("36.50", "36.50")),  # 0.045 + 0.005
    (PROD, "NAT gateway and its address", (3, 3), ("109.50", "109.50")),
    (DEV, "system nodes m7i.xlarge", (2, 2), ("294.34", "294.34")),  # 0.2016: 147.168 each
    (PROD, "system nodes m7i.2xlarge", (3, 3), ("883.01", "883.01")),  # 0.4032: 294.336 each
    (DEV, "pool l40s g6e.2xlarge", (2, 0), ("3273.44", "0.00")),  # 2.24208: 1,636.7184 each
    (DEV, "pool l40s g6e.4xlarge", (0, 4), ("0.00", "8772.38")),  # 3.00424: 2,193.0952 each
    (DEV, "pool shared-l4 g6.2xlarge", (1, 1), ("713.65", "713.65")),  # 0.9776: 713.648
    (PROD, "pool shared-l4 g6.2xlarge", (2, 2), ("1427.30", "1427.30")),
    (PROD, "pool l40s g6e.4xlarge", (0, 8), ("0.00", "17544.76")),
    (PROD, "pool l40s-quad g6e.12xlarge", (1, 0), ("7659.63", "0.00")),  # 10.49264: 7,659.6272
    (
        PROD,
        "pool l40s-quad g6e.24xlarge",
        (0, 2),
        ("0.00", "21995.76"),
    ),  # 15.06559: 10,997.8807 each
    (PROD, "pool h100 p5.48xlarge", (2, 3), ("80358.40", "120537.60")),  # 55.04: 40,179.20 each
    (PROD, "pool h100-pair p5.48xlarge", (2, 2), ("80358.40", "80358.40")),
]


@pytest.mark.parametrize(
    ("cost", "item", "counts", "dollars"), BY_HAND, ids=[row[1] for row in BY_HAND]
)
def test_a_line_costs_what_it_costs_by_hand(
    cost: Cost, item: str, counts: tuple[int, int], dollars: tuple[str, str]
):
    found = line(cost, item)
    assert (found.floor_count, found.ceiling_count) == counts
    assert (f"{found.floor_usd_per_month}", f"{found.ceiling_usd_per_month}") == dollars


def test_the_bill_of_dev_and_prod_adds_up_to_the_cent():
    # 73.00 + 36.50 + 294.34 + 3,273.44 + 713.65 and 73.00 + 36.50 + 294.34 + 8,772.38 + 713.65
    assert (DEV.floor_usd_per_month, DEV.ceiling_usd_per_month) == (usd("4390.93"), usd("9889.87"))
    # 73.00 + 109.50 + 883.01 + 3,273.44 + 7,659.63 + 2 x 80,358.40 + 1,427.30
    assert PROD.floor_usd_per_month == usd("174142.68")
    # 73.00 + 109.50 + 883.01 + 17,544.76 + 21,995.76 + 120,537.60 + 80,358.40 + 1,427.30
    assert PROD.ceiling_usd_per_month == usd("242929.33")


def test_an_hour_is_priced_by_its_region():
    types = {"pools.l40s.instances": ["g5.2xlarge"], "pools.l4.instances": ["g4dn.xlarge"]}
    cost = planned(types | {"models.chat.context": 16384}, "eu-west-1").cost
    assert line(cost, "pool l40s g5.2xlarge").floor_usd_per_month == usd("987.66")
    assert line(cost, "NAT gateway and its address").usd_per_hour == usd("0.053")
    assert line(cost, "pool l4 g4dn.xlarge").floor_usd_per_month == usd("428.51")


def test_a_pool_without_replicas_costs_nothing_at_least_and_its_limit_at_most():
    cost = planned({"models.chat": REMOVED}).cost
    # 8 GPUs: two g6e.12xlarge at 7,659.6272 beat eight g6e.2xlarge at 1,636.7184 each.
    assert line(cost, "pool l40s g6e.12xlarge").ceiling_usd_per_month == usd("15319.25")
    assert [found.item for found in cost.lines if found.item.startswith("pool l40s")] == [
        "pool l40s g6e.12xlarge"
    ]


def test_the_dearest_mix_fills_the_limit_to_its_last_gpu():
    cost = planned({"pools.l40s.gpu_limit": 6, "models.chat": REMOVED}).cost
    counts = {found.item: found.ceiling_count for found in cost.lines}
    assert counts["pool l40s g6e.12xlarge"] == 1
    assert counts["pool l40s g6e.2xlarge"] == 2


def test_a_managed_group_may_run_any_of_its_types():
    group = {"pools.l4.instances": ["g6.2xlarge", "g6.4xlarge"], "pools.l4.nodes": 2}
    cost = planned({**group, "budget.gpus": 10}).cost
    first, dearer = line(cost, "pool l4 g6.2xlarge"), line(cost, "pool l4 g6.4xlarge")
    assert (first.floor_count, first.ceiling_count) == (2, 0)
    assert (dearer.floor_count, dearer.ceiling_usd_per_month) == (0, usd("1931.87"))


@pytest.mark.parametrize(
    "changes", [{}, {"network.nat": "per-zone"}, {"models.chat.replicas.max": 8}]
)
def test_a_floor_is_never_above_its_ceiling(changes: dict[str, Any]):
    cost = planned(changes).cost
    assert cost.floor_usd_per_month <= cost.ceiling_usd_per_month
    assert cost.floor_usd_per_month == sum(found.floor_usd_per_month for found in cost.lines)
