"""A managed node group of GPU nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.efa import efa_security_group, interfaces
from components.launch_template import Launch, launch_template
from components.user_data import in_launch_template
from planning.specs.base import Taint
from planning.specs.pools import ManagedGpuNodesSpec

CAPACITY_BLOCK = "CAPACITY_BLOCK"
EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}
"""The EKS API's words for a taint's effect.
Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html"""


@dataclass(frozen=True, kw_only=True)
class ManagedGpuNodesArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ManagedGpuNodesSpec
    cluster_name: pulumi.Input[str]
    kubernetes_version: pulumi.Input[str]
    """Minor version of the control plane; the nodes follow it when it is upgraded."""
    node_role_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    cluster_security_group_id: pulumi.Input[str]
    """What EKS gives a node by itself, unless its launch template names interfaces."""
    subnet_ids: pulumi.Input[list[str]]
    """Private subnets: one where the spec names its zone."""
    after: tuple[pulumi.Resource, ...] = ()
    """What a node needs to join, and to leave: the ways out and the network add-ons."""


class ManagedGpuNodes(pulumi.ComponentResource):
    """A node group whose GPUs are there, and paid for, all month, or as many as are asked for.

    A roll ends an old node before it starts a new one: GPUs are scarce, and a second set may not
    be had.
    """

    group_name: pulumi.Output[str]
    """Name of the node group in EKS; resolves once its nodes have joined."""
    autoscaling_group: pulumi.Output[str]
    """Name of the Auto Scaling group behind it."""

    def __init__(
        self, name: str, args: ManagedGpuNodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ManagedGpuNodes", name, None, opts)
        self._prefix = name
        launch, ways = self._launch(args)
        template = launch_template(name, args.spec.disks, self, launch)
        group = self._group(args, template, ways)
        self.group_name = group.node_group_name
        self.autoscaling_group = group.resources.apply(named_group)
        self.register_outputs(
            {"group_name": self.group_name, "autoscaling_group": self.autoscaling_group}
        )

    def _launch(self, args: ManagedGpuNodesArgs) -> tuple[Launch, list[pulumi.Resource]]:
        """Return what instances are launched with, and what lets them reach each other."""
        spec, block = args.spec, args.spec.capacity_type == CAPACITY_BLOCK
        attached: list[aws.ec2.LaunchTemplateNetworkInterfaceArgs] = []
        ways: list[pulumi.Resource] = []
        if spec.network_interfaces:
            efa, ways = efa_security_group(self._prefix, args.vpc_id, self)
            groups = [args.cluster_security_group_id, efa.id]
            attached = interfaces(spec.network_interfaces, groups)
        launch = Launch(
            user_data=in_launch_template(spec.user_data),
            image_id=spec.ami_id,
            # EKS takes the type of a Capacity Block from the template alone.
            instance_type=spec.instance_types[0] if block else None,
            market_type="capacity-block" if block else None,
            reservation_id=spec.reservation_id,
            placement_group=self._placement(spec.placement_group),
            interfaces=attached,
            tags=spec.tags,
        )
        return launch, ways

    def _placement(self, strategy: str | None) -> pulumi.Output[str] | None:
        if strategy is None:
            return None
        group = aws.ec2.PlacementGroup(
            f"{self._prefix}-placement",
            strategy=strategy,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.name

    def _group(
        self,
        args: ManagedGpuNodesArgs,
        template: aws.ec2.LaunchTemplate,
        ways: list[pulumi.Resource],
    ) -> aws.eks.NodeGroup:
        spec, block = args.spec, args.spec.capacity_type == CAPACITY_BLOCK
        return aws.eks.NodeGroup(
            f"{self._prefix}-group",
            cluster_name=args.cluster_name,
            node_role_arn=args.node_role_arn,
            subnet_ids=args.subnet_ids,
            # EKS takes minor, type and release of an image of its own, and of no other.
            version=args.kubernetes_version if spec.ami_id is None else None,
            release_version=spec.release_version,
            ami_type=spec.ami_type,
            capacity_type=spec.capacity_type,
            instance_types=None if block else [*spec.instance_types],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=spec.min_nodes, min_size=spec.min_nodes, max_size=spec.max_nodes
            ),
            labels=spec.labels,
            taints=[node_group_taint(taint) for taint in spec.taints],
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=1, update_strategy="MINIMAL"
            ),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True)
            if spec.repair
            else None,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*ways, *args.after],
                ignore_changes=["scalingConfig.desiredSize"] if spec.autoscaled else None,
            ),
        )


def named_group(resources: Sequence[aws.eks.outputs.NodeGroupResource]) -> str:
    """Return the name of the Auto Scaling group behind a node group.

    Raises:
        ValueError: EKS named none.
    """
    for found in resources:
        for group in found.autoscaling_groups or ():
            if group.name:
                return group.name
    raise ValueError("EKS made the node group and named no Auto Scaling group")


def node_group_taint(taint: Taint) -> aws.eks.NodeGroupTaintArgs:
    """Return a taint in the words of the EKS API."""
    return aws.eks.NodeGroupTaintArgs(
        key=taint.key, value=taint.value, effect=EFFECTS[taint.effect]
    )
