"""The devices of the fleet, as the real scheduler allocates them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.gpu_products import gpu_product
from catalog.instance_types import INSTANCE_TYPES
from rehearsal.api import Api
from rehearsal.control_plane import Connection, ControlPlane
from rehearsal.fleet import Observation, observe
from rehearsal.fleet.devices import reconcile
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.observation import ObservedPod
from rehearsal.fleet.resource_slices import slice_manifests
from tests.rehearsal.conftest import Kubectl, eventually
from tests.rehearsal.dra_objects import (
    claim_template,
    claiming_pod,
    every_way,
    gpu_node,
    selector,
)

NVIDIA = "gpu.nvidia.com"
HAMI = "hami-core-gpu.project-hami.io"
NODES = (
    gpu_node("pairs", "p4d.24xlarge", "nvidia-dra"),
    gpu_node("cut", "p5.4xlarge", "nvidia-dra"),
    gpu_node("shared", "g6e.2xlarge", "hami-dra"),
)


@pytest.fixture(scope="module")
def connection(started: ControlPlane) -> Connection:
    found = started.connection()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def api(connection: Connection) -> Iterator[Api]:
    client = Api(connection)
    yield client
    client.close()


@pytest.fixture(scope="module", autouse=True)
def published(api: Api, kubectl: Kubectl) -> None:
    kubectl.apply(*NODES)
    publish(api)


def publish(api: Api) -> None:
    nodes = api.list("/api/v1/nodes", resourceVersion="") or []
    reconcile(api, nodes, GpuConfigs(), dynamic_mig=True)


def placed(connection: Connection, name: str) -> ObservedPod:
    def found() -> ObservedPod | None:
        pods = observe(connection).pods
        return next((pod for pod in pods if pod.name == name and pod.ready), None)

    return eventually(f"{name} runs", found, seconds=30)


def refused(connection: Connection, name: str, reason: str) -> None:
    def found() -> ObservedPod | None:
        pods = observe(connection).pods
        wanted = (pod for pod in pods if pod.name == name and reason in (pod.reason or ""))
        return next(wanted, None)

    assert eventually(f"{name} waits: {reason}", found, seconds=30).node is None


def used(seen: Observation) -> dict[str | None, int]:
    return {node.pool: node.gpus_used for node in seen.nodes}


def test_a_pool_that_stays_the_same_is_written_once(api: Api, kubectl: Kubectl) -> None:
    def versions() -> dict[str, str]:
        return {
            one["metadata"]["name"]: one["metadata"]["resourceVersion"]
            for one in kubectl.get("resourceslices")
        }

    before = versions()
    assert set(before) == {
        "pairs-0-gpu.nvidia.com-0",
        "cut-0-gpu.nvidia.com-0",
        "cut-0-gpu.nvidia.com-1",
        f"shared-0-{HAMI}-0",
    }
    publish(api)
    assert versions() == before


def test_the_api_takes_the_devices_of_every_gpu_of_the_catalog(kubectl: Kubectl) -> None:
    largest = {gpu_product(one): one for one in INSTANCE_TYPES.values() if one.gpus}
    node = {"metadata": {"name": "any", "uid": "0"}}
    slices = [
        found
        for instance in largest.values()
        for driver, contents in every_way(instance).items()
        for found in slice_manifests(node, driver, contents, 1)
    ]
    for number, found in enumerate(slices):
        found["metadata"]["name"] = f"checked-{number}"
    kubectl.run("apply", "--dry-run=server", "-f", "-", text=json.dumps(listed(slices)))
    assert len(slices) > 2 * len(largest)


def listed(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def test_a_whole_gpu_is_found_by_product_and_memory(
    connection: Connection, kubectl: Kubectl
) -> None:
    attributes, capacity = f"device.attributes['{NVIDIA}']", f"device.capacity['{NVIDIA}']"
    product = selector(f"{attributes}.productName.lowerAscii().matches('^.*a100.*$')")
    enough = selector(f"{capacity}.memory.compareTo(quantity('40Gi')) >= 0")
    capable = selector(f"{attributes}.cudaComputeCapability.isGreaterThan(semver('7.5.0'))")
    too_much = selector(f"{capacity}.memory.compareTo(quantity('41Gi')) >= 0")
    kubectl.apply(
        claim_template("a100", NVIDIA, selectors=[product, enough, capable]),
        claim_template("a100-80", NVIDIA, selectors=[product, too_much]),
        claiming_pod("one", "pairs", "a100"),
        claiming_pod("too-big", "pairs", "a100-80"),
    )
    (device,) = placed(connection, "one").devices
    assert (device.driver, device.pool, device.device) == (NVIDIA, "pairs-0", "gpu-0")
    refused(connection, "too-big", "cannot allocate all claims")
    kubectl.run("delete", "pod", "one", "too-big", "--force")


def test_two_gpus_of_one_root_are_found_together(connection: Connection, kubectl: Kubectl) -> None:
    together = [{"requests": ["gpu"], "matchAttribute": "resource.kubernetes.io/pcieRoot"}]
    kubectl.apply(
        claim_template("single", NVIDIA),
        claim_template("pair", NVIDIA, count=2, constraints=together),
        claim_template("trio", NVIDIA, count=3, constraints=together),
        claiming_pod("alone", "pairs", "single"),
    )
    placed(connection, "alone")
    kubectl.apply(claiming_pod("both", "pairs", "pair"), claiming_pod("three", "pairs", "trio"))
    assert [one.device for one in placed(connection, "both").devices] == ["gpu-2", "gpu-3"]
    refused(connection, "three", "cannot allocate all claims")
    assert used(observe(connection))["pairs"] == 3
    kubectl.run("delete", "pod", "alone", "both", "three", "--force")


def test_a_plain_request_of_gpus_is_served_by_the_device_class(
    connection: Connection, kubectl: Kubectl
) -> None:
    kubectl.apply(claiming_pod("plain", "pairs", None, **{"nvidia.com/gpu": "2"}))
    devices = placed(connection, "plain").devices
    assert len({one.device for one in devices}) == 2
    assert {one.pool for one in devices} == {"pairs-0"}
    kubectl.run("delete", "pod", "plain", "--force")


def test_shares_fill_one_gpu_and_the_one_too_many_waits(
    connection: Connection, kubectl: Kubectl
) -> None:
    share = {"requests": {"cores": "40", "memory": "20Gi"}}
    kubectl.apply(
        claim_template("share", HAMI, capacity=share),
        *(claiming_pod(f"share-{number}", "shared", "share") for number in range(2)),
    )
    shares = [one for name in ("share-0", "share-1") for one in placed(connection, name).devices]
    assert [one.device for one in shares] == ["hami-gpu-0"] * 2
    assert len({one.share_id for one in shares}) == 2
    assert shares[0].consumed == {"cores": "40", "memory": "20Gi"}
    kubectl.apply(claiming_pod("share-2", "shared", "share"))
    refused(connection, "share-2", "cannot allocate all claims")
    assert used(observe(connection))["shared"] == 1
    kubectl.run("delete", "pod", "share-0", "share-1", "share-2", "--force")


def test_a_claim_without_a_capacity_takes_the_whole_gpu(
    connection: Connection, kubectl: Kubectl
) -> None:
    kubectl.apply(claim_template("all-of-it", HAMI), claiming_pod("all", "shared", "all-of-it"))
    (device,) = placed(connection, "all").devices
    assert device.consumed == {"cores": "100", "memory": "46068Mi"}
    kubectl.run("delete", "pod", "all", "--force")


def test_a_gpu_is_cut_as_claims_ask_until_nothing_is_left_of_it(
    connection: Connection, kubectl: Kubectl
) -> None:
    for profile in ("1g.10gb", "3g.40gb"):
        chosen = selector(f"device.attributes['{NVIDIA}'].profile == '{profile}'")
        name = profile.replace(".", "-")
        kubectl.apply(claim_template(name, "mig.nvidia.com", selectors=[chosen]))
    kubectl.apply(claiming_pod("small", "cut", "1g-10gb"))
    (small,) = placed(connection, "small").devices
    assert small.device == "gpu-0-mig-1g10gb-19-0"
    kubectl.apply(claiming_pod("half", "cut", "3g-40gb"))
    (half,) = placed(connection, "half").devices
    assert half.device == "gpu-0-mig-3g40gb-9-4"
    kubectl.apply(claiming_pod("other-half", "cut", "3g-40gb"))
    refused(connection, "other-half", "cannot allocate all claims")
    assert used(observe(connection))["cut"] == 1
    kubectl.run("delete", "pod", "small", "half", "other-half", "--force")


def test_devices_and_classes_go_with_their_nodes(api: Api, kubectl: Kubectl) -> None:
    kubectl.run("delete", "node", "shared-0")
    publish(api)
    pools = {one["spec"]["pool"]["name"] for one in kubectl.get("resourceslices")}
    assert pools == {"pairs-0", "cut-0"}
    classes = {one["metadata"]["name"] for one in kubectl.get("deviceclasses")}
    assert classes == {"gpu.nvidia.com", "mig.nvidia.com"}


def test_a_changed_pool_gets_a_new_generation(api: Api, kubectl: Kubectl) -> None:
    nodes = api.list("/api/v1/nodes", resourceVersion="") or []
    reconcile(api, nodes, GpuConfigs(), dynamic_mig=False)
    slices = [
        one for one in kubectl.get("resourceslices") if one["spec"]["pool"]["name"] == "cut-0"
    ]
    (found,) = slices
    assert found["spec"]["pool"] == {"name": "cut-0", "generation": 2, "resourceSliceCount": 1}
    assert [device["name"] for device in found["spec"]["devices"]] == ["gpu-0"]
