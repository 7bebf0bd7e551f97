"""Cluster Autoscaler: the size of those managed node groups whose size is not fixed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import POD_IDENTITY_TRUST, cluster_autoscaler_policy
from components.release import release
from planning.specs.pools import ClusterAutoscalerSpec


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ClusterAutoscalerSpec
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    autoscaling_groups: Mapping[str, pulumi.Input[str]]
    """Name of the Auto Scaling group of each pool; those that the spec leaves out are not used."""
    after: tuple[pulumi.Resource, ...] = ()
    """What the controller runs on: the system nodes and the add-ons of its pods."""


class ClusterAutoscaler(pulumi.ComponentResource):
    """The controller that adds nodes to a group while pods wait for them, and ends empty ones.

    It may resize the groups it is told by name, and no other.
    """

    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ClusterAutoscaler", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        spec = args.spec
        names = [args.autoscaling_groups[group.pool] for group in spec.groups]
        role = aws.iam.Role(
            f"{name}-role", assume_role_policy=json.dumps(POD_IDENTITY_TRUST), opts=child
        )
        may_resize = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=pulumi.Output.all(args.cluster_arn, *names).apply(
                lambda known: json.dumps(cluster_autoscaler_policy(known[0], known[1:]))
            ),
            opts=child,
        )
        association = aws.eks.PodIdentityAssociation(
            f"{name}-identity",
            cluster_name=args.cluster_name,
            namespace=spec.release.namespace,
            service_account=spec.service_account,
            role_arn=role.arn,
            opts=child,
        )
        groups = [
            {"name": found, "minSize": group.min_nodes, "maxSize": group.max_nodes}
            for group, found in zip(spec.groups, names, strict=True)
        ]
        release(
            f"{name}-release",
            spec.release,
            # A pod gets its role when it starts: role and association come first, and go last.
            pulumi.ResourceOptions(parent=self, depends_on=[may_resize, association, *args.after]),
            {"autoscalingGroups": groups},
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": self.role_arn})
