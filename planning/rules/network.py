"""Rules of the network: what EKS or a VPC cannot do, and what would surprise."""

from collections import Counter
from collections.abc import Iterator

from catalog.regions import ZONE_ID_PREFIXES, ZONES, zone_ids_without_control_plane
from planning.foundation.network import zones_of
from planning.foundation.subnets import parse_cidr
from settings.environment import Environment
from settings.finding import Finding, counted
from settings.network import FEWEST_ZONES

ZONE_SOURCE = "catalog/regions.py"
EKS_ZONE_SOURCE = "Amazon EKS User Guide, network requirements"
PRIVATE_SOURCE = "Amazon EKS User Guide, private-clusters"
SHOW_ZONES = "aws ec2 describe-availability-zones"


def network_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what refuses the network."""
    settings = environment.platform.network
    try:
        parse_cidr(settings.cidr)
    except ValueError as error:
        yield Finding(
            path="network.cidr",
            problem=str(error),
            fix="use a private block from /16 to /20, such as 10.20.0.0/16",
            source="Amazon VPC User Guide, VPC CIDR blocks",
        )
    if settings.nat == "none" and not settings.private:
        yield Finding(
            path="network.nat",
            problem="none, but without `private: true` nothing else leads to AWS: no node would "
            "join",
            fix="use `single` or `per-zone`, or set `network.private: true`",
            source=PRIVATE_SOURCE,
        )
    if environment.region in ZONES:
        yield from _zone_ids(environment)
        yield from _zones(environment)


def network_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    settings = environment.platform.network
    unusable = zone_ids_without_control_plane(environment.region)
    unknown = [zone for zone in zones_of(environment) if zone not in settings.zone_ids]
    if unusable and unknown:
        yield Finding(
            path="network.zone_ids",
            problem=f"says nothing of {', '.join(unknown)}, and EKS refuses the one zone of the "
            f"account whose id is {' or '.join(unusable)}",
            fix=f"add what `{SHOW_ZONES}` shows, {{{unknown[0]}: <id>}}",
            source=EKS_ZONE_SOURCE,
        )
    if settings.nat == "none":
        yield Finding(
            path="network.nat",
            problem="none: nothing leads from the VPC to the registries of the images, nor to the "
            "Hugging Face Hub",
            fix="mirror images and weights into it, or attach a transit gateway that leads there",
            source=PRIVATE_SOURCE,
        )


def _zone_ids(environment: Environment) -> Iterator[Finding]:
    """Yield what cannot be true of the account's zones."""
    region, ids = environment.region, environment.platform.network.zone_ids
    known, prefix = ZONES[region], ZONE_ID_PREFIXES[region]
    twice = sorted(found for found, count in Counter(ids.values()).items() if count > 1)
    if twice:
        yield Finding(
            path="network.zone_ids",
            problem=f"{', '.join(twice)} stands twice, but an id is one place",
            fix=f"copy them from `{SHOW_ZONES}`",
            source=ZONE_SOURCE,
        )
    for zone, found in ids.items():
        if zone not in known or found.partition("-")[0] != prefix:
            yield Finding(
                path=f"network.zone_ids.{zone}",
                problem=f"{zone} as {found} is not of {region}",
                fix=f"name zones out of {', '.join(known)}, with ids like {prefix}-az1",
                source=ZONE_SOURCE,
            )


def _zones(environment: Environment) -> Iterator[Finding]:
    region, settings = environment.region, environment.platform.network
    known, unusable = ZONES[region], zone_ids_without_control_plane(region)
    if isinstance(settings.zones, int):
        found = len(zones_of(environment))
        if found < settings.zones:
            yield Finding(
                path="network.zones",
                problem=f"is {settings.zones}, but {region} has {counted(found, 'zone')} for EKS",
                fix=f"use at most {found}" if found >= FEWEST_ZONES else "use another region",
                source=ZONE_SOURCE,
            )
        return
    for zone in settings.zones:
        if zone not in known:
            yield Finding(
                path="network.zones",
                problem=f"{zone} is no zone of {region}",
                fix=f"use zones out of {', '.join(known)}",
                source=ZONE_SOURCE,
            )
        elif settings.zone_ids.get(zone) in unusable:
            yield Finding(
                path="network.zones",
                problem=f"{zone} is {settings.zone_ids[zone]}, where EKS puts no control plane "
                "interface",
                fix="take it out of the list, or write a number and let the program choose",
                source=EKS_ZONE_SOURCE,
            )
