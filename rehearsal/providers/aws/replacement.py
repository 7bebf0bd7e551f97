"""Which changes force a new resource: the SDK does not say, so each type's list stands here.

Source: `ForceNew` and `RequiresReplace` in the resources of hashicorp/terraform-provider-aws v6,
that is "Forces new resource" in registry.terraform.io/providers/hashicorp/aws/latest/docs; the
types that this program uses. A path covers what lies below it.
"""

import re
from collections.abc import Mapping

from rehearsal.providers.aws.naming import is_made_up, name_input
from rehearsal.providers.aws.schema import Schema
from rehearsal.providers.differences import Difference
from rehearsal.providers.values import Properties

_SECURITY_GROUP_RULE = ("securityGroupId",)

FORCES_NEW: Mapping[str, tuple[str, ...]] = {
    "aws:ec2/vpc:Vpc": ("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
    "aws:ec2/subnet:Subnet": ("availabilityZone", "availabilityZoneId", "cidrBlock", "vpcId"),
    "aws:ec2/natGateway:NatGateway": ("allocationId", "connectivityType", "privateIp", "subnetId"),
    "aws:ec2/eip:Eip": ("address", "domain", "networkBorderGroup", "publicIpv4Pool"),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": ("vpcId",),
    "aws:ec2/routeTable:RouteTable": ("vpcId",),
    "aws:ec2/route:Route": ("destinationCidrBlock", "destinationIpv6CidrBlock", "routeTableId"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("gatewayId", "subnetId"),
    "aws:ec2/securityGroup:SecurityGroup": ("description", "vpcId"),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (
        "cidrBlocks", "fromPort", "protocol", "securityGroupId", "self",
        "sourceSecurityGroupId", "toPort", "type",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _SECURITY_GROUP_RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _SECURITY_GROUP_RULE,
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("serviceName", "serviceRegion", "vpcEndpointType", "vpcId"),
    "aws:ec2/flowLog:FlowLog": (
        "destinationOptions", "iamRoleArn", "logDestination", "logDestinationType", "logFormat",
        "maxAggregationInterval", "subnetId", "trafficType", "vpcId",
    ),
    "aws:ec2/placementGroup:PlacementGroup": ("partitionCount", "spreadLevel", "strategy"),
    "aws:ec2/capacityReservation:CapacityReservation": (
        "availabilityZone", "instancePlatform", "instanceType", "placementGroupArn", "tenancy",
    ),
    "aws:ec2/tag:Tag": ("key", "resourceId"),
    "aws:eks/cluster:Cluster": (
        "accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons",
        "encryptionConfig", "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr", "outpostConfig", "roleArn",
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        "amiType", "capacityType", "clusterName", "diskSize", "instanceTypes",
        "launchTemplate.id", "launchTemplate.name", "nodeRoleArn", "remoteAccess", "subnetIds",
    ),
    "aws:eks/addon:Addon": ("addonName", "clusterName"),
    "aws:eks/accessEntry:AccessEntry": ("clusterName", "principalArn", "type"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (
        "accessScope", "clusterName", "policyArn", "principalArn",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (
        "clusterName", "namespace", "serviceAccount",
    ),
    "aws:iam/role:Role": ("path",),
    "aws:iam/policy:Policy": ("description", "path"),
    "aws:iam/rolePolicy:RolePolicy": ("role",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("policyArn", "role"),
    "aws:iam/instanceProfile:InstanceProfile": ("path",),
    "aws:sqs/queue:Queue": ("fifoQueue",),
    "aws:sqs/queuePolicy:QueuePolicy": ("queueUrl",),
    "aws:cloudwatch/eventRule:EventRule": ("eventBusName",),
    "aws:cloudwatch/eventTarget:EventTarget": ("eventBusName", "rule", "targetId"),
    "aws:kms/key:Key": ("customerMasterKeySpec", "keyUsage", "multiRegion"),
    "aws:s3/bucketPolicy:BucketPolicy": ("bucket",),
    "aws:secretsmanager/secretVersion:SecretVersion": ("secretId",),
    "aws:ecr/repository:Repository": ("encryptionConfigurations",),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": (
        "ecrRepositoryPrefix", "upstreamRegistryUrl",
    ),
    "aws:fsx/lustreFileSystem:LustreFileSystem": (
        "deploymentType", "kmsKeyId", "storageType", "subnetIds",
    ),
    "aws:fsx/dataRepositoryAssociation:DataRepositoryAssociation": (
        "dataRepositoryPath", "fileSystemId", "fileSystemPath",
    ),
    "aws:rds/instance:Instance": (
        "availabilityZone", "dbName", "engine", "kmsKeyId", "storageEncrypted", "username",
    ),
    "aws:rds/parameterGroup:ParameterGroup": ("description", "family"),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "atRestEncryptionEnabled", "kmsKeyId", "replicationGroupId", "subnetGroupName",
    ),
}  # fmt: skip

RENAMED_IN_PLACE = frozenset({"aws:rds/instance:Instance", "aws:budgets/budget:Budget"})
"""Types whose physical name may change without a new resource."""


def forces_new(schema: Schema, difference: Difference) -> bool:
    """Return whether `difference` cannot be made in place on a resource of this type."""
    paths = [*FORCES_NEW.get(schema.token, ()), "region"]
    name = name_input(schema)
    if name and schema.token not in RENAMED_IN_PLACE:
        paths += [name, f"{name}Prefix"]
    # In both directions: an object that comes or goes takes what lies below it along.
    return any(_covers(path, difference.path) or _covers(difference.path, path) for path in paths)


def keeps_name(schema: Schema, urn: str, inputs: Properties, old_inputs: Properties) -> bool:
    """Return whether old and new would bear one name that the program gave: the old goes first."""
    name = name_input(schema)
    if not name or inputs.get(name) is None or is_made_up(schema, urn, inputs[name]):
        return False
    return inputs[name] == old_inputs.get(name)


def _covers(path: str, other: str) -> bool:
    return re.match(rf"{re.escape(path)}(?![A-Za-z0-9_$])", other) is not None
