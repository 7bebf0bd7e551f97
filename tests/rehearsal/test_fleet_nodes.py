"""What the fleet reads of the account and writes as nodes, as data."""

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.base import GPU_TAINT, POOL_LABEL
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.fleet import SIMULATED, FleetError
from rehearsal.fleet.account import node_groups, zones
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.nodes import DIGEST, NodeGroup, node_manifest
from rehearsal.hami.objects import registered
from rehearsal.quantities import quantity

L40S = INSTANCE_TYPES["g6e.12xlarge"]
ZONES = ("us-west-2a", "us-west-2b")


def group(**changes: Any) -> NodeGroup:
    fields: dict[str, Any] = {
        "name": "shared",
        "region": "us-west-2",
        "instance": L40S,
        "capacity_type": "ON_DEMAND",
        "nodes": 2,
        "zones": ZONES,
        "disks": Disks(volume_gib=200),
        "labels": {POOL_LABEL: "shared"},
        "taints": (GPU_TAINT,),
    }
    return NodeGroup(**fields | changes)


def test_a_managed_node_carries_what_eks_and_the_gpu_layer_would_write() -> None:
    node = node_manifest(group(), 0)
    labels = node["metadata"]["labels"]
    assert node["metadata"]["name"] == labels["kubernetes.io/hostname"] == "shared-0"
    assert labels["node.kubernetes.io/instance-type"] == "g6e.12xlarge"
    assert labels["topology.kubernetes.io/region"] == "us-west-2"
    assert labels["kubernetes.io/arch"] == "amd64"
    assert labels["eks.amazonaws.com/nodegroup"] == "shared"
    assert labels["eks.amazonaws.com/capacityType"] == "ON_DEMAND"
    assert labels[POOL_LABEL] == "shared"
    assert labels["nvidia.com/gpu.present"] == "true"
    assert labels["nvidia.com/gpu.count"] == "4"
    assert labels["nvidia.com/gpu.memory"] == "46068", "as the driver reports it"
    assert node["metadata"]["annotations"]["kwok.x-k8s.io/node"] == "fake"
    assert node["spec"]["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
    ]


def test_pods_may_take_what_the_catalog_leaves_them() -> None:
    status = node_manifest(group(), 0)["status"]
    assert status["capacity"] == {
        "cpu": "48",
        "memory": f"{L40S.capacity_memory_mib}Mi",
        "ephemeral-storage": "204800Mi",
        "pods": str(L40S.max_pods),
        "nvidia.com/gpu": "4",
    }
    assert status["allocatable"] == {
        "cpu": f"{L40S.allocatable_cpu_milli}m",
        "memory": f"{L40S.allocatable_memory_mib}Mi",
        "ephemeral-storage": f"{204800 * 9 // 10 - 1024}Mi",
        "pods": str(L40S.max_pods),
        "nvidia.com/gpu": "4",
    }


def test_nodes_take_the_zones_in_turns_and_keep_their_names() -> None:
    nodes = [node_manifest(group(name="GPU_shared"), index) for index in range(3)]
    assert [node["metadata"]["name"] for node in nodes] == [f"gpu-shared-{i}" for i in range(3)]
    found = [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes]
    assert found == ["us-west-2a", "us-west-2b", "us-west-2a"]


def test_a_node_without_a_gpu_says_nothing_of_gpus() -> None:
    node = node_manifest(group(instance=INSTANCE_TYPES["m7i.large"], taints=()), 0)
    assert not [key for key in node["metadata"]["labels"] if key.startswith("nvidia.com")]
    assert "nvidia.com/gpu" not in node["status"]["allocatable"]


def test_hami_publishes_a_number_of_shares_and_registers_each_gpu_with_its_memory() -> None:
    node = node_manifest(group(labels={"gpu": "on"}, splits=5), 0)
    allocatable = node["status"]["allocatable"]
    found = {key: amount for key, amount in allocatable.items() if key.startswith("nvidia.com")}
    assert found == {"nvidia.com/gpu": "20"}
    devices = registered(node)
    assert [(one.splits, one.memory_mib) for one in devices] == [(5, L40S.gpu_memory_mib)] * 4
    assert registered(node_manifest(group(), 0)) == ()


