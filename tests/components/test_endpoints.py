"""How a private network reaches AWS."""

from typing import Any, Literal

import pulumi
import pytest

from components.network import Network, NetworkArgs
from planning.specs.infrastructure import NetworkSpec, ZoneSpec
from tests.recording import Recording, record

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
SPEC = NetworkSpec(
    region="us-west-2",
    cluster_name="llm-dev",
    cidr="10.20.0.0/16",
    zones=(
        ZoneSpec(name="us-west-2a", public_cidr="10.20.192.0/20", private_cidr="10.20.0.0/18"),
        ZoneSpec(name="us-west-2b", public_cidr="10.20.208.0/20", private_cidr="10.20.64.0/18"),
    ),
    nat="none",
    interface_endpoints=("ecr.api", "eks-auth"),
)
PRIVATE_SUBNETS = ["network-private-us-west-2a-id", "network-private-us-west-2b-id"]


def network(*, preview: bool = False, protect: bool = False, **changes: Any) -> Recording:
    spec = SPEC.model_copy(update=changes)
    opts = pulumi.ResourceOptions(protect=protect)
    return record(lambda: Network("network", NetworkArgs(spec=spec), opts), preview=preview)


@pytest.mark.parametrize("service", SPEC.interface_endpoints)
def test_a_service_has_an_address_in_every_zone_under_its_usual_name(service: str):
    recorded = network()
    endpoint = recorded[f"network-endpoint-{service.replace('.', '-')}"]
    assert endpoint.inputs == {
        "vpcId": "network-vpc-id",
        "serviceName": f"com.amazonaws.us-west-2.{service}",
        "vpcEndpointType": "Interface",
        "subnetIds": PRIVATE_SUBNETS,
        "securityGroupIds": ["network-endpoints-id"],
        "privateDnsEnabled": True,
        "tags": {"Name": f"llm-dev-{service}"},
    }
    assert "network-endpoints-https" in endpoint.after


def test_one_group_lets_the_vpc_in_by_https_and_nothing_else():
    recorded = network()
    (group,) = recorded.of_type("aws:ec2/securityGroup:SecurityGroup")
    (rule,) = recorded.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert group.inputs["vpcId"] == "network-vpc-id"
    assert rule.inputs == {
        "securityGroupId": "network-endpoints-id",
        "cidrIpv4": "10.20.0.0/16",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
    }


def test_a_network_that_is_not_private_has_no_endpoint_but_the_one_of_s3():
    recorded = network(nat="single", interface_endpoints=())
    assert [found.name for found in recorded.of_type(ENDPOINT)] == ["network-s3"]
    assert recorded.of_type("aws:ec2/securityGroup:SecurityGroup") == []


def test_without_nat_nothing_of_the_network_is_public():
    recorded = network()
    for kind in ("internetGateway:InternetGateway", "natGateway:NatGateway", "route:Route"):
        assert recorded.of_type(f"aws:ec2/{kind}") == []
    assert recorded["network"].outputs == {
        "vpc_id": "network-vpc-id",
        "private_subnet_ids": PRIVATE_SUBNETS,
        "public_subnet_ids": [],
    }


def test_without_nat_s3_is_still_reached_from_every_private_table():
    assert network()["network-s3"].inputs["routeTableIds"] == [
        "network-private-us-west-2a-table-id",
        "network-private-us-west-2b-table-id",
    ]


@pytest.mark.parametrize("nat", ["none", "single"])
def test_nodes_come_after_every_way_to_aws_and_go_before_it(nat: Literal["none", "single"]):
    def program() -> None:
        made = Network("network", NetworkArgs(spec=SPEC.model_copy(update={"nat": nat})))
        pulumi.CustomResource(
            "test:index:Node", "node", {}, pulumi.ResourceOptions(depends_on=[*made.egress])
        )

    recorded = record(program)
    ahead = recorded["node"].after
    assert {found.name for found in recorded.of_type(ENDPOINT)} <= ahead
    associations = recorded.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
    assert {found.name for found in associations} <= ahead
    assert ("network-nat-us-west-2a" in ahead) == (nat == "single")


def test_everything_hangs_under_the_component_and_is_protected_with_it():
    recorded = network(protect=True)
    assert recorded.children("network") == set(recorded) - {"network"}
    assert all(found.protect for found in recorded.values())


def test_a_first_preview_shows_every_resource():
    assert set(network(preview=True)) == set(network())
