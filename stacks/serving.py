"""What clients reach: model services, what scales them, and the gateway in front."""

import pulumi

from components.bench_job import BenchJob, BenchJobArgs
from components.database_operator import DatabaseOperator
from components.gateway import Gateway, GatewayArgs
from components.keda import Keda
from components.model_priorities import ModelPriorities, ModelPrioritiesArgs
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from planning.plan import Plan
from stacks.configuration import Secrets
from stacks.foundation import Foundation
from stacks.gpu_layer import GpuLayer
from stacks.loading import ModelLoading
from stacks.node_supply import NodeSupply
from stacks.storage import ModelStorage


def serve_models(
    plan: Plan,
    foundation: Foundation,
    supply: NodeSupply,
    gpus: GpuLayer,
    storage: ModelStorage,
    *,
    loading: ModelLoading,
) -> dict[str, ModelService]:
    """Make KEDA, every model service, and the load tests; no model waits for another."""
    keda = Keda(
        "keda", OperatorArgs(spec=plan.keda, after=foundation.runs_pods), foundation.in_cluster
    )
    priorities = ModelPriorities(
        "model-priorities", ModelPrioritiesArgs(specs=plan.priorities), foundation.in_cluster
    )
    clients = {bench.model: (bench.selector,) for bench in plan.benches}
    models = {
        spec.name: ModelService(
            spec.name,
            ModelServiceArgs(
                spec=spec,
                namespace=storage.home.namespace,
                keda=keda,
                wires=loading.wires,
                clients=clients.get(spec.name, ()),
                after=(
                    supply.pools[spec.pool],
                    *priorities.classes,
                    *gpus.hands_out,
                    *storage.read_by(spec.name),
                    *loading.before(spec.name),
                ),
            ),
            foundation.in_cluster,
        )
        for spec in plan.models
    }
    for bench in plan.benches:
        BenchJob(
            bench.name,
            BenchJobArgs(
                spec=bench,
                namespace=storage.home.namespace,
                token_secret=loading.wires.token_secret,
                after=(models[bench.model],),
            ),
            foundation.in_cluster,
        )
    return models


def open_gateway(
    plan: Plan, foundation: Foundation, secrets: Secrets, *, protected: bool
) -> Gateway:
    """Make the gateway with its database; it starts beside the models, and waits for none."""
    operator = DatabaseOperator(
        "database-operator",
        OperatorArgs(spec=plan.database_operator, after=foundation.runs_pods),
        foundation.in_cluster,
    )
    return Gateway(
        "gateway",
        GatewayArgs(
            spec=plan.gateway,
            namespace=plan.gateway_namespace,
            master_key=secrets.master_key,
            salt_key=secrets.salt_key,
            operator=operator,
        ),
        foundation.in_cluster.merge(pulumi.ResourceOptions(protect=protected)),
    )