def test_the_digest_tells_a_changed_node_from_the_same_one() -> None:
    def digest(**changes: Any) -> str:
        return node_manifest(group(**changes), 1)["metadata"]["annotations"][DIGEST]

    assert digest() == digest(nodes=7)
    assert len({digest(), digest(labels={"gpu": "on"}), digest(taints=())}) == 3


def test_nvme_disks_count_only_in_raid0_and_where_there_are_some() -> None:
    raid = Disks(volume_gib=100, raid0=True)
    assert raid.capacity_mib(L40S) == L40S.nvme_gb * 10**9 // 2**20
    assert raid.capacity_mib(INSTANCE_TYPES["m7i.large"]) == 100 * 1024
    assert Disks(volume_gib=100).capacity_mib(L40S) == 100 * 1024


def account(folder: Path, **changes: Any) -> Cloud:
    cloud = Cloud(folder)

    def put(kind: str, identity: str, inputs: dict[str, Any]) -> None:
        cloud.put(CloudResource(type=kind, id=identity, urn="urn", inputs=inputs, outputs={}))

    for zone in ZONES:
        put("aws:ec2/subnet:Subnet", f"subnet-{zone}", {"availabilityZone": zone})
    user_data = base64.b64encode(b"instance: {localStorage: {strategy: RAID0}}").decode()
    volume = [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 150}}]
    template = {"blockDeviceMappings": volume, "userData": user_data}
    put("aws:ec2/launchTemplate:LaunchTemplate", "lt-1", template)
    inputs: dict[str, Any] = {
        "nodeGroupName": "shared",
        "instanceTypes": ["g6e.12xlarge"],
        "scalingConfig": {"desiredSize": 2, "minSize": 2, "maxSize": 2},
        "subnetIds": ["subnet-us-west-2b"],
        "launchTemplate": {"id": "lt-1", "version": "1"},
        "labels": {POOL_LABEL: "shared"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
    }
    put("aws:eks/nodeGroup:NodeGroup", "dev:shared", inputs | changes)
    return cloud


def test_a_node_group_of_the_account_is_read_with_its_subnets_and_template(tmp_path: Path) -> None:
    cloud = account(tmp_path)
    disks = Disks(volume_gib=150, raid0=True)
    expected = group(zones=("us-west-2b",), disks=disks, most_nodes=2)
    assert node_groups(cloud, "us-west-2", 10) == (expected,)
    assert zones(cloud) == ZONES


def test_a_group_that_names_no_type_has_that_of_its_template(tmp_path: Path) -> None:
    cloud = account(tmp_path, instanceTypes=None, capacityType="CAPACITY_BLOCK")
    inputs = {"instanceType": "p5.48xlarge"}
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    cloud.put(CloudResource(type=kind, id="lt-1", urn="urn", inputs=inputs, outputs={}))
    (found,) = node_groups(cloud, "us-west-2", 10)
    assert (found.instance.name, found.capacity_type) == ("p5.48xlarge", "CAPACITY_BLOCK")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instanceTypes": ["g6e.12xlarg"]}, "no instance type g6e.12xlarg; nearest: g6e.12xlarge"),
        ({"subnetIds": ["subnet-gone"]}, "node group shared: none of its subnets"),
    ],
)
def test_a_group_that_cannot_be_simulated_is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(FleetError, match=message):
        node_groups(account(tmp_path, **changes), "us-west-2", 10)


@pytest.mark.parametrize(
    ("text", "number"),
    [("500m", "0.5"), ("1Gi", str(2**30)), ("48", "48"), (4, "4"), ("1.5k", "1500")],
)
def test_quantities_are_read_as_kubernetes_writes_them(text: str | int, number: str) -> None:
    assert quantity(text) == Decimal(number)


def test_what_is_simulated_is_said_in_sentences() -> None:
    assert len(set(SIMULATED)) == len(SIMULATED) > 5
    assert all(sentence.endswith(".") for sentence in SIMULATED)
