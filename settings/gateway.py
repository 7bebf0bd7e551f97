"""Settings of the gateway: the one door to all models."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Setting


class CloudNativePgDatabase(Setting):
    """Postgres in the cluster, run by CloudNativePG."""

    kind: Literal["cloudnative-pg"] = "cloudnative-pg"
    instances: Annotated[int, Field(ge=1, le=5)] = 1
    """Postgres instances; more than one survives the loss of a node."""
    storage_gib: Annotated[int, Field(ge=1)] = 20
    """Volume of each instance, in GiB."""


class LiteLlmGateway(Setting):
    """LiteLLM proxy: keys, budgets and routes, with its state in Postgres."""

    kind: Literal["litellm"] = "litellm"
    replicas: Annotated[int, Field(ge=1, le=20)] = 1
    """Pods of the proxy."""
    database: CloudNativePgDatabase = CloudNativePgDatabase()
