"""Where ExternalSecrets are read from. Source: https://external-secrets.io/latest/api/spec/"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.external_secrets import ExternalSecrets
from components.manifests import WAIT_UNTIL_READY, Manifest, timeouts
from planning.specs.base import PART_OF
from planning.specs.secret_source import SecretStoreSpec

API_VERSION = "external-secrets.io/v1"
WAITS = timeouts(roll_seconds=300, delete_seconds=120)
"""A store is tried at once; a role that is new may be refused for some seconds."""


@dataclass(frozen=True, kw_only=True)
class SecretStoreArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: SecretStoreSpec
    operator: ExternalSecrets
    after: tuple[pulumi.Resource, ...]
    """What lets the operator's pods read."""


class SecretStore(pulumi.ComponentResource):
    """AWS Secrets Manager of the cluster's region, for the platform's own namespaces.

    What is read through it goes before it, and both while the operator lives, which holds an
    ExternalSecret by a finalizer.
    """

    store_name: pulumi.Output[str]
    """Name of the ClusterSecretStore; resolves once it is ready."""

    def __init__(
        self, name: str, args: SecretStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:SecretStore", name, None, opts)
        spec = args.spec
        store = CustomResource(
            f"{name}-store",
            api_version=API_VERSION,
            kind="ClusterSecretStore",
            metadata=ObjectMetaArgs(name=spec.name, labels=PART_OF, annotations=WAIT_UNTIL_READY),
            spec=store_spec(spec),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.operator, *args.after], custom_timeouts=WAITS
            ),
        )
        self.store_name = store.urn.apply(lambda _: spec.name)
        self.register_outputs({"store_name": self.store_name})


def store_spec(spec: SecretStoreSpec) -> Manifest:
    """Return the ClusterSecretStore's spec; without `auth` the operator takes its own pod's role.

    Source: https://external-secrets.io/latest/provider/aws-access/
    """
    return {
        "provider": {"aws": {"service": "SecretsManager", "region": spec.region}},
        "conditions": [{"namespaces": [*spec.namespaces]}],
    }
