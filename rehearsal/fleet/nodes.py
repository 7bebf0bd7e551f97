"""The Node objects of managed node groups, as data."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from catalog.fabric import EFA_RESOURCE
from catalog.instance_types import InstanceType
from planning.specs.base import EFA_LABEL, Taint
from rehearsal.api import Manifest
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.fleet.gpus import DEFAULT_SPLITS, gpu_annotations, published_on

FAKE: Final = {"kwok.x-k8s.io/node": "fake"}
"""Annotation by which KWOK plays the kubelet of a node."""
DIGEST: Final = "llm-platform/manifest-digest"
"""Annotation with the digest of what the fleet wrote, so that a change is seen."""
GROUP_LABEL: Final = "eks.amazonaws.com/nodegroup"
CAPACITY_LABEL: Final = "eks.amazonaws.com/capacityType"
INSTANCE_LABEL: Final = "node.kubernetes.io/instance-type"
ZONE_LABEL: Final = "topology.kubernetes.io/zone"
REGION_LABEL: Final = "topology.kubernetes.io/region"

SIMULATED: Final = (
    (
        "Nodes are KWOK nodes: no machine, no kubelet, no container runs. A pod is Running as soon "
        "as it is placed, and Ready without loading a model."
    ),
    "Managed nodes appear at once and their sizes, prices and reserves are the catalog's.",
)


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """A managed node group, as the simulated AWS account holds it."""

    name: str
    region: str
    instance: InstanceType
    """The first of its instance types: EKS starts others only where that one is sold out."""
    capacity_type: str
    """`ON_DEMAND`, `SPOT` or `CAPACITY_BLOCK`."""
    nodes: int
    """Desired size."""
    most_nodes: int = 0
    """Most nodes that Cluster Autoscaler may make of it; fixed where that is not above `nodes`."""
    zones: tuple[str, ...]
    """Zones of its subnets."""
    disks: Disks
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    splits: int = DEFAULT_SPLITS
    """Containers per GPU on HAMi's nodes."""
    configs: GpuConfigs = field(default_factory=GpuConfigs)
    """What the device plugin and the MIG manager are told."""


def node_name(group: str, index: int) -> str:
    """Return the name of the node number `index` of `group`, the same in every run."""
    return f"{re.sub('[^a-z0-9.-]+', '-', group.lower()).strip('-.')}-{index}"


def node_manifest(group: NodeGroup, index: int) -> Manifest:
    """Return the Node number `index` of `group`, status included, with zones taken in turns."""
    instance, name = group.instance, node_name(group.name, index)
    zone = group.zones[index % len(group.zones)]
    gpus = published_on(name, instance, group.labels, group.configs, group.splits)
    devices = gpus.resources | efa_resources(instance, group.labels)
    labels = {
        "kubernetes.io/arch": instance.arch,
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        INSTANCE_LABEL: instance.name,
        REGION_LABEL: group.region,
        ZONE_LABEL: zone,
        GROUP_LABEL: group.name,
        CAPACITY_LABEL: group.capacity_type,
    }
    manifest: Manifest = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": labels | gpus.labels | group.labels,
            "annotations": FAKE | gpu_annotations(name, instance, group.labels, group.splits),
        },
        "spec": {
            "providerID": f"aws:///{zone}/i-{_hash(name)[:17]}",
            "taints": [taint.model_dump() for taint in group.taints],
        },
        "status": {
            "capacity": capacity(instance, group.disks) | devices,
            "allocatable": allocatable(instance, group.disks) | devices,
        },
    }
    manifest["metadata"]["annotations"][DIGEST] = _hash(json.dumps(manifest, sort_keys=True))[:16]
    return manifest


def capacity(instance: InstanceType, disks: Disks) -> dict[str, str]:
    """Return what a node of this type has, without GPUs."""
    return {
        "cpu": str(instance.vcpu),
        "memory": f"{instance.capacity_memory_mib}Mi",
        "ephemeral-storage": f"{disks.capacity_mib(instance)}Mi",
        "pods": str(instance.max_pods),
    }


def allocatable(instance: InstanceType, disks: Disks) -> dict[str, str]:
    """Return what pods may take of it, without GPUs."""
    return {
        "cpu": f"{instance.allocatable_cpu_milli}m",
        "memory": f"{instance.allocatable_memory_mib}Mi",
        "ephemeral-storage": f"{disks.allocatable_mib(instance)}Mi",
        "pods": str(instance.max_pods),
    }


def efa_resources(instance: InstanceType, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what the EFA device plugin publishes on a node of this type with these labels."""
    has_efa = labels.get(EFA_LABEL) == "true"
    return {EFA_RESOURCE: str(instance.efa_interfaces)} if has_efa else {}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
