"""Node groups: the system's and the GPUs'."""

import base64
from email import message_from_bytes
from typing import Any

import pulumi
import pytest
import yaml

from components.managed_gpu_nodes import ManagedGpuNodes, ManagedGpuNodesArgs, node_group_taint
from components.nodes import in_mime, node_config
from components.system_nodes import SystemNodes, SystemNodesArgs
from planning.specs.base import GPU_TAINT, Taint
from planning.specs.infrastructure import SystemNodesSpec
from planning.specs.node_images import DiskSpec, NodeConfigSpec
from planning.specs.pools import ManagedGpuNodesSpec
from tests.recording import Recording, record

SYSTEM = SystemNodesSpec(
    instance_type="m7i.xlarge",
    ami_type="AL2023_x86_64_STANDARD",
    release_version="1.36.2-20260714",
    count=2,
    volume_gib=50,
    tags={},
)
GPUS = ManagedGpuNodesSpec(
    name="l4-shared",
    instance_types=("g6.2xlarge", "g6.4xlarge"),
    capacity_type="SPOT",
    ami_type="AL2023_x86_64_NVIDIA",
    release_version="1.36.2-20260714",
    min_nodes=3,
    max_nodes=3,
    disks=(DiskSpec(device="/dev/xvda", size_gib=100),),
    user_data=NodeConfigSpec(spec={"instance": {"localStorage": {"strategy": "RAID0"}}}),
    labels={"llm-platform/pool": "l4-shared"},
    taints=(GPU_TAINT,),
    tags={},
)
WIRES: dict[str, Any] = {
    "cluster_name": "llm-dev",
    "kubernetes_version": "1.36",
    "subnet_ids": ["subnet-a", "subnet-b"],
}


GPU_WIRES: dict[str, Any] = {
    "node_role_arn": "arn:aws:iam::1:role/node",
    "vpc_id": "vpc-1",
    "cluster_security_group_id": "sg-cluster",
}


def system(*, preview: bool = False) -> Recording:
    def program() -> None:
        way_out = pulumi.CustomResource("test:index:Route", "route", {})
        args = SystemNodesArgs(spec=SYSTEM, after=(way_out,), **WIRES)
        SystemNodes("system", args, pulumi.ResourceOptions(protect=True))

    return record(program, preview=preview)


def gpus(*names: str, preview: bool = False, **changes: Any) -> Recording:
    def program() -> None:
        way_out = pulumi.CustomResource("test:index:Route", "route", {})
        for name in names or ("l4-shared",):
            spec = GPUS.model_copy(update={"name": name} | changes)
            args = ManagedGpuNodesArgs(spec=spec, **GPU_WIRES, after=(way_out,), **WIRES)
            ManagedGpuNodes(name, args, pulumi.ResourceOptions(protect=True))

    return record(program, preview=preview)


def test_system_nodes_are_on_demand_untainted_and_of_fixed_size():
    inputs = system()["system-group"].inputs
    role, template = inputs.pop("nodeRoleArn"), inputs.pop("launchTemplate")
    assert role.endswith("role/system-node-role-1a2b3c4")
    assert template == {"id": "system-template-id", "version": "1"}
    assert inputs == {
        "clusterName": "llm-dev",
        "subnetIds": ["subnet-a", "subnet-b"],
        "version": "1.36",
        "releaseVersion": "1.36.2-20260714",
        "amiType": "AL2023_x86_64_STANDARD",
        "capacityType": "ON_DEMAND",
        "instanceTypes": ["m7i.xlarge"],
        "scalingConfig": {"desiredSize": 2, "minSize": 2, "maxSize": 2},
        "updateConfig": {"maxUnavailable": 1},
    }


def test_a_node_may_join_pull_and_be_managed_but_not_configure_the_network():
    recorded = system()
    attached = {
        found.inputs["policyArn"].rpartition("/")[2]
        for found in recorded.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    }
    assert attached == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }


def test_nodes_outlive_neither_their_policies_nor_the_ways_out():
    recorded = system()
    attachments = {name for name in recorded if name.startswith("system-node-Amazon")}
    assert len(attachments) == 3
    assert attachments | {"route"} <= recorded["system-group"].after
    assert "route" in gpus()["l4-shared-group"].after


