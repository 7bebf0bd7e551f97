"""One Secret that External Secrets makes. Source: https://external-secrets.io/latest/api/spec/"""

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.manifests import WAIT_UNTIL_READY, Manifest, metadata
from components.secret_store import API_VERSION, WAITS, SecretStore
from planning.specs.secret_source import ExternalSecretSpec


def external_secret(
    name: str,
    spec: ExternalSecretSpec,
    namespace: pulumi.Input[str],
    store: SecretStore,
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Make an ExternalSecret, and wait until the Secret of its name is there.

    Errors: `up` fails when AWS Secrets Manager lacks a value for as long as is waited.

    Args:
        name: Logical name.
        spec: What is read from where.
        namespace: `spec.namespace` once it exists.
        store: What it is read through.
        opts: Parent and protection.
    """
    waits = pulumi.ResourceOptions(depends_on=[store], custom_timeouts=WAITS)
    return CustomResource(
        name,
        api_version=API_VERSION,
        kind="ExternalSecret",
        metadata=metadata(spec.name, namespace, spec.labels, WAIT_UNTIL_READY),
        spec=external_secret_spec(spec, store.store_name),
        opts=opts.merge(waits),
    )


def external_secret_spec(spec: ExternalSecretSpec, store: pulumi.Input[str]) -> Manifest:
    """Return the ExternalSecret's spec.

    The Secret goes with it; a value that is lost in AWS is kept, since pods may need it to start.
    """
    return {
        "refreshPolicy": "Periodic",
        "refreshInterval": f"{spec.refresh_minutes}m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": store},
        "target": {"name": spec.name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [
            {"secretKey": value.key, "remoteRef": {"key": value.remote}} for value in spec.values
        ],
    }
