"""Rules of secrets: what AWS Secrets Manager would not decrypt, or nobody could reach."""

from collections.abc import Iterator

from settings.environment import Environment
from settings.finding import Finding
from settings.secret_source import ExternalSecrets

KEY_SOURCE = "AWS Secrets Manager User Guide, security-encryption"


def secret_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what refuses the source of an environment's secrets."""
    source = environment.platform.secrets
    if not isinstance(source, ExternalSecrets) or source.kms_key_arn is None:
        return
    region = source.kms_key_arn.split(":")[3]
    if region != environment.region:
        yield Finding(
            path="secrets.kms_key_arn",
            problem=f"is a key of {region}, and the secrets are read in {environment.region}",
            fix="use the key that encrypts the secrets there, or leave it out where none does",
            source=KEY_SOURCE,
        )
