"""The whole environment file: `Pulumi.<stack>.yaml`."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from settings.base import Name, Setting
from settings.budget import BudgetSettings
from settings.certificates import CertificateSettings
from settings.cluster import ClusterSettings
from settings.gateway import LiteLlmGateway
from settings.karpenter import KarpenterSettings
from settings.models import ModelSettings
from settings.network import NetworkSettings
from settings.observability import ObservabilitySettings
from settings.pools import Pool
from settings.secret_source import PulumiSecrets, SecretSource
from settings.storage import StorageSettings

PROJECT = "llm-platform"
PLATFORM_KEY = f"{PROJECT}:platform"
REGION_KEY = "aws:region"


class PlatformSettings(Setting):
    """The object `llm-platform:platform`: everything a person decides about an environment."""

    template: Literal["dev", "prod"]
    """The module of `stacks/` that composes this environment."""
    cluster: ClusterSettings
    network: NetworkSettings = NetworkSettings()
    karpenter: KarpenterSettings = KarpenterSettings()
    pools: Annotated[dict[Name, Pool], Field(min_length=1)]
    """GPU pools by name."""
    models: Annotated[dict[Name, ModelSettings], Field(default_factory=dict)]
    """Model services by name; the name is what clients send as `model`."""
    storage: StorageSettings = StorageSettings()
    certificates: CertificateSettings = CertificateSettings()
    gateway: LiteLlmGateway = LiteLlmGateway()
    secrets: SecretSource = PulumiSecrets()
    """Where the gateway's keys and the Hub's token come from."""
    observability: ObservabilitySettings = ObservabilitySettings()
    budget: BudgetSettings


class Environment(Setting):
    """One environment: the stack's name, its region and its settings."""

    stack: Name
    """Name of the Pulumi stack, `dev` for `Pulumi.dev.yaml`."""
    region: str
    """AWS region, `aws:region`."""
    platform: PlatformSettings


class EnvironmentConfig(Setting):
    """The `config:` mapping: region, platform, and whatever else Pulumi keeps there."""

    model_config = ConfigDict(extra="allow")

    region: Annotated[str, Field(alias=REGION_KEY)]
    """AWS region."""
    platform: Annotated[PlatformSettings, Field(alias=PLATFORM_KEY)]
    """Everything a person decides about the environment."""


class EnvironmentFile(Setting):
    """An environment file, `Pulumi.<stack>.yaml`, as an editor should check it."""

    model_config = ConfigDict(extra="allow")

    config: EnvironmentConfig
