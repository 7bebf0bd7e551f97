"""A Karpenter pool as a drill finds it: its limit, and what a pod must say to run there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.base import DOMAIN, MODELS_NAMESPACE, POOL_LABEL
from rehearsal.api import Manifest
from rehearsal.fleet.gpus import GPU
from rehearsal.fleet.node_pools import of_the_program
from rehearsal.fleet.nodes import INSTANCE_LABEL
from rehearsal.quantities import quantity
from rehearsal.turn import RehearsalError

DRILL_LABEL: Final = f"{DOMAIN}/drill"
NAME: Final = "drill-karpenter-pool"
NOBODY: Final = 65534


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What a NodePool of the program says of itself."""

    name: str
    gpu_limit: int
    gpus_per_node: tuple[int, ...]
    """Of each of its instance types, each number once and sorted."""
    consolidate_after: str
    """As the NodePool has it, `15m`."""
    tolerations: tuple[dict[str, str], ...]

    @property
    def reachable_gpus(self) -> int:
        """Return the most GPUs that whole nodes make within the limit."""
        return self.gpu_limit - self.gpu_limit % self.gpus_per_node[0]


def chosen(node_pools: Sequence[Manifest], name: str | None) -> Pool:
    """Return the pool called `name`, or the first one by name.

    Raises:
        RehearsalError: Karpenter supplies no such pool, or none at all.
    """
    every = {each["metadata"]["name"]: each for each in of_the_program(node_pools)}
    found = {name: each for name, each in every.items() if "replicas" not in each["spec"]}
    if not found:
        raise RehearsalError(
            "Karpenter supplies no pool here as pods ask: the drill needs one with `provisioner: "
            "karpenter` and without `static_nodes`"
        )
    wanted = min(found) if name is None else name
    if wanted in every.keys() - found.keys():
        raise RehearsalError(
            f"pool {wanted} has a fixed number of nodes: nothing starts or ends one for a pod"
        )
    if wanted not in found:
        raise RehearsalError(
            f"Karpenter supplies no pool {wanted}; its pools: {', '.join(sorted(found))}"
        )
    return _pool(found[wanted])


def _pool(node_pool: Manifest) -> Pool:
    spec = node_pool["spec"]
    node: Manifest = spec["template"]["spec"]
    types = next(one["values"] for one in node["requirements"] if one["key"] == INSTANCE_LABEL)
    return Pool(
        name=node_pool["metadata"]["name"],
        gpu_limit=int(quantity(spec["limits"][GPU])),
        gpus_per_node=tuple(sorted({INSTANCE_TYPES[name].gpus for name in types})),
        consolidate_after=spec["disruption"]["consolidateAfter"],
        tolerations=tuple(
            {"key": taint["key"], "operator": "Exists", "effect": taint["effect"]}
            for taint in node.get("taints", [])
        ),
    )


def deployment(pool: Pool, replicas: int) -> dict[str, Any]:
    """Return the drill's own Deployment: each replica takes one GPU of the pool."""
    labels = {DRILL_LABEL: NAME}
    container = {
        "name": "drill",
        "image": "drill",  # KWOK runs no container: nothing is pulled.
        "resources": {"limits": {GPU: "1"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    pod = {
        "automountServiceAccountToken": False,
        "nodeSelector": {POOL_LABEL: pool.name},
        "tolerations": [*pool.tolerations],
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": NOBODY,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": MODELS_NAMESPACE, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
