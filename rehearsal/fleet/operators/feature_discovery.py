"""GPU feature discovery: the labels it would give the nodes that Karpenter started."""

from collections.abc import Sequence

from catalog.instance_types import find_instance_type
from rehearsal.fleet.api import Api, Manifest
from rehearsal.fleet.gpus import gpu_labels
from rehearsal.fleet.node_pools import NODES, POOL_OF_NODE
from rehearsal.fleet.nodes import INSTANCE_LABEL


def missing_labels(node: Manifest) -> dict[str, str]:
    """Return the GPU labels that a node of Karpenter does not have yet."""
    labels: dict[str, str] = node["metadata"].get("labels", {})
    instance = find_instance_type(labels.get(INSTANCE_LABEL, ""))
    if POOL_OF_NODE not in labels or instance is None:
        return {}
    return {key: value for key, value in gpu_labels(instance).items() if key not in labels}


def reconcile(api: Api, nodes: Sequence[Manifest]) -> None:
    """Label the nodes that Karpenter started; managed nodes are born with their labels."""
    for node in nodes:
        if labels := missing_labels(node):
            api.merge(f"{NODES}/{node['metadata']['name']}", {"metadata": {"labels": labels}})
