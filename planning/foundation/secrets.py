"""Which secrets a person makes in AWS Secrets Manager, and how they come into the cluster.

Sources: https://external-secrets.io/latest/provider/aws-secrets-manager/ and provider/aws-access.
"""

from hashlib import sha256

from catalog.charts import EXTERNAL_SECRETS
from planning import releases
from planning.naming import cluster_name
from planning.specs.base import GATEWAY_NAMESPACE, MODELS_NAMESPACE
from planning.specs.gateway import GatewaySpec
from planning.specs.loading import HubTokenSpec
from planning.specs.secret_source import (
    ExternalSecretSpec,
    ExternalSecretsSpec,
    RemoteValueSpec,
    SecretIdentitySpec,
    SecretStoreSpec,
)
from settings.environment import PROJECT, Environment
from settings.secret_source import ExternalSecrets
from settings.secrets import HUB_TOKEN, MASTER_KEY, SALT_KEY, SecretKey

STORE = "aws-secrets-manager"
SERVICE_ACCOUNT = EXTERNAL_SECRETS.name


def external_secrets(
    environment: Environment, gateway: GatewaySpec, token: HubTokenSpec | None
) -> ExternalSecretsSpec | None:
    """Return what brings the secrets from AWS Secrets Manager; None where the stack has them.

    Args:
        environment: Whose secrets.
        gateway: Who reads the keys.
        token: What models read the Hub's token from; None where none does.
    """
    source = environment.platform.secrets
    if not isinstance(source, ExternalSecrets):
        return None
    prefix = source.prefix or f"{PROJECT}/{environment.stack}/"
    keys = _external(
        source,
        gateway.secret_name,
        gateway.namespace,
        gateway.labels,
        _value(prefix, MASTER_KEY, gateway.master_key_variable),
        _value(prefix, SALT_KEY, gateway.salt_key_variable),
    )
    held = token and _token(source, prefix, token)
    wanted = (*keys.values, *(held.values if held else ()))
    return ExternalSecretsSpec(
        operator=releases.external_secrets(SERVICE_ACCOUNT),
        identity=SecretIdentitySpec(
            cluster_name=cluster_name(environment.stack),
            namespace=EXTERNAL_SECRETS.namespace,
            service_account=SERVICE_ACCOUNT,
            remotes=tuple(value.remote for value in wanted),
            kms_key_arn=source.kms_key_arn,
        ),
        store=SecretStoreSpec(
            name=STORE,
            region=environment.region,
            namespaces=(GATEWAY_NAMESPACE, MODELS_NAMESPACE),
        ),
        gateway_keys=keys,
        hub_token=held,
    )


def _token(source: ExternalSecrets, prefix: str, token: HubTokenSpec) -> ExternalSecretSpec:
    value = _value(prefix, HUB_TOKEN, token.variable)
    return _external(source, token.name, token.namespace, token.labels, value)


def _value(prefix: str, secret: SecretKey, key: str) -> RemoteValueSpec:
    return RemoteValueSpec(
        key=key,
        remote=prefix + secret.remote,
        purpose=secret.purpose,
        begins_with=secret.prefix,
        given_by=secret.given_by,
    )


def _external(
    source: ExternalSecrets,
    name: str,
    namespace: str,
    labels: dict[str, str],
    *values: RemoteValueSpec,
) -> ExternalSecretSpec:
    remotes = " ".join(value.remote for value in values)
    return ExternalSecretSpec(
        name=name,
        namespace=namespace,
        labels=labels,
        store=STORE,
        refresh_minutes=source.refresh_minutes,
        values=values,
        digest=sha256(remotes.encode()).hexdigest()[:10],
    )
