"""The rules between layers; each broken one is a finding with its fix and its source."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from catalog.eks import KUBERNETES_VERSIONS
from catalog.images import KUBE_SCHEDULER
from catalog.instance_types import find_instance_type
from catalog.regions import ZONES
from planning.model_rules import model_rules
from planning.pool_facts import PoolFacts, known_pools
from planning.pool_rules import INSTANCE_SOURCE, no_price, pool_rules, unknown_type
from planning.subnets import parse_cidr
from settings.environment import Environment
from settings.finding import Finding, counted


def broken_rules(environment: Environment) -> Iterator[Finding]:
    """Yield every finding that refuses the environment; costs are judged after placement."""
    yield from _network(environment)
    yield from _cluster(environment)
    if environment.region not in ZONES:
        yield Finding(
            path="aws:region",
            problem=f"{environment.region} has no prices in the catalog",
            fix=f"use one of {', '.join(ZONES)}",
            source="catalog/regions.py",
        )
        return
    yield from _system_nodes(environment)
    platform = environment.platform
    facts = known_pools(platform.pools, environment.region)
    sound: dict[str, PoolFacts] = {}
    for name, pool in platform.pools.items():
        findings = (*pool_rules(name, pool, environment.region, facts.get(name)),)
        yield from findings
        if name in facts and not findings:
            sound[name] = facts[name]
    for name, model in platform.models.items():
        yield from model_rules(name, model, platform.pools, sound)
    yield from _gpu_budget(environment, facts)


def _network(environment: Environment) -> Iterator[Finding]:
    try:
        parse_cidr(environment.platform.network.cidr)
    except ValueError as error:
        yield Finding(
            path="network.cidr",
            problem=str(error),
            fix="use a private block from /16 to /20, such as 10.20.0.0/16",
            source="Amazon VPC User Guide, VPC CIDR blocks",
        )
    for index, block in enumerate(environment.platform.cluster.public_access_cidrs):
        try:
            IPv4Network(block)
        except ValueError as error:
            yield Finding(
                path=f"cluster.public_access_cidrs.{index}",
                problem=str(error),
                fix="use a block such as 203.0.113.0/24, or 203.0.113.7/32 for one address",
                source="Amazon EKS API Reference, VpcConfigRequest.publicAccessCidrs",
            )


def _cluster(environment: Environment) -> Iterator[Finding]:
    platform = environment.platform
    minor, scheduler = platform.cluster.kubernetes, KUBE_SCHEDULER.tag
    if minor not in KUBERNETES_VERSIONS:
        yield Finding(
            path="cluster.kubernetes",
            problem=f"EKS {minor} is not in the catalog",
            fix=f"use one of {', '.join(KUBERNETES_VERSIONS)}",
            source="catalog/eks.py",
        )
    elif not scheduler.startswith(f"v{minor}.") and any(
        pool.sharing.kind == "hami" for pool in platform.pools.values()
    ):
        yield Finding(
            path="cluster.kubernetes",
            problem=f"{minor}, but HAMi schedules with kube-scheduler {scheduler}, which must be "
            "of the cluster's minor",
            fix=f'use `"{scheduler.removeprefix("v").rpartition(".")[0]}"`, or share no GPUs',
            source="catalog/images.py, KUBE_SCHEDULER",
        )


def _system_nodes(environment: Environment) -> Iterator[Finding]:
    name = environment.platform.cluster.system_nodes.instance
    found = find_instance_type(name)
    path = "cluster.system_nodes.instance"
    if found is None:
        yield unknown_type(path, name)
    elif found.gpus:
        yield Finding(
            path=path,
            problem=f"{name} has {counted(found.gpus, 'GPU')} that no controller uses",
            fix="use a type without a GPU, m7i.xlarge",
            source=INSTANCE_SOURCE,
        )
    elif environment.region not in found.usd_per_hour:
        yield no_price(path, name, environment.region)


def _gpu_budget(environment: Environment, facts: dict[str, PoolFacts]) -> Iterator[Finding]:
    limits = {pool.name: pool.gpus_limit for pool in facts.values()}
    allowed = environment.platform.budget.gpus
    if sum(limits.values()) > allowed:
        parts = " + ".join(f"{name} {gpus}" for name, gpus in limits.items())
        yield Finding(
            path="budget.gpus",
            problem=f"{allowed}, but the pools may own {sum(limits.values())} ({parts})",
            fix="raise it, or lower `gpu_limit` or `nodes` of a pool",
            source="settings/budget.py",
        )
