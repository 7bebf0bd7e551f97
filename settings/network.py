"""Settings of the network."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from settings.base import ZONE_ID_PATTERN, ZONE_PATTERN, Cidr, Distinct, Setting

FEWEST_ZONES, MOST_ZONES = 2, 6
"""EKS wants two zones for its control plane; no region has more than six."""

ZoneName = Annotated[str, Field(pattern=ZONE_PATTERN)]
ZoneId = Annotated[str, Field(pattern=ZONE_ID_PATTERN)]


def enough(zones: tuple[str, ...]) -> tuple[str, ...]:
    """Return the zones.

    Raises:
        ValueError: there are too few for EKS, or more than any region has.
    """
    if not FEWEST_ZONES <= len(zones) <= MOST_ZONES:
        raise ValueError(f"names {len(zones)}; name {FEWEST_ZONES} to {MOST_ZONES} zones")
    return zones


def _form(zones: Any) -> str:
    return "names" if isinstance(zones, list | tuple) else "count"


Zones = Annotated[
    Annotated[int, Field(ge=FEWEST_ZONES, le=MOST_ZONES), Tag("count")]
    | Annotated[Distinct[ZoneName], AfterValidator(enough), Tag("names")],
    Discriminator(_form),
]
"""How many zones, or which."""


class NetworkSettings(Setting):
    """The VPC and how its private subnets reach the internet."""

    cidr: Cidr = "10.20.0.0/16"
    """The VPC's IPv4 block, /16 to /20."""
    zones: Zones = 2
    """Availability zones, each with a public and a private subnet: a number, 2 to 6, takes the
    first ones of the region that EKS can use; a list names them, `[us-east-1a, us-east-1c]`.
    Between 3 and 4 zones every subnet changes its addresses and so is made anew: choose before the
    first `up`."""
    zone_ids: dict[ZoneName, ZoneId] = Field(default_factory=dict[ZoneName, ZoneId])
    """Ids of the account's zones by name, as `aws ec2 describe-availability-zones` shows them,
    `{us-east-1a: use1-az6}`. A name means another place in each account; EKS cannot use every
    place, and only an id tells which. Needed in us-east-1."""
    nat: Literal["single", "per-zone", "none"] = "single"
    """One NAT gateway for all zones; one per zone, which survives the loss of another zone; or none
    in a `private` network: then nothing leaves it but to AWS."""
    private: bool = False
    """Whether AWS is reached through endpoints inside the VPC, one address per service and zone,
    and the cluster may have no public one."""
