"""What works with Karpenter but will surprise."""

from collections.abc import Iterator

from catalog.karpenter import KARPENTER_RELEASES, LONG_TERM_RELEASE, READ
from planning.rules.karpenter import NODE_POOLS, RESERVATIONS
from settings.dynamic_pool import DynamicPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool


def karpenter_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works with Karpenter but will surprise."""
    yield from _release(environment.platform.karpenter.version)
    for name, pool in environment.platform.pools.items():
        if isinstance(pool, KarpenterPool):
            yield from drift_warnings(name, pool)
            yield from _pool(name, pool)


def _release(version: str | None) -> Iterator[Finding]:
    release = LONG_TERM_RELEASE if version is None else KARPENTER_RELEASES[version]
    ends = release.supported_until
    if release.long_term and ends is not None and ends > READ:
        return
    over = f"ended on {ends}" if ends is not None else "ends with the next minor"
    yield Finding(
        path="karpenter.version",
        problem=f"support of {release.version} {over}",
        fix=f"plan the next upgrade, or use the long-term {LONG_TERM_RELEASE.version}, supported "
        f"until {LONG_TERM_RELEASE.supported_until}",
        source="aws/karpenter-provider-aws: SUPPORT.md",
    )


def drift_warnings(name: str, pool: DynamicPool) -> Iterator[Finding]:
    """Yield a warning where nothing holds back how fast outdated nodes are replaced."""
    always = [budget for budget in pool.disruption if budget.schedule is None]
    if not any("Drifted" in (budget.reasons or ("Drifted",)) for budget in always):
        yield Finding(
            path=f"pools.{name}.disruption",
            problem="has no budget that always holds for Drifted: a new image or label would "
            "replace every node at once outside of the schedules",
            fix='add `{nodes: "1", reasons: [Drifted]}`; the smallest active budget counts',
            source=NODE_POOLS,
        )


def _pool(name: str, pool: KarpenterPool) -> Iterator[Finding]:
    if pool.expire_after_hours is not None:
        yield Finding(
            path=f"pools.{name}.expire_after_hours",
            problem=f"ends each node after {pool.expire_after_hours} hours, whatever `disruption` "
            "and the models' PodDisruptionBudgets say",
            fix="leave it out, and renew nodes by moving `ami` in a window of `disruption`",
            source="karpenter.sh/docs/concepts/disruption",
        )
    if pool.reservations and pool.static_nodes is None:
        yield Finding(
            path=f"pools.{name}.reservations",
            problem="are billed for as long as they exist, used or not: the floor of the plan "
            "counts only the nodes that minimum replicas need",
            fix="keep replicas on them, or cancel those that stay empty",
            source=RESERVATIONS,
        )
