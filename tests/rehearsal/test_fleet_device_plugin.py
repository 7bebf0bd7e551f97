"""What the device plugin publishes, from the program's own ConfigMaps, as data."""

import json
from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.pools.plugin_configs import CONFIG_LABEL
from planning.specs.base import DEVICE_MANAGER_LABEL, MIG_CONFIG_LABEL, PLUGIN_CONFIG_LABEL
from rehearsal.fleet import FleetError
from rehearsal.fleet.device_plugin import Published, published
from rehearsal.fleet.gpu_configs import GpuConfigs, gpu_configs
from rehearsal.fleet.nodes import node_manifest
from rehearsal.fleet.operators.feature_discovery import changed_resources, missing_annotations
from tests.rehearsal.test_fleet_nodes import group

PLUGIN = """
version: v1
flags: {migStrategy: %s}
%s
"""
SLICED = """
sharing:
  %s:
    renameByDefault: %s
    failRequestsGreaterThanOne: true
    resources:
    - {name: nvidia.com/gpu, replicas: 4}
"""
LAYOUTS = """
version: v1
mig-configs:
  all-disabled:
  - {devices: all, mig-enabled: false}
  all-1g.10gb:
  - {devices: all, mig-enabled: true, mig-devices: {1g.10gb: 7}}
  mixture:
  - {devices: all, mig-enabled: true, mig-devices: {1g.10gb: 3, 2g.20gb: 2}}
  half:
  - {devices: all, mig-enabled: false}
  - {devices: [0, 1], mig-enabled: true, mig-devices: {3g.40gb: 2}}
  impossible:
  - {devices: all, mig-enabled: true, mig-devices: {4g.40gb: 2}}
"""


def config_map(kind: str, created: str = "2026-01-01T00:00:00Z", **data: str) -> dict[str, Any]:
    metadata = {"name": f"{kind}-1", "labels": {CONFIG_LABEL: kind}, "creationTimestamp": created}
    return {"metadata": metadata, "data": {key.replace("_", "."): data[key] for key in data}}


def plugin(mig: str = "none", sharing: str = "") -> str:
    return PLUGIN % (mig, sharing)


CONFIGS = gpu_configs(
    [
        config_map(
            "device-plugin",
            whole=plugin(),
            sliced=plugin(sharing=SLICED % ("timeSlicing", "false")),
            renamed=plugin(sharing=SLICED % ("timeSlicing", "true")),
            mps=plugin(sharing=SLICED % ("mps", "false")),
            single=plugin("single"),
            mixed=plugin("mixed"),
        ),
        config_map("mig", config_yaml=LAYOUTS),
    ]
)


def on_node(instance: str, **labels: str) -> Published:
    named = {
        "config": PLUGIN_CONFIG_LABEL,
        "mig": MIG_CONFIG_LABEL,
        "manager": DEVICE_MANAGER_LABEL,
    }
    marks = {named[key]: value for key, value in labels.items()}
    return published("n", INSTANCE_TYPES[instance], marks, CONFIGS)


@pytest.mark.parametrize(
    ("instance", "labels", "resources"),
    [
        ("g6e.12xlarge", {}, {"nvidia.com/gpu": "4"}),
        ("g6e.12xlarge", {"config": "whole"}, {"nvidia.com/gpu": "4"}),
        ("g6e.12xlarge", {"config": "sliced"}, {"nvidia.com/gpu": "16"}),
        ("g6e.12xlarge", {"config": "renamed"}, {"nvidia.com/gpu.shared": "16"}),
        ("g6e.12xlarge", {"config": "mps"}, {"nvidia.com/gpu": "16"}),
        ("p5.48xlarge", {"config": "single", "mig": "all-1g.10gb"}, {"nvidia.com/gpu": "56"}),
        (
            "p5.48xlarge",
            {"config": "mixed", "mig": "mixture"},
            {"nvidia.com/mig-1g.10gb": "24", "nvidia.com/mig-2g.20gb": "16"},
        ),
        (
            "p5.48xlarge",
            {"config": "mixed", "mig": "half"},
            {"nvidia.com/gpu": "6", "nvidia.com/mig-3g.40gb": "4"},
        ),
        ("p5.48xlarge", {"config": "single", "mig": "all-disabled"}, {"nvidia.com/gpu": "8"}),
        ("p5.48xlarge", {"manager": "nvidia-dra"}, {}),
        ("p5.48xlarge", {"manager": "hami-dra"}, {}),
        ("g6f.large", {}, {}),
    ],
)
def test_a_node_publishes_what_its_labels_ask_for(
    instance: str, labels: dict[str, str], resources: dict[str, str]
) -> None:
    assert on_node(instance, **labels).resources == resources


