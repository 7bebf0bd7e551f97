"""Specs of the AWS foundation and of the GPU pools."""

from typing import Literal

from catalog.eks import NODE_GROUP_RELEASES, NODE_IMAGE_ALIAS, AddonName, addon_version
from catalog.instance_types import INSTANCE_TYPES
from catalog.regions import ZONES
from planning.demand import volume_gib
from planning.pool_facts import PoolFacts
from planning.releases import HAMI_NODE_LABEL, NO_DEVICE_PLUGIN_LABEL
from planning.specs.base import GPU_TAINT, POOL_LABEL, SHARING_LABEL
from planning.specs.infrastructure import (
    AddonSpec,
    ClusterSpec,
    NetworkSpec,
    StorageSpec,
    SystemNodesSpec,
)
from planning.specs.pools import GpuPoolSpec, ManagedGpuNodesSpec
from planning.subnets import lay_out, parse_cidr
from settings.environment import PROJECT, Environment
from settings.pools import KarpenterPool, ManagedPool

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


def cluster_name(stack: str) -> str:
    """Return the EKS cluster's name: also the queue's name and the discovery tag's value."""
    return f"{PROJECT}-{stack}"


def network(environment: Environment) -> NetworkSpec:
    """Return the VPC over the first zones of the region."""
    settings = environment.platform.network
    zones = ZONES[environment.region][: settings.zones]
    return NetworkSpec(
        region=environment.region,
        cluster_name=cluster_name(environment.stack),
        cidr=settings.cidr,
        zones=lay_out(parse_cidr(settings.cidr), zones),
        nat=settings.nat,
    )


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


def gpu_pool(pool: PoolFacts, settings: KarpenterPool, cluster: str) -> GpuPoolSpec:
    """Return a Karpenter pool."""
    return GpuPoolSpec(
        name=pool.name,
        cluster_name=cluster,
        instance_types=settings.instances,
        gpus_per_node=tuple(found.gpus for found in pool.types),
        capacity=settings.capacity,
        gpu_limit=settings.gpu_limit,
        ami_alias=NODE_IMAGE_ALIAS,
        volume_gib=volume_gib(pool),
        idle_minutes=settings.idle_minutes,
        termination_grace_minutes=TERMINATION_GRACE_MINUTES,
        labels=_labels(pool),
        taints=(GPU_TAINT,),
    )


def managed_gpu_nodes(
    pool: PoolFacts, settings: ManagedPool, kubernetes: str
) -> ManagedGpuNodesSpec:
    """Return a managed node group of fixed size."""
    return ManagedGpuNodesSpec(
        name=pool.name,
        instance_types=settings.instances,
        capacity_type=CAPACITY_TYPES[settings.capacity],
        ami_type=GPU_AMI_TYPE,
        release_version=NODE_GROUP_RELEASES[kubernetes],
        nodes=settings.nodes,
        volume_gib=volume_gib(pool),
        labels=_labels(pool),
        taints=(GPU_TAINT,),
    )


def _labels(pool: PoolFacts) -> dict[str, str]:
    labels = {POOL_LABEL: pool.name, SHARING_LABEL: pool.settings.sharing.kind}
    if pool.shared:
        labels |= HAMI_NODE_LABEL | NO_DEVICE_PLUGIN_LABEL
    return labels
