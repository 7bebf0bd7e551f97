"""A model behind one name: vLLM replicas, the Service in front of them and what scales them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.device_claims import device_claim
from components.formerly import service_of
from components.keda import Keda
from components.manifests import SKIP_AWAIT, metadata, service_spec, timeouts
from components.model_loading import NO_WIRES, LoadingWires
from components.model_manifests import budget_spec, policy_spec
from components.scaler import ModelScaler, ModelScalerArgs
from components.workloads.shapes import SHAPES
from components.workloads.workload import WorkloadArgs
from planning.specs.base import GATEWAY_NAMESPACE
from planning.specs.models import ModelServiceSpec
from planning.specs.routers import router_name

DELETE_MARGIN_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class ModelServiceArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ModelServiceSpec
    namespace: pulumi.Input[str]
    """Namespace of every object, `spec.namespace` once it exists."""
    keda: Keda
    """It knows the scaler's kind, cleans up after it, and reads the replicas' metrics."""
    wires: LoadingWires = NO_WIRES
    """What its way of loading needs."""
    clients: tuple[Mapping[str, str], ...] = ()
    """Labels of further pods of its namespace that may ask it."""
    after: tuple[pulumi.Resource, ...] = ()
    """What a replica needs to start: its pool, and the operators that hand out the GPUs."""


class ModelService(pulumi.ComponentResource):
    """One set of replicas: workload, Service, PodDisruptionBudget, NetworkPolicy, ServiceAccount,
    scaler, and on a pool of a DRA driver the claim on its devices.

    Only the gateway's namespace, KEDA's and `clients` reach the replicas; where several sets divide
    the work, only their router and KEDA.
    Errors: `up` fails when no replica is ready within `spec.rollout_seconds`.
    """

    api_base: pulumi.Output[str]
    """OpenAI-compatible base URL inside the cluster; resolves once a replica answers."""

    def __init__(
        self, name: str, args: ModelServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelService", name, None, opts)
        spec, inside = args.spec, pulumi.ResourceOptions(parent=self)
        meta = metadata(spec.name, args.namespace, spec.labels)
        account = ServiceAccount(
            f"{name}-account", metadata=meta, automount_service_account_token=False, opts=inside
        )
        # Of a model that divides the work, clients ask the router.
        clients = () if spec.transfer else (GATEWAY_NAMESPACE,)
        pods = (spec.transfer.callers,) if spec.transfer else args.clients
        NetworkPolicy(
            f"{name}-ingress",
            metadata=meta,
            spec=policy_spec(spec, *clients, args.keda.namespace, pods=pods),
            opts=inside,
        )
        PodDisruptionBudget(f"{name}-budget", metadata=meta, spec=budget_spec(spec), opts=inside)
        Service(
            f"{name}-service",
            metadata=metadata(spec.name, args.namespace, spec.labels, SKIP_AWAIT),
            spec=service_spec(spec.answering, spec.port),
            opts=pulumi.ResourceOptions(
                parent=self, aliases=[service_of("ModelRouter", router_name(spec.name))]
            ),
        )
        claim = spec.grant.claim
        claimed = claim and device_claim(
            f"{name}-devices", claim, args.namespace, spec.labels, inside
        )
        workload = SHAPES[spec.shape](
            name,
            WorkloadArgs(
                spec=spec,
                namespace=args.namespace,
                account=account.metadata.name,
                wires=args.wires,
                options=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[*args.after, *([claimed] if claimed else [])],
                    custom_timeouts=timeouts(
                        roll_seconds=spec.rollout_seconds,
                        delete_seconds=spec.grace_seconds + DELETE_MARGIN_SECONDS,
                    ),
                ),
            ),
        )
        ModelScaler(
            f"{name}-scaler",
            ModelScalerArgs(
                spec=spec.scaler,
                service=spec.name,
                labels=spec.labels,
                namespace=args.namespace,
                target=workload.target,
                keda=args.keda,
            ),
            inside,
        )
        self.api_base = workload.resource.urn.apply(lambda _: spec.api_base)
        self.register_outputs({"api_base": self.api_base})
