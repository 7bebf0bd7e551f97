"""How a VPC's block is laid out; pure arithmetic."""

from ipaddress import IPv4Network

from planning.specs.infrastructure import ZoneSpec

PRIVATE_BLOCKS = tuple(
    IPv4Network(block)
    for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
"""Addresses that nobody owns on the internet. Source: RFC 1918, RFC 6598; the Amazon VPC User Guide
recommends the former and allows the latter."""

HALVINGS = {2: 2, 3: 2, 4: 3, 5: 3, 6: 3}
"""By the number of zones: how often the block is halved for one private subnet."""


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
    """Give each of 2 to 6 zones a private part of the block, and a public part of its last part.

    The block is cut in quarters up to three zones, in eighths up to six; the last part is cut in
    as many again. Private subnets follow each other from the start of the block, public ones from
    the start of its last part; a further zone of the same cut moves nobody. With a /16: private
    /18 or /19 (16,379 or 8,187 pod addresses), public /20 or /22. With a /20 and six zones, the
    tightest: private /23, which is 32 blocks of /28 as prefix delegation takes them, public /26,
    where a load balancer wants a /27.
    """
    halvings = HALVINGS[len(zones)]
    parts = tuple(network.subnets(prefixlen_diff=halvings))
    public = tuple(parts[-1].subnets(prefixlen_diff=halvings))
    return tuple(
        ZoneSpec(name=zone, private_cidr=str(parts[i]), public_cidr=str(public[i]))
        for i, zone in enumerate(zones)
    )
