"""A model behind one name: vLLM replicas, the Service in front of them and what scales them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.device_claims import device_claim
from components.keda import Keda
from components.manifests import SKIP_AWAIT, metadata, service_spec, timeouts
from components.model_loading import NO_WIRES, LoadingWires
from components.model_manifests import budget_spec, deployment_spec, policy_spec
from components.scaler import ModelScaler, ModelScalerArgs
from planning.specs.base import GATEWAY_NAMESPACE
from planning.specs.models import ModelServiceSpec

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
    """One model: Deployment, Service, PodDisruptionBudget, NetworkPolicy, ServiceAccount, scaler,
    and on a pool of a DRA driver the claim on its devices.

    Only the gateway's namespace, KEDA's and `clients` reach the replicas.
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
        NetworkPolicy(
            f"{name}-ingress",
            metadata=meta,
            spec=policy_spec(spec, GATEWAY_NAMESPACE, args.keda.namespace, pods=args.clients),
            opts=inside,
        )
        PodDisruptionBudget(f"{name}-budget", metadata=meta, spec=budget_spec(spec), opts=inside)
        Service(
            f"{name}-service",
            metadata=metadata(spec.name, args.namespace, spec.labels, SKIP_AWAIT),
            spec=service_spec(spec.selector, spec.port),
            opts=inside,
        )
        claim = spec.grant.claim
        claimed = claim and device_claim(
            f"{name}-devices", claim, args.namespace, spec.labels, inside
        )
        deployment = Deployment(
            f"{name}-deployment",
            metadata=meta,
            spec=deployment_spec(spec, account.metadata.name, args.wires),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*args.after, *([claimed] if claimed else [])],
                custom_timeouts=timeouts(
                    roll_seconds=spec.rollout_seconds,
                    delete_seconds=spec.grace_seconds + DELETE_MARGIN_SECONDS,
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
                deployment=deployment.metadata.name,
                keda=args.keda,
            ),
            inside,
        )
        self.api_base = deployment.urn.apply(lambda _: spec.api_base)
        self.register_outputs({"api_base": self.api_base})
