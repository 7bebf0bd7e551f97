"""How a VPC's block is laid out; pure arithmetic."""

from ipaddress import IPv4Network

from planning.specs.infrastructure import ZoneSpec

PRIVATE_BLOCKS = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""Addresses that nobody owns on the internet. Source: RFC 1918, RFC 6598; the Amazon VPC User Guide
recommends the former and allows the latter."""


def parse_cidr(cidr: str) -> IPv4Network:
    """Return the VPC's block.

    Raises:
        ValueError: not an IPv4 block, host bits set, public, or a size that a VPC or the layout
            cannot use.
    """
    network = IPv4Network(cidr)
    if not 16 <= network.prefixlen <= 20:
        raise ValueError(f"{cidr} is not of a size from /16 to /20")
    if not any(network.subnet_of(block) for block in PRIVATE_BLOCKS):
        raise ValueError(f"{cidr} is not private")
    return network


def lay_out(network: IPv4Network, zones: tuple[str, ...]) -> tuple[ZoneSpec, ...]:
    """Give each zone a private quarter of the block and a public sixteenth of the last quarter.

    With a /16: private /18 (16,379 pod addresses), public /20; up to three zones.
    """
    quarters = tuple(network.subnets(prefixlen_diff=2))
    public = tuple(quarters[3].subnets(prefixlen_diff=2))
    return tuple(
        ZoneSpec(name=zone, private_cidr=str(quarters[i]), public_cidr=str(public[i]))
        for i, zone in enumerate(zones)
    )
