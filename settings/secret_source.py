"""Where the secrets of an environment come from."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from settings.base import KmsKeyArn, SecretPrefix, Setting

EXTERNAL = "external-secrets"


class PulumiSecrets(Setting):
    """Encrypted configuration of the stack, `pulumi config set --secret`; in the state, too."""

    kind: Literal["pulumi"] = "pulumi"


class ExternalSecrets(Setting):
    """AWS Secrets Manager, read in the cluster by External Secrets: the engine sees no value."""

    kind: Literal["external-secrets"]
    prefix: SecretPrefix | None = None
    """How the names begin, `llm-platform/prod/`; null means `llm-platform/<stack>/`."""
    refresh_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    """Minutes until a changed value is seen in the cluster."""
    kms_key_arn: KmsKeyArn | None = None
    """The key that encrypts them; null means the account's own, `aws/secretsmanager`."""


SecretSource = Annotated[PulumiSecrets | ExternalSecrets, Field(discriminator="kind")]


def is_external(platform: object) -> bool:
    """Say whether a platform object, read or not, sound or not, wants no secret of the stack."""
    if not isinstance(platform, Mapping):
        return False
    source = cast("Mapping[str, Any]", platform).get("secrets")
    return isinstance(source, Mapping) and cast("Mapping[str, Any]", source).get("kind") == EXTERNAL
