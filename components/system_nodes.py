"""The managed node group of the controllers and the gateway: no GPU, no taint, no spot."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from catalog.eks import NODE_IMAGE_ROOT
from components.launch_template import Launch, launch_template
from components.nodes import node_role
from planning.specs.infrastructure import SystemNodesSpec
from planning.specs.node_images import DiskSpec


@dataclass(frozen=True, kw_only=True)
class SystemNodesArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: SystemNodesSpec
    cluster_name: pulumi.Input[str]
    kubernetes_version: pulumi.Input[str]
    """Minor version of the control plane; the nodes follow it when it is upgraded."""
    subnet_ids: pulumi.Input[list[str]]
    after: tuple[pulumi.Resource, ...] = ()
    """What a node needs to join, and to leave: the ways out and the network add-ons."""


class SystemNodes(pulumi.ComponentResource):
    """A node group of fixed size that everything without a GPU runs on."""

    node_role_arn: pulumi.Output[str]
    """Role of the nodes, also for other managed groups; EKS lets it in by itself.
    It carries its policies: what uses it comes after them, and goes before them."""

    def __init__(
        self, name: str, args: SystemNodesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:SystemNodes", name, None, opts)
        spec = args.spec
        role, attachments = node_role(name, self)
        disks = (DiskSpec(device=NODE_IMAGE_ROOT, size_gib=spec.volume_gib),)
        template = launch_template(name, disks, self, Launch(tags=spec.tags))
        aws.eks.NodeGroup(
            f"{name}-group",
            cluster_name=args.cluster_name,
            node_role_arn=role.arn,
            subnet_ids=args.subnet_ids,
            version=args.kubernetes_version,
            release_version=spec.release_version,
            ami_type=spec.ami_type,
            capacity_type="ON_DEMAND",
            instance_types=[spec.instance_type],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                desired_size=spec.count, min_size=spec.count, max_size=spec.count
            ),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*attachments, *args.after]),
        )
        attached = [attachment.id for attachment in attachments]
        self.node_role_arn = pulumi.Output.all(role.arn, *attached).apply(lambda known: known[0])
        self.register_outputs({"node_role_arn": self.node_role_arn})
