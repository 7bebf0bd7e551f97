"""Who may administer the cluster: EKS access entries."""

import hashlib

import pulumi
import pulumi_aws as aws

from components.iam import ADMIN_ACCESS_POLICY


def admin_access(
    name: str, principal_arn: str, cluster: aws.eks.Cluster, parent: pulumi.Resource
) -> tuple[pulumi.Resource, pulumi.Resource]:
    """Let a role or user administer the whole cluster.

    Returns:
        The access entry and the association of its policy; both must exist before the first
        request to the Kubernetes API.
    """
    admin = f"{name}-admin-{slug(principal_arn)}"
    opts = pulumi.ResourceOptions(parent=parent)
    entry = aws.eks.AccessEntry(
        admin, cluster_name=cluster.name, principal_arn=principal_arn, opts=opts
    )
    association = aws.eks.AccessPolicyAssociation(
        f"{admin}-policy",
        cluster_name=cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=ADMIN_ACCESS_POLICY,
        access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
        opts=opts,
    )
    return entry, association


def slug(principal_arn: str) -> str:
    """Return a readable name of a principal that no other ARN shares.

    It depends on the ARN alone: adding or removing another admin renames nobody.
    """
    digest = hashlib.sha256(principal_arn.encode()).hexdigest()[:6]
    return f"{principal_arn.rpartition('/')[2]}-{digest}"
