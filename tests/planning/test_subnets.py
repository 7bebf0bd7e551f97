from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.subnets import PRIVATE_BLOCKS, lay_out, parse_cidr
from tests.planning.planned import planned

ZONES = ("us-west-2a", "us-west-2b", "us-west-2c")


@st.composite
def vpcs(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.integers(16, 20))
    block = draw(st.sampled_from([b for b in PRIVATE_BLOCKS if b.prefixlen <= prefix]))
    index = draw(st.integers(0, 2 ** (prefix - block.prefixlen) - 1))
    return IPv4Network((int(block.network_address) + index * 2 ** (32 - prefix), prefix))


@given(vpcs(), st.integers(2, 3))
def test_subnets_lie_inside_the_vpc_and_never_over_each_other(vpc: IPv4Network, count: int):
    assert parse_cidr(str(vpc)) == vpc
    zones = lay_out(vpc, ZONES[:count])
    assert [zone.name for zone in zones] == [*ZONES[:count]]
    private = [IPv4Network(zone.private_cidr) for zone in zones]
    public = [IPv4Network(zone.public_cidr) for zone in zones]
    assert {block.prefixlen - vpc.prefixlen for block in private} == {2}
    assert {block.prefixlen - vpc.prefixlen for block in public} == {4}
    assert all(block.subnet_of(vpc) for block in private + public)
    assert not any(one.overlaps(other) for one, other in combinations(private + public, 2))


def test_a_16_gives_each_zone_an_18_for_pods_and_a_20_for_the_outside():
    zones = lay_out(IPv4Network("10.20.0.0/16"), ZONES)
    assert [(zone.private_cidr, zone.public_cidr) for zone in zones] == [
        ("10.20.0.0/18", "10.20.192.0/20"),
        ("10.20.64.0/18", "10.20.208.0/20"),
        ("10.20.128.0/18", "10.20.224.0/20"),
    ]


def test_a_third_zone_moves_no_subnet_of_the_first_two():
    vpc = IPv4Network("10.20.0.0/20")
    assert lay_out(vpc, ZONES)[:2] == lay_out(vpc, ZONES[:2])


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
    assert [zone.name for zone in spec.zones] == [*ZONES]
    assert spec.cluster_name == "llm-platform-dev"
    tokyo = {"pools.l40s.instances": ["g6e.2xlarge"], "pools.l4.instances": ["g6.xlarge"]}
    assert [zone.name for zone in planned(tokyo, "ap-northeast-1").network.zones] == [
        "ap-northeast-1a",
        "ap-northeast-1c",
    ]
