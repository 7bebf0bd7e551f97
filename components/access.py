"""Who may enter the cluster, from where, and how far."""

import hashlib
from collections.abc import Iterable, Iterator

import pulumi
import pulumi_aws as aws

from components.endpoints import HTTPS
from components.iam import ADMIN_ACCESS_POLICY
from planning.specs.infrastructure import ClusterSpec

VIEW_ACCESS_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
"""Reads what runs in every namespace, and no Secret.
Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"""


def cluster_access(
    name: str, spec: ClusterSpec, cluster: aws.eks.Cluster, parent: pulumi.Resource
) -> Iterator[pulumi.Resource]:
    """Let the admins and viewers of the spec into the whole cluster, and nobody else.

    Yields:
        For each an access entry and the association of its policy; those of the admins must exist
        before the first request to the Kubernetes API.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    entered = (
        *(("admin", principal, ADMIN_ACCESS_POLICY) for principal in spec.admins),
        *(("viewer", principal, VIEW_ACCESS_POLICY) for principal in spec.viewers),
    )
    for role, principal, policy in entered:
        entry = aws.eks.AccessEntry(
            f"{name}-{role}-{slug(principal)}",
            cluster_name=cluster.name,
            principal_arn=principal,
            opts=opts,
        )
        yield entry
        yield aws.eks.AccessPolicyAssociation(
            f"{name}-{role}-{slug(principal)}-policy",
            cluster_name=cluster.name,
            principal_arn=entry.principal_arn,
            policy_arn=policy,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=opts,
        )


def ways_to_endpoint(
    name: str, cidrs: Iterable[str], group_id: pulumi.Input[str], parent: pulumi.Resource
) -> Iterator[pulumi.Resource]:
    """Let blocks of private networks reach the API endpoint, which `group_id` guards.

    Yields:
        A rule per block; that of whoever runs the update must exist before its first request.
    """
    for cidr in cidrs:
        yield aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoint-from-{cidr.replace('/', '-')}",
            security_group_id=group_id,
            description="Kubernetes API",
            cidr_ipv4=cidr,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=pulumi.ResourceOptions(parent=parent),
        )


def slug(principal_arn: str) -> str:
    """Return a readable name of a principal that no other ARN shares.

    It depends on the ARN alone: adding or removing another admin renames nobody.
    """
    digest = hashlib.sha256(principal_arn.encode()).hexdigest()[:6]
    return f"{principal_arn.rpartition('/')[2]}-{digest}"
