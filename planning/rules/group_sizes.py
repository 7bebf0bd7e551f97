"""Rules of a managed group's size where a node's status does not tell what pods may ask for."""

from collections.abc import Iterator

from planning.sharing.ways import way_of
from settings.environment import Environment
from settings.finding import Finding
from settings.managed_pool import ManagedPool

HAMI_SCALING_SOURCE = (
    "kubernetes/autoscaler, cluster-autoscaler/FAQ.md: a group grows where its node template has "
    "what the pod asks for; HAMi's memory and cores are in no node's status"
)
DRA_SCALING_SOURCE = "kubernetes/autoscaler: cluster-autoscaler/docs/dra_support.md"
BLOCK_SOURCE = "Amazon EKS User Guide, capacity-blocks-mng"


def size_rules(name: str, pool: ManagedPool, environment: Environment) -> Iterator[Finding]:
    """Yield why Cluster Autoscaler would not add the nodes that the pool is given."""
    path, way = f"pools.{name}", way_of(pool.sharing)
    if way.in_status:
        return
    if pool.capacity == "capacity-block":
        yield _block(path, way.kind)
    elif pool.nodes.min == pool.nodes.max:
        return
    elif way.kind == "dra":
        yield from _claims(f"{path}.nodes", pool, environment.platform.cluster.kubernetes)
    else:
        yield _shares(f"{path}.nodes", pool, way.kind)


def _block(path: str, kind: str) -> Finding:
    why = (
        "adds none to a pool that HAMi shares"
        if kind == "hami"
        else "adds none for claims on devices that it has not seen"
    )
    return Finding(
        path=f"{path}.capacity",
        problem=f"a Capacity Block starts from no nodes, and Cluster Autoscaler {why}",
        fix="use `sharing: {kind: whole}`, or `capacity: on-demand`",
        source=BLOCK_SOURCE,
    )


def _claims(path: str, pool: ManagedPool, kubernetes: str) -> Iterator[Finding]:
    nodes = pool.nodes
    if kubernetes == "1.34":
        yield Finding(
            path=path,
            problem=f"is {nodes.min} to {nodes.max}, but Cluster Autoscaler counts claims in "
            "earnest only from 1.35 on; the cluster is 1.34",
            fix=f"use a fixed number, `nodes: {nodes.max}`, or upgrade the cluster",
            source=DRA_SCALING_SOURCE,
        )
    elif nodes.min == 0:
        yield Finding(
            path=path,
            problem="starts from none, but Cluster Autoscaler learns from a node that runs which "
            "devices a further one will have, and starts no first one for a claim",
            fix=f"use `nodes: {{min: 1, max: {nodes.max}}}`",
            source=DRA_SCALING_SOURCE,
        )


def _shares(path: str, pool: ManagedPool, kind: str) -> Finding:
    nodes = pool.nodes
    hami = kind == "hami"
    why = (
        "Cluster Autoscaler adds no node for a replica that HAMi cannot place: to its eyes no node "
        "offers nvidia.com/gpumem"
        if hami
        else "of devices that several claims divide, Cluster Autoscaler's guide says nothing: "
        "whether it adds a node is not known"
    )
    return Finding(
        path=path,
        problem=f"is {nodes.min} to {nodes.max}, but {why}",
        fix=f"use a fixed number, `nodes: {nodes.max}`",
        source=HAMI_SCALING_SOURCE if hami else DRA_SCALING_SOURCE,
    )
