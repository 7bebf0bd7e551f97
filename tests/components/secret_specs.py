"""Specs of secrets of an external store, as `planning` would make them."""

from planning.specs.secret_source import (
    ExternalSecretSpec,
    RemoteValueSpec,
    SecretIdentitySpec,
    SecretStoreSpec,
)


def value(key: str, remote: str) -> RemoteValueSpec:
    """Return a value; what a person is told of it matters to no component."""
    return RemoteValueSpec(key=key, remote=remote, purpose="", begins_with="", given_by="")


IDENTITY = SecretIdentitySpec(
    cluster_name="llm-dev",
    namespace="external-secrets",
    service_account="external-secrets",
    remotes=("llm/dev/one", "llm/dev/two"),
    kms_key_arn=None,
)
STORE = SecretStoreSpec(name="vault", region="us-west-2", namespaces=("gateway", "models"))
KEYS = ExternalSecretSpec(
    name="litellm-keys",
    namespace="gateway",
    labels={"app.kubernetes.io/name": "litellm"},
    store="vault",
    refresh_minutes=90,
    values=(value("LITELLM_MASTER_KEY", "llm/dev/one"), value("LITELLM_SALT_KEY", "llm/dev/two")),
    digest="0123456789",
)