def test_the_labels_tell_slices_from_gpus() -> None:
    plain = on_node("g6e.12xlarge").labels
    assert plain["nvidia.com/gpu.product"] == "NVIDIA-L40S"
    assert plain["nvidia.com/gpu.replicas"] == "1"
    assert plain["nvidia.com/mps.capable"] == "false"
    sliced = on_node("g6e.12xlarge", config="sliced").labels
    assert sliced["nvidia.com/gpu.product"] == "NVIDIA-L40S-SHARED"
    assert (sliced["nvidia.com/gpu.count"], sliced["nvidia.com/gpu.replicas"]) == ("4", "4")
    assert sliced["nvidia.com/gpu.sharing-strategy"] == "time-slicing"
    assert on_node("g6e.12xlarge", config="mps").labels["nvidia.com/mps.capable"] == "true"
    renamed = on_node("g6e.12xlarge", config="renamed").labels
    assert renamed["nvidia.com/gpu.product"] == "NVIDIA-L40S"


def test_the_labels_describe_mig_instances() -> None:
    single = on_node("p5.48xlarge", config="single", mig="all-1g.10gb").labels
    assert single["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"
    assert single["nvidia.com/gpu.count"] == "56"
    assert single["nvidia.com/gpu.memory"] == "9984"
    assert single["nvidia.com/mig.strategy"] == "single"
    mixed = on_node("p5.48xlarge", config="mixed", mig="mixture").labels
    assert mixed["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert mixed["nvidia.com/mig-2g.20gb.count"] == "16"
    assert mixed["nvidia.com/mig-2g.20gb.slices.gi"] == "2"
    assert all(len(value) <= 63 for value in (mixed | single).values())


NO_CONFIG = (
    "node n: no ConfigMap of the device plugin has the configuration 'eighths' that its label "
    "nvidia.com/device-plugin.config names; there are: whole, sliced, renamed, mps, single, mixed"
)
NO_LAYOUT = (
    "node n: no ConfigMap of the MIG manager has the layout 'all-2g' that its label "
    "nvidia.com/mig.config names; there are: all-disabled, all-1g.10gb, mixture, half, impossible"
)
NO_PLACE = (
    "node n: a GPU of p5.48xlarge cannot be cut into 2 x 4g.40gb, as the layout 'impossible' says; "
    "its profiles: 1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 4g.40gb, 7g.80gb"
)
TWO_PROFILES = (
    "node n: MIG strategy `single` needs one profile on all its GPUs, and 8 of 8 are cut into "
    "1g.10gb, 2g.20gb"
)
SOME_GPUS = (
    "node n: MIG strategy `single` needs one profile on all its GPUs, and 2 of 8 are cut into "
    "3g.40gb"
)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"config": "eighths"}, NO_CONFIG),
        ({"config": "mixed", "mig": "all-2g"}, NO_LAYOUT),
        ({"config": "mixed", "mig": "impossible"}, NO_PLACE),
        ({"config": "single", "mig": "mixture"}, TWO_PROFILES),
        ({"config": "single", "mig": "half"}, SOME_GPUS),
    ],
)
def test_a_label_that_names_nothing_or_the_impossible_is_told(
    labels: dict[str, str], message: str
) -> None:
    with pytest.raises(FleetError) as refused:
        on_node("p5.48xlarge", **labels)
    assert str(refused.value) == message


