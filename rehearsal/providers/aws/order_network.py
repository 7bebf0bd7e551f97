"""The order of a network: what EC2 refuses, and what goes by itself.

Only what EC2 itself refuses and the official provider does not clear away: it detaches the
associations of a route table, for one. An id needs no rule for creates, since nobody knows it
before the resource is there.
"""

from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.order import Rule
from rehearsal.providers.aws.references import Facts, Link, Through

_EC2 = "docs.aws.amazon.com/AWSEC2/latest/APIReference/"
_VPC_OF_SUBNET = Through(aws.SUBNET, "vpcId")


def _is_public(nat_gateway: Facts) -> bool:
    return nat_gateway.get("connectivityType") != "private"


def _names_another_group(rule: Facts) -> bool:
    return rule.get("referencedSecurityGroupId") != rule.get("securityGroupId")


_NAT_IN_NETWORK = Link(
    aws.NAT_GATEWAY,
    "subnetId",
    aws.INTERNET_GATEWAY,
    through=_VPC_OF_SUBNET,
    by="vpcId",
    where=_is_public,
)

HELD: tuple[Rule, ...] = (
    Rule(
        "DependencyViolation",
        "the vpc '{}' has dependencies and cannot be deleted",
        tuple(
            Link(user, "vpcId", aws.VPC)
            for user in (
                aws.SUBNET,
                aws.INTERNET_GATEWAY,
                aws.EGRESS_ONLY_GATEWAY,
                aws.ROUTE_TABLE,
                aws.SECURITY_GROUP,
                aws.ENDPOINT,
            )
        ),
        f"{_EC2}API_DeleteVpc.html",
    ),
    Rule(
        "DependencyViolation",
        "the subnet '{}' has dependencies and cannot be deleted: network interfaces lie in it",
        (
            Link(aws.NAT_GATEWAY, "subnetId", aws.SUBNET),
            Link(aws.ENDPOINT, "subnetIds", aws.SUBNET),
            Link(aws.CLUSTER, "vpcConfig.subnetIds", aws.SUBNET),
            Link(aws.NODE_GROUP, "subnetIds", aws.SUBNET),
            Link(aws.FARGATE_PROFILE, "subnetIds", aws.SUBNET),
            Link(aws.LUSTRE, "subnetIds", aws.SUBNET),
            Link(aws.MOUNT_TARGET, "subnetId", aws.SUBNET),
        ),
        f"{_EC2}API_DeleteSubnet.html",
    ),
    Rule(
        "DependencyViolation",
        "the network of the internet gateway '{}' has mapped public addresses; unmap them first",
        (_NAT_IN_NETWORK,),
        f"{_EC2}API_DetachInternetGateway.html; github.com/hashicorp/terraform/issues/1303",
    ),
    Rule(
        "AuthFailure",
        "the address '{}' cannot be released: it belongs to a NAT gateway until that is gone",
        (
            Link(aws.NAT_GATEWAY, "allocationId", aws.ADDRESS),
            Link(aws.NAT_GATEWAY, "secondaryAllocationIds", aws.ADDRESS),
        ),
        f"{_EC2}API_ReleaseAddress.html; github.com/hashicorp/terraform-provider-aws/issues/13763",
    ),
    Rule(
        "DependencyViolation",
        "the security group '{}' has a dependent object",
        (
            Link(aws.ENDPOINT, "securityGroupIds", aws.SECURITY_GROUP),
            Link(aws.CLUSTER, "vpcConfig.securityGroupIds", aws.SECURITY_GROUP),
            Link(aws.DATABASE, "vpcSecurityGroupIds", aws.SECURITY_GROUP),
            Link(aws.CACHE, "securityGroupIds", aws.SECURITY_GROUP),
            Link(aws.LUSTRE, "securityGroupIds", aws.SECURITY_GROUP),
            Link(aws.MOUNT_TARGET, "securityGroups", aws.SECURITY_GROUP),
            *(
                Link(
                    user,
                    "referencedSecurityGroupId",
                    aws.SECURITY_GROUP,
                    where=_names_another_group,
                )
                for user in (aws.INGRESS_RULE, aws.EGRESS_RULE)
            ),
        ),
        f"{_EC2}API_DeleteSecurityGroup.html",
    ),
)

NEEDED: tuple[Rule, ...] = (
    Rule(
        "Gateway.NotAttached",
        "network {} has no internet gateway attached",
        (_NAT_IN_NETWORK,),
        "docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
    ),
)

GONE_WITH: tuple[Link, ...] = (
    Link(aws.DEFAULT_SECURITY_GROUP, "vpcId", aws.VPC),
    Link(aws.FLOW_LOG, "vpcId", aws.VPC),
    Link(aws.ROUTE_TABLE_ASSOCIATION, "subnetId", aws.SUBNET),
    Link(aws.ROUTE_TABLE_ASSOCIATION, "routeTableId", aws.ROUTE_TABLE),
    Link(aws.ROUTE, "routeTableId", aws.ROUTE_TABLE),
    Link(aws.INGRESS_RULE, "securityGroupId", aws.SECURITY_GROUP),
    Link(aws.EGRESS_RULE, "securityGroupId", aws.SECURITY_GROUP),
)
"""What EC2 removes with a resource, by the user guide of VPC."""
