"""Nodes of Bottlerocket publish what their user data tells the device plugin of their image."""

import base64
from pathlib import Path
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from components.user_data import toml
from planning.specs.base import POOL_LABEL
from planning.specs.node_images import BottlerocketSettingsSpec
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.fleet import FleetError
from rehearsal.fleet.account import built_in_plugins, node_groups
from rehearsal.fleet.built_in import built_in, of_node_classes
from rehearsal.fleet.device_plugin import Published, published
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.node_pools import disks
from tests.planning.planned import planned
from tests.planning.test_node_image_rules import WHOLE, bottlerocket
from tests.planning.test_plugin_ways import MPS, REGION, SLICES, managed, mig
from tests.rehearsal.test_fleet_nodes import ZONES
from tests.rehearsal.test_fleet_pools import node_pool


def planned_text(sharing: dict[str, Any], instance: str) -> str:
    """The user data that the plan gives a managed pool of Bottlerocket."""
    region = REGION if instance.startswith("p") else "us-west-2"
    [group] = planned(managed(sharing, instance) | bottlerocket(), region).managed_gpu_nodes
    assert isinstance(group.user_data, BottlerocketSettingsSpec)
    return toml({"settings": group.user_data.settings})


def on_node(instance: str, text: str, **labels: str) -> Published:
    configs = GpuConfigs(built_in={"l4": built_in("node group l4", text)})
    return published("n", INSTANCE_TYPES[instance], {POOL_LABEL: "l4"} | labels, configs)


@pytest.mark.parametrize(
    ("sharing", "planned_for", "instance", "gpus"),
    [
        (WHOLE, "g6.2xlarge", "g6.12xlarge", "4"),
        (SLICES, "g6.2xlarge", "g6.12xlarge", "16"),
        (MPS, "g6.2xlarge", "g6.2xlarge", "4"),
        (mig(profile="1g.10gb"), "p5.4xlarge", "p5.48xlarge", "56"),
        (mig(profile="3g.40gb"), "p5.4xlarge", "p5.4xlarge", "2"),
    ],
)
def test_a_node_publishes_what_the_plan_tells_it(
    sharing: dict[str, Any], planned_for: str, instance: str, gpus: str
):
    text = planned_text(sharing, planned_for)
    assert on_node(instance, text).resources == {"nvidia.com/gpu": gpus}


def test_a_node_of_a_dra_driver_publishes_nothing_in_its_status():
    text = planned_text({"kind": "dra"}, "g6.2xlarge")
    labels = {"llm-platform/device-manager": "nvidia-dra"}
    assert on_node("g6.2xlarge", text, **labels).resources == {}


def test_defaults_are_bottlerocket_s_own():
    sliced = '[settings.kubelet-device-plugins.nvidia]\ndevice-sharing-strategy = "time-slicing"\n'
    assert on_node("g6.2xlarge", sliced).resources == {"nvidia.com/gpu.shared": "2"}


def test_another_pool_s_settings_are_none_of_a_node_s_business():
    text = planned_text(SLICES, "g6.2xlarge")
    assert on_node("g6.2xlarge", text, **{POOL_LABEL: "other"}).resources == {"nvidia.com/gpu": "1"}


def test_a_gpu_that_user_data_gives_no_profile_is_a_problem_that_says_so():
    text = toml(
        {
            "settings": {
                "kubelet-device-plugins": {
                    "nvidia": {
                        "device-partitioning-strategy": "mig",
                        "mig": {"profile": {"a100.40gb": "1g.5gb"}},
                    }
                }
            }
        }
    )
    message = (
        "^node n: its user data names MIG profiles for a100.40gb, and none that a GPU of "
        "p5.4xlarge has; its profiles: 1g.10gb, 1g.20gb"
    )
    with pytest.raises(FleetError, match=message):
        on_node("p5.4xlarge", text)


def test_user_data_that_is_no_toml_is_a_problem_that_says_whose_it_is():
    with pytest.raises(FleetError, match=r"^EC2NodeClass l4: its user data is not what Bottlerock"):
        built_in("EC2NodeClass l4", "kind: NodeConfig")


def node_class(alias: str, **spec: Any) -> dict[str, Any]:
    terms = {"amiSelectorTerms": [{"alias": alias}]}
    return {"metadata": {"name": "l40s"}, "spec": terms | spec}


def test_only_classes_of_bottlerocket_are_read():
    text = planned_text(SLICES, "g6.2xlarge")
    found = of_node_classes([node_class("bottlerocket@v1.64.0", userData=text)])
    assert found["l40s"].plugin.replicas("nvidia.com/gpu") == 4
    assert of_node_classes([node_class("al2023@v20260714", userData="kind: NodeConfig")]) == {}
    whole = of_node_classes([node_class("bottlerocket@v1.64.0")])
    assert whole["l40s"].plugin.strategy == "none"


def test_pods_are_on_the_second_disk_of_a_class_of_bottlerocket():
    mappings = [
        {"deviceName": "/dev/xvda", "ebs": {"volumeSize": "4Gi"}},
        {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": "300Gi"}},
    ]
    found = disks([node_pool("l40s")], [node_class("b@v1", blockDeviceMappings=mappings)])
    assert found == {"g6e.12xlarge": Disks(volume_gib=300)}


def test_a_managed_group_is_read_by_its_template(tmp_path: Path):
    cloud = Cloud(tmp_path)
    text = planned_text(SLICES, "g6.2xlarge")
    template = {
        "userData": base64.b64encode(text.encode()).decode(),
        "blockDeviceMappings": [
            {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 4}},
            {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": 150}},
        ],
    }
    group = {
        "nodeGroupName": "sliced",
        "amiType": "BOTTLEROCKET_x86_64_NVIDIA",
        "instanceTypes": ["g6.2xlarge"],
        "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 1},
        "subnetIds": ["subnet-1"],
        "launchTemplate": {"id": "lt-1", "version": "1"},
        "labels": {POOL_LABEL: "l4"},
    }
    for kind, identity, inputs in (
        ("aws:ec2/subnet:Subnet", "subnet-1", {"availabilityZone": ZONES[0]}),
        ("aws:ec2/launchTemplate:LaunchTemplate", "lt-1", template),
        ("aws:eks/nodeGroup:NodeGroup", "dev:sliced", group),
    ):
        cloud.put(CloudResource(type=kind, id=identity, urn="urn", inputs=inputs, outputs={}))
    [found] = node_groups(cloud, "us-west-2", 10)
    assert found.disks == Disks(volume_gib=150, raid0=True)
    assert built_in_plugins(cloud)["l4"].plugin.replicas("nvidia.com/gpu") == 4
