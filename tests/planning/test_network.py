"""Which zones, endpoints and gateways a network has, and what they cost."""

from typing import Any

import pytest

from planning.specs.costs import CostLine
from tests.documents import REMOVED
from tests.planning.planned import planned

IDS = {"us-east-1a": "use1-az6", "us-east-1b": "use1-az3", "us-east-1c": "use1-az1"}
SERVICES = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "logs",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
)


def zones(changes: dict[str, Any], region: str = "us-west-2") -> list[str]:
    return [zone.name for zone in planned(changes, region).network.zones]


def lines(changes: dict[str, Any]) -> dict[str, CostLine]:
    return {line.item: line for line in planned(changes).cost.lines}


def test_a_number_takes_the_first_zones_that_eks_can_use():
    assert zones({"network.zones": 2, "network.zone_ids": IDS}, "us-east-1") == [
        "us-east-1a",
        "us-east-1c",
    ]
    assert zones({"network.zones": 4}) == [f"us-west-2{letter}" for letter in "abcd"]


def test_a_list_is_taken_as_it_stands():
    assert zones({"network.zones": ["us-west-2d", "us-west-2b"]}) == ["us-west-2d", "us-west-2b"]


def test_six_zones_have_six_pairs_of_subnets():
    spec = planned({"network.zones": 6}, "us-east-1").network
    assert len({zone.private_cidr for zone in spec.zones}) == 6
    assert spec.zones[5].private_cidr == "10.20.160.0/19"
    assert spec.zones[5].public_cidr == "10.20.244.0/22"


def test_a_private_network_reaches_aws_inside_of_it():
    spec = planned({"network.private": True, "network.nat": "none"}).network
    assert spec.interface_endpoints == (*SERVICES, "autoscaling")
    assert planned().network.interface_endpoints == ()


def test_only_managed_pools_need_the_service_that_scales_them():
    karpenter_only = {"pools.l4": REMOVED, "models.tiny": REMOVED, "network.private": True}
    assert planned(karpenter_only).network.interface_endpoints == SERVICES


@pytest.mark.parametrize(
    ("kind", "service"),
    [("efs", ("elasticfilesystem",)), ("mountpoint-s3", ()), ("none", ())],
)
def test_shared_files_bring_the_service_that_their_driver_asks(kind: str, service: tuple[str, ...]):
    changes = {"network.private": True, "storage.shared_files": {"kind": kind}}
    found = planned(changes).network.interface_endpoints
    assert found == (*SERVICES, "autoscaling", *service)


@pytest.mark.parametrize(
    ("nat", "count", "usd"), [("single", 1, "36.50"), ("per-zone", 3, "109.50")]
)
def test_each_gateway_costs_its_hour_and_its_address(nat: str, count: int, usd: str):
    found = lines({"network.nat": nat, "network.zones": 3})["NAT gateway and its address"]
    assert (found.floor_count, f"{found.floor_usd_per_month}") == (count, usd)


def test_each_endpoint_costs_its_hour_in_every_zone_and_a_missing_gateway_nothing():
    found = lines({"network.private": True, "network.nat": "none", "network.zones": 3})
    endpoint = found["interface endpoint in a zone"]
    # 12 services in 3 zones at 0.01 USD: 36 x 7.30.
    assert (endpoint.floor_count, f"{endpoint.floor_usd_per_month}") == (36, "262.80")
    assert "NAT gateway and its address" not in found
    assert "interface endpoint in a zone" not in lines({})


def test_named_zones_are_counted_like_numbered_ones():
    named = {"network.nat": "per-zone", "network.zones": ["us-west-2a", "us-west-2d"]}
    assert lines(named)["NAT gateway and its address"].floor_count == 2
