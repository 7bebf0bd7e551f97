"""Settings of Karpenter itself; its pools are in `karpenter_pool.py`."""

from typing import Annotated

from pydantic import Field

from settings.base import RELEASE_PATTERN, Setting


class KarpenterSettings(Setting):
    """The controller that starts and ends the nodes of every Karpenter pool."""

    version: Annotated[str, Field(pattern=RELEASE_PATTERN)] | None = None
    """Release of chart, CRDs and controller, `1.15.0`; without it the long-term one."""
    node_overlay: bool = False
    """Whether Karpenter's alpha feature NodeOverlay is on: pools that slice their GPUs, or cut them
    by MIG, need it, since Karpenter counts physical GPUs without it."""
    static_capacity: bool = False
    """Whether Karpenter's alpha feature StaticCapacity is on: pools with `static_nodes` need it."""
    spot_role: bool = False
    """Whether this environment makes the service-linked role of EC2 Spot. An account has one, so
    that one environment of it may say so; without it, somebody makes it by hand."""
