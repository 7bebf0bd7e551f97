"""Nodes whose devices Karpenter cannot count: NodeOverlays tell it, and static pools do not ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from planning.specs.base import POOL_LABEL
from planning.specs.pools import GpuPoolSpec
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.control_plane import ControlPlane
from rehearsal.crds import excerpts
from rehearsal.fleet import Fleet
from rehearsal.fleet.gpus import DEFAULT_SPLITS
from rehearsal.fleet.node_pools import POOL_OF_NODE, twin_name
from rehearsal.hami.objects import REGISTER
from tests.planning.planned import planned
from tests.rehearsal.conftest import Kubectl, eventually
from tests.rehearsal.overlay_objects import (
    GPUS_PER_NODE,
    KEPT,
    KEPT_NODES,
    apply,
    deployment,
    objects,
    static_pool,
    told,
)

REGION = "us-west-2"
KINDS = ("ec2nodeclasses.karpenter.k8s.aws", "nodeoverlays.karpenter.sh", "nodepools.karpenter.sh")
SLICES = 4
GPUS = 3


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
        """The claims of the pool, not those of the static one."""
        of_pool = f"{POOL_OF_NODE}={twin_name(self.pool.name)}"
        return self.kubectl.get("nodeclaims", "-l", of_pool)

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
def started(own_plane: ControlPlane) -> ControlPlane:
    return own_plane


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
        apply(kubectl, *told(plan.gpu_operator), *objects(pool), *objects(static_pool()))
        yield Scene(kubectl, pool)
    finally:
        fleet.stop()


def test_the_overlay_of_a_pool_is_taken_as_valid(scene: Scene):
    [overlay] = scene.pool.overlays

    def ready() -> bool:
        found = scene.kubectl.get("nodeoverlay", overlay.name)
        conditions = found.get("status", {}).get("conditions", [])
        return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)

    eventually("the overlay is ready", ready)


@pytest.fixture(scope="module")
def first_nodes(scene: Scene) -> dict[str, dict[str, Any]]:
    """The first nodes of the static pool, the first of which is lost while other tests run."""
    eventually("every node is there, and its GPUs are registered", scene.registered)
    nodes = scene.kept()
    scene.kubectl.run("delete", f"node/{min(nodes)}", "--wait=false")
    return nodes


def test_a_static_pool_has_its_nodes_without_a_pod(first_nodes: dict[str, dict[str, Any]]):
    assert len(first_nodes) == KEPT_NODES


def test_a_node_carries_a_replica_per_slice_and_no_more_nodes_are_bought(scene: Scene):
    scene.ask(SLICES + 1)
    eventually("all replicas run", lambda: scene.running() == SLICES + 1)
    claims = scene.claims()
    assert len(claims) == 2
    assert {claim["status"]["allocatable"]["nvidia.com/gpu"] for claim in claims} == {str(SLICES)}


def test_a_static_pool_gets_back_a_node_that_it_lost(
    scene: Scene, first_nodes: dict[str, dict[str, Any]]
):
    eventually("the node is gone", lambda: min(first_nodes) not in scene.kept())
    eventually("another one has come", scene.registered)
    assert len(scene.kept().keys() & first_nodes.keys()) == KEPT_NODES - 1


@pytest.fixture(scope="module")
def going(scene: Scene) -> None:
    """The static pool is being deleted while another test runs."""
    assert scene.kept()
    scene.kubectl.run("delete", f"nodepool/{KEPT}", "--wait=false")


@pytest.mark.usefixtures("going")
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


@pytest.mark.usefixtures("going")
def test_a_static_pool_that_is_deleted_takes_its_nodes_along(scene: Scene):
    scene.kubectl.run("wait", "--for=delete", f"nodepool/{KEPT}", "--timeout=90s")
    assert scene.kept() == {}
