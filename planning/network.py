"""The network of an environment."""

from catalog.regions import ZONES
from planning.naming import cluster_name
from planning.specs.infrastructure import (
    NetworkSpec,
)
from planning.subnets import lay_out, parse_cidr
from settings.environment import Environment


def network(environment: Environment) -> NetworkSpec:
    """Return the VPC over the first zones of the region."""
    settings = environment.platform.network
    zones = ZONES[environment.region][: settings.zones]
    return NetworkSpec(
        region=environment.region,
        cluster_name=cluster_name(environment.stack),
        cidr=settings.cidr,
        zones=lay_out(parse_cidr(settings.cidr), zones),
        nat=settings.nat,
    )
