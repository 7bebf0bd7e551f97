"""Cluster Autoscaler: what it may do, and what it is told."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.cluster_autoscaler import ClusterAutoscaler, ClusterAutoscalerArgs
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.pools import ClusterAutoscalerSpec, ScaledGroupSpec
from tests.recording import Recording, record

CLUSTER_ARN = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/llm-dev"
GROUPS = "arn:aws-cn:autoscaling:cn-north-1:111122223333:autoScalingGroup:*:autoScalingGroupName"
SPEC = ClusterAutoscalerSpec(
    service_account="cluster-autoscaler",
    groups=(ScaledGroupSpec(pool="h100", min_nodes=0, max_nodes=4),),
    release=ReleaseSpec(
        name="cluster-autoscaler",
        chart="cluster-autoscaler",
        version="9.59.0",
        repository="https://charts.example",
        namespace="kube-system",
        values={"awsRegion": "cn-north-1"},
    ),
)


def autoscaler(*, preview: bool = False) -> Recording:
    def program() -> None:
        nodes = pulumi.CustomResource("test:index:Nodes", "nodes", {})
        api = kubernetes.Provider("api", kubeconfig="{}")
        args = ClusterAutoscalerArgs(
            spec=SPEC,
            cluster_name="llm-dev",
            cluster_arn=CLUSTER_ARN,
            autoscaling_groups={
                "h100": pulumi.Output.from_input("eks-h100-1"),
                "fixed": pulumi.Output.from_input("eks-fixed-1"),
            },
            after=(nodes,),
        )
        opts = pulumi.ResourceOptions(protect=True, providers=[api])
        ClusterAutoscaler("cluster-autoscaler", args, opts)

    return record(program, preview=preview)


def statements() -> dict[str, dict[str, Any]]:
    document = json.loads(autoscaler()["cluster-autoscaler-policy"].inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_it_resizes_the_groups_it_is_told_and_only_while_they_are_the_cluster_s():
    assert statements()["ResizeGroups"] == {
        "Sid": "ResizeGroups",
        "Effect": "Allow",
        "Action": [
            "autoscaling:SetDesiredCapacity",
            "autoscaling:TerminateInstanceInAutoScalingGroup",
        ],
        "Resource": [f"{GROUPS}/eks-h100-1"],
        "Condition": {
            "StringEquals": {"autoscaling:ResourceTag/kubernetes.io/cluster/llm-dev": "owned"}
        },
    }


def test_what_has_no_resource_to_be_narrowed_to_only_reads():
    found = statements()
    assert found.keys() == {"ReadGroups", "ReadNodeGroups", "ResizeGroups"}
    for action in found["ReadGroups"]["Action"]:
        assert action.partition(":")[2].startswith(("Describe", "Get"))
    assert found["ReadNodeGroups"]["Action"] == "eks:DescribeNodegroup"
    assert found["ReadNodeGroups"]["Resource"] == (
        "arn:aws-cn:eks:cn-north-1:111122223333:nodegroup/llm-dev/*"
    )


def test_it_is_told_each_group_by_name_with_its_bounds():
    assert autoscaler()["cluster-autoscaler-release"].inputs["values"] == {
        "awsRegion": "cn-north-1",
        "autoscalingGroups": [{"name": "eks-h100-1", "minSize": 0, "maxSize": 4}],
    }


def test_only_its_service_account_gets_its_role():
    recorded = autoscaler()
    inputs = recorded["cluster-autoscaler-identity"].inputs
    assert inputs.pop("roleArn") == recorded["cluster-autoscaler"].outputs["role_arn"]
    assert inputs == {
        "clusterName": "llm-dev",
        "namespace": "kube-system",
        "serviceAccount": "cluster-autoscaler",
    }


def test_its_pods_start_after_their_role_and_go_before_it():
    release = autoscaler()["cluster-autoscaler-release"]
    needed = {"nodes", "cluster-autoscaler-policy", "cluster-autoscaler-identity"}
    assert needed <= release.after
    assert release.provider == "api"


def test_protection_reaches_the_children_and_a_first_preview_shows_them_all():
    recorded = autoscaler()
    children = recorded.children("cluster-autoscaler")
    assert children == set(recorded) - {"cluster-autoscaler", "nodes", "api"}
    assert all(recorded[child].protect for child in children)
    assert set(autoscaler(preview=True)) == set(recorded)
