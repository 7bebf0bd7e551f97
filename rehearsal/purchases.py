"""What Karpenter bought for each of its pools, held against what the plan had expected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from planning.plan import Plan
from planning.specs.costs import Usd
from planning.specs.placement import PoolSummary
from rehearsal.fleet.observation import ObservedNode

BY_KARPENTER: Final = ("karpenter", "auto")
"""Kinds of pools whose nodes Karpenter buys, in our hands or in those of EKS."""


class Purchase(BaseModel):
    """The nodes of one pool that Karpenter supplies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pool: str
    expected: dict[str, int]
    """Nodes by instance type that the plan's minimum replicas need."""
    bought: dict[str, int]
    """Nodes by instance type that there are."""
    expected_usd_per_hour: Usd
    """Of the expected nodes, on demand: what the plan counts with."""
    bought_usd_per_hour: Usd | None
    """Of the nodes that there are, each at the price of its capacity type; None where the catalog
    has no price for one of them."""


def purchases(plan: Plan, nodes: Sequence[ObservedNode]) -> tuple[Purchase, ...]:
    """Return a purchase for each Karpenter pool of the plan, in the plan's order."""
    return tuple(
        _purchase(
            pool,
            Counter(node.instance_type for node in plan.placement.nodes if node.pool == pool.name),
            [node for node in nodes if node.pool == pool.name],
        )
        for pool in plan.pools
        if pool.provisioner in BY_KARPENTER
    )


def _purchase(
    pool: PoolSummary, expected: Counter[str], bought: Sequence[ObservedNode]
) -> Purchase:
    prices = dict(zip(pool.instance_types, pool.usd_per_hour, strict=True))
    usd = sum((prices[name] * count for name, count in expected.items()), start=Decimal(0))
    return Purchase(
        pool=pool.name,
        expected=_sorted(expected),
        bought=_sorted(Counter(node.instance_type for node in bought)),
        expected_usd_per_hour=usd,
        bought_usd_per_hour=_sum(node.usd_per_hour for node in bought),
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _sum(prices: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of `prices`; None where one is not known."""
    total = Decimal(0)
    for price in prices:
        if price is None:
            return None
        total += price
    return total