def test_a_node_whose_configuration_is_not_there_yet_publishes_nothing_until_it_is() -> None:
    labels = {PLUGIN_CONFIG_LABEL: "sliced"}
    early = node_manifest(group(labels=labels), 0)
    assert "nvidia.com/gpu" not in early["status"]["allocatable"]
    assert "nvidia.com/gpu.present" not in early["metadata"]["labels"]
    later = node_manifest(group(labels=labels, configs=CONFIGS), 0)
    assert later["status"]["allocatable"]["nvidia.com/gpu"] == "16"
    assert early["metadata"]["annotations"] != later["metadata"]["annotations"]


def test_the_newer_of_two_config_maps_counts_and_a_broken_one_is_named() -> None:
    old = config_map("device-plugin", whole=plugin(), old=plugin())
    new = config_map("device-plugin", "2026-01-02T00:00:00Z", whole=plugin("mixed"))
    found = gpu_configs([new, old])
    assert found.plugins["whole"].flags.mig_strategy == "mixed"
    assert found.plugins.keys() == {"whole", "old"}
    with pytest.raises(FleetError, match=r"device-plugin-1: flags\.migStrategy: Input should be"):
        gpu_configs([config_map("device-plugin", odd=plugin("both"))])
    with pytest.raises(FleetError, match="ConfigMap gpu-operator/mig-1: while"):
        gpu_configs([config_map("mig", config_yaml="mig-configs: [")])


def test_what_karpenter_counted_becomes_what_the_plugin_makes_of_it() -> None:
    def node(capacity: dict[str, str], **labels: str) -> dict[str, Any]:
        marks = {
            "karpenter.sh/nodepool": "a",
            "node.kubernetes.io/instance-type": "g6e.12xlarge",
        }
        metadata = {"name": "n", "labels": marks | labels}
        told = {"cpu": "48"} | capacity
        return {"metadata": metadata, "status": {"capacity": told, "allocatable": told}}

    whole = {"nvidia.com/gpu": "4"}
    sliced = {PLUGIN_CONFIG_LABEL: "sliced"}
    assert changed_resources(node(whole), CONFIGS) == {}
    assert changed_resources(node(whole, **sliced), CONFIGS) == {"nvidia.com/gpu": "16"}
    assert changed_resources(node({"nvidia.com/gpu": "16"}, **sliced), CONFIGS) == {}
    claimed = node(whole, **{DEVICE_MANAGER_LABEL: "nvidia-dra"})
    assert changed_resources(claimed, CONFIGS) == {"nvidia.com/gpu": None}
    assert changed_resources(node(whole, gpu="on"), GpuConfigs(), 5) == {"nvidia.com/gpu": "20"}
    assert changed_resources(node({"nvidia.com/gpu": "20"}, gpu="on"), GpuConfigs(), 5) == {}


def test_a_node_that_karpenter_started_for_no_pod_is_told_all_its_gpus() -> None:
    labels = {"karpenter.sh/nodepool": "a", "node.kubernetes.io/instance-type": "g6e.12xlarge"}
    node = {
        "metadata": {"name": "n", "labels": labels},
        "status": {"allocatable": {"cpu": "47", "nvidia.com/gpu": "4"}},
    }
    assert changed_resources(node, GpuConfigs()) == {"nvidia.com/gpu": "4"}
    labels[DEVICE_MANAGER_LABEL] = "nvidia-dra"
    assert changed_resources(node, GpuConfigs()) == {"nvidia.com/gpu": None}
    assert changed_resources(node | {"status": {}}, GpuConfigs()) == {}


def test_hami_registers_the_gpus_of_karpenters_nodes_once() -> None:
    labels = {"karpenter.sh/nodepool": "a", "node.kubernetes.io/instance-type": "g6e.12xlarge"}
    metadata: dict[str, Any] = {"name": "n", "labels": labels}
    assert missing_annotations({"metadata": metadata}, 5) == {}
    labels["gpu"] = "on"
    registered = missing_annotations({"metadata": metadata}, 5)
    [(key, text)] = registered.items()
    assert key == "hami.io/node-nvidia-register"
    assert [gpu["count"] for gpu in json.loads(text)] == [5, 5, 5, 5]
    assert missing_annotations({"metadata": metadata | {"annotations": registered}}, 5) == {}
    del labels["karpenter.sh/nodepool"]
    assert missing_annotations({"metadata": metadata}, 5) == {}
