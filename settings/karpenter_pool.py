"""Settings of a pool whose nodes Karpenter starts and ends."""

from typing import Annotated, Literal

from pydantic import Field

from settings.dynamic_pool import DynamicPool


class KarpenterPool(DynamicPool):
    """A pool whose nodes Karpenter starts when pods wait for them and ends when they are empty."""

    provisioner: Literal["karpenter"]
    expire_after_hours: Annotated[int, Field(ge=24, le=26_280)] | None = None
    """Hours after which a node is replaced, whatever runs on it; without it, never."""
    ami: str | None = None
    """Release of the node image, `al2023@v20260714`; without it the one of the catalog."""
