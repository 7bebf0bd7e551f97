"""What is seen of a cluster, as data."""

from typing import Any

import pytest

from planning.specs.base import MODEL_LABEL
from rehearsal.fleet.nodes import node_manifest
from rehearsal.fleet.observation import Observation, observation
from tests.rehearsal.test_fleet_nodes import L40S, group


def pod(name: str, node: str | None, requests: dict[str, str], **status: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [{"resources": {"requests": requests}}]}
    return {
        "metadata": {"name": name, "uid": name, "labels": {MODEL_LABEL: "qwen"}},
        "spec": spec | ({"nodeName": node} if node else {}),
        "status": status,
    }


def seen(node: dict[str, Any], *pods: dict[str, Any], **found: Any) -> Observation:
    return observation(nodes=[node], deployments=[], pods=pods, events=found.get("events", []))


def test_used_gpus_are_what_unfinished_pods_asked_for() -> None:
    one = {"nvidia.com/gpu": "1"}
    pods = [pod("a", "shared-0", one), pod("b", "shared-0", one, phase="Failed")]
    (node,) = seen(node_manifest(group(), 0), *pods, pod("c", "other", one)).nodes
    assert (node.gpus, node.gpus_used, node.pool) == (4, 1, "shared")
    assert node.usd_per_hour == L40S.usd_per_hour["us-west-2"]


@pytest.mark.parametrize(
    ("memory", "cores", "used"), [("10000", "10", 1), ("40000", "10", 3), ("1000", "90", 3)]
)
def test_shares_count_as_the_least_gpus_that_hold_them(memory: str, cores: str, used: int) -> None:
    asked = {
        "nvidia.com/gpu": "1",
        "nvidia.com/gpumem": memory,
        "nvidia.com/gpucores": cores,
    }
    pods = [pod(name, "shared-0", asked) for name in "abc"]
    (node,) = seen(node_manifest(group(labels={"gpu": "on"}), 0), *pods).nodes
    assert node.gpus_used == used


def test_a_pending_pod_tells_what_the_scheduler_and_karpenter_say() -> None:
    refused = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}
    waiting = pod("a", None, {}, conditions=[refused])

    def event(uid: str, message: str, last: str) -> dict[str, Any]:
        return {
            "involvedObject": {"uid": uid},
            "source": {"component": "karpenter"},
            "message": message,
            "lastTimestamp": last,
        }

    events = [
        event("a", "exceed limits for nodepool (NodePool=l40s-rehearsal)", "2026-01-01T00:00:02Z"),
        event("a", "earlier", "2026-01-01T00:00:01Z"),
        event("b", "another pod", "2026-01-01T00:00:03Z"),
    ]
    (found,) = seen(node_manifest(group(), 0), waiting, events=events).pods
    assert found.node is None
    assert found.reason == (
        "scheduler: 0/3 nodes are available; Karpenter: exceed limits for nodepool (NodePool=l40s)"
    )
