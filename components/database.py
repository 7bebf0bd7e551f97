"""The gateway's Postgres, run by CloudNativePG. Source: cloudnative-pg v1.30.0 api/v1, docs/src."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.networking.v1 import NetworkPolicy

from components.database_operator import DatabaseOperator
from components.manifests import (
    WAIT_UNTIL_READY,
    Manifest,
    from_namespace,
    from_pods,
    ingress,
    ingress_policy,
    metadata,
    timeouts,
)
from planning.specs.base import PART_OF
from planning.specs.gateway import DatabaseSpec

POSTGRES_PORT = 5432
STATUS_PORT = 8000
"""Where each instance answers the operator."""
START_SECONDS = 900
"""Volumes, images and initialisation of every instance, one after the other."""


@dataclass(frozen=True, kw_only=True)
class GatewayDatabaseArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: DatabaseSpec
    namespace: pulumi.Input[str]
    """Namespace of the cluster and of its clients, `spec.namespace` once it exists."""
    operator: DatabaseOperator
    clients: tuple[Mapping[str, str], ...]
    """Labels of the pods that may connect, one set per kind of client."""


class GatewayDatabase(pulumi.ComponentResource):
    """A Postgres cluster that only its clients, its operator and its own instances reach.

    `protect` on this component protects the cluster.
    """

    secret_name: pulumi.Output[str]
    """Secret with the connection; resolves once the database takes connections."""

    def __init__(
        self, name: str, args: GatewayDatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:GatewayDatabase", name, None, opts)
        spec = args.spec
        NetworkPolicy(
            f"{name}-ingress",
            metadata=metadata(spec.name, args.namespace, PART_OF),
            spec=policy_spec(spec, args.clients, args.operator.namespace),
            opts=pulumi.ResourceOptions(parent=self, protect=False),
        )
        # The operator writes the application's secret before it says Ready.
        cluster = CustomResource(
            f"{name}-cluster",
            api_version="postgresql.cnpg.io/v1",
            kind="Cluster",
            metadata=metadata(spec.name, args.namespace, PART_OF, WAIT_UNTIL_READY),
            spec=cluster_spec(spec),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.operator],
                custom_timeouts=timeouts(
                    roll_seconds=START_SECONDS * spec.instances, delete_seconds=START_SECONDS
                ),
            ),
        )
        self.secret_name = cluster.urn.apply(lambda _: spec.secret_name)
        self.register_outputs({"secret_name": self.secret_name})


def cluster_spec(spec: DatabaseSpec) -> Manifest:
    """Return the Cluster's spec.

    A single instance has no PodDisruptionBudget: it would hold up every drain of its node.
    """
    memory = f"{spec.memory_mib}Mi"
    return {
        "instances": spec.instances,
        "imageName": spec.image,
        "storage": {"size": f"{spec.storage_gib}Gi", "storageClass": spec.storage_class},
        "bootstrap": {"initdb": {"database": spec.database, "owner": spec.owner}},
        "resources": {
            "requests": {"cpu": f"{spec.cpu_milli}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "enablePDB": spec.instances > 1,
    }


def policy_spec(
    spec: DatabaseSpec, clients: tuple[Mapping[str, str], ...], operator: pulumi.Input[str]
) -> Manifest:
    """Return the NetworkPolicy's spec: clients and instances to Postgres, the operator to both.

    Args:
        spec: The database.
        clients: Labels of the pods that may connect.
        operator: Namespace of the operator.
    """
    instances = {"cnpg.io/cluster": spec.name}
    peers = [from_pods(labels) for labels in (*clients, instances)]
    return ingress_policy(
        instances,
        ingress(peers, POSTGRES_PORT),
        ingress([from_namespace(operator)], POSTGRES_PORT, STATUS_PORT),
    )
