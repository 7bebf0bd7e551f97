"""GPU feature discovery, and whoever hands out GPUs, on the nodes that Karpenter started."""

from collections.abc import Sequence

from catalog.instance_types import InstanceType, find_instance_type
from rehearsal.api import Api, Manifest
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.gpus import DEFAULT_SPLITS, gpu_annotations, published_on
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


def missing_annotations(node: Manifest, splits: int = DEFAULT_SPLITS) -> dict[str, str]:
    """Return the annotations by which HAMi registers the GPUs of a node of Karpenter, where they
    are not there yet."""
    instance = _of_karpenter(node)
    if instance is None:
        return {}
    wanted = gpu_annotations(node["metadata"]["name"], instance, _labels(node), splits)
    has: dict[str, str] = node["metadata"].get("annotations", {})
    return {key: value for key, value in wanted.items() if has.get(key) != value}


def changed_resources(
    node: Manifest, configs: GpuConfigs, splits: int = DEFAULT_SPLITS
) -> dict[str, str | None]:
    """Return the extended resources that a node of Karpenter should have otherwise; None: not.

    Karpenter gave it the GPUs of its instance type, which is what it knows.
    """
    labels, instance = _labels(node), _of_karpenter(node)
    status: Manifest = node.get("status", {})
    # A node that was started for no pod has no capacity here, and all that it may give away.
    has: list[dict[str, str]] = [status.get(part, {}) for part in ("capacity", "allocatable")]
    if instance is None or not any(has):
        return {}
    wanted = published_on(node["metadata"]["name"], instance, labels, configs, splits).resources
    keys = wanted.keys() | {key for part in has for key in part if key.startswith(DOMAIN)}
    return {
        key: wanted.get(key)
        for key in sorted(keys)
        if any(part.get(key) != wanted.get(key) for part in has)
    }


def reconcile(api: Api, nodes: Sequence[Manifest], configs: GpuConfigs, splits: int) -> None:
    """Mark the nodes that Karpenter started, and publish what their GPUs are shared into."""
    for node in nodes:
        path = f"{NODES}/{node['metadata']['name']}"
        marks = {
            "labels": missing_labels(node, configs),
            "annotations": missing_annotations(node, splits),
        }
        if metadata := {key: found for key, found in marks.items() if found}:
            api.merge(path, {"metadata": metadata})
        if resources := changed_resources(node, configs, splits):
            status = {"capacity": resources, "allocatable": resources}
            api.merge(f"{path}/status", {"status": status})


def _of_karpenter(node: Manifest) -> InstanceType | None:
    labels = _labels(node)
    instance = find_instance_type(labels.get(INSTANCE_LABEL, ""))
    return instance if POOL_OF_NODE in labels and instance and instance.gpus else None


def _labels(node: Manifest) -> dict[str, str]:
    return node["metadata"].get("labels", {})
