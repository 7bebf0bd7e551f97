"""Settings of the network."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import Cidr, Setting


class NetworkSettings(Setting):
    """The VPC and how its private subnets reach the internet."""

    cidr: Cidr = "10.20.0.0/16"
    """The VPC's IPv4 block, /16 to /20."""
    zones: Annotated[int, Field(ge=2, le=3)] = 2
    """Availability zones, each with one public and one private subnet."""
    nat: Literal["single", "per-zone"] = "single"
    """One NAT gateway for all zones, or one per zone that survives the loss of another zone."""
