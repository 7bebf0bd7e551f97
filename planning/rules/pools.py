"""Rules of GPU pools, each with its instance types."""

from collections.abc import Iterator

from catalog.eks import FAMILIES_WITHOUT_DRIVER, NODE_IMAGE_RELEASE
from catalog.instance_types import InstanceType, find_instance_type, nearest_instance_types
from planning.pools.facts import PoolFacts
from planning.pools.instance_choice import instance_names
from settings.dynamic_pool import DynamicPool
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.pools import AnyPool

INSTANCE_SOURCE = "catalog/instance_type_facts.py"
HAMI_SOURCE = (
    "kubernetes-sigs/karpenter issue 2533: HAMi's memory and core resources are in no node's status"
)


def pool_rules(name: str, pool: AnyPool, region: str, facts: PoolFacts | None) -> Iterator[Finding]:
    """Yield what is wrong with a pool; `facts` is None where its types are not all usable."""
    by_family = isinstance(pool, DynamicPool) and bool(pool.families)
    path = f"pools.{name}.{'families' if by_family else 'instances'}"
    gpu_names: dict[str, str] = {}
    for instance in instance_names(pool, region):
        found = find_instance_type(instance)
        if found is None:
            yield unknown_type(path, instance)
        elif wrong := wrong_type(path, found, region):
            yield wrong
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
    if isinstance(pool, DynamicPool):
        yield from _dynamic(name, pool, facts)
    if facts and facts.nodes is not None:
        yield from _one_size(path, facts)


def wrong_type(path: str, found: InstanceType, region: str) -> Finding | None:
    """Return why a known type cannot carry the pool, or None where it can."""
    if not found.gpus:
        return Finding(
            path=path,
            problem=f"{found.name} has no whole NVIDIA GPU",
            fix="use a GPU type, for example g6e.2xlarge",
            source=INSTANCE_SOURCE,
        )
    if found.arch != "amd64":
        return Finding(
            path=path,
            problem=f"{found.name} is {found.arch}, the platform's GPU nodes run amd64 images",
            fix="use a type of another family, for example g6e.2xlarge",
            source="planning/node_images/al2023.py, GPU_AMI_TYPE",
        )
    if found.family in FAMILIES_WITHOUT_DRIVER:
        return Finding(
            path=path,
            problem=f"{found.name}: the driver of node image {NODE_IMAGE_RELEASE} finds no GPU of "
            f"family {found.family}",
            fix="use a type of another family, for example g6e.2xlarge",
            source="catalog/eks.py, FAMILIES_WITHOUT_DRIVER",
        )
    if region not in found.usd_per_hour:
        return no_price(path, found.name, region)
    return None


def _dynamic(name: str, pool: DynamicPool, facts: PoolFacts | None) -> Iterator[Finding]:
    if isinstance(pool, KarpenterPool) and pool.static_nodes is not None:
        return
    if isinstance(pool, KarpenterPool) and pool.sharing.kind == "hami":
        yield Finding(
            path=f"pools.{name}.sharing",
            problem="HAMi on a Karpenter pool: no node that Karpenter could start offers "
            "nvidia.com/gpumem, so it starts none",
            fix="give it `static_nodes`, or use `provisioner: managed` with a fixed number of "
            "`nodes`",
            source=HAMI_SOURCE,
        )
    fewest = min((found.gpus for found in facts.types), default=0) if facts else 0
    if pool.gpu_limit < fewest:
        yield Finding(
            path=f"pools.{name}.gpu_limit",
            problem=f"is {pool.gpu_limit}, its smallest type has {fewest} GPUs",
            fix=f"raise it to {fewest}, or use a smaller type",
            source=INSTANCE_SOURCE,
        )


def _one_size(path: str, facts: PoolFacts) -> Iterator[Finding]:
    if len({found.gpus for found in facts.types}) > 1:
        counts = ", ".join(f"{found.name} {found.gpus}" for found in facts.types)
        group = "static pool" if facts.is_static else "node group"
        yield Finding(
            path=path,
            problem=f"types with different numbers of GPUs ({counts}): the {group} would have "
            "no known size",
            fix="use types with the same number of GPUs",
            source=INSTANCE_SOURCE,
        )


def unknown_type(path: str, name: str) -> Finding:
    """Return what to say of a type that is not in the catalog."""
    near = nearest_instance_types(name)
    fix = f"did you mean {' or '.join(near)}?" if near else "use a type of the catalog"
    return Finding(path=path, problem=f"{name} is not known", fix=fix, source=INSTANCE_SOURCE)


def no_price(path: str, name: str, region: str) -> Finding:
    """Return what to say of a type without a price in the region."""
    return Finding(
        path=path,
        problem=f"{name} has no on-demand price in {region}",
        fix="use another type or region; what has no price cannot be planned",
        source=INSTANCE_SOURCE,
    )
