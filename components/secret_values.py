"""A Secret for pods, whoever knows its values: the stack's configuration, or an external store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.external_secret import external_secret
from components.manifests import metadata
from components.secret_store import SecretStore
from planning.specs.secret_source import ExternalSecretSpec


@dataclass(frozen=True, kw_only=True)
class GivenValues:
    """Values of the stack's configuration, by the keys of the Secret."""

    values: Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class StoredValues:
    """Values that only the external store and the cluster know."""

    spec: ExternalSecretSpec
    store: SecretStore


SecretValues: TypeAlias = GivenValues | StoredValues


@dataclass(frozen=True, kw_only=True)
class HeldSecret:
    """A Secret that pods may name."""

    name: pulumi.Output[str]
    """Resolves once it holds its values."""
    version: pulumi.Output[str]
    """Changes with the values; of an external store, with where they come from."""


def hold_secret(
    name: str,
    actual: str,
    *,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    values: SecretValues,
    opts: pulumi.ResourceOptions,
) -> HeldSecret:
    """Make the Secret, or what makes it.

    Args:
        name: Logical name.
        actual: Name of the Secret.
        namespace: Its namespace, once it exists.
        labels: Labels of what is made.
        values: Who knows the values.
        opts: Parent and protection.
    """
    match values:
        case GivenValues():
            secret = Secret(
                name,
                metadata=metadata(actual, namespace, labels),
                # The SDK encrypts it in the state, also where a wire itself is no secret.
                string_data=values.values,
                opts=opts,
            )
            version = secret.metadata.resource_version.apply(lambda found: found or "")
            return HeldSecret(name=secret.urn.apply(lambda _: actual), version=version)
        case StoredValues():
            made = external_secret(name, values.spec, namespace, values.store, opts)
            digest = values.spec.digest
            return HeldSecret(
                name=made.urn.apply(lambda _: actual), version=made.urn.apply(lambda _: digest)
            )
