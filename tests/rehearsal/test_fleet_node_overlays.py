"""Nodes whose devices Karpenter cannot count: NodeOverlays tell it, and static pools do not ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from components.gpu_pool import node_class_spec, node_pool_spec
from components.node_overlay import node_overlay_spec
from planning.specs.base import POOL_LABEL
from planning.specs.pools import GpuPoolSpec, OperatorSpec
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.control_plane import ControlPlane
from rehearsal.crds import excerpts
from rehearsal.fleet import Fleet
from rehearsal.fleet.gpus import DEFAULT_SPLITS
from rehearsal.hami.objects import REGISTER
from tests.planning.planned import planned
from tests.rehearsal.conftest import Kubectl, eventually

REGION = "us-west-2"
KINDS = ("ec2nodeclasses.karpenter.k8s.aws", "nodeoverlays.karpenter.sh", "nodepools.karpenter.sh")
SLICES = 4
GPUS = 3
KEPT = "kept"
KEPT_NODES = 2
GPUS_PER_NODE = 4


@dataclass(frozen=True)
class Scene:
    kubectl: Kubectl
    pool: GpuPoolSpec

    def ask(self, replicas: int) -> None:
        """Let so many replicas of one slice each wait for the pool."""
        self.kubectl.apply(deployment(self.pool, replicas))

    def running(self) -> int:
        pods = self.kubectl.get("pods", "-l", "app=slices")
        return sum(pod["status"]["phase"] == "Running" for pod in pods)

    def claims(self) -> list[dict[str, Any]]:
        return self.kubectl.get("nodeclaims")

    def kept(self) -> dict[str, dict[str, Any]]:
        """The nodes of the static pool by name."""
        nodes = self.kubectl.get("nodes", "-l", f"{POOL_LABEL}={KEPT}")
        return {node["metadata"]["name"]: node for node in nodes}

    def registered(self) -> bool:
        """Whether Karpenter calls all nodes of the static pool ready, and HAMi has their GPUs."""
        nodes = self.kept().values()
        shared = str(GPUS_PER_NODE * DEFAULT_SPLITS)
        return len(nodes) == KEPT_NODES and all(
            node["metadata"]["labels"].get("karpenter.sh/initialized") == "true"
            and REGISTER in node["metadata"]["annotations"]
            and node["status"]["capacity"].get("nvidia.com/gpu") == shared
            and node["status"]["allocatable"]["nvidia.com/gpu"] == shared
            for node in nodes
        )


@pytest.fixture(scope="module")
def scene(started: ControlPlane, kubectl: Kubectl) -> Iterator[Scene]:
    changes = {
        "pools.l40s.instances": ["g6e.2xlarge"],
        "pools.l40s.gpu_limit": GPUS,
        "pools.l40s.sharing": {"kind": "mps", "replicas": SLICES},
        "karpenter.node_overlay": True,
        # Small enough for a quarter of an L40S.
        "models.chat.model": "Qwen/Qwen3-0.6B",
    }
    plan = planned(changes)
    [pool] = plan.gpu_pools
    subnet = CloudResource(
        type="aws:ec2/subnet:Subnet",
        id="subnet-a",
        urn="urn",
        inputs={"availabilityZone": f"{REGION}a"},
        outputs={},
    )
    Cloud(started.layout.cloud).put(subnet)
    fleet = Fleet(started.layout, REGION)
    try:
        fleet.start()
        kubectl.apply(*(dict(found) for found in excerpts("karpenter-crd")))
        for kind in KINDS:
            kubectl.run("wait", "--for=condition=Established", f"crd/{kind}", "--timeout=60s")
        apply(kubectl, *told(plan.gpu_operator), *objects(pool))
        yield Scene(kubectl, pool)
    finally:
        fleet.stop()


def apply(kubectl: Kubectl, *found: dict[str, Any]) -> None:
    """Create objects as the program does: a field that nobody knows is an error."""
    text = "\n---\n".join(json.dumps(each) for each in found)
    kubectl.run("apply", "--server-side", "--validate=strict", "-f", "-", text=text)


def told(operator: OperatorSpec) -> list[dict[str, Any]]:
    """What the device plugin is told, in the namespace where the fleet looks for it."""
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


def test_the_overlay_of_a_pool_is_taken_as_valid(scene: Scene):
    [overlay] = scene.pool.overlays

    def ready() -> bool:
        found = scene.kubectl.get("nodeoverlay", overlay.name)
        conditions = found.get("status", {}).get("conditions", [])
        return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)

    eventually("the overlay is ready", ready)


def test_a_node_carries_a_replica_per_slice_and_no_more_nodes_are_bought(scene: Scene):
    scene.ask(SLICES + 1)
    eventually("all replicas run", lambda: scene.running() == SLICES + 1)
    claims = scene.claims()
    assert len(claims) == 2
    assert {claim["status"]["allocatable"]["nvidia.com/gpu"] for claim in claims} == {str(SLICES)}


def test_the_limit_of_the_pool_still_counts_whole_gpus(scene: Scene):
    most = GPUS * SLICES
    scene.ask(most + 1)
    eventually("all but one run", lambda: scene.running() == most)

    def refused() -> bool:
        events = scene.kubectl.get("events", "--field-selector=reason=FailedScheduling")
        return any("exceed limits for nodepool" in event["message"] for event in events)

    eventually("Karpenter says why", refused)
    assert len(scene.claims()) == GPUS
    assert scene.running() == most


def test_a_static_pool_has_its_nodes_without_a_pod_and_gets_back_one_that_it_lost(scene: Scene):
    static = {
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
    [pool] = [found for found in planned(static).gpu_pools if found.name == KEPT]
    apply(scene.kubectl, *objects(pool))
    eventually("every node is there, and its GPUs are registered", scene.registered)
    before = scene.kept()
    lost = min(before)
    scene.kubectl.run("delete", f"node/{lost}", "--wait=false")
    eventually("the node is gone", lambda: lost not in scene.kept())
    eventually("another one has come", scene.registered)
    assert len(scene.kept().keys() & before.keys()) == KEPT_NODES - 1


def test_a_static_pool_that_is_deleted_takes_its_nodes_along(scene: Scene):
    assert scene.kept()
    scene.kubectl.run("delete", f"nodepool/{KEPT}", "--timeout=90s")
    assert scene.kept() == {}
