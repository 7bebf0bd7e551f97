"""The only reader of the stack's configuration."""

from dataclasses import dataclass
from typing import Any

import pulumi

from planning.plan import Plan
from planning.planner import plan_config
from settings.environment import PLATFORM_KEY, REGION_KEY
from settings.finding import RefusedError
from settings.secret_source import is_external
from settings.secrets import (
    HUB_TOKEN,
    MASTER_KEY,
    REQUIRED_SECRETS,
    SALT_KEY,
    SECRETS,
    SecretKey,
)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The secrets of the stack; they are outputs marked secret from the first moment."""

    master_key: pulumi.Output[str]
    salt_key: pulumi.Output[str]
    hub_token: pulumi.Output[str] | None = None
    """Of the Hugging Face Hub; None where it is not set, since only some models need it."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A plan and the secrets that belong to it."""

    plan: Plan
    secrets: Secrets | None
    """None where they come from an external store, and no value is known here."""


def load_environment() -> Environment:
    """Read the stack's configuration and plan it.

    Raises:
        pulumi.RunError: with every finding; the engine shows it without a traceback.
    """
    config = pulumi.Config()
    document: dict[str, Any] = {
        REGION_KEY: pulumi.Config("aws").get("region"),
        PLATFORM_KEY: _platform(config),
    }
    unset = {key.name for key in SECRETS if config.get(key.name) is None}
    plan = _plan(document, unset)
    return Environment(
        plan=plan, secrets=_secrets(config, unset) if plan.external_secrets is None else None
    )


def _platform(config: pulumi.Config) -> object:
    try:
        return config.get_object("platform")
    except pulumi.ConfigTypeError:
        return config.get("platform")


def _plan(document: dict[str, Any], unset: set[str]) -> Plan:
    external = is_external(document[PLATFORM_KEY])
    if external:
        wrong = tuple(key.stray() for key in SECRETS if key.name not in unset)
    else:
        wrong = tuple(key.missing() for key in REQUIRED_SECRETS if key.name in unset)
    try:
        plan = plan_config(pulumi.get_stack(), document)
    except RefusedError as refused:
        raise pulumi.RunError(str(RefusedError((*refused.findings, *wrong)))) from None
    if plan.hub_token is not None and HUB_TOKEN.name in unset and not external:
        wrong += (HUB_TOKEN.missing(),)
    if wrong:
        raise pulumi.RunError(str(RefusedError(wrong)))
    for warning in plan.warnings:
        pulumi.log.warn(str(warning))
    return plan


def _secrets(config: pulumi.Config, unset: set[str]) -> Secrets:
    return Secrets(
        master_key=_secret(config, MASTER_KEY),
        salt_key=_secret(config, SALT_KEY),
        hub_token=None if HUB_TOKEN.name in unset else _secret(config, HUB_TOKEN),
    )


def _secret(config: pulumi.Config, key: SecretKey) -> pulumi.Output[str]:
    return config.require_secret(key.name)
