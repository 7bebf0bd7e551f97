"""What the pods of one ServiceAccount may do in AWS: a role by Pod Identity, and no key.

Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import account_trust


@dataclass(frozen=True, kw_only=True)
class Account:
    """A ServiceAccount, which need not exist yet."""

    cluster: str
    namespace: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AccountRole:
    """A role that one ServiceAccount has."""

    arn: pulumi.Output[str]
    resources: tuple[pulumi.Resource, ...]
    """What a pod that uses it comes after and goes before: it gets the role when it starts."""


def account_role(
    name: str,
    account: Account,
    policy: pulumi.Input[str],
    *,
    cluster_name: pulumi.Input[str],
    parent: pulumi.Resource,
) -> AccountRole:
    """Make the role of an account.

    Args:
        name: Start of the logical names.
        account: Whose pods take the role, and nobody else's.
        policy: What they may do, as JSON.
        cluster_name: Name of the account's cluster once it exists.
        parent: The component that it belongs to.
    """
    inside = pulumi.ResourceOptions(parent=parent)
    trusted = account_trust(account.cluster, account.namespace, account.name)
    role = aws.iam.Role(f"{name}-role", assume_role_policy=json.dumps(trusted), opts=inside)
    allowed = aws.iam.RolePolicy(f"{name}-policy", role=role.name, policy=policy, opts=inside)
    association = aws.eks.PodIdentityAssociation(
        f"{name}-identity",
        cluster_name=cluster_name,
        namespace=account.namespace,
        service_account=account.name,
        role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[allowed]),
    )
    return AccountRole(arn=role.arn, resources=(allowed, association))
