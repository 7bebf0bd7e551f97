"""Rules of the volumes that replicas keep: what cannot work, and what will surprise."""

from collections.abc import Iterator, Mapping
from math import ceil

from planning.foundation.network import zones_of
from planning.models.cache import OTHERS_GIB, checkpoint_gib, kept_weights_gib
from planning.models.fit import facts_of
from planning.models.startup import COMPILE_SECONDS, COMPILED_SECONDS
from planning.pools.facts import PoolFacts
from settings.auto_pool import AutoPool
from settings.cache import VolumeCache
from settings.dynamic_pool import DynamicPool
from settings.environment import Environment
from settings.finding import Finding
from settings.loading import HubLoading
from settings.models import ModelSettings
from settings.pools import AnyPool

SOURCE = "planning/models/cache.py"
GRAPHS_SOURCE = "Amazon EKS User Guide, ml-inference-fast-model-loading"
ZONE_SOURCE = "Amazon EBS User Guide, ebs-volumes"
AUTO_SOURCE = "Amazon EKS User Guide, create-storage-class"


def cache_rules(name: str, model: ModelSettings, pools: Mapping[str, AnyPool]) -> Iterator[Finding]:
    """Yield what keeps a replica from its volume, or its weights from it."""
    if not isinstance(model.cache, VolumeCache):
        return
    if isinstance(pools.get(model.pool), AutoPool):
        yield Finding(
            path=f"models.{name}.cache",
            problem=f"is a volume, and nodes of EKS Auto Mode, as in pool '{model.pool}', attach "
            "no volume but those of their own driver, ebs.csi.eks.amazonaws.com",
            fix="use `cache: {kind: node}`, or a pool of another provisioner",
            source=AUTO_SOURCE,
        )
    if isinstance(model.load, HubLoading):
        yield from _weights(name, model, model.cache.gib)


def _weights(name: str, model: ModelSettings, gib: int | None) -> Iterator[Finding]:
    """Yield what is wrong with a volume of `gib` for weights from the Hub."""
    if model.revision is None:
        yield Finding(
            path=f"models.{name}.revision",
            problem="is not pinned, and its cache volumes keep the weights of one revision: each "
            "new commit of the Hub would come on top of the others",
            fix=f"add the commit of {model.model} that you have tested",
            source=SOURCE,
        )
    facts, needed = facts_of(model.model), kept_weights_gib(model)
    if facts is None or needed is None:
        if gib is None:
            yield Finding(
                path=f"models.{name}.cache.gib",
                problem=f"is not set, and the catalog does not know how large {model.model} is",
                fix=f"add the GiB of its weights, a tenth more and {OTHERS_GIB}",
                source=SOURCE,
            )
    elif gib is not None and gib < needed:
        yield Finding(
            path=f"models.{name}.cache.gib",
            problem=f"is {gib}, and the weights of {facts.id} take {checkpoint_gib(facts):.1f} "
            f"GiB, {needed:.1f} with what a checkpoint and a file system have beside them",
            fix=f"make it at least {ceil(needed)}, or leave it out",
            source=SOURCE,
        )


def cache_warnings(environment: Environment, pools: Mapping[str, PoolFacts]) -> Iterator[Finding]:
    """Yield what works with cache volumes but will surprise."""
    for name, model in environment.platform.models.items():
        if not model.keeps_volumes:
            continue
        if not isinstance(model.load, HubLoading):
            yield _graphs_alone(name, model)
        zones = pool_zones(pools[model.pool], environment)
        if len(zones) > 1:
            yield Finding(
                path=f"models.{name}.cache",
                problem=f"is a volume, which lies in one zone, and pool '{model.pool}' has nodes "
                f"in {' and '.join(zones)}: a replica comes back where its volume lies, and waits "
                "while no node can be had there",
                fix=f"give the pool one zone, `{_one_zone(pools[model.pool], zones[0])}`, or use "
                "`cache: {kind: node}`",
                source=ZONE_SOURCE,
            )


def _graphs_alone(name: str, model: ModelSettings) -> Finding:
    return Finding(
        path=f"models.{name}.cache",
        problem=f"is a volume, and with `load.kind: {model.load.kind}` it keeps compiled graphs "
        f"alone: a start compiles in {COMPILED_SECONDS} s and not in up to {COMPILE_SECONDS} s, "
        "and reads its weights as before",
        fix="use `cache: {kind: node}`, or `load: {kind: hub}` for weights that outlive a pod",
        source=GRAPHS_SOURCE,
    )


def pool_zones(pool: PoolFacts, environment: Environment) -> tuple[str, ...]:
    """Return the zones that a pool's nodes may be in."""
    settings = pool.settings
    own = settings.zones if isinstance(settings, DynamicPool) else (settings.zone,)
    return tuple(zone for zone in own if zone) or zones_of(environment)


def _one_zone(pool: PoolFacts, zone: str) -> str:
    return f"zones: [{zone}]" if isinstance(pool.settings, DynamicPool) else f"zone: {zone}"
