"""What clients reach: model services, what scales them, and the gateway in front."""

from typing import TypeAlias

import pulumi

from components.bench_job import BenchJob, BenchJobArgs
from components.bench_results import ResultsWires
from components.database_operator import DatabaseOperator
from components.gateway import Gateway, GatewayArgs
from components.keda import Keda
from components.lws import Lws
from components.model_priorities import ModelPriorities, ModelPrioritiesArgs
from components.model_router import ModelRouter, ModelRouterArgs
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from planning.models.roles import role_name
from planning.plan import Plan
from stacks.foundation import Foundation
from stacks.gpu_layer import GpuLayer
from stacks.loading import ModelLoading
from stacks.node_supply import NodeSupply
from stacks.secret_supply import SecretSupply
from stacks.storage import ModelStorage

ModelDoor: TypeAlias = ModelService | ModelRouter
"""What clients of a model reach: its replicas, or the router in front of them."""


def serve_models(
    plan: Plan,
    foundation: Foundation,
    supply: NodeSupply,
    gpus: GpuLayer,
    storage: ModelStorage,
    *,
    loading: ModelLoading,
) -> dict[str, ModelDoor]:
    """Make the controllers of models, every model service, and the load tests; no model waits for
    another.

    Returns:
        What clients of each model reach.
    """
    keda = Keda(
        "keda", OperatorArgs(spec=plan.keda, after=foundation.runs_pods), foundation.in_cluster
    )
    lws = plan.lws and Lws(
        "lws", OperatorArgs(spec=plan.lws, after=foundation.runs_pods), foundation.in_cluster
    )
    priorities = ModelPriorities(
        "model-priorities", ModelPrioritiesArgs(specs=plan.priorities), foundation.in_cluster
    )
    clients = {bench.model: (bench.selector,) for bench in plan.benches}
    sets: dict[str, ModelService] = {}
    for spec in plan.models:
        # Of two sets one rolls after the other, so that only one of them needs room for more.
        before = [sets[role_name(spec.model, "prefill")]] if spec.role == "decode" else []
        sets[spec.name] = ModelService(
            spec.name,
            ModelServiceArgs(
                spec=spec,
                namespace=storage.home.namespace,
                keda=keda,
                wires=loading.wires,
                clients=clients.get(spec.model, ()),
                after=(
                    supply.pools[spec.pool],
                    *priorities.classes,
                    *gpus.hands_out,
                    *storage.read_by(spec.name),
                    *loading.before(spec.model),
                    *([lws] if lws and spec.group else []),
                    *before,
                ),
            ),
            foundation.in_cluster,
        )
    doors: dict[str, ModelDoor] = {spec.model: sets[spec.name] for spec in plan.models}
    for router in plan.routers:
        doors[router.model] = ModelRouter(
            router.name,
            ModelRouterArgs(
                spec=router,
                namespace=storage.home.namespace,
                clients=clients.get(router.model, ()),
                after=tuple(sets[spec.name] for spec in plan.models if spec.model == router.model),
            ),
            foundation.in_cluster,
        )
    results = storage.bucket and ResultsWires(
        cluster_name=foundation.cluster.cluster_name,
        bucket_name=storage.bucket.bucket_name,
        bucket_arn=storage.bucket.bucket_arn,
    )
    for bench in plan.benches:
        BenchJob(
            bench.name,
            BenchJobArgs(
                spec=bench,
                namespace=storage.home.namespace,
                token_secret=loading.wires.token_secret,
                results=results,
                after=(doors[bench.model],),
            ),
            foundation.in_cluster,
        )
    return doors


def open_gateway(
    plan: Plan, foundation: Foundation, secrets: SecretSupply, *, protected: bool
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
            keys=secrets.gateway_keys,
            operator=operator,
        ),
        foundation.in_cluster.merge(pulumi.ResourceOptions(protect=protected)),
    )
