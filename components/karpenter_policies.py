"""What Karpenter's controller may do in AWS: six policies, each for one job.

Source: https://karpenter.sh/docs/reference/cloudformation/ (v1.14, v1.15). Everything that changes
something is tied to the cluster by tag, so that one account can hold several clusters.
"""

from collections.abc import Callable, Mapping

from components.iam import Policy, allow, policy
from components.karpenter_scope import ControllerScope

LAUNCH = ("ec2:RunInstances", "ec2:CreateFleet")
LAUNCHED = (
    "fleet/*",
    "instance/*",
    "volume/*",
    "network-interface/*",
    "launch-template/*",
    "spot-instances-request/*",
)
"""Kinds of resources that a launch makes, and tags while it makes them."""
DESCRIBED = (
    "CapacityReservations",
    "Images",
    "Instances",
    "InstanceStatus",
    "InstanceTypeOfferings",
    "InstanceTypes",
    "LaunchTemplates",
    "PlacementGroups",
    "SecurityGroups",
    "SpotPriceHistory",
    "Subnets",
)
NODE_POOL_TAG = "karpenter.sh/nodepool"
NODE_CLASS_TAG = "karpenter.k8s.aws/ec2nodeclass"


def _node_lifecycle(scope: ControllerScope) -> Policy:
    launched = [scope.ec2(resource) for resource in LAUNCHED]
    instances, templates = scope.ec2("instance/*"), scope.ec2("launch-template/*")
    by_request = {"StringLike": {f"aws:RequestTag/{NODE_POOL_TAG}": "*"}}
    by_resource = {
        "StringEquals": scope.owned("ResourceTag"),
        "StringLike": {f"aws:ResourceTag/{NODE_POOL_TAG}": "*"},
    }
    creations = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    read = [scope.ec2(kind, account="") for kind in ("image/*", "snapshot/*")]
    joined = ("security-group/*", "subnet/*", "capacity-reservation/*", "placement-group/*")
    reboot = ("ec2:RebootInstances",) if scope.reboots else ()
    new_tags = ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
    return policy(
        allow(
            "AllowScopedEC2InstanceAccessActions",
            LAUNCH,
            [*read, *(scope.ec2(resource) for resource in joined)],
        ),
        allow("AllowScopedEC2LaunchTemplateAccessActions", LAUNCH, templates, by_resource),
        allow(
            "AllowScopedEC2InstanceActionsWithTags",
            (*LAUNCH, "ec2:CreateLaunchTemplate"),
            launched,
            {"StringEquals": scope.requested()} | by_request,
        ),
        allow(
            "AllowScopedResourceCreationTagging",
            "ec2:CreateTags",
            launched,
            {"StringEquals": scope.requested() | creations} | by_request,
        ),
        allow(
            "AllowScopedResourceTagging",
            "ec2:CreateTags",
            instances,
            by_resource
            | {
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": scope.name},
                "ForAllValues:StringEquals": {"aws:TagKeys": new_tags},
            },
        ),
        allow(
            "AllowScopedDeletion",
            ("ec2:TerminateInstances", "ec2:DeleteLaunchTemplate", *reboot),
            [instances, templates],
            by_resource,
        ),
    )


def _iam_integration(scope: ControllerScope) -> Policy:
    services = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]
    requested = scope.requested() | scope.region("RequestTag")
    existing = scope.owned("ResourceTag") | scope.region("ResourceTag")
    new_class = {f"aws:RequestTag/{NODE_CLASS_TAG}": "*"}
    old_class = {f"aws:ResourceTag/{NODE_CLASS_TAG}": "*"}
    return policy(
        allow(
            "AllowPassingInstanceRole",
            "iam:PassRole",
            scope.node_role_arn,
            {"StringEquals": {"iam:PassedToService": services}},
        ),
        allow(
            "AllowScopedInstanceProfileCreationActions",
            "iam:CreateInstanceProfile",
            scope.profiles,
            {"StringEquals": requested, "StringLike": new_class},
        ),
        allow(
            "AllowScopedInstanceProfileTagActions",
            "iam:TagInstanceProfile",
            scope.profiles,
            {"StringEquals": existing | requested, "StringLike": old_class | new_class},
        ),
        allow(
            "AllowScopedInstanceProfileActions",
            (
                "iam:AddRoleToInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:DeleteInstanceProfile",
            ),
            scope.profiles,
            {"StringEquals": existing, "StringLike": old_class},
        ),
    )


def _resource_discovery(scope: ControllerScope) -> Policy:
    region, partition = scope.cluster.region, scope.cluster.partition
    return policy(
        allow(
            "AllowRegionalReadActions",
            [f"ec2:Describe{kind}" for kind in DESCRIBED],
            "*",
            {"StringEquals": {"aws:RequestedRegion": region}},
        ),
        allow(
            "AllowSSMReadActions",
            "ssm:GetParameter",
            f"arn:{partition}:ssm:{region}::parameter/aws/service/*",
        ),
        allow("AllowPricingReadActions", "pricing:GetProducts", "*"),
        allow("AllowUnscopedInstanceProfileListAction", "iam:ListInstanceProfiles", "*"),
        allow("AllowInstanceProfileReadActions", "iam:GetInstanceProfile", scope.profiles),
    )


def _eks_integration(scope: ControllerScope) -> Policy:
    return policy(
        allow("AllowAPIServerEndpointDiscovery", "eks:DescribeCluster", scope.cluster_arn)
    )


def _interruption(scope: ControllerScope) -> Policy:
    actions = ("sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage")
    return policy(allow("AllowInterruptionQueueActions", actions, scope.queue_arn))


def _zonal_shift(scope: ControllerScope) -> Policy:
    this_cluster = {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": scope.cluster_arn}}
    action = "arc-zonal-shift:GetManagedResource"
    return policy(allow("AllowZonalShiftStatusReadOnly", action, "*", this_cluster))


CONTROLLER_POLICIES: Mapping[str, Callable[[ControllerScope], Policy]] = {
    "node-lifecycle": _node_lifecycle,
    "iam-integration": _iam_integration,
    "eks-integration": _eks_integration,
    "interruption": _interruption,
    "zonal-shift": _zonal_shift,
    "resource-discovery": _resource_discovery,
}
"""The controller's policies by job.

They are inline policies of its role, which may have 10,240 characters together; one managed policy
may have 6,144, and the six have more.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
