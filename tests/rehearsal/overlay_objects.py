"""What tests of nodes without a count give to the API server: pools, overlays, a deployment."""

import json
from typing import Any

from components.gpu_pool import node_class_spec, node_pool_spec
from components.node_overlay import node_overlay_spec
from planning.specs.pools import GpuPoolSpec, OperatorSpec
from tests.planning.planned import planned
from tests.rehearsal.conftest import Kubectl

KEPT = "kept"
KEPT_NODES = 2
GPUS_PER_NODE = 4


def apply(kubectl: Kubectl, *found: dict[str, Any]) -> None:
    """Create objects as the program does: a field that nobody knows is an error."""
    text = "\n---\n".join(json.dumps(each) for each in found)
    kubectl.run("apply", "--server-side", "--validate=strict", "-f", "-", text=text)


def told(operator: OperatorSpec) -> list[dict[str, Any]]:
    """Return what the device plugin is told, in the namespace where the fleet looks for it."""
    home = operator.namespace.name
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}
    config_maps = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": found.name, "namespace": home, "labels": found.labels},
            "data": found.data,
        }
        for found in operator.config_maps
    ]
    return [namespace, *config_maps]


def objects(pool: GpuPoolSpec) -> list[dict[str, Any]]:
    """Return the objects of a Karpenter pool."""
    specs = [
        ("karpenter.sh/v1alpha1", "NodeOverlay", overlay.name, node_overlay_spec(overlay))
        for overlay in pool.overlays
    ]
    specs += [
        ("karpenter.k8s.aws/v1", "EC2NodeClass", pool.name, node_class_spec(pool, {"role": "r"})),
        ("karpenter.sh/v1", "NodePool", pool.name, node_pool_spec(pool)),
    ]
    return [
        {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
        for version, kind, name, spec in specs
    ]


def deployment(pool: GpuPoolSpec, replicas: int) -> dict[str, Any]:
    """Return replicas of one slice each, for `pool`."""
    labels = {"app": "slices"}
    pod = {
        "nodeSelector": pool.labels,
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
        "containers": [
            {
                "name": "engine",
                "image": "example",
                "resources": {"requests": {"cpu": "1"}, "limits": {"nvidia.com/gpu": "1"}},
            }
        ],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "slices"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def static_pool() -> GpuPoolSpec:
    """Return the pool with nodes for nobody."""
    changes = {
        "karpenter": {"static_capacity": True},
        f"pools.{KEPT}": {
            "provisioner": "karpenter",
            "instances": ["g6e.12xlarge"],
            "static_nodes": KEPT_NODES,
            "gpu_limit": GPUS_PER_NODE * (KEPT_NODES + 1),
            "sharing": {"kind": "hami"},
        },
        "budget.gpus": 100,
    }
    [pool] = [found for found in planned(changes).gpu_pools if found.name == KEPT]
    return pool
