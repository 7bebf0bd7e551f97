"""GPU pools: what Karpenter starts, and managed node groups."""

from typing import Literal

from catalog.eks import NODE_GROUP_RELEASES, NODE_IMAGE_ALIAS
from planning.demand import volume_gib
from planning.pool_facts import PoolFacts
from planning.releases import HAMI_NODE_LABEL, NO_DEVICE_PLUGIN_LABEL
from planning.specs.base import GPU_TAINT, POOL_LABEL, SHARING_LABEL
from planning.specs.infrastructure import (
    StorageSpec,
)
from planning.specs.pools import GpuPoolSpec, ManagedGpuNodesSpec
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool

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
