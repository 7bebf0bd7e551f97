"""The VPC."""

import json
from ipaddress import IPv4Network
from typing import Literal

import pulumi
import pytest

from components.network import Network, NetworkArgs
from planning.specs.infrastructure import NetworkSpec, ZoneSpec
from tests.recording import ACCOUNT, Recording, record

SPEC = NetworkSpec(
    region="us-west-2",
    cluster_name="llm-dev",
    cidr="10.20.0.0/16",
    zones=(
        ZoneSpec(name="us-west-2a", public_cidr="10.20.0.0/24", private_cidr="10.20.64.0/18"),
        ZoneSpec(name="us-west-2b", public_cidr="10.20.1.0/24", private_cidr="10.20.128.0/18"),
    ),
    nat="single",
    log_retention_days=14,
)
Nat = Literal["single", "per-zone"]


def network(nat: Nat = "single", *, preview: bool = False, protect: bool = False) -> Recording:
    spec = SPEC.model_copy(update={"nat": nat})
    opts = pulumi.ResourceOptions(protect=protect)
    return record(lambda: Network("network", NetworkArgs(spec=spec), opts), preview=preview)


def test_the_vpc_resolves_names_and_its_default_group_is_closed():
    recorded = network()
    vpc = recorded["network-vpc"].inputs
    assert (vpc["cidrBlock"], vpc["enableDnsHostnames"], vpc["enableDnsSupport"]) == (
        "10.20.0.0/16",
        True,
        True,
    )
    assert recorded["network-closed"].inputs == {"vpcId": "network-vpc-id"}


@pytest.mark.parametrize("zone", SPEC.zones, ids=lambda zone: zone.name)
def test_each_zone_has_a_public_and_a_private_subnet(zone: ZoneSpec):
    recorded = network()
    public = recorded[f"network-public-{zone.name}"].inputs
    private = recorded[f"network-private-{zone.name}"].inputs
    assert (public["cidrBlock"], private["cidrBlock"]) == (zone.public_cidr, zone.private_cidr)
    assert public["availabilityZone"] == private["availabilityZone"] == zone.name
    assert not public["mapPublicIpOnLaunch"]
    assert IPv4Network(private["cidrBlock"]).subnet_of(IPv4Network(SPEC.cidr))


def test_only_private_subnets_are_found_by_karpenter_and_internal_load_balancers():
    recorded = network()
    public = recorded["network-public-us-west-2a"].inputs["tags"]
    private = recorded["network-private-us-west-2a"].inputs["tags"]
    assert public == {"kubernetes.io/role/elb": "1", "Name": "llm-dev-public-us-west-2a"}
    assert private == {
        "kubernetes.io/role/internal-elb": "1",
        "karpenter.sh/discovery": "llm-dev",
        "Name": "llm-dev-private-us-west-2a",
    }


def test_what_is_listed_by_name_is_told_from_another_environment_s():
    recorded = network()
    kinds = ("InternetGateway", "NatGateway", "RouteTable", "Subnet", "VpcEndpoint", "Eip", "Vpc")
    for kind in kinds:
        for found in recorded.of_type(f"aws:ec2/{kind[0].lower()}{kind[1:]}:{kind}"):
            assert found.inputs["tags"]["Name"].startswith("llm-dev"), found.name
    names = [each.inputs["tags"]["Name"] for each in recorded.of_type("aws:ec2/subnet:Subnet")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("nat", "gateways"),
    [
        ("single", ["network-nat-us-west-2a"] * 2),
        ("per-zone", ["network-nat-us-west-2a", "network-nat-us-west-2b"]),
    ],
)
def test_private_subnets_leave_through_nat(nat: Nat, gateways: list[str]):
    recorded = network(nat)
    for zone, gateway in zip(SPEC.zones, gateways, strict=True):
        route = recorded[f"network-private-{zone.name}-default"].inputs
        assert route["destinationCidrBlock"] == "0.0.0.0/0"
        assert route["natGatewayId"] == f"{gateway}-id"
        assert route["routeTableId"] == f"network-private-{zone.name}-table-id"
        association = recorded[f"network-private-{zone.name}-association"].inputs
        assert association["subnetId"] == f"network-private-{zone.name}-id"
        assert association["routeTableId"] == route["routeTableId"]
    made = [found.name for found in recorded.of_type("aws:ec2/natGateway:NatGateway")]
    assert made == sorted(set(gateways))


