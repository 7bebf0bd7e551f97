"""Where GPU nodes come from: Karpenter's pools and managed node groups."""

from dataclasses import dataclass

from components.gpu_pool import GpuPool, GpuPoolArgs
from components.karpenter import Karpenter, KarpenterArgs
from components.managed_gpu_nodes import ManagedGpuNodes, ManagedGpuNodesArgs
from planning.plan import Plan
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class NodeSupply:
    """Karpenter and every pool."""

    karpenter: Karpenter
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
                after=(karpenter, *foundation.joins),
            ),
            foundation.in_cluster,
        )
        for spec in plan.gpu_pools
    }
    fixed = {
        spec.name: ManagedGpuNodes(
            spec.name,
            ManagedGpuNodesArgs(
                spec=spec,
                cluster_name=cluster.cluster_name,
                kubernetes_version=cluster.kubernetes_version,
                node_role_arn=foundation.system_nodes.node_role_arn,
                subnet_ids=network.private_subnet_ids,
                after=foundation.joins,
            ),
            foundation.on_aws,
        )
        for spec in plan.managed_gpu_nodes
    }
    return NodeSupply(karpenter=karpenter, pools={**dynamic, **fixed})
