"""Launch templates of managed node groups: disk, metadata service, and what else a group needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from planning.specs.node_images import DiskSpec


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What instances are launched with beyond disk and metadata options."""

    user_data: str | None = None
    """What a node reads at its first start, in base64; EKS adds its own part."""
    image_id: str | None = None
    """None where the node group itself names its image."""
    instance_type: str | None = None
    """None where the node group itself names its types."""
    market_type: str | None = None
    """None for on-demand and spot, which the node group asks for."""
    reservation_id: str | None = None
    """Capacity reservation that instances take, and nothing else: without room in it, none."""
    placement_group: pulumi.Input[str] | None = None
    """Name of a placement group."""
    interfaces: Sequence[aws.ec2.LaunchTemplateNetworkInterfaceArgs] = ()
    """None: the one that EKS gives every node."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the instances and their disks: EKS passes on neither its own nor the group's."""


DEFAULT_LAUNCH = Launch()


def launch_template(
    name: str,
    disks: Sequence[DiskSpec],
    parent: pulumi.Resource,
    launch: Launch = DEFAULT_LAUNCH,
) -> aws.ec2.LaunchTemplate:
    """Make the launch template of a managed node group.

    Args:
        name: Prefix of the logical name.
        disks: Its encrypted volumes.
        parent: The component.
        launch: What else the instances are launched with.

    Returns:
        A template with IMDSv2 one hop deep, so that no pod reaches the node's role.
    """
    return aws.ec2.LaunchTemplate(
        f"{name}-template",
        block_device_mappings=[_mapping(disk) for disk in disks],
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        user_data=launch.user_data,
        image_id=launch.image_id,
        instance_type=launch.instance_type,
        instance_market_options=_market(launch.market_type),
        capacity_reservation_specification=_reservation(launch.reservation_id),
        placement=_placement(launch.placement_group),
        network_interfaces=[*launch.interfaces] or None,
        tag_specifications=_tagged(launch.tags),
        update_default_version=True,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _mapping(disk: DiskSpec) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=disk.device,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_size=disk.size_gib,
            volume_type="gp3",
            encrypted="true",
            delete_on_termination="true",
        ),
    )


def _tagged(
    tags: Mapping[str, str],
) -> list[aws.ec2.LaunchTemplateTagSpecificationArgs] | None:
    if not tags:
        return None
    return [
        aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
        for kind in ("instance", "volume")
    ]


def _market(kind: str | None) -> aws.ec2.LaunchTemplateInstanceMarketOptionsArgs | None:
    if kind is None:
        return None
    return aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type=kind)


def _reservation(
    reservation_id: str | None,
) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
    if reservation_id is None:
        return None
    return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
        capacity_reservation_target=(
            aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
                capacity_reservation_id=reservation_id
            )
        )
    )


def _placement(
    group_name: pulumi.Input[str] | None,
) -> aws.ec2.LaunchTemplatePlacementArgs | None:
    if group_name is None:
        return None
    return aws.ec2.LaunchTemplatePlacementArgs(group_name=group_name)
