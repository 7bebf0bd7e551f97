"""The router in front of a model whose replicas divide the work: vLLM's own, as a Deployment."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.core.v1 import Service, ServiceAccount
from pulumi_kubernetes.networking.v1 import NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.formerly import service_of
from components.manifests import (
    SKIP_AWAIT,
    from_namespace,
    from_pods,
    ingress,
    ingress_policy,
    metadata,
    one_at_a_time,
    service_spec,
    timeouts,
)
from components.router_manifests import deployment_spec
from planning.specs.base import GATEWAY_NAMESPACE
from planning.specs.routers import RouterSpec

IMAGE_SECONDS = 300
"""To pull the image, on a node that may have to come first."""
DELETE_MARGIN_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class ModelRouterArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: RouterSpec
    namespace: pulumi.Input[str]
    """Namespace of every object, `spec.namespace` once it exists."""
    clients: tuple[Mapping[str, str], ...] = ()
    """Labels of further pods of its namespace that may ask it."""
    after: tuple[pulumi.Resource, ...] = ()
    """The replicas: without one of each kind it opens no port."""


class ModelRouter(pulumi.ComponentResource):
    """Deployment, Service, NetworkPolicy and ServiceAccount, and for several pods a budget.

    Only the gateway's namespace and `clients` reach it.
    Errors: `up` fails when it finds no replica of either kind within `spec.startup_seconds`.
    """

    api_base: pulumi.Output[str]
    """OpenAI-compatible base URL inside the cluster; resolves once it answers."""

    def __init__(
        self, name: str, args: ModelRouterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelRouter", name, None, opts)
        spec, inside = args.spec, pulumi.ResourceOptions(parent=self)
        meta = metadata(spec.name, args.namespace, spec.labels)
        account = ServiceAccount(
            f"{name}-account", metadata=meta, automount_service_account_token=False, opts=inside
        )
        clients = [from_namespace(GATEWAY_NAMESPACE), *map(from_pods, args.clients)]
        NetworkPolicy(
            f"{name}-ingress",
            metadata=meta,
            spec=ingress_policy(spec.selector, ingress(clients, spec.port)),
            opts=inside,
        )
        # On a lone pod a budget would hold up every drain of its node.
        if spec.replicas > 1:
            PodDisruptionBudget(
                f"{name}-budget", metadata=meta, spec=one_at_a_time(spec.selector), opts=inside
            )
        deployment = Deployment(
            f"{name}-deployment",
            metadata=meta,
            spec=deployment_spec(spec, account.metadata.name),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=timeouts(
                    roll_seconds=(IMAGE_SECONDS + spec.startup_seconds) * spec.replicas,
                    delete_seconds=spec.grace_seconds + DELETE_MARGIN_SECONDS,
                ),
            ),
        )
        # A model that is only now divided has its clients moved when the router answers, and its
        # Service is not made anew: it has the name that they know.
        Service(
            f"{name}-service",
            metadata=metadata(spec.model, args.namespace, spec.labels, SKIP_AWAIT),
            spec=service_spec(spec.selector, spec.port),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[deployment],
                aliases=[service_of("ModelService", spec.model)],
            ),
        )
        self.api_base = deployment.urn.apply(lambda _: spec.api_base)
        self.register_outputs({"api_base": self.api_base})
