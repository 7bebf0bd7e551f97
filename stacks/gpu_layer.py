"""How GPUs are handed out: the operators that publish them, each on nodes of its own."""

from dataclasses import dataclass

import pulumi

from components.cert_manager import CertManager
from components.gpu_operator import GpuOperator
from components.hami import Hami
from components.operator import OperatorArgs
from planning.plan import Plan
from stacks.foundation import Foundation
from stacks.node_supply import NodeSupply


@dataclass(frozen=True, kw_only=True)
class GpuLayer:
    """The operators between nodes and models."""

    cert_manager: CertManager
    gpu_operator: GpuOperator
    hami: Hami | None

    @property
    def hands_out(self) -> tuple[pulumi.Resource, ...]:
        """What a pod that asks for a GPU waits for."""
        return (self.gpu_operator,) if self.hami is None else (self.gpu_operator, self.hami)


def hand_out_gpus(plan: Plan, foundation: Foundation, supply: NodeSupply) -> GpuLayer:
    """Make the GPU layer; at a destroy it goes before the nodes it runs on."""
    after = (*foundation.runs_pods, *supply.pools.values())
    cert_manager = CertManager(
        "cert-manager",
        OperatorArgs(spec=plan.cert_manager, after=foundation.runs_pods),
        foundation.in_cluster,
    )
    gpu_operator = GpuOperator(
        "gpu-operator", OperatorArgs(spec=plan.gpu_operator, after=after), foundation.in_cluster
    )
    hami = plan.hami and Hami(
        "hami",
        OperatorArgs(spec=plan.hami, after=(*after, cert_manager)),
        foundation.in_cluster,
    )
    return GpuLayer(cert_manager=cert_manager, gpu_operator=gpu_operator, hami=hami)
