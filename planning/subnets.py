"""How a VPC's block is laid out; pure arithmetic."""

from ipaddress import IPv4Network, ip_network

from planning.specs.infrastructure import ZoneSpec


def parse_cidr(cidr: str) -> IPv4Network:
    """Return the block.

    Raises:
        ValueError: not an IPv4 block, host bits set, or a size that a VPC or the layout cannot use.
    """
    network = ip_network(cidr)
    if not isinstance(network, IPv4Network) or not 16 <= network.prefixlen <= 20:
        raise ValueError(f"{cidr} is not an IPv4 block from /16 to /20")
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
