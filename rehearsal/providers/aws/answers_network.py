"""What EC2 and VPC answer, and the storage and databases that sit in a VPC; see `answers.py`."""

from collections.abc import Mapping

from rehearsal.providers.aws.answers import Answer

_EC2 = "arn:{partition}:ec2:{region}:{account}"
_SECRETS = "arn:{partition}:secretsmanager:{region}:{account}"

NETWORK: Mapping[str, Answer] = {
    "aws:ec2/vpc:Vpc": Answer(
        "vpc-{hex:vpc}",
        {
            "arn": f"{_EC2}:vpc/{{id}}",
            "defaultNetworkAclId": "acl-{hex:default}",
            "defaultRouteTableId": "rtb-{hex:default}",
            "defaultSecurityGroupId": "sg-{hex:default}",
            "dhcpOptionsId": "dopt-{hex:default}",
            "enableDnsSupport": True,
            "instanceTenancy": "default",
            "mainRouteTableId": "rtb-{hex:default}",
        },
    ),
    "aws:ec2/subnet:Subnet": Answer("subnet-{hex:subnet}", {"arn": f"{_EC2}:subnet/{{id}}"}),
    "aws:ec2/internetGateway:InternetGateway": Answer(
        "igw-{hex:gateway}", {"arn": f"{_EC2}:internet-gateway/{{id}}"}
    ),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": Answer("eigw-{hex:gateway}"),
    "aws:ec2/natGateway:NatGateway": Answer(
        "nat-{hex:gateway}",
        {
            "associationId": "eipassoc-{hex:association}",
            "connectivityType": "public",
            "networkInterfaceId": "eni-{hex:interface}",
            "privateIp": "10.0.0.10",
            "publicIp": "{ip:public}",
        },
    ),
    "aws:ec2/eip:Eip": Answer(
        "eipalloc-{hex:address}",
        {
            "allocationId": "{id}",
            "arn": f"{_EC2}:elastic-ip/{{id}}",
            "domain": "vpc",
            "publicIp": "{ip:public}",
        },
    ),
    "aws:ec2/routeTable:RouteTable": Answer(
        "rtb-{hex:table}", {"arn": f"{_EC2}:route-table/{{id}}"}
    ),
    "aws:ec2/route:Route": Answer(
        "r-{routeTableId}-{hex:route}", {"origin": "CreateRoute", "state": "active"}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Answer("rtbassoc-{hex:association}"),
    "aws:ec2/securityGroup:SecurityGroup": Answer(
        "sg-{hex:group}",
        {"arn": f"{_EC2}:security-group/{{id}}", "description": "Managed by Pulumi"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Answer(
        "sg-{hex:group}", {"arn": f"{_EC2}:security-group/{{id}}", "name": "default"}
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Answer(
        "sgrule-{hex:rule}", {"securityGroupRuleId": "sgr-{hex:rule}"}
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Answer(
        "sgr-{hex:rule}",
        {"arn": f"{_EC2}:security-group-rule/{{id}}", "securityGroupRuleId": "{id}"},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Answer(
        "sgr-{hex:rule}",
        {"arn": f"{_EC2}:security-group-rule/{{id}}", "securityGroupRuleId": "{id}"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Answer(
        "vpce-{hex:endpoint}",
        {
            "arn": f"{_EC2}:vpc-endpoint/{{id}}",
            "prefixListId": "pl-{hex:prefixes}",
            "requesterManaged": False,
            "state": "available",
            "vpcEndpointType": "Gateway",
        },
    ),
    "aws:ec2/flowLog:FlowLog": Answer("fl-{hex:log}", {"arn": f"{_EC2}:vpc-flow-log/{{id}}"}),
    "aws:ec2/launchTemplate:LaunchTemplate": Answer(
        "lt-{hex:template}",
        {"arn": f"{_EC2}:launch-template/{{id}}", "defaultVersion": 1, "latestVersion": 1},
        counted="latestVersion",
    ),
    "aws:ec2/placementGroup:PlacementGroup": Answer(
        "{name}",
        {"arn": f"{_EC2}:placement-group/{{name}}", "placementGroupId": "pg-{hex:group}"},
    ),
    "aws:ec2/capacityReservation:CapacityReservation": Answer(
        "cr-{hex:reservation}", {"arn": f"{_EC2}:capacity-reservation/{{id}}"}
    ),
    "aws:ec2/tag:Tag": Answer("{resourceId},{key}"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": Answer(
        "fs-{hex:files}",
        {
            "arn": "arn:{partition}:fsx:{region}:{account}:file-system/{id}",
            "dnsName": "{id}.fsx.{region}.amazonaws.com",
            "mountName": "{short:mount}",
            "vpcId": "vpc-{hex:vpc}",
        },
    ),
    "aws:fsx/dataRepositoryAssociation:DataRepositoryAssociation": Answer(
        "dra-{hex:association}",
        {
            "arn": "arn:{partition}:fsx:{region}:{account}:association/{fileSystemId}/{id}",
            "associationId": "{id}",
        },
    ),
    "aws:rds/subnetGroup:SubnetGroup": Answer(
        "{name}",
        {
            "arn": "arn:{partition}:rds:{region}:{account}:subgrp:{name}",
            "vpcId": "vpc-{hex:vpc}",
        },
    ),
    "aws:rds/parameterGroup:ParameterGroup": Answer(
        "{name}", {"arn": "arn:{partition}:rds:{region}:{account}:pg:{name}"}
    ),
    "aws:rds/instance:Instance": Answer(
        "db-{upper:database}",
        {
            "arn": "arn:{partition}:rds:{region}:{account}:db:{identifier}",
            "address": "{identifier}.{short:account}.{region}.rds.amazonaws.com",
            "port": 5432,  # PostgreSQL's: the platform runs no other engine
            "endpoint": "{address}:{port}",
            "masterUserSecrets": [
                {
                    "secretArn": f"{_SECRETS}:secret:rds!{{id}}",
                    "secretStatus": "active",
                }
            ],
            "resourceId": "{id}",
            "status": "available",
        },
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Answer(
        "{name}",
        {
            "arn": "arn:{partition}:elasticache:{region}:{account}:subnetgroup:{name}",
            "vpcId": "vpc-{hex:vpc}",
        },
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Answer(
        "{replicationGroupId}",
        {
            "arn": "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{id}",
            "primaryEndpointAddress": "master.{id}.{short:account}.cache.amazonaws.com",
            "readerEndpointAddress": "replica.{id}.{short:account}.cache.amazonaws.com",
        },
    ),
}
