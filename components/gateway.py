"""The one door to all models: LiteLLM, with its state in Postgres."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment
from pulumi_kubernetes.batch.v1 import Job
from pulumi_kubernetes.core.v1 import ConfigMap, Service, ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget

from components.database import GatewayDatabase, GatewayDatabaseArgs
from components.database_operator import DatabaseOperator
from components.gateway_manifests import config_data, config_name, deployment_spec
from components.gateway_migration import (
    MIGRATION_SECONDS,
    migration_name,
    migration_selector,
    migration_spec,
)
from components.gateway_pod import GatewayPodWires
from components.manifests import (
    SKIP_AWAIT,
    from_cluster,
    ingress,
    ingress_policy,
    metadata,
    one_at_a_time,
    service_spec,
    timeouts,
)
from components.release import namespace
from components.secret_values import HeldSecret, SecretValues, hold_secret
from planning.specs.gateway import GatewaySpec
from planning.specs.pools import NamespaceSpec

Meta: TypeAlias = Callable[..., ObjectMetaArgs]
"""Metadata by name, in the gateway's namespace and with its labels."""
START_SECONDS = 600
"""Image, start and readiness of one pod."""
DELETE_MARGIN_SECONDS = 300
REPLACE_FAILED = {"pulumi.com/replaceUnready": "true"}
"""A migration that failed is run anew by the next update, not waited for again."""


@dataclass(frozen=True, kw_only=True)
class GatewayArgs:
    """Both specs are known before the update; the other fields are wires to other resources."""

    spec: GatewaySpec
    namespace: NamespaceSpec
    keys: SecretValues
    """Who knows the master key, which opens everything and starts with `sk-`, and the salt key,
    which encrypts what the database holds and can never change."""
    operator: DatabaseOperator


class Gateway(pulumi.ComponentResource):
    """Namespace, database, migration, then the proxy; each starts when the one before is done.

    `protect` on this component protects what the data is lost with: namespace, database and keys.
    Errors: `up` fails when the migration fails, and leaves the pods that serve as they are.
    """

    url: pulumi.Output[str]
    """Cluster-internal URL; resolves once the gateway answers."""

    def __init__(
        self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:Gateway", name, None, opts)
        spec, kept = args.spec, pulumi.ResourceOptions(parent=self)
        home = namespace(f"{name}-namespace", args.namespace, kept)
        meta = partial(metadata, namespace=home.metadata.name, labels=spec.labels)
        self._door(name, spec, meta)
        account = ServiceAccount(
            f"{name}-account",
            metadata=meta(spec.name),
            automount_service_account_token=False,
            opts=self._replaceable(),
        )
        keys = hold_secret(
            f"{name}-keys",
            spec.secret_name,
            namespace=home.metadata.name,
            labels=spec.labels,
            values=args.keys,
            opts=kept,
        )
        database = GatewayDatabase(
            f"{name}-database",
            GatewayDatabaseArgs(
                spec=spec.database,
                namespace=home.metadata.name,
                operator=args.operator,
                clients=(spec.selector, migration_selector(spec)),
            ),
            kept,
        )
        wires = GatewayPodWires(
            account=account.metadata.name, keys=keys.name, database=database.secret_name
        )
        deployment = self._proxy(name, spec, meta, wires, keys)
        self.url = deployment.urn.apply(lambda _: spec.url)
        self.register_outputs({"url": self.url})

    def _proxy(
        self, name: str, spec: GatewaySpec, meta: Meta, wires: GatewayPodWires, keys: HeldSecret
    ) -> Deployment:
        """Make the configuration, the migration, and then the pods."""
        config = ConfigMap(
            f"{name}-config",
            metadata=meta(config_name(spec)),
            data=config_data(spec),
            immutable=True,
            opts=self._replaceable(),
        )
        migration = Job(
            f"{name}-migration",
            metadata=meta(migration_name(spec), annotations=REPLACE_FAILED),
            spec=migration_spec(spec, wires),
            opts=self._replaceable(
                custom_timeouts=timeouts(
                    roll_seconds=MIGRATION_SECONDS + START_SECONDS,
                    delete_seconds=DELETE_MARGIN_SECONDS,
                ),
            ),
        )
        return Deployment(
            f"{name}-deployment",
            metadata=meta(spec.name),
            spec=deployment_spec(spec, wires, keys.version),
            opts=self._replaceable(
                depends_on=[config, migration],
                custom_timeouts=timeouts(
                    roll_seconds=START_SECONDS * spec.replicas,
                    delete_seconds=spec.grace_seconds + DELETE_MARGIN_SECONDS,
                ),
            ),
        )

    def _replaceable(self, **options: Any) -> pulumi.ResourceOptions:
        """Return a child's options: protection of the component must not stop a new migration."""
        return pulumi.ResourceOptions(parent=self, protect=False, **options)

    def _door(self, name: str, spec: GatewaySpec, meta: Meta) -> None:
        """Make what stands in front of the pods: Service, policies, and a budget for several."""
        inside = self._replaceable()
        NetworkPolicy(
            f"{name}-deny",
            metadata=meta("default-deny-ingress"),
            spec=ingress_policy({}),
            opts=inside,
        )
        NetworkPolicy(
            f"{name}-ingress",
            metadata=meta(spec.name),
            spec=ingress_policy(spec.selector, ingress([from_cluster()], spec.port)),
            opts=inside,
        )
        Service(
            f"{name}-service",
            metadata=meta(spec.name, annotations=SKIP_AWAIT),
            spec=service_spec(spec.selector, spec.port),
            opts=inside,
        )
        # On a lone pod a budget would hold up every drain of its node.
        if spec.replicas > 1:
            PodDisruptionBudget(
                f"{name}-budget",
                metadata=meta(spec.name),
                spec=one_at_a_time(spec.selector),
                opts=inside,
            )
