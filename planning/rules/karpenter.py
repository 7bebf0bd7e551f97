"""Rules of Karpenter and its pools; those of instance types are in `pool_rules.py`."""

from collections.abc import Iterator

from catalog.karpenter import KARPENTER_RELEASES, LONG_TERM_RELEASE, knows_kubernetes
from planning.cron import wrong_schedule
from planning.foundation.network import zones_of
from planning.rules.families import family_rules
from settings.disruption import DisruptionBudget
from settings.dynamic_pool import DynamicPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool

NODE_POOLS = "karpenter.sh/docs/concepts/nodepools"
NODE_CLASSES = "karpenter.sh/docs/concepts/nodeclasses"
RESERVATIONS = "karpenter.sh/docs/tasks/odcrs"
RESERVED_DOMAINS = (
    "kubernetes.io",
    "k8s.io",
    "k8s.aws",
    "karpenter.sh",
    "amazonaws.com",
    "nvidia.com",
    "llm-platform",
)
"""Whose labels and taints are set by their owners: the node, Karpenter, the GPU layer, the plan."""
RESERVED_KEYS = ("gpu",)


def controller_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with the release of Karpenter."""
    version = environment.platform.karpenter.version
    kubernetes = environment.platform.cluster.kubernetes
    if version is None:
        return
    if not knows_kubernetes(version, kubernetes):
        yield Finding(
            path="karpenter.version",
            problem=f"{version} is too old for Kubernetes {kubernetes}",
            fix=f"use {LONG_TERM_RELEASE.version}, or leave it out",
            source="catalog/karpenter.py, OLDEST_MINOR_FOR",
        )
    elif version not in KARPENTER_RELEASES:
        yield Finding(
            path="karpenter.version",
            problem=f"{version} is not in the catalog: what it may do in AWS is not known",
            fix=f"use one of {', '.join(KARPENTER_RELEASES)}",
            source="catalog/karpenter.py",
        )


def karpenter_pool_rules(
    name: str, pool: KarpenterPool, environment: Environment
) -> Iterator[Finding]:
    """Yield what is wrong with a Karpenter pool beside its instance types."""
    yield from dynamic_pool_rules(name, pool, environment)
    yield from _reservations(f"pools.{name}", pool)


def dynamic_pool_rules(name: str, pool: DynamicPool, environment: Environment) -> Iterator[Finding]:
    """Yield what is wrong with a NodePool, whoever runs Karpenter."""
    yield from family_rules(name, pool, environment.region)
    yield from _zones(name, pool, environment)
    for index, budget in enumerate(pool.disruption):
        yield from _budget(f"pools.{name}.disruption.{index}", budget)
    yield from _marks(name, pool)


def _reservations(path: str, pool: KarpenterPool) -> Iterator[Finding]:
    unnamed = Finding(
        path=f"{path}.reservations",
        problem="is empty, but `capacity` has reserved: Karpenter uses no reservation, not "
        "even an open one, that is not named",
        fix="name the reservations, cr-…, or take reserved out of `capacity`",
        source=RESERVATIONS,
    )
    yield from reservation_rules(path, pool, unnamed)


def reservation_rules(path: str, pool: DynamicPool, unnamed: Finding) -> Iterator[Finding]:
    """Yield that of `reserved` and the reservations one stands without the other.

    Args:
        path: Of the pool.
        pool: Whoever supplies it.
        unnamed: What to say where nothing is named; its source is that of both.
    """
    if "reserved" in pool.capacity and not pool.reservations:
        yield unnamed
    if pool.reservations and "reserved" not in pool.capacity:
        yield Finding(
            path=f"{path}.capacity",
            problem=f"lacks reserved: {', '.join(pool.reservations)} would be paid and not used",
            fix="add reserved to `capacity`, or take out `reservations`",
            source=unnamed.source,
        )


def _zones(name: str, pool: DynamicPool, environment: Environment) -> Iterator[Finding]:
    known = zones_of(environment)
    for zone in pool.zones:
        if zone not in known:
            yield Finding(
                path=f"pools.{name}.zones",
                problem=f"{zone} has no subnet of this network",
                fix=f"use some of {', '.join(known)}, or add zones to `network`",
                source=NODE_CLASSES,
            )


def _budget(path: str, budget: DisruptionBudget) -> Iterator[Finding]:
    lasts = budget.duration_hours is not None or budget.duration_minutes is not None
    if budget.schedule is not None and not lasts:
        yield Finding(
            path=path,
            problem=f"has a schedule, '{budget.schedule}', and no duration: nobody could say when "
            "it ends",
            fix="add `duration_hours`, `duration_minutes` or both",
            source=NODE_POOLS,
        )
    if budget.schedule is None and lasts:
        yield Finding(
            path=path,
            problem="has a duration and no schedule: nobody could say when it begins",
            fix="add `schedule: 0 6 * * mon-fri`, in UTC, or take out the duration",
            source=NODE_POOLS,
        )
    wrong = wrong_schedule(budget.schedule) if budget.schedule is not None else None
    if wrong:
        yield Finding(
            path=f"{path}.schedule",
            problem=wrong,
            fix="write five fields of cron in UTC, such as `0 6 * * mon-fri`",
            source=NODE_POOLS,
        )


def _marks(name: str, pool: DynamicPool) -> Iterator[Finding]:
    keys = [("labels", key) for key in pool.labels]
    keys += [("taints", taint.key) for taint in pool.taints]
    for what, key in keys:
        domain = key.partition("/")[0]
        owned = any(domain == one or domain.endswith(f".{one}") for one in RESERVED_DOMAINS)
        if owned or key in RESERVED_KEYS:
            yield Finding(
                path=f"pools.{name}.{what}",
                problem=f"{key} is set by its owner, not by a pool",
                fix="use a key of your own, team or example.com/team",
                source="planning/rules/karpenter.py, RESERVED_DOMAINS",
            )
    pairs = [(taint.key, taint.effect) for taint in pool.taints]
    for key, effect in {pair for pair in pairs if pairs.count(pair) > 1}:
        yield Finding(
            path=f"pools.{name}.taints",
            problem=f"{key} stands there more than once with {effect}",
            fix="name each key once per effect",
            source="Kubernetes: a node has one taint per key and effect",
        )
