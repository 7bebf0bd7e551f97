"""How a VPC reaches AWS from inside: S3 by its route tables, other services by addresses."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from planning.specs.infrastructure import NetworkSpec

HTTPS = 443


def s3_endpoint(
    name: str,
    spec: NetworkSpec,
    vpc: aws.ec2.Vpc,
    tables: Sequence[aws.ec2.RouteTable],
    parent: pulumi.Resource,
) -> aws.ec2.VpcEndpoint:
    """Lead `tables` to S3 without NAT, whose bill weights and images would otherwise fill."""
    return aws.ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{spec.region}.s3",
        vpc_endpoint_type="Gateway",
        route_table_ids=[table.id for table in tables],
        tags={"Name": f"{spec.cluster_name}-s3"},
        opts=pulumi.ResourceOptions(parent=parent),
    )


def interface_endpoints(
    name: str,
    spec: NetworkSpec,
    vpc: aws.ec2.Vpc,
    subnets: Sequence[aws.ec2.Subnet],
    parent: pulumi.Resource,
) -> list[aws.ec2.VpcEndpoint]:
    """Give each service of the spec an address in every subnet, under its usual name.

    One security group for all of them: HTTPS from the VPC, and nothing else.
    """
    if not spec.interface_endpoints:
        return []
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        vpc_id=vpc.id,
        description="AWS services inside the VPC",
        tags={"Name": f"{spec.cluster_name}-endpoints"},
        opts=opts,
    )
    https = aws.vpc.SecurityGroupIngressRule(
        f"{name}-endpoints-https",
        security_group_id=group.id,
        cidr_ipv4=spec.cidr,
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        opts=opts,
    )
    return [
        aws.ec2.VpcEndpoint(
            f"{name}-endpoint-{service.replace('.', '-')}",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{spec.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=[subnet.id for subnet in subnets],
            security_group_ids=[group.id],
            private_dns_enabled=True,
            tags={"Name": f"{spec.cluster_name}-{service}"},
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[https]),
        )
        for service in spec.interface_endpoints
    ]
