"""The controller's policies against the table of the Karpenter project (v1.14, v1.15)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from components.karpenter_policies import CONTROLLER_POLICIES
from components.karpenter_scope import ControllerScope

ACCOUNT = "111122223333"
CLUSTER = f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/llm"
NODE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/node"
QUEUE = f"arn:aws:sqs:us-west-2:{ACCOUNT}:llm"
SCOPE = ControllerScope(cluster_arn=CLUSTER, node_role_arn=NODE_ROLE, queue_arn=QUEUE)
PROFILES = f"arn:aws:iam::{ACCOUNT}:instance-profile/*"
INSTANCES = "arn:aws:ec2:us-west-2:*:instance/*"
TEMPLATES = "arn:aws:ec2:us-west-2:*:launch-template/*"
MADE = [
    "arn:aws:ec2:us-west-2:*:fleet/*",
    INSTANCES,
    "arn:aws:ec2:us-west-2:*:volume/*",
    "arn:aws:ec2:us-west-2:*:network-interface/*",
    TEMPLATES,
    "arn:aws:ec2:us-west-2:*:spot-instances-request/*",
]
OWNED = {"aws:ResourceTag/kubernetes.io/cluster/llm": "owned"}
OF_A_POOL = {"aws:ResourceTag/karpenter.sh/nodepool": "*"}
TAGGED_OWNED = {
    "aws:RequestTag/kubernetes.io/cluster/llm": "owned",
    "aws:RequestTag/eks:eks-cluster-name": "llm",
}
TAGGED_POOL = {"aws:RequestTag/karpenter.sh/nodepool": "*"}
HERE = {"aws:ResourceTag/topology.kubernetes.io/region": "us-west-2"}
TAGGED_HERE = {"aws:RequestTag/topology.kubernetes.io/region": "us-west-2"}
OF_A_CLASS = {"aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass": "*"}
TAGGED_CLASS = {"aws:RequestTag/karpenter.k8s.aws/ec2nodeclass": "*"}

TABLE: dict[str, tuple[str, list[str], list[str], dict[str, Any]]] = {
    "AllowScopedEC2InstanceAccessActions": (
        "node-lifecycle",
        ["ec2:RunInstances", "ec2:CreateFleet"],
        [
            "arn:aws:ec2:us-west-2::image/*",
            "arn:aws:ec2:us-west-2::snapshot/*",
            "arn:aws:ec2:us-west-2:*:security-group/*",
            "arn:aws:ec2:us-west-2:*:subnet/*",
            "arn:aws:ec2:us-west-2:*:capacity-reservation/*",
            "arn:aws:ec2:us-west-2:*:placement-group/*",
        ],
        {},
    ),
    "AllowScopedEC2LaunchTemplateAccessActions": (
        "node-lifecycle",
        ["ec2:RunInstances", "ec2:CreateFleet"],
        [TEMPLATES],
        {"StringEquals": OWNED, "StringLike": OF_A_POOL},
    ),
    "AllowScopedEC2InstanceActionsWithTags": (
        "node-lifecycle",
        ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
        MADE,
        {"StringEquals": TAGGED_OWNED, "StringLike": TAGGED_POOL},
    ),
    "AllowScopedResourceCreationTagging": (
        "node-lifecycle",
        ["ec2:CreateTags"],
        MADE,
        {
            "StringEquals": {
                **TAGGED_OWNED,
                "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"],
            },
            "StringLike": TAGGED_POOL,
        },
    ),
    "AllowScopedResourceTagging": (
        "node-lifecycle",
        ["ec2:CreateTags"],
        [INSTANCES],
        {
            "StringEquals": OWNED,
            "StringLike": OF_A_POOL,
            "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": "llm"},
            "ForAllValues:StringEquals": {
                "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
            },
        },
    ),
    "AllowScopedDeletion": (
        "node-lifecycle",
        ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
        [INSTANCES, TEMPLATES],
        {"StringEquals": OWNED, "StringLike": OF_A_POOL},
    ),
    "AllowPassingInstanceRole": (
        "iam-integration",
        ["iam:PassRole"],
        [NODE_ROLE],
        {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}},
    ),
    "AllowScopedInstanceProfileCreationActions": (
        "iam-integration",
        ["iam:CreateInstanceProfile"],
        [PROFILES],
        {"StringEquals": TAGGED_OWNED | TAGGED_HERE, "StringLike": TAGGED_CLASS},
    ),
    "AllowScopedInstanceProfileTagActions": (
        "iam-integration",
        ["iam:TagInstanceProfile"],
        [PROFILES],
        {
            "StringEquals": OWNED | HERE | TAGGED_OWNED | TAGGED_HERE,
            "StringLike": OF_A_CLASS | TAGGED_CLASS,
        },
    ),
    "AllowScopedInstanceProfileActions": (
        "iam-integration",
        [
            "iam:AddRoleToInstanceProfile",
            "iam:RemoveRoleFromInstanceProfile",
            "iam:DeleteInstanceProfile",
        ],
        [PROFILES],
        {"StringEquals": OWNED | HERE, "StringLike": OF_A_CLASS},
    ),
    "AllowAPIServerEndpointDiscovery": (
        "eks-integration",
        ["eks:DescribeCluster"],
        [CLUSTER],
        {},
    ),
    "AllowInterruptionQueueActions": (
        "interruption",
        ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
        [QUEUE],
        {},
    ),
    "AllowZonalShiftStatusReadOnly": (
        "zonal-shift",
        ["arc-zonal-shift:GetManagedResource"],
        ["*"],
        {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": CLUSTER}},
    ),
    "AllowRegionalReadActions": (
        "resource-discovery",
        [
            "ec2:DescribeCapacityReservations",
            "ec2:DescribeImages",
            "ec2:DescribeInstances",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplates",
            "ec2:DescribePlacementGroups",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSpotPriceHistory",
            "ec2:DescribeSubnets",
        ],
        ["*"],
        {"StringEquals": {"aws:RequestedRegion": "us-west-2"}},
    ),
    "AllowSSMReadActions": (
        "resource-discovery",
        ["ssm:GetParameter"],
        ["arn:aws:ssm:us-west-2::parameter/aws/service/*"],
        {},
    ),
    "AllowPricingReadActions": ("resource-discovery", ["pricing:GetProducts"], ["*"], {}),
    "AllowUnscopedInstanceProfileListAction": (
        "resource-discovery",
        ["iam:ListInstanceProfiles"],
        ["*"],
        {},
    ),
    "AllowInstanceProfileReadActions": (
        "resource-discovery",
        ["iam:GetInstanceProfile"],
        [PROFILES],
        {},
    ),
}
STATEMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    statement["Sid"]: (job, statement)
    for job, render in CONTROLLER_POLICIES.items()
    for statement in json.loads(json.dumps(render(SCOPE)))["Statement"]
}


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("sid", TABLE)
def test_a_statement_allows_exactly_what_the_table_says(sid: str):
    job, statement = STATEMENTS[sid]
    found = (
        job,
        listed(statement["Action"]),
        listed(statement["Resource"]),
        statement.get("Condition", {}),
    )
    assert found == TABLE[sid]
    assert statement["Effect"] == "Allow"


def test_from_1_15_on_the_controller_may_also_reboot_what_it_may_end():
    scope = replace(SCOPE, reboots=True)
    for job, render in CONTROLLER_POLICIES.items():
        for statement in json.loads(json.dumps(render(scope)))["Statement"]:
            of_job, known = STATEMENTS[statement["Sid"]]
            assert of_job == job
            if statement["Sid"] == "AllowScopedDeletion":
                assert listed(statement.pop("Action")) == [
                    "ec2:TerminateInstances",
                    "ec2:DeleteLaunchTemplate",
                    "ec2:RebootInstances",
                ]
                known = {key: value for key, value in known.items() if key != "Action"}
            assert statement == known


def test_there_is_no_statement_beside_the_table():
    assert set(STATEMENTS) == set(TABLE)


def test_the_longest_cluster_name_still_fits_the_inline_limit_of_a_role():
    longest = ControllerScope(
        cluster_arn=CLUSTER.removesuffix("llm") + "c" * 40,
        node_role_arn=f"arn:aws:iam::{ACCOUNT}:role/{'r' * 64}",
        queue_arn=QUEUE,
        reboots=True,
    )
    documents = [
        json.dumps(render(longest), separators=(",", ":"))
        for render in CONTROLLER_POLICIES.values()
    ]
    assert sum(map(len, documents)) <= 10_240


def test_another_partition_and_region_reach_every_arn():
    scope = ControllerScope(
        cluster_arn=f"arn:aws-cn:eks:cn-north-1:{ACCOUNT}:cluster/llm",
        node_role_arn=f"arn:aws-cn:iam::{ACCOUNT}:role/node",
        queue_arn=f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:llm",
    )
    rendered = json.dumps([render(scope) for render in CONTROLLER_POLICIES.values()])
    assert "arn:aws:" not in rendered
    assert "us-west-2" not in rendered
