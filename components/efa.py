"""Elastic Fabric Adapter interfaces of a group's nodes, and what lets them reach each other."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from planning.specs.pools import NetworkInterfaceSpec


def efa_security_group(
    name: str, vpc_id: pulumi.Input[str], parent: pulumi.Resource
) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
    """Make a security group whose members reach each other, and return it with its rules.

    EFA traffic, which has no address, is only let through by a rule that names the group itself.
    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html
    """
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-efa",
        description="EFA between the nodes of one group",
        vpc_id=vpc_id,
        opts=opts,
    )
    arriving = aws.vpc.SecurityGroupIngressRule(
        f"{name}-efa-in",
        security_group_id=group.id,
        ip_protocol="-1",
        referenced_security_group_id=group.id,
        opts=opts,
    )
    leaving = aws.vpc.SecurityGroupEgressRule(
        f"{name}-efa-out",
        security_group_id=group.id,
        ip_protocol="-1",
        referenced_security_group_id=group.id,
        opts=opts,
    )
    return group, [arriving, leaving]


def interfaces(
    specs: Sequence[NetworkInterfaceSpec], security_group_ids: Sequence[pulumi.Input[str]]
) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs]:
    """Return the interfaces of a launch template; their subnet is the node group's to name."""
    return [
        aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            network_card_index=spec.card,
            device_index=spec.device,
            interface_type=spec.kind,
            security_groups=[*security_group_ids],
            delete_on_termination="true",
        )
        for spec in specs
    ]
