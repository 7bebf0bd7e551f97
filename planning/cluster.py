"""The control plane, its add-ons, its system nodes and its StorageClass."""

from typing import Literal

from catalog.eks import NODE_GROUP_RELEASES, AddonName, addon_version
from catalog.instance_types import INSTANCE_TYPES
from planning.naming import cluster_name
from planning.specs.infrastructure import (
    AddonSpec,
    ClusterSpec,
    StorageSpec,
    SystemNodesSpec,
)
from settings.environment import Environment

AWS_POLICY = "arn:aws:iam::aws:policy"
ADDON_CONFIGURATION: dict[str, dict[str, str]] = {"vpc-cni": {"enableNetworkPolicy": "true"}}
"""Without it the platform's NetworkPolicies are accepted and not enforced."""
LOG_RETENTION_DAYS = 30
SYSTEM_VOLUME_GIB = 50
TERMINATION_GRACE_MINUTES = 30
"""Well under the 45 minutes that the engine waits for a pool to be gone."""
AMI_TYPES: dict[str, str] = {
    "amd64": "AL2023_x86_64_STANDARD",
    "arm64": "AL2023_ARM_64_STANDARD",
}
STORAGE = StorageSpec(class_name="gp3")
GPU_AMI_TYPE = "AL2023_x86_64_NVIDIA"
CAPACITY_TYPES: dict[str, Literal["ON_DEMAND", "SPOT"]] = {"on-demand": "ON_DEMAND", "spot": "SPOT"}


def cluster(environment: Environment) -> ClusterSpec:
    """Return the control plane with the add-ons it cannot live without."""
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
        public_access_cidrs=settings.public_access_cidrs,
        deletion_protection=settings.deletion_protection,
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
        ),
    )


def system_nodes(environment: Environment) -> SystemNodesSpec:
    """Return the node group of the controllers."""
    settings = environment.platform.cluster.system_nodes
    return SystemNodesSpec(
        instance_type=settings.instance,
        ami_type=AMI_TYPES[INSTANCE_TYPES[settings.instance].arch],
        release_version=NODE_GROUP_RELEASES[environment.platform.cluster.kubernetes],
        count=settings.count,
        volume_gib=SYSTEM_VOLUME_GIB,
    )
