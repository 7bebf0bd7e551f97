"""Settings of a pool whose nodes EKS Auto Mode starts and ends."""

from typing import Annotated, Literal

from pydantic import Field

from settings.dynamic_pool import DynamicPool

LONGEST_LIFE_HOURS = 504
"""21 days, which no node of EKS Auto Mode outlives. Source: Amazon EKS User Guide, automode."""


class AutoPool(DynamicPool):
    """A pool of EKS Auto Mode: AWS runs Karpenter, chooses the node image and patches it.

    Its nodes hand out whole GPUs and nothing else.
    """

    provisioner: Literal["auto"]
    expire_after_hours: Annotated[int, Field(ge=24, le=LONGEST_LIFE_HOURS - 1)] = 336
    """Hours after which a node is replaced, whatever runs on it; with the grace of its drain no
    more than 504, 21 days."""