def test_a_nat_gateway_lies_in_a_public_subnet_with_an_address_of_its_own():
    gateway = network()["network-nat-us-west-2a"]
    assert gateway.inputs["subnetId"] == "network-public-us-west-2a-id"
    assert gateway.inputs["allocationId"] == "network-nat-us-west-2a-address-id"
    assert "network-public-default" in gateway.after


def test_more_nat_later_moves_routes_and_replaces_no_table():
    one, many = network("single"), network("per-zone")
    assert set(one) < set(many)
    kept = {name for name in one if not name.endswith("-default")}
    assert all(one[name].inputs == many[name].inputs for name in kept)


def test_public_subnets_share_a_route_to_the_internet():
    recorded = network()
    route = recorded["network-public-default"].inputs
    assert (route["gatewayId"], route["destinationCidrBlock"]) == (
        "network-internet-id",
        "0.0.0.0/0",
    )
    for zone in SPEC.zones:
        association = recorded[f"network-public-{zone.name}-association"].inputs
        assert association["routeTableId"] == route["routeTableId"] == "network-public-id"


def test_s3_is_reached_from_every_private_table_without_nat():
    endpoint = network()["network-s3"].inputs
    assert endpoint["serviceName"] == "com.amazonaws.us-west-2.s3"
    assert endpoint["vpcEndpointType"] == "Gateway"
    assert endpoint["routeTableIds"] == [
        "network-private-us-west-2a-table-id",
        "network-private-us-west-2b-table-id",
    ]


def test_flow_logs_are_kept_for_the_planned_days_by_a_role_that_only_writes_them():
    recorded = network()
    log, group = recorded["network-flow-log"], recorded["network-flow-logs"]
    assert log.inputs["trafficType"] == "ALL"
    assert group.inputs["retentionInDays"] == 14
    assert {"network-flow-logs-policy", "network-flow-logs-role"} <= log.after
    policy = json.loads(recorded["network-flow-logs-policy"].inputs["policy"])
    write, find = policy["Statement"]
    assert find["Action"] == "logs:DescribeLogGroups"
    assert write["Resource"] == [
        log.inputs["logDestination"],
        f"{log.inputs['logDestination']}:*",
    ]
    trust = json.loads(recorded["network-flow-logs-role"].inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_what_depends_on_egress_waits_for_every_way_out():
    def program() -> None:
        made = Network("network", NetworkArgs(spec=SPEC))
        pulumi.ComponentResource(
            "test:index:Node", "node", opts=pulumi.ResourceOptions(depends_on=[*made.egress])
        )

    recorded = record(program)
    tokens = {recorded[name].type.rpartition(":")[2] for name in recorded["node"].after}
    assert tokens == {"InternetGateway", "NatGateway", "Route", "RouteTableAssociation"}
    ways = {
        name
        for name, found in recorded.items()
        if found.type.rpartition(":")[2] in {"Route", "RouteTableAssociation", "NatGateway"}
    }
    assert ways < recorded["node"].after


def test_outputs_name_the_subnets_in_the_order_of_the_zones():
    outputs = network()["network"].outputs
    assert outputs == {
        "vpc_id": "network-vpc-id",
        "private_subnet_ids": ["network-private-us-west-2a-id", "network-private-us-west-2b-id"],
        "public_subnet_ids": ["network-public-us-west-2a-id", "network-public-us-west-2b-id"],
    }


def test_everything_hangs_under_the_component_and_is_protected_with_it():
    recorded = network(protect=True)
    assert recorded.children("network") == set(recorded) - {"network"}
    assert all(found.protect for found in recorded.values())


def test_a_first_preview_shows_every_resource():
    assert set(network(preview=True)) == set(network())
