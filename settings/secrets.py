"""The secrets of an environment: set once per stack, encrypted beside the settings, never in them.

With `secrets.kind: external-secrets` they are made in AWS Secrets Manager instead.
"""

from pydantic import BaseModel, ConfigDict

from settings.environment import PROJECT
from settings.finding import Finding


class SecretKey(BaseModel):
    """One secret: a configuration value of the stack, or a secret in AWS Secrets Manager."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Configuration key without the project, as `pulumi.Config().require_secret` takes it."""
    remote: str
    """Its name in AWS Secrets Manager, after the environment's prefix."""
    purpose: str
    """What it protects."""
    prefix: str = ""
    """What every value must start with."""
    given_by: str = ""
    """Who gives it; empty where any random value will do."""

    @property
    def key(self) -> str:
        """Return the full configuration key."""
        return f"{PROJECT}:{self.name}"

    def missing(self) -> Finding:
        """Return what to say when it is not set."""
        value = f' "{self.prefix}$(openssl rand -hex 32)"'
        command = f"pulumi config set --secret {self.key}{'' if self.given_by else value}"
        paste = f" and paste one of {self.given_by}" if self.given_by else ""
        return Finding(
            path=self.key,
            problem=f"is not set; it is {self.purpose}",
            fix=f"run `{command}`{paste}",
            source="settings/secrets.py",
        )

    def stray(self) -> Finding:
        """Return what to say when it is set though AWS Secrets Manager has the secrets."""
        return Finding(
            path=self.key,
            problem="is set, and with `secrets.kind: external-secrets` nobody reads it",
            fix=f"see that its value is in AWS Secrets Manager as {self.remote}, below "
            f"`secrets.prefix`, then run `pulumi config rm {self.key}`",
            source="settings/secrets.py",
        )


MASTER_KEY = SecretKey(
    name="litellmMasterKey",
    remote="gateway-master-key",
    purpose="the administrator's key of the gateway",
    prefix="sk-",
)
SALT_KEY = SecretKey(
    name="litellmSaltKey",
    remote="gateway-salt-key",
    purpose="the key that encrypts credentials in the gateway's database, and can never change",
)
HUB_TOKEN = SecretKey(
    name="huggingFaceToken",
    remote="hugging-face-token",
    purpose="the token that models with `load.token: true` are downloaded with",
    prefix="hf_",
    given_by="https://huggingface.co/settings/tokens that may only read",
)
REQUIRED_SECRETS = (MASTER_KEY, SALT_KEY)
"""What every stack needs. Source: LiteLLM docs, proxy/prod (master key, salt key)."""
SECRETS = (*REQUIRED_SECRETS, HUB_TOKEN)
"""All there are."""
