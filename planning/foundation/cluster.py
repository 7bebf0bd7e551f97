"""The control plane, its add-ons, its system nodes and its StorageClass."""

from typing import Any

from catalog.eks import NODE_GROUP_RELEASES, AddonName, addon_version
from catalog.instance_types import INSTANCE_TYPES
from planning.naming import cluster_name, cost_tags
from planning.specs.infrastructure import (
    AddonSpec,
    ClusterSpec,
    StorageSpec,
    SystemNodesSpec,
)
from settings.auto_pool import AutoPool
from settings.environment import Environment

AWS_POLICY = "arn:aws:iam::aws:policy"
ADDON_CONFIGURATION: dict[AddonName, dict[str, Any]] = {
    # Without it the platform's NetworkPolicies are accepted and not enforced.
    "vpc-cni": {"enableNetworkPolicy": "true"},
    # Its DCGM server goes to types with NVIDIA GPUs only, and by default to none that is tainted:
    # there the agent would find the GPUs not ready, and repair would replace node after node.
    # Source: aws/eks-node-monitoring-agent, chart README, "DCGM host engine".
    "eks-node-monitoring-agent": {"dcgmAgent": {"tolerations": [{"operator": "Exists"}]}},
}
LOG_RETENTION_DAYS = 30
SYSTEM_VOLUME_GIB = 50
AMI_TYPES: dict[str, str] = {
    "amd64": "AL2023_x86_64_STANDARD",
    "arm64": "AL2023_ARM_64_STANDARD",
}
STORAGE_CLASS = "gp3"


def has_auto_mode(environment: Environment) -> bool:
    """Return whether EKS itself starts nodes: where a pool asks for it."""
    return any(isinstance(pool, AutoPool) for pool in environment.platform.pools.values())


def cluster(environment: Environment) -> ClusterSpec:
    """Return the control plane with the add-ons it cannot live without.

    With EKS Auto Mode too: its own nodes have what the add-ons bring, whose DaemonSets keep off
    them, but the system nodes do not.
    """
    settings = environment.platform.cluster

    def addon(name: AddonName, account: str | None = None, policy: str | None = None) -> AddonSpec:
        return AddonSpec(
            name=name,
            version=addon_version(name, settings.kubernetes),
            service_account=account,
            policy_arn=policy,
            configuration=ADDON_CONFIGURATION.get(name, {}),
        )

    return ClusterSpec(
        name=cluster_name(environment.stack),
        kubernetes=settings.kubernetes,
        admins=settings.admins,
        viewers=settings.viewers,
        public_access_cidrs=settings.public_access.cidrs if settings.public_access else (),
        private_access_cidrs=_inside(environment),
        secrets_kms_key_arn=settings.secrets_kms_key_arn,
        deletion_protection=settings.deletion_protection,
        auto_mode=has_auto_mode(environment),
        log_retention_days=LOG_RETENTION_DAYS,
        addons_before_nodes=(
            addon("vpc-cni", "aws-node", f"{AWS_POLICY}/AmazonEKS_CNI_Policy"),
            addon("kube-proxy"),
            addon("eks-pod-identity-agent"),
        ),
        addons_after_nodes=(
            addon("coredns"),
            addon(
                "aws-ebs-csi-driver",
                "ebs-csi-controller-sa",
                f"{AWS_POLICY}/service-role/AmazonEBSCSIDriverPolicy",
            ),
            addon("metrics-server"),
            addon("eks-node-monitoring-agent"),
        ),
    )


def _inside(environment: Environment) -> tuple[str, ...]:
    """Return the blocks that reach the private endpoint, the VPC's own first, each once.

    EKS itself lets in its nodes and nothing else of the VPC: not even who runs the update there.
    Source: Amazon EKS User Guide, cluster-endpoint.
    """
    platform = environment.platform
    return tuple(dict.fromkeys((platform.network.cidr, *platform.cluster.private_access_cidrs)))


def storage(environment: Environment) -> StorageSpec:
    """Return the default StorageClass."""
    return StorageSpec(class_name=STORAGE_CLASS, tags=cost_tags(environment.stack))


def system_nodes(environment: Environment) -> SystemNodesSpec:
    """Return the node group of the controllers."""
    settings = environment.platform.cluster.system_nodes
    return SystemNodesSpec(
        instance_type=settings.instance,
        ami_type=AMI_TYPES[INSTANCE_TYPES[settings.instance].arch],
        release_version=NODE_GROUP_RELEASES[environment.platform.cluster.kubernetes],
        count=settings.count,
        volume_gib=SYSTEM_VOLUME_GIB,
        tags=cost_tags(environment.stack),
    )
