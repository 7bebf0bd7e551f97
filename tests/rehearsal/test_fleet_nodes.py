"""What the fleet writes and reads, as data."""

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.base import GPU_TAINT, MODEL_LABEL, POOL_LABEL
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.fleet import SIMULATED, FleetError
from rehearsal.fleet.account import node_groups, zones
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.instance_offers import SPOT_SHARE, instance_types_file
from rehearsal.fleet.node_pools import disks, of_the_program, twin
from rehearsal.fleet.nodes import DIGEST, NodeGroup, node_manifest
from rehearsal.fleet.observation import Observation, observation
from rehearsal.fleet.operators import cloudnative_pg, keda
from rehearsal.fleet.operators.feature_discovery import missing_labels
from rehearsal.fleet.quantities import quantity

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
    assert labels["nvidia.com/gpu.memory"] == str(L40S.gpu_memory_mib)
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


def test_hami_publishes_shares_and_the_sums_of_memory_and_cores() -> None:
    shared = group(labels={"gpu": "on"}, splits=5)
    allocatable = node_manifest(shared, 0)["status"]["allocatable"]
    assert allocatable["nvidia.com/gpu"] == "20"
    assert allocatable["nvidia.com/gpumem"] == str(4 * L40S.gpu_memory_mib)
    assert allocatable["nvidia.com/gpucores"] == "400"


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
    expected = group(zones=("us-west-2b",), disks=Disks(volume_gib=150, raid0=True))
    assert node_groups(cloud, "us-west-2", 10) == (expected,)
    assert zones(cloud) == ZONES


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


def offers(**known: Disks) -> dict[str, dict[str, Any]]:
    found = instance_types_file("eu-west-1", INSTANCE_TYPES.values(), ZONES, known)
    return {one["name"]: one for one in found}


def test_only_types_with_a_price_in_the_region_are_for_sale() -> None:
    priced = {name for name, one in INSTANCE_TYPES.items() if "eu-west-1" in one.usd_per_hour}
    assert offers().keys() == priced < INSTANCE_TYPES.keys()


def test_each_zone_and_capacity_type_is_one_offering_with_its_price_and_labels() -> None:
    name = "g4dn.12xlarge"
    instance = INSTANCE_TYPES[name]
    found = [
        ({one["key"]: one["values"][0] for one in offer["Requirements"]}, offer["Price"])
        for offer in offers()[name]["offerings"]
    ]
    assert len(found) == 2 * len(ZONES)
    price = instance.usd_per_hour["eu-west-1"]
    expected = {"on-demand": float(price), "spot": float(price * SPOT_SHARE)}
    for labels, usd in found:
        assert usd == expected[labels["karpenter.sh/capacity-type"]]
        assert labels["karpenter.k8s.aws/instance-category"] == "g"
        assert labels["karpenter.k8s.aws/instance-family"] == "g4dn"
        assert labels["karpenter.k8s.aws/instance-generation"] == "4"
        assert labels["karpenter.k8s.aws/instance-gpu-name"] == "t4"
        assert labels["karpenter.k8s.aws/instance-gpu-count"] == "4"
        assert labels["karpenter.k8s.aws/instance-cpu"] == "48"


def test_karpenter_is_told_the_gpus_and_the_disks() -> None:
    name = "g4dn.12xlarge"
    plain = offers()[name]["resources"]
    assert plain["nvidia.com/gpu"] == "4"
    assert plain["ephemeral-storage"] == f"{20 * 1024 * 9 // 10 - 1024}Mi"
    asked = offers(**{name: Disks(volume_gib=300)})[name]["resources"]
    assert asked["ephemeral-storage"] == f"{300 * 1024 * 9 // 10 - 1024}Mi"


