"""Rules between a model and its pool."""

from collections.abc import Iterable, Iterator, Mapping

from planning.demand import gpu_ask
from planning.pool_facts import PoolFacts
from planning.pool_rules import INSTANCE_SOURCE
from settings.finding import Finding, counted
from settings.models import ModelSettings

POOL_SOURCE = "settings/sharing.py"


def model_rules(
    name: str, model: ModelSettings, pools: Iterable[str], sound: Mapping[str, PoolFacts]
) -> Iterator[Finding]:
    """Yield what is wrong with a model; where its pool is not sound, the pool is what is wrong."""
    if model.pool not in pools:
        yield Finding(
            path=f"models.{name}.pool",
            problem=f"there is no pool '{model.pool}'",
            fix=f"use one of {', '.join(pools)}, or add it under `pools`",
            source="settings/models.py",
        )
    elif model.pool in sound:
        yield from _ask(name, model, sound[model.pool])


def _ask(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    if model.share is not None and not pool.shared:
        yield Finding(
            path=f"models.{name}.share",
            problem=f"pool '{pool.name}' hands out whole GPUs",
            fix="ask with `gpus: 1`, or use a pool with `sharing: {kind: hami}`",
            source=POOL_SOURCE,
        )
    elif model.share is None and pool.shared:
        yield Finding(
            path=f"models.{name}",
            problem=f"asks for whole GPUs on pool '{pool.name}', which shares them",
            fix="ask with `share: {memory_gib: …, cores_percent: …}`, or use a pool of whole GPUs",
            source=POOL_SOURCE,
        )
    elif model.share is not None:
        yield from _share(name, model, model.share.memory_gib, pool)
    else:
        yield from _whole(name, model, model.gpus or 1, pool)


def _share(name: str, model: ModelSettings, memory_gib: int, pool: PoolFacts) -> Iterator[Finding]:
    has_gib = pool.gpu_memory_mib // 1024
    if memory_gib > has_gib:
        yield Finding(
            path=f"models.{name}.share.memory_gib",
            problem=f"{memory_gib} GiB is more than one {pool.gpu_name} has ({has_gib} GiB)",
            fix=f"ask for at most {has_gib}, or for whole GPUs on another pool",
            source=INSTANCE_SOURCE,
        )
    else:
        yield from _replicas(name, model, "this share", pool)


def _whole(name: str, model: ModelSettings, gpus: int, pool: PoolFacts) -> Iterator[Finding]:
    most = pool.most_gpus_per_node
    if gpus > most:
        yield Finding(
            path=f"models.{name}.gpus",
            problem=f"{counted(gpus, 'GPU')} per replica, but no instance of pool '{pool.name}' "
            f"has more than {most} ({', '.join(found.name for found in pool.types)})",
            fix=f"use at most {most}, or add a larger type to pools.{pool.name}.instances",
            source=INSTANCE_SOURCE,
        )
    else:
        yield from _replicas(name, model, counted(gpus, "GPU"), pool)


def _replicas(name: str, model: ModelSettings, each: str, pool: PoolFacts) -> Iterator[Finding]:
    room = pool.most_replicas(gpu_ask(model))
    if model.replicas.max > room:
        lower = f"lower it to {room}" if room else "ask for fewer GPUs per replica"
        yield Finding(
            path=f"models.{name}.replicas.max",
            problem=f"{counted(model.replicas.max, 'replica')} of {each}, but pool '{pool.name}' "
            f"with its {counted(pool.gpus_limit, 'GPU')} has room for {room}",
            fix=f"{lower}, or raise {pool.size_path}",
            source=POOL_SOURCE,
        )
