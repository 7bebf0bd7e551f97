from ipaddress import IPv4Network
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.foundation.subnets import PRIVATE_BLOCKS, lay_out, parse_cidr
from planning.specs.infrastructure import ZoneSpec
from tests.planning.planned import planned

ZONES = tuple(f"us-east-1{letter}" for letter in "abcdef")
Blocks = list[IPv4Network]


@st.composite
def vpcs(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(16, 20))
    block = draw(st.sampled_from([b for b in PRIVATE_BLOCKS if b.prefixlen <= prefix]))
    index = draw(st.integers(0, 2 ** (prefix - block.prefixlen) - 1))
    return IPv4Network((int(block.network_address) + index * 2 ** (32 - prefix), prefix))


counts = st.integers(2, 6)


def sides(zones: tuple[ZoneSpec, ...]) -> tuple[Blocks, Blocks]:
    """Return the private blocks and the public ones."""
    private = [IPv4Network(zone.private_cidr) for zone in zones]
    return private, [IPv4Network(zone.public_cidr) for zone in zones]


@given(vpcs(), counts)
def test_subnets_lie_inside_the_vpc_and_never_over_each_other(vpc: IPv4Network, count: int):
    assert parse_cidr(str(vpc)) == vpc
    zones = lay_out(vpc, ZONES[:count])
    assert [zone.name for zone in zones] == [*ZONES[:count]]
    private, public = sides(zones)
    assert all(block.subnet_of(vpc) for block in private + public)
    assert not any(one.overlaps(other) for one, other in combinations(private + public, 2))


@given(vpcs(), counts)
def test_subnets_of_a_side_are_of_one_size_and_follow_each_other_without_a_gap(
    vpc: IPv4Network, count: int
):
    for side in sides(lay_out(vpc, ZONES[:count])):
        assert len({block.prefixlen for block in side}) == 1
        for one, following in pairwise(side):
            assert following.network_address == one.broadcast_address + 1
    private, _ = sides(lay_out(vpc, ZONES[:count]))
    assert private[0].network_address == vpc.network_address


@given(vpcs(), counts)
def test_pods_have_room_for_prefixes_and_balancers_for_their_addresses(
    vpc: IPv4Network, count: int
):
    private, public = sides(lay_out(vpc, ZONES[:count]))
    # Prefix delegation takes aligned blocks of 16 addresses; a load balancer wants a /27.
    assert all(block.num_addresses // 16 >= 32 for block in private)
    assert all(block.prefixlen <= 27 for block in public)


@given(vpcs(), counts)
def test_pods_get_more_than_half_of_what_the_zones_could_have(vpc: IPv4Network, count: int):
    private, public = sides(lay_out(vpc, ZONES[:count]))
    assert sum(block.num_addresses for block in private) * 2 >= vpc.num_addresses
    assert sum(block.num_addresses for block in public) * 4 <= vpc.num_addresses


@pytest.mark.parametrize(("fewer", "more"), [(2, 3), (4, 5), (5, 6)])
def test_a_further_zone_of_the_same_cut_moves_no_subnet(fewer: int, more: int):
    vpc = IPv4Network("10.20.0.0/20")
    assert lay_out(vpc, ZONES[:more])[:fewer] == lay_out(vpc, ZONES[:fewer])


def test_a_16_gives_each_zone_an_18_for_pods_and_a_20_for_the_outside():
    zones = lay_out(IPv4Network("10.20.0.0/16"), ZONES[:3])
    assert [(zone.private_cidr, zone.public_cidr) for zone in zones] == [
        ("10.20.0.0/18", "10.20.192.0/20"),
        ("10.20.64.0/18", "10.20.208.0/20"),
        ("10.20.128.0/18", "10.20.224.0/20"),
    ]


def test_from_four_zones_a_16_gives_a_19_for_pods_and_a_22_for_the_outside():
    zones = lay_out(IPv4Network("10.20.0.0/16"), ZONES)
    assert [(zone.private_cidr, zone.public_cidr) for zone in (zones[0], zones[5])] == [
        ("10.20.0.0/19", "10.20.224.0/22"),
        ("10.20.160.0/19", "10.20.244.0/22"),
    ]


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/15",
        "10.0.0.0/21",
        "10.0.0.1/16",
        "127.0.0.0/16",
        "169.254.0.0/16",
        "fd00::/16",
        "x",
    ],
)
def test_a_block_that_a_vpc_cannot_use_is_refused(cidr: str):
    with pytest.raises(ValueError, match=cidr.split("/", maxsplit=1)[0]):
        parse_cidr(cidr)


def test_the_network_lies_in_the_first_zones_of_the_region():
    spec = planned({"network": {"cidr": "100.64.0.0/18", "zones": 3}}).network
    assert [zone.name for zone in spec.zones] == ["us-west-2a", "us-west-2b", "us-west-2c"]
    assert spec.cluster_name == "llm-platform-dev"
    tokyo = {"pools.l40s.instances": ["g6e.2xlarge"], "pools.l4.instances": ["g6.xlarge"]}
    assert [zone.name for zone in planned(tokyo, "ap-northeast-1").network.zones] == [
        "ap-northeast-1a",
        "ap-northeast-1c",
    ]
