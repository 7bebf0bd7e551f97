"""IAM documents as plain data: who may take a role, and what small policies allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Statement = dict[str, Any]
Policy = dict[str, Any]

AWS_POLICY = "arn:aws:iam::aws:policy"
"""Prefix of the managed policies of AWS, in the standard partition."""

NODE_POLICIES = (
    f"{AWS_POLICY}/AmazonEKSWorkerNodePolicy",
    f"{AWS_POLICY}/AmazonEC2ContainerRegistryPullOnly",
    f"{AWS_POLICY}/AmazonSSMManagedInstanceCore",
)
"""What every node may do. AmazonEKS_CNI_Policy is missing on purpose: the vpc-cni add-on has a
role of its own, so that no other pod can borrow it from the node.
Source: https://karpenter.sh/docs/reference/cloudformation/"""

CLUSTER_POLICY = f"{AWS_POLICY}/AmazonEKSClusterPolicy"
ADMIN_ACCESS_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
"""Source: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"""


CLUSTER_AUTOSCALER_READS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)
"""None of them can be narrowed to a resource."""
CLUSTER_AUTOSCALER_WRITES = (
    "autoscaling:SetDesiredCapacity",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
)


@dataclass(frozen=True, kw_only=True)
class Arn:
    """An Amazon Resource Name in its parts."""

    partition: str
    service: str
    region: str
    """Empty for a global service."""
    account: str
    """Twelve digits; empty for what AWS owns."""
    resource: str

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Return the parts of `text`.

        Raises:
            ValueError: `text` is no ARN.
        """
        match text.split(":", maxsplit=5):
            case ["arn", partition, service, region, account, resource]:
                return cls(
                    partition=partition,
                    service=service,
                    region=region,
                    account=account,
                    resource=resource,
                )
            case _:
                raise ValueError(f"not an ARN: {text!r}")


def allow(
    sid: str,
    actions: str | Sequence[str],
    resources: str | Sequence[str],
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Statement:
    """Return a statement that allows `actions` on `resources`, where `condition` holds."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": resources,
    }
    return statement | ({"Condition": condition} if condition else {})


def policy(*statements: Statement) -> Policy:
    """Return a policy document of `statements`."""
    return {"Version": "2012-10-17", "Statement": [*statements]}


def trust(
    service: str,
    actions: Sequence[str] = ("sts:AssumeRole",),
    condition: Mapping[str, Mapping[str, Any]] | None = None,
) -> Policy:
    """Return the trust policy of a role that only an AWS service may take."""
    statement: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": [*actions],
    }
    return policy(statement | ({"Condition": condition} if condition else {}))


NODE_TRUST = trust("ec2.amazonaws.com")
CLUSTER_TRUST = trust("eks.amazonaws.com")
POD_IDENTITY_TRUST = trust("pods.eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"))
"""Taken for a pod by the Pod Identity agent, which tags the session with the pod's identity.
Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"""


def namespace_trust(cluster_name: str, namespace: str, account: str | None = None) -> Policy:
    """Return the trust of a role for pods of one namespace of one cluster.

    Those of one ServiceAccount alone, where `account` names it.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    """
    tags = {
        "eks-cluster-name": cluster_name,
        "kubernetes-namespace": namespace,
        **({} if account is None else {"kubernetes-service-account": account}),
    }
    asked = {f"aws:RequestTag/{tag}": value for tag, value in tags.items()}
    return trust(
        "pods.eks.amazonaws.com", ("sts:AssumeRole", "sts:TagSession"), {"StringEquals": asked}
    )


def account_trust(cluster_name: str, namespace: str, account: str) -> Policy:
    """Return the trust of a role for pods of one ServiceAccount of one cluster."""
    return namespace_trust(cluster_name, namespace, account)


def flow_log_trust(vpc_arn: str) -> Policy:
    """Return the trust of the flow-log role: only for flow logs of the VPC's account and region.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    vpc = Arn.parse(vpc_arn)
    flow_logs = f"arn:{vpc.partition}:ec2:{vpc.region}:{vpc.account}:vpc-flow-log/*"
    return trust(
        "vpc-flow-logs.amazonaws.com",
        condition={
            "StringEquals": {"aws:SourceAccount": vpc.account},
            "ArnLike": {"aws:SourceArn": flow_logs},
        },
    )


def flow_log_policy(log_group_arn: str) -> Policy:
    """Return what the flow-log role may do: write into the one log group, which exists already.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, whose
    statement is narrowed to that group; looking for groups cannot be narrowed below the account.
    """
    group = Arn.parse(log_group_arn)
    groups = f"arn:{group.partition}:logs:{group.region}:{group.account}:log-group:*"
    actions = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
    return policy(
        allow("WriteFlowLogs", actions, (log_group_arn, f"{log_group_arn}:*")),
        allow("FindLogGroup", "logs:DescribeLogGroups", groups),
    )


def cluster_autoscaler_policy(cluster_arn: str, group_names: Sequence[str]) -> Policy:
    """Return what Cluster Autoscaler may do: read, and resize these Auto Scaling groups.

    Source: kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md, whose last
    statement is narrowed to the groups and to what belongs to the cluster.
    """
    cluster = Arn.parse(cluster_arn)
    place = f"{cluster.region}:{cluster.account}"
    name = cluster.resource.partition("/")[2]
    node_groups = f"arn:{cluster.partition}:eks:{place}:nodegroup/{name}/*"
    scaled = [
        f"arn:{cluster.partition}:autoscaling:{place}:autoScalingGroup:*:autoScalingGroupName/{group}"
        for group in group_names
    ]
    owned = {"StringEquals": {f"autoscaling:ResourceTag/kubernetes.io/cluster/{name}": "owned"}}
    return policy(
        allow("ReadGroups", CLUSTER_AUTOSCALER_READS, "*"),
        allow("ReadNodeGroups", "eks:DescribeNodegroup", node_groups),
        allow("ResizeGroups", CLUSTER_AUTOSCALER_WRITES, scaled, owned),
    )


def interruption_queue_policy(queue_arn: str) -> Policy:
    """Return the policy of Karpenter's queue: events come in, and nothing travels in clear.

    Source: https://karpenter.sh/docs/reference/cloudformation/#karpenterinterruptionqueuepolicy
    """
    senders = ["events.amazonaws.com", "sqs.amazonaws.com"]
    send = allow("AllowEvents", "sqs:SendMessage", queue_arn) | {"Principal": {"Service": senders}}
    in_clear = {"Bool": {"aws:SecureTransport": "false"}}
    deny = allow("DenyHTTP", "sqs:*", queue_arn, in_clear) | {"Effect": "Deny", "Principal": "*"}
    return policy(send, deny)
