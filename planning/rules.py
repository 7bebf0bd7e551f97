"""The rules between layers; each broken one is a finding with its fix and its source."""

from collections.abc import Iterator

from catalog.eks import KUBERNETES_VERSIONS
from catalog.instance_types import find_instance_type, nearest_instance_types
from catalog.regions import ZONES
from planning.pool_facts import PoolFacts, known_pools
from planning.subnets import parse_cidr
from settings.environment import Environment
from settings.finding import Finding
from settings.models import ModelSettings
from settings.pools import KarpenterPool, ManagedPool

INSTANCE_SOURCE = "catalog/instance_type_facts.py"
HAMI_SOURCE = (
    "kubernetes-sigs/karpenter issue 2533: HAMi's memory and core resources are in no node's status"
)


def broken_rules(environment: Environment) -> Iterator[Finding]:
    """Yield every finding that refuses the environment; costs are judged after placement."""
    yield from _foundation(environment)
    if environment.region not in ZONES:
        return
    platform = environment.platform
    facts = known_pools(platform.pools, environment.region)
    for name, pool in platform.pools.items():
        yield from _pool(name, pool, environment.region, facts.get(name))
    for name, model in platform.models.items():
        yield from _model(name, model, environment, facts)
    yield from _gpu_budget(environment, facts)


def _foundation(environment: Environment) -> Iterator[Finding]:
    zones = ZONES.get(environment.region)
    if zones is None:
        yield Finding(
            path="aws:region",
            problem=f"{environment.region} has no prices in the catalog",
            fix=f"use one of {', '.join(ZONES)}",
            source="catalog/regions.py",
        )
    network, cluster = environment.platform.network, environment.platform.cluster
    try:
        parse_cidr(network.cidr)
    except ValueError as error:
        yield Finding(
            path="network.cidr",
            problem=f"is '{network.cidr}': {error}",
            fix="use a private block such as 10.20.0.0/16",
            source="Amazon VPC User Guide, VPC CIDR blocks",
        )
    if cluster.kubernetes not in KUBERNETES_VERSIONS:
        yield Finding(
            path="cluster.kubernetes",
            problem=f"EKS {cluster.kubernetes} is not in the catalog",
            fix=f"use one of {', '.join(KUBERNETES_VERSIONS)}",
            source="catalog/eks.py",
        )
    yield from _system_nodes(environment)


def _system_nodes(environment: Environment) -> Iterator[Finding]:
    name = environment.platform.cluster.system_nodes.instance
    found = find_instance_type(name)
    path = "cluster.system_nodes.instance"
    if found is None:
        yield _unknown_type(path, name)
    elif found.gpus:
        yield Finding(
            path=path,
            problem=f"{name} has {found.gpus} GPUs that no controller uses",
            fix="use a type without a GPU, m7i.xlarge",
            source=INSTANCE_SOURCE,
        )
    elif environment.region in ZONES and environment.region not in found.usd_per_hour:
        yield _no_price(path, name, environment.region)


def _pool(
    name: str, pool: KarpenterPool | ManagedPool, region: str, facts: PoolFacts | None
) -> Iterator[Finding]:
    path = f"pools.{name}.instances"
    gpu_names: dict[str, str] = {}
    for instance in pool.instances:
        found = find_instance_type(instance)
        if found is None:
            yield _unknown_type(path, instance)
        elif not found.gpus:
            yield Finding(
                path=path,
                problem=f"{instance} has no whole NVIDIA GPU",
                fix="use a GPU type, for example g6e.2xlarge",
                source=INSTANCE_SOURCE,
            )
        elif region not in found.usd_per_hour:
            yield _no_price(path, instance, region)
        else:
            gpu_names.setdefault(found.gpu_name or "", instance)
    if len(gpu_names) > 1:
        mixed = " and ".join(f"{i} ({gpu})" for gpu, i in gpu_names.items())
        yield Finding(
            path=path,
            problem=f"mixes different GPUs: {mixed}",
            fix="make one pool per kind of GPU; a model is sized for one",
            source=INSTANCE_SOURCE,
        )
    yield from _pool_limits(name, pool, facts)


