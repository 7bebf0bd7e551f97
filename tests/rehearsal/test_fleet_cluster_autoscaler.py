"""What takes Cluster Autoscaler's place: as many nodes as pods need, up to the most."""

from typing import Any

import pytest

from planning.specs.base import POOL_LABEL
from rehearsal.fleet.cluster_autoscaler import nodes_needed
from rehearsal.fleet.nodes import NodeGroup, node_name
from tests.rehearsal.test_fleet_nodes import group

TOLERATIONS = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]


def scaled(least: int = 0, most: int = 3) -> NodeGroup:
    """Return a group of nodes with four GPUs each."""
    return group(nodes=least, most_nodes=most)


def pod(gpus: int, node: int | None = None, **changes: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "nodeSelector": {POOL_LABEL: "shared"},
        "tolerations": TOLERATIONS,
        "containers": [{"resources": {"requests": {"nvidia.com/gpu": str(gpus), "cpu": "1"}}}],
    }
    named = {} if node is None else {"nodeName": node_name("shared", node)}
    return {"metadata": {}, "spec": spec | named | changes}


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([], 0),
        ([pod(1)], 1),
        ([pod(2), pod(2)], 1),
        ([pod(3), pod(2)], 2),
        ([pod(4)] * 9, 3),
        ([pod(5)], 0),
        ([pod(4, node=1)], 2),
        ([pod(3, node=0), pod(1)], 1),
        ([pod(3, node=0), pod(2)], 2),
        ([pod(1, nodeSelector={POOL_LABEL: "other"})], 0),
        ([pod(1, tolerations=[])], 0),
        ([pod(1, tolerations=[{"operator": "Exists"}])], 1),
        ([pod(1, tolerations=[{"key": "nvidia.com/gpu", "value": "true"}])], 1),
        ([pod(1, tolerations=[{"key": "nvidia.com/gpu", "value": "false"}])], 0),
        ([pod(1) | {"metadata": {"deletionTimestamp": "now"}}], 0),
    ],
)
def test_a_group_has_the_nodes_that_its_pods_need(pods: list[dict[str, Any]], expected: int):
    assert nodes_needed(scaled(), pods) == expected


def test_the_least_nodes_stay_without_pods():
    assert nodes_needed(scaled(least=2), []) == 2


def test_a_fixed_size_is_nobody_s_to_change():
    assert nodes_needed(group(nodes=1, most_nodes=1), [pod(4)] * 5) == 1


def test_host_memory_counts_too():
    hungry = {"nvidia.com/gpu": "1", "memory": "300Gi"}
    pods = [pod(1, containers=[{"resources": {"requests": hungry}}])] * 2
    assert nodes_needed(scaled(), pods) == 2
