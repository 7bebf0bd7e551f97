"""Specs of secrets that come from AWS Secrets Manager."""

from planning.specs.base import Spec
from planning.specs.pools import OperatorSpec


class RemoteValueSpec(Spec):
    """One value: a secret of AWS Secrets Manager, and the key that it becomes."""

    key: str
    """In the Kubernetes Secret."""
    remote: str
    """Name in AWS Secrets Manager."""
    purpose: str
    begins_with: str
    """What every value begins with; empty where any will do."""
    given_by: str
    """Who gives it; empty where a random one will do."""


class ExternalSecretSpec(Spec):
    """An ExternalSecret; the Secret that is made of it has its name."""

    name: str
    namespace: str
    labels: dict[str, str]
    store: str
    """ClusterSecretStore that it is read through."""
    refresh_minutes: int
    values: tuple[RemoteValueSpec, ...]
    digest: str
    """Of where the values come from: from elsewhere, pods read them anew."""


class SecretStoreSpec(Spec):
    """A ClusterSecretStore of AWS Secrets Manager, for a few namespaces."""

    name: str
    region: str
    namespaces: tuple[str, ...]


class SecretIdentitySpec(Spec):
    """What External Secrets may read in AWS, and the one ServiceAccount that may."""

    cluster_name: str
    namespace: str
    service_account: str
    remotes: tuple[str, ...]
    """Names in AWS Secrets Manager, in the cluster's own region and account."""
    kms_key_arn: str | None
    """Key that they are encrypted with; None: the account's own, which needs no permission."""


class ExternalSecretsSpec(Spec):
    """All that brings secrets from AWS Secrets Manager into the cluster."""

    operator: OperatorSpec
    identity: SecretIdentitySpec
    store: SecretStoreSpec
    gateway_keys: ExternalSecretSpec
    hub_token: ExternalSecretSpec | None
    """None where no model asks for the token of the Hugging Face Hub."""

    @property
    def secrets(self) -> tuple[ExternalSecretSpec, ...]:
        """Return every ExternalSecret."""
        return (self.gateway_keys, *((self.hub_token,) if self.hub_token else ()))

    @property
    def values(self) -> tuple[RemoteValueSpec, ...]:
        """Return every value that a person makes in AWS Secrets Manager."""
        return tuple(value for secret in self.secrets for value in secret.values)