def _pool_limits(
    name: str, pool: KarpenterPool | ManagedPool, facts: PoolFacts | None
) -> Iterator[Finding]:
    if isinstance(pool, KarpenterPool) and pool.sharing.kind == "hami":
        yield Finding(
            path=f"pools.{name}.sharing",
            problem="HAMi on a Karpenter pool: no node that Karpenter could start offers "
            "nvidia.com/gpumem, so it starts none",
            fix="use `provisioner: managed` with a fixed number of `nodes`",
            source=HAMI_SOURCE,
        )
    if facts is None:
        return
    if isinstance(pool, ManagedPool) and len({found.gpus for found in facts.types}) > 1:
        yield Finding(
            path=f"pools.{name}.instances",
            problem="a managed node group of types with different GPU counts has no known size",
            fix="use types with the same number of GPUs",
            source=INSTANCE_SOURCE,
        )
    fewest = min(found.gpus for found in facts.types)
    if isinstance(pool, KarpenterPool) and pool.gpu_limit < fewest:
        yield Finding(
            path=f"pools.{name}.gpu_limit",
            problem=f"{pool.gpu_limit} is less than the {fewest} GPUs of its smallest type",
            fix=f"raise it to {fewest}, or use a smaller type",
            source=INSTANCE_SOURCE,
        )


def _model(
    name: str, model: ModelSettings, environment: Environment, facts: dict[str, PoolFacts]
) -> Iterator[Finding]:
    pools = environment.platform.pools
    if model.pool not in pools:
        yield Finding(
            path=f"models.{name}.pool",
            problem=f"there is no pool '{model.pool}'",
            fix=f"use one of {', '.join(pools)}, or add it under `pools`",
            source="settings/models.py",
        )
    elif model.pool in facts:
        yield from _ask(name, model, facts[model.pool])


def _ask(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    if model.share is not None and not pool.shared:
        yield Finding(
            path=f"models.{name}.share",
            problem=f"pool '{pool.name}' hands out whole GPUs",
            fix="ask with `gpus: 1`, or use a pool with `sharing: {kind: hami}`",
            source="settings/pools.py",
        )
    elif model.share is None and pool.shared:
        yield Finding(
            path=f"models.{name}",
            problem=f"asks for whole GPUs on pool '{pool.name}', which shares them",
            fix="ask with `share: {memory_gib: …, cores_percent: …}`, or use a pool of whole GPUs",
            source="settings/pools.py",
        )
    elif model.share is not None:
        yield from _share(name, model.share.memory_gib, pool)
    else:
        yield from _whole(name, model, pool)


def _share(name: str, memory_gib: int, pool: PoolFacts) -> Iterator[Finding]:
    has_gib = pool.gpu_memory_mib // 1024
    if memory_gib > has_gib:
        yield Finding(
            path=f"models.{name}.share.memory_gib",
            problem=f"{memory_gib} GiB is more than one {pool.gpu_name} has ({has_gib} GiB)",
            fix=f"ask for at most {has_gib}, or for whole GPUs on another pool",
            source=INSTANCE_SOURCE,
        )


def _whole(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    gpus, most = model.gpus or 1, pool.most_gpus_per_node
    if gpus > most:
        yield Finding(
            path=f"models.{name}.gpus",
            problem=f"{gpus} GPUs per replica, but no instance of pool '{pool.name}' has more "
            f"than {most} ({', '.join(found.name for found in pool.types)})",
            fix=f"use at most {most}, or add a larger type to pools.{pool.name}.instances",
            source=INSTANCE_SOURCE,
        )
    elif gpus * model.replicas.max > pool.gpus_limit:
        yield Finding(
            path=f"models.{name}.replicas.max",
            problem=f"{model.replicas.max} replicas of {gpus} GPUs need "
            f"{gpus * model.replicas.max}, pool '{pool.name}' may own {pool.gpus_limit}",
            fix=f"lower it to {pool.gpus_limit // gpus}, or raise the pool's limit",
            source="settings/pools.py",
        )


def _gpu_budget(environment: Environment, facts: dict[str, PoolFacts]) -> Iterator[Finding]:
    limits = {pool.name: pool.gpus_limit for pool in facts.values()}
    allowed = environment.platform.budget.gpus
    if sum(limits.values()) > allowed:
        parts = " + ".join(f"{name} {gpus}" for name, gpus in limits.items())
        yield Finding(
            path="budget.gpus",
            problem=f"{allowed}, but the pools may own {sum(limits.values())} ({parts})",
            fix="raise it, or lower `gpu_limit` or `nodes` of a pool",
            source="settings/infrastructure.py",
        )


def _unknown_type(path: str, name: str) -> Finding:
    near = nearest_instance_types(name)
    fix = f"did you mean {' or '.join(near)}?" if near else "use a type of the catalog"
    return Finding(path=path, problem=f"{name} is not known", fix=fix, source=INSTANCE_SOURCE)


def _no_price(path: str, name: str, region: str) -> Finding:
    return Finding(
        path=path,
        problem=f"{name} has no on-demand price in {region}",
        fix="use another type or region; what has no price cannot be planned",
        source=INSTANCE_SOURCE,
    )
