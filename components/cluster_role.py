"""The role of the control plane, and what EKS Auto Mode needs beyond it.

Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html
"""

import json

import pulumi
import pulumi_aws as aws

from components.iam import AWS_POLICY, CLUSTER_POLICY, CLUSTER_TRUST, Policy, allow, policy, trust

AUTO_MODE_CLUSTER_TRUST = trust("eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"))
"""Sessions carry the cluster's name as a tag, which the policies of Auto Mode ask for."""
AUTO_MODE_CLUSTER_POLICIES = (
    f"{AWS_POLICY}/AmazonEKSComputePolicy",
    f"{AWS_POLICY}/AmazonEKSBlockStoragePolicy",
    f"{AWS_POLICY}/AmazonEKSLoadBalancingPolicy",
    f"{AWS_POLICY}/AmazonEKSNetworkingPolicy",
)
"""What the role of a cluster with Auto Mode may do beside `CLUSTER_POLICY`.
Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html"""


def cluster_role(
    name: str, parent: pulumi.Resource, *, auto_mode: bool
) -> tuple[aws.iam.Role, tuple[pulumi.Resource, ...]]:
    """Make the role of a control plane, and return it with what allows it anything.

    The latter come before the cluster, and go after it.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    trusted = AUTO_MODE_CLUSTER_TRUST if auto_mode else CLUSTER_TRUST
    role = aws.iam.Role(f"{name}-role", assume_role_policy=json.dumps(trusted), opts=opts)
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-policy", role=role.name, policy_arn=CLUSTER_POLICY, opts=opts
    )
    if not auto_mode:
        return role, (attachment,)
    further = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy_arn.rpartition('/')[2]}",
            role=role.name,
            policy_arn=policy_arn,
            opts=opts,
        )
        for policy_arn in AUTO_MODE_CLUSTER_POLICIES
    ]
    tags = aws.iam.RolePolicy(
        f"{name}-auto-mode-tags",
        role=role.name,
        policy=json.dumps(auto_mode_tags_policy()),
        opts=opts,
    )
    return role, (attachment, *further, tags)


def auto_mode_tags_policy() -> Policy:
    """Return what lets Auto Mode tag nodes as the program asks: by itself it may set only its own.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop
    """
    of_the_cluster = {
        "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}"
    }
    nodes = {
        "aws:RequestTag/eks:kubernetes-node-class-name": "*",
        "aws:RequestTag/eks:kubernetes-node-pool-name": "*",
    }
    interfaces = {"aws:RequestTag/eks:kubernetes-cni-node-name": "*"}
    return policy(
        allow(
            "TagNodes",
            ("ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"),
            "*",
            {"StringEquals": of_the_cluster, "StringLike": nodes},
        ),
        allow(
            "TagInterfaces",
            "ec2:CreateNetworkInterface",
            "*",
            {"StringEquals": of_the_cluster, "StringLike": interfaces},
        ),
    )
