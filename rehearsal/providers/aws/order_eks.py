"""The order of EKS: what it refuses, what it makes by itself, and what goes with a cluster.

A role or a launch template that a cluster or a node group uses may go: IAM and EC2 do not look.
"""

from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.order import OWN, Protection, Rule, Taken
from rehearsal.providers.aws.references import Facts, Link

_EKS = "docs.aws.amazon.com/eks/latest/"
_OF_CLUSTER = (aws.ADDON, aws.ACCESS_ENTRY, aws.ACCESS_POLICY, aws.POD_IDENTITY)

DEPLOYMENTS = frozenset(
    {
        "coredns",
        "metrics-server",
        "snapshot-controller",
        "aws-ebs-csi-driver",
        "aws-efs-csi-driver",
        "aws-fsx-csi-driver",
        "cert-manager",
        "kube-state-metrics",
    }
)
"""Add-ons that are ACTIVE only once a Deployment runs; those of DaemonSets alone need no node."""
_TOLERATED = "CriticalAddonsOnly"


def runs_pods(group: Facts) -> bool:
    """Return whether a node group has nodes that take pods which tolerate nothing special."""
    taints: list[dict[str, str]] = group.get("taints") or []
    closed = any(
        taint["effect"] != "PREFER_NO_SCHEDULE" and taint["key"] != _TOLERATED for taint in taints
    )
    scaling: dict[str, int] = group.get("scalingConfig") or {}
    return not closed and scaling.get("desiredSize", 0) > 0


def logs_of(cluster: Facts) -> str | None:
    """Return the log group that EKS makes for a cluster that logs; None when it does not."""
    logging = cluster.get("enabledClusterLogTypes")
    return f"/aws/eks/{cluster['name']}/cluster" if logging else None


HELD: tuple[Rule, ...] = (
    Rule(
        "ResourceInUseException",
        "cluster {} has nodegroups attached",
        (Link(aws.NODE_GROUP, "clusterName", aws.CLUSTER),),
        f"{_EKS}APIReference/API_DeleteCluster.html",
    ),
    Rule(
        "ResourceInUseException",
        "cluster {} has Fargate profiles attached",
        (Link(aws.FARGATE_PROFILE, "clusterName", aws.CLUSTER),),
        f"{_EKS}APIReference/API_DeleteCluster.html",
    ),
    Rule(
        OWN,
        "EKS would delete the add-on {}, and nodes could not give their network interfaces back, "
        "which then hold subnets and security groups",
        (Link(aws.NODE_GROUP, "clusterName", aws.ADDON, by="clusterName"),),
        "github.com/aws/amazon-vpc-cni-k8s/issues/1223",
        excused=lambda addon: addon.get("addonName") != "vpc-cni",
    ),
)

PROTECTED: dict[str, Protection] = {
    aws.CLUSTER: Protection(
        "InvalidRequestException",
        "cluster {} has deletion protection on; apply `cluster.deletion_protection: false` first",
        f"{_EKS}userguide/deletion-protection.html",
    ),
}

NEEDED: tuple[Rule, ...] = (
    Rule(
        "ResourceNotFoundException",
        "no cluster found for name: {}",
        tuple(
            Link(user, "clusterName", aws.CLUSTER)
            for user in (aws.NODE_GROUP, aws.FARGATE_PROFILE, *_OF_CLUSTER)
        ),
        f"{_EKS}APIReference/API_CreateNodegroup.html",
        ready=lambda cluster: cluster.get("status") == "ACTIVE",
    ),
    Rule(
        "InvalidParameterException",
        "the node role {} does not exist",
        (Link(aws.NODE_GROUP, "nodeRoleArn", aws.ROLE),),
        f"{_EKS}APIReference/API_CreateNodegroup.html",
    ),
    Rule(
        "InvalidParameterException",
        "these subnets do not exist: {}",
        (Link(aws.NODE_GROUP, "subnetIds", aws.SUBNET),),
        f"{_EKS}APIReference/API_CreateNodegroup.html",
    ),
    Rule(
        "ResourceNotFoundException",
        "there is no access entry of principal {}",
        (Link(aws.ACCESS_POLICY, "principalArn", aws.ACCESS_ENTRY, by="principalArn"),),
        f"{_EKS}APIReference/API_AssociateAccessPolicy.html",
    ),
    Rule(
        "InsufficientNumberOfReplicas",
        "cluster {} has no node for the add-on's pods: DEGRADED, it would fail after 20 minutes",
        (
            Link(
                aws.ADDON,
                "clusterName",
                aws.NODE_GROUP,
                by="clusterName",
                where=lambda addon: addon.get("addonName") in DEPLOYMENTS,
            ),
        ),
        "github.com/terraform-aws-modules/terraform-aws-eks/issues/3001",
        ready=runs_pods,
    ),
)

TAKEN: tuple[Taken, ...] = (
    Taken(
        aws.LOG_GROUP,
        aws.CLUSTER,
        logs_of,
        "ResourceAlreadyExistsException",
        "the log group {} exists: EKS made it, without retention, with its cluster",
        f"{_EKS}userguide/control-plane-logs.html",
    ),
)

GONE_WITH: tuple[Link, ...] = (
    *(Link(user, "clusterName", aws.CLUSTER) for user in _OF_CLUSTER),
    Link(aws.ACCESS_POLICY, "principalArn", aws.ACCESS_ENTRY, by="principalArn"),
)
"""What EKS removes with a resource."""
