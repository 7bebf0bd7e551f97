"""What the plan says of nodes by their image: labels, disks, user data, and the driver."""

from typing import Any

import pytest

from planning.specs.node_images import BottlerocketSettingsSpec, NodeConfigSpec
from planning.specs.pools import ManagedGpuNodesSpec
from tests.planning.planned import planned
from tests.planning.test_node_image_rules import WHOLE, bottlerocket
from tests.planning.test_plugin_ways import MPS, REGION, SLICES, managed, mig

PLUGIN = "nvidia.com/gpu.deploy.device-plugin"
MIG_MANAGER = "nvidia.com/gpu.deploy.mig-manager"
GATES = {"featureGates": {"FastImagePull": True}}
RAID0 = {"instance": {"localStorage": {"strategy": "RAID0"}}}
KARPENTER_SLICES: dict[str, Any] = {
    "pools.l40s.sharing": SLICES,
    "pools.l40s.image": {"kind": "bottlerocket"},
    "karpenter.node_overlay": True,
    "models.chat.model": "Qwen/Qwen3-0.6B",
}


def disks(spec: Any) -> list[tuple[str, int]]:
    return [(disk.device, disk.size_gib) for disk in spec.disks]


def on_bottlerocket(sharing: dict[str, Any], instance: str = "g6.2xlarge") -> ManagedGpuNodesSpec:
    changes = managed(sharing, instance) | bottlerocket()
    region = REGION if instance.startswith("p") else "us-west-2"
    [group] = planned(changes, region).managed_gpu_nodes
    return group


def told(group: ManagedGpuNodesSpec) -> dict[str, Any]:
    """What the device plugin of Bottlerocket is told."""
    assert isinstance(group.user_data, BottlerocketSettingsSpec)
    return group.user_data.settings.get("kubelet-device-plugins", {}).get("nvidia", {})


def test_amazon_linux_has_one_disk_and_a_node_config():
    plan = planned()
    [pool], [group] = plan.gpu_pools, plan.managed_gpu_nodes
    assert disks(pool) == [("/dev/xvda", 324)]
    assert disks(group) == [("/dev/xvda", 128)]
    assert pool.user_data == NodeConfigSpec(spec=GATES)
    assert group.user_data == NodeConfigSpec(spec=GATES | RAID0)
    assert (group.ami_type, group.release_version, group.ami_id) == (
        "AL2023_x86_64_NVIDIA",
        "1.36.2-20260714",
        None,
    )


def test_bottlerocket_keeps_its_system_apart_and_the_operator_s_plugin_and_mig_manager_off():
    group = on_bottlerocket(WHOLE)
    assert disks(group) == [("/dev/xvda", 4), ("/dev/xvdb", 128)]
    assert group.labels[PLUGIN] == group.labels[MIG_MANAGER] == "false"
    assert group.labels["llm-platform/device-manager"] == "device-plugin"
    assert "nvidia.com/gpu.deploy.operands" not in group.labels


@pytest.mark.parametrize(
    ("sharing", "instance", "expected"),
    [
        (WHOLE, "g6.2xlarge", {}),
        (
            SLICES,
            "g6.2xlarge",
            {
                "device-sharing-strategy": "time-slicing",
                "time-slicing": {
                    "replicas": 4,
                    "rename-by-default": False,
                    "fail-requests-greater-than-one": True,
                },
            },
        ),
        (
            MPS,
            "g6.2xlarge",
            {
                "device-sharing-strategy": "mps",
                "mps": {"replicas": 4, "rename-by-default": False},
            },
        ),
        (
            mig(profile="1g.10gb"),
            "p5.4xlarge",
            {
                "device-partitioning-strategy": "mig",
                "mig": {"profile": {"h100.80gb": "1g.10gb"}},
            },
        ),
        ({"kind": "dra"}, "g6.2xlarge", {"enabled": False}),
    ],
    ids=["whole", "time-slicing", "mps", "mig", "dra"],
)
def test_bottlerocket_s_device_plugin_is_told_by_user_data_and_the_operator_s_nothing(
    sharing: dict[str, Any], instance: str, expected: dict[str, Any]
):
    group = on_bottlerocket(sharing, instance)
    assert told(group) == expected
    assert not group.labels.keys() & {"nvidia.com/device-plugin.config", "nvidia.com/mig.config"}


def test_what_bottlerocket_s_own_plugin_slices_needs_no_config_map():
    operator = planned(managed(SLICES) | bottlerocket()).gpu_operator
    assert operator.config_maps == ()
    assert operator.release.values == {"driver": {"enabled": False}, "toolkit": {"enabled": False}}


def test_the_operator_s_mig_may_be_mixed_beside_single_mig_of_bottlerocket():
    cut = managed(mig(profile="1g.10gb"), "p5.4xlarge") | bottlerocket()
    other = {
        "provisioner": "managed",
        "instances": ["p5.4xlarge"],
        "nodes": 1,
        "sharing": mig(layout={"1g.10gb": 2, "2g.20gb": 2}),
    }
    plan = planned(cut | {"pools.mixed": other, "budget.gpus": 10}, REGION)
    assert plan.gpu_operator.release.values["mig"] == {"strategy": "mixed"}


def test_nodes_of_a_group_put_images_on_their_nvme_disks_and_karpenter_sees_to_its_own():
    group = on_bottlerocket(WHOLE)
    assert isinstance(group.user_data, BottlerocketSettingsSpec)
    [command] = group.user_data.settings["bootstrap-commands"].values()
    assert command["commands"][0] == ["apiclient", "ephemeral-storage", "init"]
    [pool] = planned({"pools.l40s.image": {"kind": "bottlerocket"}}).gpu_pools
    assert pool.user_data is None
    assert disks(pool)[0] == ("/dev/xvda", 4)


def test_slices_of_a_karpenter_pool_are_told_to_karpenter_and_to_bottlerocket():
    [pool] = planned(KARPENTER_SLICES).gpu_pools
    assert [overlay.capacity for overlay in pool.overlays] == [
        {"nvidia.com/gpu": 4},
        {"nvidia.com/gpu": 16},
    ]
    assert isinstance(pool.user_data, BottlerocketSettingsSpec)
    nvidia = pool.user_data.settings["kubelet-device-plugins"]["nvidia"]
    assert nvidia["time-slicing"]["replicas"] == 4
    assert "bootstrap-commands" not in pool.user_data.settings
