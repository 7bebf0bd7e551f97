"""GPU feature discovery and the device plugin on the nodes that Karpenter started."""

from collections.abc import Sequence

from catalog.instance_types import InstanceType, find_instance_type
from rehearsal.api import Api, Manifest
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.gpus import is_hami, published_on
from rehearsal.fleet.node_pools import NODES, POOL_OF_NODE
from rehearsal.fleet.nodes import INSTANCE_LABEL

DOMAIN = "nvidia.com/"


def missing_labels(node: Manifest, configs: GpuConfigs) -> dict[str, str]:
    """Return the GPU labels that a node of Karpenter does not have yet, or not as they should be.

    Nothing for any other node: managed ones are born with their labels.
    """
    labels, instance = _labels(node), _of_karpenter(node)
    if instance is None:
        return {}
    wanted = published_on(node["metadata"]["name"], instance, labels, configs).labels
    return {key: value for key, value in wanted.items() if labels.get(key) != value}


def changed_resources(node: Manifest, configs: GpuConfigs) -> dict[str, str | None]:
    """Return the extended resources that a node of Karpenter should have otherwise; None: not.

    Karpenter gave it the GPUs of its instance type, which is what it knows. HAMi's are left so.
    """
    labels, instance = _labels(node), _of_karpenter(node)
    capacity: dict[str, str] = node.get("status", {}).get("capacity", {})
    if instance is None or is_hami(labels) or not capacity:
        return {}
    wanted = published_on(node["metadata"]["name"], instance, labels, configs).resources
    has = {key: amount for key, amount in capacity.items() if key.startswith(DOMAIN)}
    changed = {key: wanted.get(key) for key in wanted.keys() | has.keys()}
    return {key: amount for key, amount in changed.items() if has.get(key) != amount}


def reconcile(api: Api, nodes: Sequence[Manifest], configs: GpuConfigs) -> None:
    """Label the nodes that Karpenter started, and publish what their GPUs are shared into."""
    for node in nodes:
        path = f"{NODES}/{node['metadata']['name']}"
        if labels := missing_labels(node, configs):
            api.merge(path, {"metadata": {"labels": labels}})
        if resources := changed_resources(node, configs):
            status = {"capacity": resources, "allocatable": resources}
            api.merge(f"{path}/status", {"status": status})


def _of_karpenter(node: Manifest) -> InstanceType | None:
    labels = _labels(node)
    instance = find_instance_type(labels.get(INSTANCE_LABEL, ""))
    return instance if POOL_OF_NODE in labels and instance and instance.gpus else None


def _labels(node: Manifest) -> dict[str, str]:
    return node["metadata"].get("labels", {})
