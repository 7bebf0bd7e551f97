"""EKS Auto Mode: the role of the nodes that it starts, and what a cluster has to have with it.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html and
.../create-node-class.html
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import AWS_POLICY, NODE_TRUST

AUTO_MODE_NODE_POLICIES = (
    f"{AWS_POLICY}/AmazonEKSWorkerNodeMinimalPolicy",
    f"{AWS_POLICY}/AmazonEC2ContainerRegistryPullOnly",
)
"""What a node of Auto Mode may do; nobody enters it, so that it needs nothing of Systems Manager.
Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html"""
AUTO_MODE_NODE_ACCESS = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy"


@dataclass(frozen=True, kw_only=True)
class AutoModeArgs:
    """Wires to other resources."""

    cluster_name: pulumi.Input[str]


class AutoMode(pulumi.ComponentResource):
    """The role of every node that EKS Auto Mode starts, and its way into the cluster.

    EKS makes both itself for its built-in pools alone, and none of them is turned on: they would
    start nodes for any pod, at a price that no plan knows.
    """

    node_role_name: pulumi.Output[str]
    node_role_arn: pulumi.Output[str]
    """Role of the nodes; the cluster lets it in."""

    def __init__(
        self, name: str, args: AutoModeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:AutoMode", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-node-role", assume_role_policy=json.dumps(NODE_TRUST), opts=child
        )
        for policy_arn in AUTO_MODE_NODE_POLICIES:
            aws.iam.RolePolicyAttachment(
                f"{name}-node-{policy_arn.rpartition('/')[2]}",
                role=role.name,
                policy_arn=policy_arn,
                opts=child,
            )
        entry = aws.eks.AccessEntry(
            f"{name}-node-access",
            cluster_name=args.cluster_name,
            principal_arn=role.arn,
            type="EC2",
            opts=child,
        )
        aws.eks.AccessPolicyAssociation(
            f"{name}-node-access-policy",
            cluster_name=args.cluster_name,
            principal_arn=entry.principal_arn,
            policy_arn=AUTO_MODE_NODE_ACCESS,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=child,
        )
        self.node_role_name, self.node_role_arn = role.name, role.arn
        self.register_outputs(
            {"node_role_name": self.node_role_name, "node_role_arn": self.node_role_arn}
        )


def balancing_load() -> aws.eks.ClusterKubernetesNetworkConfigArgs:
    """Return the load balancing that EKS Auto Mode cannot be without."""
    return aws.eks.ClusterKubernetesNetworkConfigArgs(
        elastic_load_balancing=aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(
            enabled=True
        )
    )


def storing_blocks() -> aws.eks.ClusterStorageConfigArgs:
    """Return the block storage that EKS Auto Mode cannot be without."""
    return aws.eks.ClusterStorageConfigArgs(
        block_storage=aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=True)
    )
