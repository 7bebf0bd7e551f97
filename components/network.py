"""The VPC: subnets in each zone, ways out, endpoints of AWS, and a log of what flows."""

from dataclasses import dataclass
from itertools import repeat

import pulumi
import pulumi_aws as aws

from components.endpoints import interface_endpoints, s3_endpoint
from components.flow_log import flow_log
from planning.specs.base import DISCOVERY_TAG
from planning.specs.infrastructure import NetworkSpec, ZoneSpec

ANYWHERE = "0.0.0.0/0"
PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}
PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}
"""Which subnets load balancers take.
Source: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
"""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`spec` is known before the update."""

    spec: NetworkSpec


class Network(pulumi.ComponentResource):
    """A VPC whose nodes live in private subnets and reach the internet through NAT, or not at all.

    Without NAT there is no public subnet and no internet gateway: AWS answers inside the VPC.
    """

    vpc_id: pulumi.Output[str]
    private_subnet_ids: pulumi.Output[list[str]]
    """One per zone, in the order of the spec: nodes and the control plane's interfaces."""
    public_subnet_ids: pulumi.Output[list[str]]
    """One per zone, in the order of the spec: NAT gateways and public load balancers. None where
    the network has no way out."""
    egress: tuple[pulumi.Resource, ...]
    """Every way to what a node needs: out, and to AWS. Nodes depend on it, so that a destroy drains
    them before it goes."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:Network", name, None, opts)
        spec, cluster = args.spec, args.spec.cluster_name
        self._prefix, self._cluster = name, cluster
        self._child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=spec.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": cluster},
            opts=self._child,
        )
        self.vpc_id = vpc.id
        # Named without rules it has none: what names no security group reaches nothing.
        aws.ec2.DefaultSecurityGroup(f"{name}-closed", vpc_id=self.vpc_id, opts=self._child)
        flow_log(name, vpc, spec.log_retention_days, self)

        discovered = PRIVATE_ROLE | {DISCOVERY_TAG: cluster}
        private = [
            self._subnet("private", zone, zone.private_cidr, discovered) for zone in spec.zones
        ]
        public = [
            self._subnet("public", zone, zone.public_cidr, PUBLIC_ROLE)
            for zone in spec.zones
            if spec.nat != "none"
        ]
        to_internet = self._internet(spec.zones, public) if public else ()
        gateways = self._nat(spec, public, to_internet) if public else []
        tables, private_ways = self._private_routes(spec.zones, private, gateways)
        s3 = s3_endpoint(name, spec, vpc, tables, self)
        endpoints = interface_endpoints(name, spec, vpc, private, self)
        # Layers of images come from S3: without NAT nothing else leads there.
        to_aws = (*endpoints, s3) if endpoints else ()
        self.egress = (*to_internet, *gateways, *private_ways, *to_aws)
        self.private_subnet_ids = pulumi.Output.all(*[subnet.id for subnet in private])
        self.public_subnet_ids = pulumi.Output.all(*[subnet.id for subnet in public])
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "private_subnet_ids": self.private_subnet_ids,
                "public_subnet_ids": self.public_subnet_ids,
            }
        )

    def _called(self, what: str) -> dict[str, str]:
        """Return the tag that tells a part from that of another environment of the account."""
        return {"Name": f"{self._cluster}-{what}"}

    def _table(self, name: str, called: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            name, vpc_id=self.vpc_id, tags=self._called(called), opts=self._child
        )

    def _subnet(self, side: str, zone: ZoneSpec, cidr: str, tags: dict[str, str]) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            f"{self._prefix}-{side}-{zone.name}",
            vpc_id=self.vpc_id,
            availability_zone=zone.name,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags=tags | self._called(f"{side}-{zone.name}"),
            opts=self._child,
        )

    def _internet(
        self, zones: tuple[ZoneSpec, ...], public: list[aws.ec2.Subnet]
    ) -> tuple[pulumi.Resource, ...]:
        """Route the public subnets to the internet."""
        gateway = aws.ec2.InternetGateway(
            f"{self._prefix}-internet",
            vpc_id=self.vpc_id,
            tags=self._called("internet"),
            opts=self._child,
        )
        table = self._table(f"{self._prefix}-public", "public")
        route = aws.ec2.Route(
            f"{self._prefix}-public-default",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        associations = (
            self._association("public", zone, subnet, table)
            for zone, subnet in zip(zones, public, strict=True)
        )
        return (gateway, route, *associations)

    def _nat(
        self,
        spec: NetworkSpec,
        public: list[aws.ec2.Subnet],
        to_internet: tuple[pulumi.Resource, ...],
    ) -> list[aws.ec2.NatGateway]:
        """Make one NAT gateway for all zones, or one for each."""
        placed = list(zip(spec.zones, public, strict=True))
        after_route = pulumi.ResourceOptions(parent=self, depends_on=[*to_internet])
        gateways: list[aws.ec2.NatGateway] = []
        for zone, subnet in placed if spec.nat == "per-zone" else placed[:1]:
            called = self._called(f"nat-{zone.name}")
            address = aws.ec2.Eip(
                f"{self._prefix}-nat-{zone.name}-address",
                domain="vpc",
                tags=called,
                opts=after_route,
            )
            gateways.append(
                aws.ec2.NatGateway(
                    f"{self._prefix}-nat-{zone.name}",
                    subnet_id=subnet.id,
                    allocation_id=address.id,
                    tags=called,
                    opts=after_route,
                )
            )
        return gateways

    def _private_routes(
        self,
        zones: tuple[ZoneSpec, ...],
        private: list[aws.ec2.Subnet],
        gateways: list[aws.ec2.NatGateway],
    ) -> tuple[list[aws.ec2.RouteTable], list[pulumi.Resource]]:
        """Give each private subnet a table of its own, so that more NAT later moves routes only."""
        tables: list[aws.ec2.RouteTable] = []
        ways: list[pulumi.Resource] = []
        own = gateways if len(gateways) == len(zones) else repeat(next(iter(gateways), None))
        for zone, subnet, gateway in zip(zones, private, own, strict=False):
            suffix = f"{self._prefix}-private-{zone.name}"
            table = self._table(suffix + "-table", f"private-{zone.name}")
            tables.append(table)
            if gateway is not None:
                ways.append(self._to_nat(suffix, table, gateway))
            ways.append(self._association("private", zone, subnet, table))
        return tables, ways

    def _to_nat(
        self, suffix: str, table: aws.ec2.RouteTable, gateway: aws.ec2.NatGateway
    ) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{suffix}-default",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateway.id,
            opts=self._child,
        )

    def _association(
        self, side: str, zone: ZoneSpec, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable
    ) -> aws.ec2.RouteTableAssociation:
        return aws.ec2.RouteTableAssociation(
            f"{self._prefix}-{side}-{zone.name}-association",
            subnet_id=subnet.id,
            route_table_id=table.id,
            opts=self._child,
        )
