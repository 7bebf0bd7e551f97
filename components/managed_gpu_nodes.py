"""A managed node group of GPU nodes, of a fixed size."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.nodes import in_mime, launch_template, node_config
from planning.specs.base import Taint
from planning.specs.pools import ManagedGpuNodesSpec

EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}
"""The EKS API's words for a taint's effect.
Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html"""

INSTANCE_STORE = {"instance": {"localStorage": {"strategy": "RAID0"}}}
"""Images, weights and caches lie on the NVMe disks that the instance has anyway.
Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/"""


@dataclass(frozen=True, kw_only=True)
class ManagedGpuNodesArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ManagedGpuNodesSpec
    cluster_name: pulumi.Input[str]
    kubernetes_version: pulumi.Input[str]
    """Minor version of the control plane; the nodes follow it when it is upgraded."""
    node_role_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    after: tuple[pulumi.Resource, ...] = ()
    """What a node needs to join, and to leave: the ways out and the network add-ons."""


class ManagedGpuNodes(pulumi.ComponentResource):
    """A node group whose GPUs are there, and paid for, all month.

    A roll ends an old node before it starts a new one: GPUs are scarce, and a second set may not
    be had. EKS does not repair the nodes, since that needs the node monitoring agent.
    """

    group_name: pulumi.Output[str]
    """Name of the node group in EKS; resolves once its nodes have joined."""

    def __init__(
        self, name: str, args: ManagedGpuNodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ManagedGpuNodes", name, None, opts)
        spec = args.spec
        template = launch_template(
            name, spec.volume_gib, self, in_mime(node_config(INSTANCE_STORE))
        )
        group = aws.eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.cluster_name,
            node_role_arn=args.node_role_arn,
            subnet_ids=args.subnet_ids,
            version=args.kubernetes_version,
            release_version=spec.release_version,
            ami_type=spec.ami_type,
            capacity_type=spec.capacity_type,
            instance_types=[*spec.instance_types],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=spec.nodes, min_size=spec.nodes, max_size=spec.nodes
            ),
            labels=spec.labels,
            taints=[node_group_taint(taint) for taint in spec.taints],
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=1, update_strategy="MINIMAL"
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after]),
        )
        self.group_name = group.node_group_name
        self.register_outputs({"group_name": self.group_name})


def node_group_taint(taint: Taint) -> aws.eks.NodeGroupTaintArgs:
    """Return a taint in the words of the EKS API."""
    return aws.eks.NodeGroupTaintArgs(
        key=taint.key, value=taint.value, effect=EFFECTS[taint.effect]
    )