@pytest.mark.parametrize("name", ["system-template", "l4-shared-template"])
def test_disks_are_encrypted_and_pods_cannot_reach_the_metadata_service(name: str):
    inputs = (system() | gpus())[name].inputs
    assert inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    (disk,) = inputs["blockDeviceMappings"]
    assert disk["deviceName"] == "/dev/xvda"
    assert disk["ebs"] == {
        "volumeSize": 50 if name.startswith("system") else 100,
        "volumeType": "gp3",
        "encrypted": "true",
        "deleteOnTermination": "true",
    }


def test_gpu_nodes_are_exactly_this():
    inputs = gpus()["l4-shared-group"].inputs
    assert inputs == {
        "clusterName": "llm-dev",
        "nodeRoleArn": "arn:aws:iam::1:role/node",
        "subnetIds": ["subnet-a", "subnet-b"],
        "version": "1.36",
        "releaseVersion": "1.36.2-20260714",
        "amiType": "AL2023_x86_64_NVIDIA",
        "capacityType": "SPOT",
        "instanceTypes": ["g6.2xlarge", "g6.4xlarge"],
        "scalingConfig": {"desiredSize": 3, "minSize": 3, "maxSize": 3},
        "labels": {"llm-platform/pool": "l4-shared"},
        "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
        "launchTemplate": {"id": "l4-shared-template-id", "version": "1"},
        "updateConfig": {"maxUnavailable": 1, "updateStrategy": "MINIMAL"},
    }


def test_the_size_of_a_group_is_the_plan_s_unless_cluster_autoscaler_may_choose():
    assert gpus()["l4-shared-group"].ignored == ()
    scaled = gpus(min_nodes=1, max_nodes=4)["l4-shared-group"]
    assert scaled.inputs["scalingConfig"] == {"desiredSize": 1, "minSize": 1, "maxSize": 4}
    assert scaled.ignored == ("scalingConfig.desiredSize",)


@pytest.mark.parametrize(
    ("effect", "word"),
    [
        ("NoSchedule", "NO_SCHEDULE"),
        ("PreferNoSchedule", "PREFER_NO_SCHEDULE"),
        ("NoExecute", "NO_EXECUTE"),
    ],
)
def test_a_taint_speaks_the_words_of_the_eks_api(effect: str, word: str):
    assert node_group_taint(Taint(key="k", value="v", effect=effect)).effect == word


def test_gpu_nodes_keep_images_and_weights_on_their_nvme_disks():
    user_data = gpus()["l4-shared-template"].inputs["userData"]
    message = message_from_bytes(base64.b64decode(user_data))
    (part,) = message.get_payload()
    assert isinstance(part, type(message))
    assert part.get_content_type() == "application/node.eks.aws"
    assert yaml.safe_load(str(part.get_payload())) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"instance": {"localStorage": {"strategy": "RAID0"}}},
    }
    assert "userData" not in system()["system-template"].inputs


def test_user_data_is_the_same_text_every_time():
    spec = {"featureGates": {"FastImagePull": True}}
    assert in_mime(node_config(spec)) == in_mime(node_config(spec))


def test_another_group_with_the_role_comes_after_its_policies():
    def program() -> None:
        made = SystemNodes("system", SystemNodesArgs(spec=SYSTEM, **WIRES))
        wires = GPU_WIRES | {"node_role_arn": made.node_role_arn}
        args = ManagedGpuNodesArgs(spec=GPUS, **wires, **WIRES)
        ManagedGpuNodes("l4-shared", args)

    recorded = record(program)
    attachments = {name for name in recorded if name.startswith("system-node-Amazon")}
    assert attachments <= recorded["l4-shared-group"].after
    role = recorded["l4-shared-group"].inputs["nodeRoleArn"]
    assert role.endswith("role/system-node-role-1a2b3c4")


def test_two_groups_coexist_and_protection_reaches_their_children():
    recorded = gpus("l4", "l40s")
    for name in ("l4", "l40s"):
        assert recorded.children(name) == {f"{name}-template", f"{name}-group"}
        assert all(recorded[child].protect for child in recorded.children(name))


def test_outputs_name_the_role_and_the_group():
    assert system()["system"].outputs["node_role_arn"].endswith("system-node-role-1a2b3c4")
    assert gpus()["l4-shared"].outputs == {
        "group_name": "l4-shared-group-1a2b3c4",
        "autoscaling_group": "eks-l4-shared-group-1a2b3c4",
    }


def test_a_first_preview_shows_every_resource():
    assert set(system(preview=True)) == set(system())
    assert set(gpus(preview=True)) == set(gpus())
