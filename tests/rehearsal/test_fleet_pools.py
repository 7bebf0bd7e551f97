"""What Karpenter is offered and served, and what operators would do, as data."""

import base64
import copy
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.base import GPU_TAINT, POOL_LABEL
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.instance_offers import SPOT_SHARE, instance_types_file
from rehearsal.fleet.node_pools import disks, of_the_program, twin
from rehearsal.fleet.operators import cloudnative_pg, keda
from rehearsal.fleet.operators.feature_discovery import missing_labels
from rehearsal.fleet.orphans import orphans
from rehearsal.fleet.simulated import SIMULATED

ZONES = ("us-west-2a", "us-west-2b")


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


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        (["reserved", "spot", "on-demand"], ["spot", "on-demand"]),
        (["reserved"], ["on-demand"]),
        (["spot"], ["spot"]),
    ],
)
def test_a_twin_says_all_the_rest_but_has_no_reservations(asked: list[str], served: list[str]):
    capacity = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": asked}
    zones = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-west-2b"]}
    pool = node_pool()
    pool["spec"]["template"]["spec"]["requirements"] += [capacity, zones]
    pool["spec"]["template"]["spec"] |= {"expireAfter": "720h", "terminationGracePeriod": "60m"}
    budgets = [{"nodes": "0", "schedule": "0 6 * * mon-fri", "duration": "14h"}]
    pool["spec"] |= {"weight": 50, "disruption": {"budgets": budgets, "consolidateAfter": "5m"}}
    expected = copy.deepcopy(pool["spec"])
    node = expected["template"]["spec"]
    node["requirements"][1]["values"] = served
    made = twin(pool)["spec"]
    del node["nodeClassRef"], made["template"]["spec"]["nodeClassRef"]
    assert made == expected
    assert any("reserved" in sentence for sentence in SIMULATED)


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
    missing = missing_labels(node, GpuConfigs())
    assert missing["nvidia.com/gpu.product"] == "NVIDIA-L40S"
    labels |= missing
    assert missing_labels(node, GpuConfigs()) == {}


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


def test_a_node_of_karpenter_that_no_claim_is_named_after_is_an_orphan() -> None:
    def node(name: str, **more: Any) -> dict[str, Any]:
        return {"metadata": {"name": name, **more}, "spec": {"providerID": f"kwok://{name}"}}

    nodes = [
        node("kwok-l40s-a1-swift-1"),
        node("kwok-l40s-b2-calm-2"),
        node("kwok-l40s-c3-late-3", deletionTimestamp="2026-11-21T00:00:00Z"),
        {"metadata": {"name": "l4-0"}, "spec": {"providerID": "aws:///us-west-2a/i-0"}},
    ]
    claims = [{"metadata": {"name": "l40s-a1"}}]
    assert [*orphans(nodes, claims)] == ["kwok-l40s-b2-calm-2"]
    assert [*orphans(nodes[:1], [])] == ["kwok-l40s-a1-swift-1"]
