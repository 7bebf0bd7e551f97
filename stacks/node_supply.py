"""Where GPU nodes come from: pools of Karpenter or of EKS Auto Mode, and managed node groups."""

from dataclasses import dataclass

import pulumi

from components.auto_mode import AutoMode, AutoModeArgs
from components.auto_pool import AutoPool, AutoPoolArgs
from components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from components.gpu_pool import GpuPool, GpuPoolArgs
from components.karpenter import Karpenter, KarpenterArgs
from components.managed_gpu_nodes import ManagedGpuNodes, ManagedGpuNodesArgs
from components.network import Network
from planning.plan import Plan
from planning.specs.infrastructure import KarpenterSpec
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class NodeSupply:
    """Karpenter or EKS Auto Mode, Cluster Autoscaler, and every pool."""

    starts_nodes: Karpenter | AutoMode
    """Who starts nodes for pods that wait."""
    cluster_autoscaler: ClusterAutoscaler | None
    pools: dict[str, GpuPool | AutoPool | ManagedGpuNodes]


def supply_nodes(plan: Plan, foundation: Foundation) -> NodeSupply:
    """Make who starts nodes, and the pools; at a destroy a pool goes while that still lives."""
    cluster, network = foundation.cluster, foundation.network
    if plan.karpenter is None:
        starts_nodes, dynamic = _by_auto_mode(plan, foundation)
    else:
        starts_nodes, dynamic = _by_karpenter(plan, plan.karpenter, foundation)
    managed = {
        spec.name: ManagedGpuNodes(
            spec.name,
            ManagedGpuNodesArgs(
                spec=spec,
                cluster_name=cluster.cluster_name,
                kubernetes_version=cluster.kubernetes_version,
                node_role_arn=foundation.system_nodes.node_role_arn,
                vpc_id=network.vpc_id,
                cluster_security_group_id=cluster.security_group_id,
                subnet_ids=_subnets(plan, network, spec.zone),
                after=foundation.joins,
            ),
            foundation.on_aws,
        )
        for spec in plan.managed_gpu_nodes
    }
    autoscaler = plan.cluster_autoscaler and ClusterAutoscaler(
        "cluster-autoscaler",
        ClusterAutoscalerArgs(
            spec=plan.cluster_autoscaler,
            cluster_name=cluster.cluster_name,
            cluster_arn=cluster.cluster_arn,
            autoscaling_groups={name: nodes.autoscaling_group for name, nodes in managed.items()},
            after=foundation.runs_pods,
        ),
        foundation.in_cluster,
    )
    return NodeSupply(
        starts_nodes=starts_nodes, cluster_autoscaler=autoscaler, pools={**dynamic, **managed}
    )


def _by_karpenter(
    plan: Plan, spec: KarpenterSpec, foundation: Foundation
) -> tuple[Karpenter, dict[str, GpuPool]]:
    cluster = foundation.cluster
    karpenter = Karpenter(
        "karpenter",
        KarpenterArgs(
            spec=spec,
            cluster_name=cluster.cluster_name,
            cluster_arn=cluster.cluster_arn,
            after=foundation.runs_pods,
        ),
        foundation.in_cluster,
    )
    return karpenter, {
        pool.name: GpuPool(
            pool.name,
            GpuPoolArgs(
                spec=pool,
                node_role_name=karpenter.node_role_name,
                instance_profile_name=karpenter.instance_profile_name,
                after=(karpenter, *foundation.joins),
            ),
            foundation.in_cluster,
        )
        for pool in plan.gpu_pools
    }


def _by_auto_mode(plan: Plan, foundation: Foundation) -> tuple[AutoMode, dict[str, AutoPool]]:
    auto_mode = AutoMode(
        "auto-mode",
        AutoModeArgs(cluster_name=foundation.cluster.cluster_name),
        foundation.on_aws,
    )
    return auto_mode, {
        pool.name: AutoPool(
            pool.name,
            AutoPoolArgs(
                spec=pool,
                node_role_name=auto_mode.node_role_name,
                # The controllers on the system nodes outlive what they keep on the pool's nodes.
                after=(auto_mode, foundation.system_nodes, *foundation.joins),
            ),
            foundation.in_cluster,
        )
        for pool in plan.auto_pools
    }


def _subnets(plan: Plan, network: Network, zone: str | None) -> pulumi.Output[list[str]]:
    """Return the private subnets of a zone, or of all zones."""
    if zone is None:
        return network.private_subnet_ids
    index = [found.name for found in plan.network.zones].index(zone)
    return network.private_subnet_ids.apply(lambda ids: [ids[index]])
