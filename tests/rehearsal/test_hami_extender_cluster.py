"""Shares of HAMi on a running control plane: each GPU is counted for itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.control_plane import ControlPlane
from rehearsal.control_plane.probes import Probe
from rehearsal.control_plane.site import Site
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.hami.objects import Device, hami_devices, registration
from tests.rehearsal.conftest import Kubectl, eventually

GPUS = tuple(Device(id=f"GPU-{letter}", splits=10, memory_mib=24 * 1024) for letter in "ab")
BIG = {"nvidia.com/gpumem": str(16 * 1024), "nvidia.com/gpucores": "30"}
HALF = {"nvidia.com/gpumem": str(12 * 1024), "nvidia.com/gpucores": "30"}


def node(name: str) -> dict[str, Any]:
    annotations = {"kwok.x-k8s.io/node": "fake", **registration(GPUS, "L4")}
    capacity = {"cpu": "64", "memory": "512Gi", "pods": "50", "nvidia.com/gpu": "20"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": annotations, "labels": {"gpu": "on"}},
        "status": {"capacity": capacity},
    }


def pod(name: str, limits: dict[str, str], scheduler: str = "hami-scheduler") -> dict[str, Any]:
    resources = {"limits": {"nvidia.com/gpu": "1", **limits}}
    containers = [{"name": "main", "image": "example", "resources": resources}]
    metadata = {"name": name, "labels": {"app": "share"}}
    spec = {"schedulerName": scheduler, "containers": containers}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def running(kubectl: Kubectl, number: int) -> dict[str, tuple[str, ...]] | None:
    """Return the devices of each running pod, or None while there are not so many."""
    pods = [one for one in kubectl.get("pods") if one["status"]["phase"] == "Running"]
    found = {one["metadata"]["name"]: hami_devices(one) for one in pods}
    return found if len(found) == number else None


def refusal(kubectl: Kubectl, name: str) -> str | None:
    conditions = kubectl.get("pod", name)["status"].get("conditions", [])
    return next((one["message"] for one in conditions if one["type"] == "PodScheduled"), None)


@pytest.fixture(autouse=True)
def cluster(kubectl: Kubectl) -> Iterator[None]:
    kubectl.apply(node("shared-0"))
    yield
    kubectl.run("delete", "pods", "--all", "--now")
    kubectl.run("delete", "node", "shared-0")


def test_a_share_that_fits_no_gpu_waits_although_the_node_has_the_memory(kubectl: Kubectl):
    kubectl.apply(*(pod(f"big-{number}", BIG) for number in range(2)))
    placed = eventually("two shares", lambda: running(kubectl, 2))
    assert sorted(placed.values()) == [("GPU-a",), ("GPU-b",)]
    kubectl.apply(pod("third", BIG))
    waiting = eventually("a refusal", lambda: refusal(kubectl, "third"))
    assert waiting.startswith("0/1 nodes are available: 1 2/2 CardInsufficientMemory.")
    kubectl.run("delete", "pod", "big-0", "--now")
    freed = eventually("its place taken", lambda: running(kubectl, 2))
    assert freed["third"] == placed["big-0"]


def test_two_halves_share_a_gpu_and_the_second_gpu_stays_free(kubectl: Kubectl):
    kubectl.apply(*(pod(f"half-{number}", HALF) for number in range(2)))
    placed = eventually("two shares", lambda: running(kubectl, 2))
    assert set(placed.values()) == {("GPU-b",)}
    kubectl.apply(pod("whole", {}))
    assert eventually("a whole GPU", lambda: running(kubectl, 3))["whole"] == ("GPU-a",)


def test_an_extender_that_is_gone_holds_up_its_own_pods_only_and_forgets_nothing(
    started: ControlPlane, kubectl: Kubectl
):
    kubectl.apply(pod("first", BIG))
    placed = eventually("a share", lambda: running(kubectl, 1))
    layout = started.layout
    Supervisor(layout.control_plane.absolute(), layout.logs.absolute()).end(["hami-extender"])
    assert not started.healthy()
    kubectl.apply(pod("second", BIG), pod("plain", {}, scheduler="default-scheduler"))
    assert "plain" in eventually("the plain pod", lambda: running(kubectl, 2))
    assert "connection refused" in eventually("a refusal", lambda: refusal(kubectl, "second"))
    started.start(print)
    after = eventually("the second share", lambda: running(kubectl, 3))
    assert after["first"] == placed["first"] != after["second"]
    assert after["plain"] == ()


def test_the_extender_talks_to_holders_of_a_certificate_of_the_cluster_only(started: ControlPlane):
    site = Site.read(started.layout.control_plane.absolute())
    port, authority = site.ports["hami-extender"], site.keys["ca"].certificate
    stranger = Probe(port=port, path="/readyz", authority=authority).problem()
    # Its connection may be closed before what the server says of it is read.
    refusals = ("certificate required", "eof occurred")
    assert any(words in (stranger or "").lower().replace("_", " ") for words in refusals)
    known = Probe(
        port=port, path="/other", authority=authority, client=site.keys["kube-scheduler"]
    ).problem()
    assert known == f"127.0.0.1:{port}/other: 404 {{}}"
