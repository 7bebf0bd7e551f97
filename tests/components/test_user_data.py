"""What nodes read at their first start, as text."""

import base64
import shlex
import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.gpu_pool import node_class_spec
from components.managed_gpu_nodes import ManagedGpuNodes, ManagedGpuNodesArgs
from components.user_data import in_launch_template, toml, user_data
from planning.specs.base import GPU_TAINT, Taint
from planning.specs.node_images import (
    BootstrapSpec,
    BottlerocketSettingsSpec,
    DiskSpec,
    NodeConfigSpec,
)
from tests.components.test_gpu_pool import NODE_CLASS, ROLE, SPEC
from tests.components.test_nodes import GPU_WIRES, GPUS, WIRES
from tests.crd import misfits
from tests.recording import Recording, record

SLICED = BottlerocketSettingsSpec(
    settings={
        "kubelet-device-plugins": {
            "nvidia": {
                "device-sharing-strategy": "time-slicing",
                "time-slicing": {"replicas": 4, "rename-by-default": False},
            }
        }
    }
)
SCRIPT = BootstrapSpec(
    program="/etc/eks/bootstrap.sh",
    cluster_name="llm-dev",
    labels={"llm-platform/pool": "l4", "gpu": "on"},
    taints=(GPU_TAINT, Taint(key="team", value="search", effect="NoExecute")),
)
KEYS = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=8)
VALUES = st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8)
TABLES: st.SearchStrategy[Any] = st.recursive(
    VALUES | st.lists(st.text(max_size=4), max_size=3),
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def group(**changes: Any) -> Recording:
    def program() -> None:
        args = ManagedGpuNodesArgs(spec=GPUS.model_copy(update=changes), **GPU_WIRES, **WIRES)
        ManagedGpuNodes("l4-shared", args)

    return record(program)


def test_settings_of_bottlerocket_are_toml_that_says_the_same():
    assert user_data(SLICED) == (
        "[settings.kubelet-device-plugins.nvidia]\n"
        'device-sharing-strategy = "time-slicing"\n'
        "\n"
        "[settings.kubelet-device-plugins.nvidia.time-slicing]\n"
        "replicas = 4\n"
        "rename-by-default = false\n"
    )


def test_a_key_with_a_dot_stands_in_quotes():
    assert toml({"mig": {"profile": {"h100.80gb": "1g.10gb"}}}) == (
        '[mig.profile]\n"h100.80gb" = "1g.10gb"\n'
    )


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, TABLES, min_size=1, max_size=3), min_size=1))
def test_whatever_tables_say_is_read_again(document: dict[str, Any]):
    assert tomllib.loads(toml(document)) == document


def test_a_script_joins_the_cluster_with_labels_and_taints():
    shebang, strict, command = user_data(SCRIPT).splitlines()
    assert (shebang, strict) == ("#!/bin/bash", "set -euo pipefail")
    assert shlex.split(command) == [
        "/etc/eks/bootstrap.sh",
        "llm-dev",
        "--kubelet-extra-args",
        (
            "--node-labels=llm-platform/pool=l4,gpu=on --register-with-taints="
            "nvidia.com/gpu=true:NoSchedule,team=search:NoExecute"
        ),
    ]


@pytest.mark.parametrize("spec", [SLICED, SCRIPT], ids=["bottlerocket", "bootstrap"])
def test_a_launch_template_takes_toml_and_scripts_as_they_are(
    spec: BottlerocketSettingsSpec | BootstrapSpec,
):
    assert base64.b64decode(in_launch_template(spec) or "").decode() == user_data(spec)
    assert in_launch_template(None) is None


def test_a_node_config_is_yaml():
    spec = {"featureGates": {"FastImagePull": True}}
    assert yaml.safe_load(user_data(NodeConfigSpec(spec=spec)))["spec"] == spec


def test_a_class_of_bottlerocket_has_two_disks_and_its_settings():
    disks = (
        DiskSpec(device="/dev/xvda", size_gib=4),
        DiskSpec(device="/dev/xvdb", size_gib=100),
    )
    changes = {"ami_alias": "bottlerocket@v1.64.0", "disks": disks, "user_data": SLICED}
    spec = node_class_spec(SPEC.model_copy(update=changes), ROLE)
    assert spec["amiSelectorTerms"] == [{"alias": "bottlerocket@v1.64.0"}]
    found = [(one["deviceName"], one["ebs"]["volumeSize"]) for one in spec["blockDeviceMappings"]]
    assert found == [("/dev/xvda", "4Gi"), ("/dev/xvdb", "100Gi")]
    assert all(one["ebs"]["encrypted"] for one in spec["blockDeviceMappings"])
    assert spec["userData"] == user_data(SLICED)
    assert misfits(NODE_CLASS | {"spec": spec}) == []


def test_a_class_whose_image_needs_to_be_told_nothing_has_no_user_data():
    spec = node_class_spec(SPEC.model_copy(update={"user_data": None}), ROLE)
    assert "userData" not in spec


def test_a_group_names_an_image_of_its_own_in_its_template_and_nothing_else_of_it():
    disks = (DiskSpec(device="/dev/sda1", size_gib=100),)
    made = group(ami_type=None, release_version=None, ami_id="ami-1", user_data=SCRIPT, disks=disks)
    template, nodes = made["l4-shared-template"].inputs, made["l4-shared-group"].inputs
    assert template["imageId"] == "ami-1"
    assert [one["deviceName"] for one in template["blockDeviceMappings"]] == ["/dev/sda1"]
    assert not nodes.keys() & {"amiType", "releaseVersion", "version"}


def test_a_group_of_an_image_of_eks_names_it_itself():
    made = group(ami_type="BOTTLEROCKET_x86_64_NVIDIA", release_version="1.64.0-0a1b2c3d")
    assert "imageId" not in made["l4-shared-template"].inputs
    nodes = made["l4-shared-group"].inputs
    assert nodes["amiType"] == "BOTTLEROCKET_x86_64_NVIDIA"
    assert (nodes["releaseVersion"], nodes["version"]) == ("1.64.0-0a1b2c3d", "1.36")
