"""Who knows the values of the secrets that pods read: chosen here, once."""

from dataclasses import dataclass

from components.external_secrets import ExternalSecrets, SecretIdentity, SecretIdentityArgs
from components.operator import OperatorArgs
from components.secret_store import SecretStore, SecretStoreArgs
from components.secret_values import GivenValues, SecretValues, StoredValues
from planning.plan import Plan
from planning.specs.secret_source import ExternalSecretsSpec
from stacks.configuration import Secrets
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class SecretSupply:
    """The values of every Secret that the platform makes for its pods."""

    gateway_keys: SecretValues
    hub_token: SecretValues | None
    """None where no model asks for the token of the Hugging Face Hub."""


def supply_secrets(plan: Plan, foundation: Foundation, secrets: Secrets | None) -> SecretSupply:
    """Return the stack's own values, or make what brings those of AWS Secrets Manager.

    Raises:
        ValueError: the plan wants values of the stack, and they were not passed.
    """
    if plan.external_secrets is not None:
        return _stored(plan.external_secrets, foundation)
    if secrets is None:
        raise ValueError("the plan wants the secrets of the stack; pass `secrets`")
    return _given(plan, secrets)


def _given(plan: Plan, secrets: Secrets) -> SecretSupply:
    gateway, token = plan.gateway, plan.hub_token
    keys = {
        gateway.master_key_variable: secrets.master_key,
        gateway.salt_key_variable: secrets.salt_key,
    }
    if token is None:
        return SecretSupply(gateway_keys=GivenValues(values=keys), hub_token=None)
    if secrets.hub_token is None:
        raise ValueError("a model asks for the token of the Hub; pass `hub_token`")
    return SecretSupply(
        gateway_keys=GivenValues(values=keys),
        hub_token=GivenValues(values={token.variable: secrets.hub_token}),
    )


def _stored(spec: ExternalSecretsSpec, foundation: Foundation) -> SecretSupply:
    cluster = foundation.cluster
    identity = SecretIdentity(
        "secret-identity",
        SecretIdentityArgs(
            spec=spec.identity, cluster_name=cluster.cluster_name, cluster_arn=cluster.cluster_arn
        ),
        foundation.on_aws,
    )
    operator = ExternalSecrets(
        "external-secrets",
        # A pod gets its role when it starts: role and association come first, and go last.
        OperatorArgs(spec=spec.operator, after=(*foundation.runs_pods, identity)),
        foundation.in_cluster,
    )
    store = SecretStore(
        "secret-store",
        SecretStoreArgs(spec=spec.store, operator=operator, after=(identity,)),
        foundation.in_cluster,
    )
    return SecretSupply(
        gateway_keys=StoredValues(spec=spec.gateway_keys, store=store),
        hub_token=StoredValues(spec=spec.hub_token, store=store) if spec.hub_token else None,
    )
