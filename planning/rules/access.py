"""Rules of who enters the cluster: its public endpoint, its admins and its viewers."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from planning.foundation.subnets import PRIVATE_BLOCKS
from settings.environment import Environment
from settings.finding import Finding

WIDEST_PREFIX = 8
"""Bits of the widest block that is still somebody's: a shorter prefix is the world's."""

RESERVED_BLOCKS = (
    *PRIVATE_BLOCKS,
    *map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    ),
)
"""Blocks that nobody comes from over the internet: EKS answers "not allowed in publicAccessCidrs".
Sources: RFC 1918, RFC 5737 (documentation), RFC 6598, RFC 6890; seen for 10.1.0.96/27 and for
203.0.113.0/24 in public reports of that error (2026-11)."""

CIDR_SOURCE = "Amazon EKS API Reference, VpcConfigRequest.publicAccessCidrs"
PRIVATE_SOURCE = "Amazon EKS User Guide, cluster-endpoint"
ENDPOINT_SOURCE = "Amazon EKS Best Practices, Cluster Endpoint Access Control"


def access_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what refuses the access to the cluster."""
    settings = environment.platform.cluster
    both = [viewer for viewer in settings.viewers if viewer in settings.admins]
    if both:
        yield Finding(
            path="cluster.viewers",
            problem=f"{', '.join(both)} is an admin too, and a principal has one access entry",
            fix="name it once",
            source="Amazon EKS User Guide, access-entries",
        )
    for index, block in enumerate(settings.private_access_cidrs):
        yield from _private_block(f"cluster.private_access_cidrs.{index}", block)
    if settings.public_access is None:
        return
    if environment.platform.network.private:
        yield Finding(
            path="cluster.public_access",
            problem="opens an endpoint to the internet, and `network.private` is true",
            fix="take one of the two out",
            source=ENDPOINT_SOURCE,
        )
    for index, block in enumerate(settings.public_access.cidrs):
        yield from _block(f"cluster.public_access.cidrs.{index}", block)
    worldly = [block for block in settings.public_access.cidrs if is_the_world(block)]
    if worldly and not settings.public_access.open_to_the_world:
        yield Finding(
            path="cluster.public_access",
            problem=f"{', '.join(worldly)} lets the whole internet reach the API endpoint",
            fix="name the blocks you work from; or, if it must be, say `open_to_the_world: true`",
            source=ENDPOINT_SOURCE,
        )


def access_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what was asked for and is still worth a word."""
    access = environment.platform.cluster.public_access
    if access is None or not access.open_to_the_world:
        return
    worldly = any(is_the_world(block) for block in access.cidrs)
    yield Finding(
        path="cluster.public_access",
        problem="lets the whole internet reach the API endpoint, as `open_to_the_world` says"
        if worldly
        else "says `open_to_the_world`, and no block of it is",
        fix="name the blocks you work from" if worldly else "take the word out",
        source=ENDPOINT_SOURCE,
    )


def is_the_world(block: str) -> bool:
    """Return whether a block is wider than any one holder's; one that is malformed is not."""
    try:
        return IPv4Network(block).prefixlen < WIDEST_PREFIX
    except ValueError:
        return False


def _private_block(path: str, block: str) -> Iterator[Finding]:
    """Yield why nobody would come from a block to the private endpoint."""
    try:
        network = IPv4Network(block)
    except ValueError as error:
        problem = str(error)
    else:
        if any(network.subnet_of(private) for private in PRIVATE_BLOCKS):
            return
        problem = f"{block} is not private: from there one reaches the public endpoint alone"
    yield Finding(
        path=path,
        problem=problem,
        fix="use the block of the VPN or of the peered network, or `public_access.cidrs`",
        source=PRIVATE_SOURCE,
    )


def _block(path: str, block: str) -> Iterator[Finding]:
    """Yield why EKS would not take a block."""
    try:
        network = IPv4Network(block)
    except ValueError as error:
        problem = str(error)
    else:
        if not any(network.subnet_of(reserved) for reserved in RESERVED_BLOCKS):
            return
        problem = f"{block} is reserved: nobody comes from there over the internet"
    yield Finding(
        path=path,
        problem=problem,
        fix="use the public address that you come from, `<address>/32`, or its block",
        source=CIDR_SOURCE,
    )
