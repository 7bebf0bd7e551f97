"""EKS Auto Mode: the cluster that has it, and the role of its nodes."""

import json
from typing import Any

import pulumi
import pytest

from components.auto_mode import AutoMode, AutoModeArgs
from components.cluster import EksCluster, EksClusterArgs
from planning.specs.infrastructure import ClusterSpec
from tests.recording import Recording, record

POLICY = "arn:aws:iam::aws:policy/"
SPEC = ClusterSpec(
    name="llm-dev",
    kubernetes="1.36",
    admins=("arn:aws:iam::111122223333:role/platform",),
    public_access_cidrs=(),
    deletion_protection=False,
    auto_mode=True,
    log_retention_days=30,
    addons_before_nodes=(),
    addons_after_nodes=(),
)
PARTS = ("computeConfig", "kubernetesNetworkConfig", "storageConfig")


def cluster(*, auto_mode: bool) -> Recording:
    spec = SPEC.model_copy(update={"auto_mode": auto_mode})
    args = EksClusterArgs(spec=spec, subnet_ids=["subnet-a", "subnet-b"])
    return record(lambda: EksCluster("cluster", args))


@pytest.fixture(scope="module")
def made() -> Recording:
    return cluster(auto_mode=True)


@pytest.fixture(scope="module")
def nodes() -> Recording:
    args = AutoModeArgs(cluster_name=pulumi.Output.from_input("llm-dev"))
    return record(lambda: AutoMode("auto-mode", args, pulumi.ResourceOptions(protect=True)))


def document(recorded: Recording, name: str, key: str) -> dict[str, Any]:
    return json.loads(recorded[name].inputs[key])


def test_compute_load_balancing_and_storage_are_turned_on_together(made: Recording):
    inputs = made["cluster-control-plane"].inputs
    assert {part: inputs[part] for part in PARTS} == {
        "computeConfig": {"enabled": True},
        "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": True}},
        "storageConfig": {"blockStorage": {"enabled": True}},
    }
    assert inputs["bootstrapSelfManagedAddons"] is False


def test_without_it_a_cluster_says_nothing_of_it_and_its_role_stays_small():
    plain = cluster(auto_mode=False)
    assert not {*PARTS} & plain["cluster-control-plane"].inputs.keys()
    (statement,) = document(plain, "cluster-role", "assumeRolePolicy")["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    attached = plain.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert [one.inputs["policyArn"] for one in attached] == [f"{POLICY}AmazonEKSClusterPolicy"]
    assert plain.of_type("aws:iam/rolePolicy:RolePolicy") == []


def test_the_clusters_role_may_what_auto_mode_does(made: Recording):
    attached = made.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {one.inputs["policyArn"] for one in attached} == {
        f"{POLICY}AmazonEKSClusterPolicy",
        f"{POLICY}AmazonEKSComputePolicy",
        f"{POLICY}AmazonEKSBlockStoragePolicy",
        f"{POLICY}AmazonEKSLoadBalancingPolicy",
        f"{POLICY}AmazonEKSNetworkingPolicy",
    }
    (statement,) = document(made, "cluster-role", "assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_what_allows_it_comes_before_the_cluster_and_goes_after_it(made: Recording):
    allowed = {
        one.name
        for kind in ("rolePolicyAttachment:RolePolicyAttachment", "rolePolicy:RolePolicy")
        for one in made.of_type(f"aws:iam/{kind}")
    }
    assert allowed <= made["cluster-control-plane"].after


def test_own_tags_are_allowed_for_the_resources_of_this_cluster_alone(made: Recording):
    statements = document(made, "cluster-auto-mode-tags", "policy")["Statement"]
    own = {"aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}"}
    assert [one["Condition"]["StringEquals"] for one in statements] == [own, own]
    assert [one["Action"] for one in statements] == [
        ["ec2:CreateFleet", "ec2:RunInstances", "ec2:CreateLaunchTemplate"],
        "ec2:CreateNetworkInterface",
    ]
    assert [[*one["Condition"]["StringLike"]] for one in statements] == [
        [
            "aws:RequestTag/eks:kubernetes-node-class-name",
            "aws:RequestTag/eks:kubernetes-node-pool-name",
        ],
        ["aws:RequestTag/eks:kubernetes-cni-node-name"],
    ]


def test_the_nodes_role_may_pull_images_and_join_and_nothing_else(nodes: Recording):
    attached = nodes.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert [one.inputs["policyArn"] for one in attached] == [
        f"{POLICY}AmazonEC2ContainerRegistryPullOnly",
        f"{POLICY}AmazonEKSWorkerNodeMinimalPolicy",
    ]
    (statement,) = document(nodes, "auto-mode-node-role", "assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_the_cluster_lets_the_nodes_in_by_an_entry_of_their_kind(nodes: Recording):
    entry = nodes["auto-mode-node-access"].inputs
    assert entry["type"] == "EC2"
    assert entry["clusterName"] == "llm-dev"
    granted = nodes["auto-mode-node-access-policy"].inputs
    assert granted["policyArn"] == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy"
    assert granted["accessScope"] == {"type": "cluster"}
    assert granted["principalArn"] == entry["principalArn"]


def test_everything_lies_under_one_component_that_hands_its_options_on(nodes: Recording):
    assert nodes["auto-mode"].type == "llm-platform:index:AutoMode"
    assert nodes.children("auto-mode") == nodes.keys() - {"auto-mode"} - {
        name for name, one in nodes.items() if one.parent is None
    }
    assert all(nodes[name].protect for name in nodes.children("auto-mode"))
    outputs = nodes["auto-mode"].outputs
    assert outputs.keys() == {"node_role_name", "node_role_arn"}
