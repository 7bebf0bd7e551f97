"""The rules between layers; each broken one is a finding with its fix and its source."""

from collections.abc import Iterator

from catalog.regions import ZONES
from planning.node_images.rules import image_pool_rules, image_rules
from planning.pools.facts import PoolFacts, known_pools
from planning.rules.auto_mode import auto_pool_rules
from planning.rules.cache import cache_rules
from planning.rules.certificates import certificate_rules
from planning.rules.cluster import cluster_rules
from planning.rules.device_plugin import plugin_pool_rules, plugin_rules
from planning.rules.disjoint import disjoint_rules
from planning.rules.dra import dra_pool_rules
from planning.rules.dra_supply import karpenter_claim_rules, karpenter_model_rules
from planning.rules.groups import group_rules
from planning.rules.karpenter import controller_rules, karpenter_pool_rules
from planning.rules.loading import loading_rules
from planning.rules.managed_pools import managed_rules
from planning.rules.models import model_rules
from planning.rules.network import network_rules
from planning.rules.pools import pool_rules
from planning.rules.prefill import prefill_names
from planning.rules.sampling import sampling_rules
from planning.rules.secrets import secret_rules
from planning.rules.static_pools import static_pool_rules
from planning.rules.storage import storage_rules
from settings.auto_pool import AutoPool
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.pools import AnyPool


def broken_rules(environment: Environment) -> Iterator[Finding]:
    """Yield every finding that refuses the environment; costs are judged after placement."""
    yield from network_rules(environment)
    yield from cluster_rules(environment)
    yield from storage_rules(environment)
    yield from certificate_rules(environment)
    yield from secret_rules(environment)
    if environment.region not in ZONES:
        yield Finding(
            path="aws:region",
            problem=f"{environment.region} has no prices in the catalog",
            fix=f"use one of {', '.join(ZONES)}",
            source="catalog/regions.py",
        )
        return
    yield from controller_rules(environment)
    platform = environment.platform
    facts = known_pools(platform.pools, environment.region)
    sound: dict[str, PoolFacts] = {}
    for name, pool in platform.pools.items():
        findings = tuple(_of_pool(name, pool, facts.get(name), environment))
        yield from findings
        if name in facts and not findings:
            sound[name] = facts[name]
    yield from plugin_rules(facts)
    yield from disjoint_rules(facts)
    yield from image_rules(facts)
    for name, model in platform.models.items():
        yield from model_rules(name, model, platform.pools, sound)
        yield from loading_rules(name, model, environment)
        yield from sampling_rules(name, model)
        yield from group_rules(name, model, platform.models)
        yield from prefill_names(name, model, platform.models)
        yield from cache_rules(name, model, platform.pools)
        if model.pool in sound:
            yield from karpenter_model_rules(name, model, sound[model.pool])
    yield from _gpu_budget(environment, facts)


def _of_pool(
    name: str, pool: AnyPool, facts: PoolFacts | None, environment: Environment
) -> Iterator[Finding]:
    """Yield what is wrong with a pool; `facts` is None where its types are not all usable."""
    yield from pool_rules(name, pool, environment.region, facts)
    match pool:
        case AutoPool():
            # Everything but whole GPUs is refused here already.
            yield from auto_pool_rules(name, pool, environment)
            return
        case ManagedPool():
            yield from managed_rules(name, pool, environment)
        case KarpenterPool():
            yield from karpenter_pool_rules(name, pool, environment)
            yield from static_pool_rules(name, pool, facts, environment)
    yield from image_pool_rules(name, pool, facts, environment)
    if facts:
        yield from plugin_pool_rules(facts, environment)
        yield from dra_pool_rules(facts, environment)
        yield from karpenter_claim_rules(facts, environment)


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
