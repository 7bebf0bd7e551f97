"""What a composed environment is, and what it exports."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.gateway import Gateway
from planning.plan import Plan
from stacks.foundation import Foundation
from stacks.gpu_layer import GpuLayer
from stacks.node_supply import NodeSupply
from stacks.outputs import CONTRACT_VERSION
from stacks.serving import ModelDoor
from stacks.storage import ModelStorage


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Every layer of an environment."""

    plan: Plan
    foundation: Foundation
    supply: NodeSupply
    gpus: GpuLayer
    storage: ModelStorage
    models: dict[str, ModelDoor]
    """What clients of each model reach."""
    gateway: Gateway

    def exports(self) -> dict[str, pulumi.Input[Any]]:
        """Return the stack's outputs; the names are the fields of `PlatformOutputs`."""
        cluster, network = self.foundation.cluster, self.foundation.network
        classes = self.gpus.device_classes
        return {
            "contract_version": CONTRACT_VERSION,
            "region": self.plan.region,
            "vpc_id": network.vpc_id,
            "private_subnet_ids": network.private_subnet_ids,
            "cluster_name": cluster.cluster_name,
            "cluster_endpoint": cluster.endpoint,
            "cluster_certificate_authority": cluster.certificate_authority,
            "cluster_security_group_id": cluster.security_group_id,
            "node_role_arn": self.supply.starts_nodes.node_role_arn,
            "models_namespace": self.plan.models_namespace.name,
            "model_bucket": self.storage.bucket and self.storage.bucket.bucket_name,
            "device_classes": classes.names if classes else {},
            "gateway_url": self.gateway.url,
            "models": {
                route.name: {
                    "api_base": self.models[route.name].api_base,
                    "context": route.context,
                }
                for route in self.plan.routes
            },
        }
