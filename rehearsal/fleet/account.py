"""What the simulated AWS account says about nodes: managed groups, subnets, root volumes.

Field names: docs.aws.amazon.com/eks, API reference, CreateNodegroup.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from catalog.instance_types import find_instance_type, nearest_instance_types
from planning.specs.base import POOL_LABEL, Taint
from rehearsal.cloud import Cloud, CloudResource
from rehearsal.fleet.built_in import built_in
from rehearsal.fleet.disks import DEFAULT_VOLUME_GIB, Disks, volume_gib
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import BuiltIn
from rehearsal.fleet.nodes import NodeGroup

GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
SUBNET: Final = "aws:ec2/subnet:Subnet"

EKS_DEFAULT_TYPE: Final = "t3.medium"
"""What EKS starts where neither group nor launch template names a type."""

RAID0_WORDS: Final = ("strategy: RAID0", '"ephemeral-storage", "init"')
"""In user data, what makes one disk of an instance's NVMe: `instance.localStorage.strategy` of a
NodeConfig of AL2023, and a bootstrap command of Bottlerocket."""
BOTTLEROCKET: Final = "BOTTLEROCKET_"
"""What the types of its images begin with."""

EFFECTS: Final = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Taint effects of the EKS API, and Kubernetes' words for them."""


def node_groups(cloud: Cloud, region: str, splits: int) -> tuple[NodeGroup, ...]:
    """Return the managed node groups of the account; `splits` is HAMi's containers per GPU.

    Raises:
        FleetError: a group cannot be simulated; the message says which one and why.
    """
    return tuple(_node_group(cloud, found, region, splits) for found in cloud.list(GROUP))


def built_in_plugins(cloud: Cloud) -> dict[str, BuiltIn]:
    """Return what the groups of Bottlerocket tell the device plugin of their image, by pool.

    Raises:
        FleetError: user data of one of them cannot be read.
    """
    groups: list[dict[str, Any]] = [found.outputs | found.inputs for found in cloud.list(GROUP)]
    return {
        _labels(group).get(POOL_LABEL, ""): built_in(
            f"node group {group['nodeGroupName']}", _user_data(_launch_template(cloud, group))
        )
        for group in groups
        if str(group.get("amiType")).startswith(BOTTLEROCKET)
    }


def zones(cloud: Cloud, subnets: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the zones of `subnets`, of all subnets by default, each once and sorted."""
    found = [one for one in cloud.list(SUBNET) if subnets is None or one.id in subnets]
    return tuple(sorted({str(subnet.inputs["availabilityZone"]) for subnet in found}))


def _node_group(cloud: Cloud, found: CloudResource, region: str, splits: int) -> NodeGroup:
    group = found.outputs | found.inputs
    name = str(group["nodeGroupName"])
    template = _launch_template(cloud, group)
    named = group.get("instanceTypes") or [template.get("instanceType") or EKS_DEFAULT_TYPE]
    type_name = str(named[0])
    instance = find_instance_type(type_name)
    if instance is None:
        near = ", ".join(nearest_instance_types(type_name)) or "none"
        raise FleetError(
            f"node group {name}: the catalog has no instance type {type_name}; nearest: {near}"
        )
    group_zones = zones(cloud, group["subnetIds"])
    if not group_zones:
        raise FleetError(f"node group {name}: none of its subnets is in the account")
    return NodeGroup(
        name=name,
        region=region,
        instance=instance,
        capacity_type=group.get("capacityType") or "ON_DEMAND",
        nodes=int(group["scalingConfig"]["desiredSize"]),
        most_nodes=int(group["scalingConfig"]["maxSize"]),
        zones=group_zones,
        disks=_disks(template, group),
        labels=_labels(group),
        taints=tuple(_taint(one) for one in group.get("taints") or ()),
        splits=splits,
    )


def _labels(group: Mapping[str, Any]) -> dict[str, str]:
    return dict(group.get("labels") or {})


def _taint(found: Mapping[str, Any]) -> Taint:
    return Taint(key=found["key"], value=found.get("value") or "", effect=EFFECTS[found["effect"]])


def _launch_template(cloud: Cloud, group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the group's launch template; an empty one where it has none."""
    reference: Mapping[str, Any] = group.get("launchTemplate") or {}
    wanted = reference.get("id") or reference.get("name")
    for template in cloud.list(LAUNCH_TEMPLATE):
        named = template.outputs | template.inputs
        if wanted and wanted in (template.id, named.get("name")):
            return named
    return {}


def _disks(template: Mapping[str, Any], group: Mapping[str, Any]) -> Disks:
    """Return the disks that the group's launch template asks for, or else the group itself."""
    if not template:
        return Disks(volume_gib=int(group.get("diskSize") or DEFAULT_VOLUME_GIB))
    mappings: Sequence[Mapping[str, Any]] = template.get("blockDeviceMappings") or ()
    sizes = {str(one.get("deviceName")): _size_gib(one) for one in mappings}
    read = _user_data(template)
    return Disks(volume_gib=volume_gib(sizes), raid0=any(word in read for word in RAID0_WORDS))


def _user_data(template: Mapping[str, Any]) -> str:
    return base64.b64decode(template.get("userData") or "").decode()


def _size_gib(mapping: Mapping[str, Any]) -> int:
    volume: Mapping[str, Any] = mapping.get("ebs") or {}
    return int(volume.get("volumeSize") or 0)