def node_pool(name: str = "l40s", group_name: str = "karpenter.k8s.aws") -> dict[str, Any]:
    in_pool = {"key": "node.kubernetes.io/instance-type", "operator": "In"}
    spec = {
        "nodeClassRef": {"group": group_name, "kind": "EC2NodeClass", "name": name},
        "requirements": [in_pool | {"values": ["g6e.12xlarge"]}],
        "taints": [GPU_TAINT.model_dump()],
    }
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name, "resourceVersion": "7", "uid": "u"},
        "spec": {
            "limits": {"nvidia.com/gpu": "8"},
            "template": {"metadata": {"labels": {POOL_LABEL: name}}, "spec": spec},
        },
    }


def test_a_twin_says_the_same_with_the_node_class_that_karpenter_has_here() -> None:
    pool = node_pool()
    made = twin(pool)
    assert made["metadata"]["name"] == "l40s-rehearsal"
    reference = made["spec"]["template"]["spec"].pop("nodeClassRef")
    assert reference == {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "default"}
    expected = node_pool()["spec"]
    del expected["template"]["spec"]["nodeClassRef"]
    assert made["spec"] == expected
    assert pool == node_pool(), "the program's own object is left alone"


def test_twins_have_no_twins() -> None:
    pools = [node_pool(), twin(node_pool())]
    assert of_the_program(pools) == pools[:1]


def test_a_type_in_two_pools_has_the_smaller_disks() -> None:
    def node_class(name: str, size: str) -> dict[str, Any]:
        mappings = [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": size}}]
        return {"metadata": {"name": name}, "spec": {"blockDeviceMappings": mappings}}

    classes = [node_class("a", "300Gi"), node_class("b", "200Gi")]
    found = disks([node_pool("a"), node_pool("b"), node_pool("a")], classes)
    assert found == {"g6e.12xlarge": Disks(volume_gib=200)}


def test_karpenters_nodes_get_the_gpu_labels_that_they_lack() -> None:
    labels = {"node.kubernetes.io/instance-type": "g6e.12xlarge", "karpenter.sh/nodepool": "a"}
    node = {"metadata": {"name": "n", "labels": labels}}
    missing = missing_labels(node)
    assert missing["nvidia.com/gpu.product"] == "NVIDIA-L40S"
    labels |= missing
    assert missing_labels(node) == {}


@pytest.mark.parametrize(
    ("bounds", "replicas", "expected"),
    [
        ({"minReplicaCount": 2, "maxReplicaCount": 4}, 1, 2),
        ({"minReplicaCount": 2, "maxReplicaCount": 4}, 3, None),
        ({"minReplicaCount": 2, "maxReplicaCount": 4}, 9, 4),
        ({}, 1, None),
        ({}, 101, 100),
    ],
)
def test_a_scaled_object_corrects_only_what_is_out_of_bounds(
    bounds: dict[str, int], replicas: int, expected: int | None
) -> None:
    assert keda.replicas({"spec": bounds}, {"spec": {"replicas": replicas}}) == expected


def test_the_database_secret_has_what_an_application_needs() -> None:
    cluster = {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {"name": "db", "namespace": "gateway", "uid": "u"},
        "spec": {"bootstrap": {"initdb": {"database": "litellm", "owner": "gate"}}},
    }
    secret = cloudnative_pg.app_secret(cluster, "hush")
    values = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    assert secret["metadata"]["name"] == "db-app"
    assert values == {
        "username": "gate",
        "password": "hush",
        "dbname": "litellm",
        "host": "db-rw",
        "port": "5432",
        "uri": "postgresql://gate:hush@db-rw.gateway:5432/litellm",
    }
    assert secret["metadata"]["ownerReferences"][0]["uid"] == "u"


@pytest.mark.parametrize(
    ("text", "number"),
    [("500m", "0.5"), ("1Gi", str(2**30)), ("48", "48"), (4, "4"), ("1.5k", "1500")],
)
def test_quantities_are_read_as_kubernetes_writes_them(text: str | int, number: str) -> None:
    assert quantity(text) == Decimal(number)


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


def test_what_is_simulated_is_said_in_sentences() -> None:
    assert len(set(SIMULATED)) == len(SIMULATED) > 5
    assert all(sentence.endswith(".") for sentence in SIMULATED)
