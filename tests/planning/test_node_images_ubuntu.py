"""Nodes of Ubuntu: the image is named by its id, and the GPU Operator brings the driver."""

import pytest

from planning.plan import Plan
from tests.planning.planned import planned
from tests.planning.test_node_image_rules import UBUNTU, ubuntu_alone
from tests.planning.test_node_images import disks


@pytest.fixture(scope="module")
def on_ubuntu() -> Plan:
    return planned(ubuntu_alone() | {"pools.l4.sharing": {"kind": "dra"}})


def test_ubuntu_is_named_by_its_id_and_joins_by_its_own_script(on_ubuntu: Plan):
    group = next(group for group in on_ubuntu.managed_gpu_nodes if group.name == "l4")
    assert (group.ami_type, group.release_version, group.ami_id) == (None, None, UBUNTU["ami"])
    assert disks(group) == [("/dev/sda1", 128)]
    assert group.user_data is not None
    assert group.user_data.model_dump() == {
        "kind": "bootstrap",
        "program": "/etc/eks/bootstrap.sh",
        "cluster_name": on_ubuntu.cluster.name,
        "labels": group.labels,
        "taints": tuple(taint.model_dump() for taint in group.taints),
    }


def test_on_ubuntu_the_operator_brings_driver_and_toolkit_and_the_others_look_there(
    on_ubuntu: Plan,
):
    values = on_ubuntu.gpu_operator.release.values
    assert values["driver"] == values["toolkit"] == {"enabled": True}
    assert on_ubuntu.nvidia_dra is not None
    assert on_ubuntu.nvidia_dra.release.values["nvidiaDriverRoot"] == "/run/nvidia/driver"


def test_on_ubuntu_hami_injects_devices_by_the_operator_s_toolkit():
    shared = ubuntu_alone() | {
        "pools.l4.sharing": {"kind": "hami"},
        "models.tiny.share": {"memory_gib": 6, "cores_percent": 30},
    }
    hami = planned(shared).hami
    assert hami is not None
    plugin = hami.release.values["devicePlugin"]
    assert plugin["gpuOperatorToolkitReady"] == {"enabled": True}
    assert plugin["deviceListStrategy"] == "cdi-annotations"
    assert plugin["nvidiaDriverRoot"] == "/run/nvidia/driver"
    assert plugin["nvidiaHookPath"] == "/usr/local/nvidia/toolkit/nvidia-ctk"
    usual = planned().hami
    assert usual is not None
    assert "nvidiaDriverRoot" not in usual.release.values["devicePlugin"]


def test_on_ubuntu_hami_s_dra_driver_finds_the_driver_in_its_container():
    changes = ubuntu_alone() | {"pools.l4.sharing": {"kind": "hami-dra"}}
    found = planned(changes | {"models.tiny.gpus": 1}).hami_dra
    assert found is not None
    assert found.release.values["drivers"]["nvidia"]["containerDriver"] is True


def test_an_id_of_an_image_is_a_promise_that_nobody_keeps(on_ubuntu: Plan):
    found = next(found for found in on_ubuntu.warnings if found.path == "pools.l4.image.ami")
    assert str(found) == (
        "pools.l4.image.ami: ami-0123456789abcdef0 is of one region and one Kubernetes minor, "
        "which nobody checks before nodes fail to join, and an upgrade of the cluster leaves it "
        "as it is; ask before `up`: aws ec2 describe-images --region us-west-2 --owners "
        "099720109477 --image-ids ami-0123456789abcdef0 [Amazon EKS User Guide, launch-templates, "
        "specifying an AMI]"
    )
