"""Where GPU nodes come from: Karpenter's pools and managed node groups."""

from dataclasses import dataclass

import pulumi

from components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from components.gpu_pool import GpuPool, GpuPoolArgs
from components.karpenter import Karpenter, KarpenterArgs
from components.managed_gpu_nodes import ManagedGpuNodes, ManagedGpuNodesArgs
from components.network import Network
from planning.plan import Plan
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class NodeSupply:
    """Karpenter, Cluster Autoscaler, and every pool."""

    karpenter: Karpenter
    cluster_autoscaler: ClusterAutoscaler | None
    pools: dict[str, GpuPool | ManagedGpuNodes]


def supply_nodes(plan: Plan, foundation: Foundation) -> NodeSupply:
    """Make Karpenter and the pools; at a destroy every pool goes while Karpenter still lives."""
    cluster, network = foundation.cluster, foundation.network
    karpenter = Karpenter(
        "karpenter",
        KarpenterArgs(
            spec=plan.karpenter,
            cluster_name=cluster.cluster_name,
            cluster_arn=cluster.cluster_arn,
            after=foundation.runs_pods,
        ),
        foundation.in_cluster,
    )
    dynamic = {
        spec.name: GpuPool(
            spec.name,
            GpuPoolArgs(
                spec=spec,
                node_role_name=karpenter.node_role_name,
                instance_profile_name=karpenter.instance_profile_name,
                after=(karpenter, *foundation.joins),
            ),
            foundation.in_cluster,
        )
        for spec in plan.gpu_pools
    }
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
        karpenter=karpenter, cluster_autoscaler=autoscaler, pools={**dynamic, **managed}
    )


def _subnets(plan: Plan, network: Network, zone: str | None) -> pulumi.Output[list[str]]:
    """Return the private subnets of a zone, or of all zones."""
    if zone is None:
        return network.private_subnet_ids
    index = [found.name for found in plan.network.zones].index(zone)
    return network.private_subnet_ids.apply(lambda ids: [ids[index]])
