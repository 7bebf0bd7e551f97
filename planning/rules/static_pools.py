"""Pools of which Karpenter keeps a fixed number of nodes: what cannot work, and what surprises."""

from collections.abc import Iterator, Mapping

from catalog.karpenter import LONG_TERM_RELEASE
from planning.pools.facts import PoolFacts
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.karpenter_pool import KarpenterPool

STATIC_SOURCE = "karpenter.sh/docs/concepts/nodepools, spec.replicas"
API_SOURCE = "kubernetes-sigs/karpenter v1.14.1: pkg/apis/v1/nodepool.go"
DRIFT_SOURCE = "kubernetes-sigs/karpenter v1.14.1: pkg/controllers/disruption/staticdrift.go"
IDLE_MINUTES: int = KarpenterPool.model_fields["idle_minutes"].default


def static_pool_rules(
    name: str, pool: KarpenterPool, facts: PoolFacts | None, environment: Environment
) -> Iterator[Finding]:
    """Yield what is wrong with a static pool; `facts` is None where its types are not all usable.

    Nothing for a pool without `static_nodes`.
    """
    if pool.static_nodes is None:
        return
    if not environment.platform.karpenter.static_capacity:
        yield Finding(
            path=f"pools.{name}.static_nodes",
            problem=f"is {pool.static_nodes}, and Karpenter's feature StaticCapacity, by which it "
            "keeps a number of nodes, is off: it would start none",
            fix="add `karpenter: {static_capacity: true}`, an alpha feature, or use `provisioner: "
            "managed`",
            source=STATIC_SOURCE,
        )
    if facts:
        yield from _limit(facts, pool.static_nodes)
    yield from _without_meaning(f"pools.{name}", pool)


def _limit(pool: PoolFacts, nodes: int) -> Iterator[Finding]:
    gpus = nodes * pool.first.gpus
    if pool.gpus_limit < gpus:
        yield Finding(
            path=f"pools.{pool.name}.gpu_limit",
            problem=f"is {pool.gpus_limit}, and {counted(nodes, 'node')} of {pool.first.name} "
            f"{'has' if nodes == 1 else 'have'} {counted(gpus, 'GPU')}",
            fix=f"raise it to {gpus + pool.first.gpus}, which leaves room to replace a node, or "
            "lower `static_nodes`",
            source=STATIC_SOURCE,
        )


def _without_meaning(path: str, pool: KarpenterPool) -> Iterator[Finding]:
    """Yield the settings that are about nodes which are started for pods and ended without."""
    if pool.weight is not None:
        yield Finding(
            path=f"{path}.weight",
            problem=f"is {pool.weight}, and no pod's waiting starts a node of a static pool: the "
            "API refuses a weight beside replicas",
            fix="leave it out",
            source=API_SOURCE,
        )
    if pool.idle_minutes != IDLE_MINUTES:
        yield Finding(
            path=f"{path}.idle_minutes",
            problem=f"is {pool.idle_minutes}, and a static pool keeps its nodes when they are "
            "empty",
            fix="leave it out, or leave out `static_nodes`",
            source=API_SOURCE,
        )
    by_default = pool.disruption == KarpenterPool.model_fields["disruption"].default
    for index, budget in enumerate(() if by_default else pool.disruption):
        if budget.reasons == ("Empty",):
            yield Finding(
                path=f"{path}.disruption.{index}",
                problem="is about empty nodes alone, which a static pool keeps",
                fix="take it out",
                source=API_SOURCE,
            )


def static_pool_warnings(
    environment: Environment, pools: Mapping[str, PoolFacts]
) -> Iterator[Finding]:
    """Yield what works with static pools but will surprise."""
    release = environment.platform.karpenter.version or LONG_TERM_RELEASE.version
    for name, pool in pools.items():
        if pool.nodes is None or not pool.is_static:
            continue
        yield Finding(
            path=f"pools.{name}.static_nodes",
            problem=f"rests on StaticCapacity, which is alpha in Karpenter {release}: a release "
            "that changes it may start the wrong number of nodes",
            fix="move `karpenter.version` in dev first, or use `provisioner: managed`",
            source="karpenter.sh/docs/reference/settings, feature gates",
        )
        if pool.most_nodes == pool.nodes.max:
            yield Finding(
                path=f"pools.{name}.gpu_limit",
                problem=f"is {pool.gpus_limit}, which its {counted(pool.nodes.max, 'node')} fill: "
                "Karpenter starts a new node before it ends an outdated one, so that a new image "
                "never comes",
                fix=f"raise it to {pool.gpus_limit + pool.first.gpus}, and `budget.gpus` with it; "
                "the GPUs are used for the time of a replacement",
                source=DRIFT_SOURCE,
            )
        if pool.settings.capacity == ("reserved",):
            yield Finding(
                path=f"pools.{name}.capacity",
                problem="is reserved alone: Karpenter starts a new node before it ends an outdated "
                "one, and a reservation that the nodes fill has no room for it",
                fix="reserve an instance more, or add on-demand",
                source=DRIFT_SOURCE,
            )
