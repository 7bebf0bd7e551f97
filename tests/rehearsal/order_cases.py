"""Which resources hold others, go with others, or let others go: a case for each link."""

from rehearsal.providers.aws import resource_types as aws
from tests.rehearsal.aws_hand import LAUNCH_TEMPLATE
from tests.rehearsal.aws_orders import Case

HELD = [
    Case(aws.VPC, aws.SUBNET, {"vpcId": "used"}, "DependencyViolation: the vpc 'used' has"),
    Case(aws.VPC, aws.INTERNET_GATEWAY, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    Case(aws.VPC, aws.ROUTE_TABLE, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    Case(aws.VPC, aws.SECURITY_GROUP, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    Case(aws.VPC, aws.ENDPOINT, {"vpcId": "used"}, "DependencyViolation: the vpc"),
    Case(aws.SUBNET, aws.NAT_GATEWAY, {"subnetId": "used"}, "DependencyViolation: the subnet"),
    Case(aws.SUBNET, aws.NODE_GROUP, {"subnetIds": ["a", "used"]}, "DependencyViolation: the sub"),
    Case(aws.SUBNET, aws.CLUSTER, {"vpcConfig": {"subnetIds": ["used"]}}, "DependencyViolation"),
    Case(aws.SUBNET, aws.ENDPOINT, {"subnetIds": ["used"]}, "DependencyViolation: the subnet"),
    Case(aws.SUBNET, aws.MOUNT_TARGET, {"subnetId": "used"}, "DependencyViolation: the subnet"),
    Case(aws.ADDRESS, aws.NAT_GATEWAY, {"allocationId": "used"}, "AuthFailure: the address"),
    Case(
        aws.SECURITY_GROUP,
        aws.CLUSTER,
        {"vpcConfig": {"securityGroupIds": ["used"]}},
        "DependencyViolation: the security group 'used' has a dep",
    ),
    Case(
        aws.SECURITY_GROUP,
        aws.INGRESS_RULE,
        {"securityGroupId": "other", "referencedSecurityGroupId": "used"},
        "DependencyViolation",
    ),
    Case(aws.SECURITY_GROUP, aws.DATABASE, {"vpcSecurityGroupIds": ["used"]}, "DependencyViol"),
    Case(
        aws.CLUSTER,
        aws.NODE_GROUP,
        {"clusterName": "used"},
        "ResourceInUseException: cluster used has nodegroups attached",
    ),
    Case(aws.CLUSTER, aws.FARGATE_PROFILE, {"clusterName": "used"}, "ResourceInUseException"),
    Case(
        aws.ADDON,
        aws.NODE_GROUP,
        {"clusterName": "dev"},
        "OutOfOrder: EKS would delete the add-on used",
        facts={"clusterName": "dev", "addonName": "vpc-cni"},
    ),
    Case(aws.ROLE, aws.ATTACHMENT, {"role": "used"}, "DeleteConflict: role used .* detach all"),
    Case(aws.ROLE, aws.ROLE_POLICY, {"role": "used"}, "DeleteConflict: role used .* inline"),
    Case(
        aws.POLICY,
        aws.ATTACHMENT,
        {"policyArn": "a:p"},
        "DeleteConflict: policy",
        facts={"arn": "a:p"},
    ),
    Case(
        aws.EVENT_RULE,
        aws.EVENT_TARGET,
        {"rule": "used"},
        "ValidationException: rule used cannot be deleted since it has targets",
    ),
    Case(
        aws.QUEUE,
        aws.EVENT_TARGET,
        {"arn": "a:q"},
        "OutOfOrder: .* lost in silen",
        facts={"arn": "a:q"},
    ),
    Case(aws.DATABASE_SUBNETS, aws.DATABASE, {"dbSubnetGroupName": "used"}, "InvalidDBSubnetGr"),
    Case(aws.DATABASE_PARAMETERS, aws.DATABASE, {"parameterGroupName": "used"}, "InvalidDBParam"),
    Case(aws.CACHE_SUBNETS, aws.CACHE, {"subnetGroupName": "used"}, "CacheSubnetGroupInUse"),
    Case(aws.FILE_SYSTEM, aws.MOUNT_TARGET, {"fileSystemId": "used"}, "FileSystemInUse"),
]

GONE_WITH = [
    Case(aws.VPC, aws.DEFAULT_SECURITY_GROUP, {"vpcId": "used"}),
    Case(aws.VPC, aws.FLOW_LOG, {"vpcId": "used"}),
    Case(aws.SUBNET, aws.ROUTE_TABLE_ASSOCIATION, {"subnetId": "used"}),
    Case(aws.ROUTE_TABLE, aws.ROUTE_TABLE_ASSOCIATION, {"routeTableId": "used"}),
    Case(aws.ROUTE_TABLE, aws.ROUTE, {"routeTableId": "used"}),
    Case(
        aws.SECURITY_GROUP,
        aws.INGRESS_RULE,
        {"securityGroupId": "used", "referencedSecurityGroupId": "used"},
    ),
    Case(aws.CLUSTER, aws.ADDON, {"clusterName": "used", "addonName": "coredns"}),
    Case(aws.CLUSTER, aws.ACCESS_ENTRY, {"clusterName": "used"}),
    Case(aws.CLUSTER, aws.POD_IDENTITY, {"clusterName": "used"}),
    Case(aws.QUEUE, aws.QUEUE_POLICY, {"queueUrl": "used"}),
]

LET_GO = [
    Case(aws.ROLE, aws.ATTACHMENT, {"role": "used"}, facts={"forceDetachPolicies": True}),
    Case(aws.ROLE, aws.ATTACHMENT, {"role": "used"}, facts={"managedPolicyArns": ["a"]}),
    Case(aws.ROLE, aws.ROLE_POLICY, {"role": "used"}, facts={"forceDetachPolicies": True}),
    Case(aws.ROLE, aws.INSTANCE_PROFILE, {"role": "used"}),
    Case(aws.ROLE, aws.NODE_GROUP, {"nodeRoleArn": "r"}, facts={"arn": "r"}),
    Case(aws.EVENT_RULE, aws.EVENT_TARGET, {"rule": "used"}, facts={"forceDestroy": True}),
    Case(
        aws.ADDON,
        aws.NODE_GROUP,
        {"clusterName": "c"},
        facts={"clusterName": "c", "addonName": "coredns"},
    ),
    Case(LAUNCH_TEMPLATE, aws.NODE_GROUP, {"launchTemplate": {"id": "used"}}),
    Case(aws.NAT_GATEWAY, aws.ROUTE, {"natGatewayId": "used"}),
]
