"""How many vCPU of which EC2 quota an environment needs, with everything at its limit.

A new account has none for GPUs, and EC2 answers VcpuLimitExceeded or MaxSpotInstanceCountExceeded:
no shortage that another type or zone would cure, so it has to be asked for beforehand.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from catalog.instance_types import INSTANCE_TYPES, InstanceType
from catalog.quotas import QUOTAS, Buying, Quota, quota_of
from planning.placing.knapsack import best_fill
from planning.pools.facts import PoolFacts
from planning.specs.storage import QuotaNeed
from settings.environment import Environment
from settings.finding import Finding

SYSTEM = "system"
COUNTED_AS: Mapping[str, Buying] = {
    "on-demand": "on-demand",
    "reserved": "on-demand",
    "spot": "spot",
}
"""How EC2 counts each capacity of a pool; a Capacity Block is in no quota of running instances."""
Use = tuple[Quota, int]
"""A quota, and vCPU of it."""


def quota_needs(environment: Environment, pools: Iterable[PoolFacts]) -> tuple[QuotaNeed, ...]:
    """Return every quota that something draws on, in the order of the catalog."""
    uses: dict[Quota, list[tuple[str, int]]] = defaultdict(list)
    named = [(SYSTEM, _system_use(environment)), *((pool.name, _pool_uses(pool)) for pool in pools)]
    for name, found in named:
        for quota, vcpus in found:
            uses[quota].append((name, vcpus))
    return tuple(
        QuotaNeed(
            name=quota.name,
            code=quota.code,
            vcpus=sum(vcpus for _, vcpus in uses[quota]),
            default_vcpus=quota.default_vcpus,
            used_by=tuple(name for name, _ in uses[quota]),
        )
        for quota in QUOTAS
        if quota in uses
    )


def quota_warnings(pools: Iterable[PoolFacts]) -> Iterator[Finding]:
    """Yield a warning for every pool whose instances draw on a quota that AWS does not document."""
    for pool in pools:
        for buying in _ways_to_buy(pool):
            unknown = [found.name for found in pool.types if quota_of(found, buying) is None]
            if unknown:
                yield Finding(
                    path=f"pools.{pool.name}.capacity",
                    problem=f"AWS names no {buying} quota for {', '.join(unknown)}: its vCPU are "
                    "in no sum here",
                    fix=f"ask AWS Support what limits it, or buy without {buying}",
                    source="catalog/quotas.py",
                )


def _system_use(environment: Environment) -> list[Use]:
    settings = environment.platform.cluster.system_nodes
    found = INSTANCE_TYPES[settings.instance]
    quota = quota_of(found, "on-demand")
    return [(quota, settings.count * found.vcpu)] if quota else []


def _pool_uses(pool: PoolFacts) -> list[Use]:
    """Return what a pool draws on: all of it in each way that it may buy."""
    types: dict[Quota, list[InstanceType]] = defaultdict(list)
    for buying in _ways_to_buy(pool):
        for found in pool.types:
            if quota := quota_of(found, buying):
                types[quota].append(found)
    return [(quota, _most_vcpus(pool, found)) for quota, found in types.items()]


def _ways_to_buy(pool: PoolFacts) -> tuple[Buying, ...]:
    capacity = pool.settings.capacity
    named = (capacity,) if isinstance(capacity, str) else capacity
    return tuple(dict.fromkeys(COUNTED_AS[kind] for kind in named if kind in COUNTED_AS))


def _most_vcpus(pool: PoolFacts, types: Iterable[InstanceType]) -> int:
    """Return the most vCPU that nodes of these types have within the pool's limit."""
    if pool.most_nodes is not None:
        return pool.most_nodes * max(found.vcpu for found in types)
    vcpus = {found.name: found.vcpu for found in types}
    items = {found.name: (found.gpus, Decimal(found.vcpu)) for found in types}
    return sum(vcpus[name] for name in best_fill(pool.gpus_limit, items))
