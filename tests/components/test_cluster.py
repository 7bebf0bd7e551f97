"""The EKS control plane."""

import json
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import ConfigMap

from components.access import slug
from components.cluster import EksCluster, EksClusterArgs, answered
from components.kubeconfig import kubeconfig
from planning.specs.infrastructure import AddonSpec, ClusterSpec
from tests.recording import Recording, record

ADMIN = "arn:aws:iam::111122223333:role/platform"
SPEC = ClusterSpec(
    name="llm-dev",
    kubernetes="1.36",
    admins=(ADMIN,),
    public_access_cidrs=(),
    deletion_protection=True,
    log_retention_days=30,
    addons_before_nodes=(
        AddonSpec(
            name="vpc-cni",
            service_account="aws-node",
            policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
            configuration={},
        ),
        AddonSpec(name="eks-pod-identity-agent", configuration={}),
    ),
    addons_after_nodes=(AddonSpec(name="coredns", configuration={}),),
)


def cluster(*, preview: bool = False, protect: bool = False, **changes: Any) -> Recording:
    spec = SPEC.model_copy(update=changes)
    args = EksClusterArgs(spec=spec, subnet_ids=["subnet-a", "subnet-b"])
    opts = pulumi.ResourceOptions(protect=protect)
    return record(lambda: EksCluster("cluster", args, opts), preview=preview)


def control_plane(**changes: Any) -> dict[str, Any]:
    return cluster(**changes)["cluster-control-plane"].inputs


def test_the_control_plane_is_exactly_this():
    inputs = control_plane()
    role = inputs.pop("roleArn")
    assert role.endswith("role/cluster-role-1a2b3c4")
    assert inputs == {
        "name": "llm-dev",
        "version": "1.36",
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "bootstrapSelfManagedAddons": False,
        "deletionProtection": True,
        "enabledClusterLogTypes": [
            "api",
            "audit",
            "authenticator",
            "controllerManager",
            "scheduler",
        ],
        "kubeSchedulerConfig": {
            "nodeResourcesFit": {
                "scoringStrategy": {
                    "type": "MostAllocated",
                    "resources": [{"name": "nvidia.com/gpu", "weight": 1}],
                }
            }
        },
        "upgradePolicy": {"supportType": "STANDARD"},
        "vpcConfig": {
            "subnetIds": ["subnet-a", "subnet-b"],
            "endpointPrivateAccess": True,
            "endpointPublicAccess": False,
        },
        "zonalShiftConfig": {"enabled": True},
    }


def test_the_endpoint_is_public_only_for_the_blocks_that_are_named():
    vpc = control_plane(public_access_cidrs=("198.51.100.0/24",))["vpcConfig"]
    assert vpc["endpointPublicAccess"]
    assert vpc["endpointPrivateAccess"]
    assert vpc["publicAccessCidrs"] == ["198.51.100.0/24"]


def test_logs_and_role_are_there_before_the_control_plane():
    recorded = cluster()
    assert recorded["cluster-logs"].inputs == {
        "name": "/aws/eks/llm-dev/cluster",
        "retentionInDays": 30,
    }
    assert {"cluster-logs", "cluster-policy"} <= recorded["cluster-control-plane"].after
    policy = recorded["cluster-policy"].inputs["policyArn"]
    assert policy == "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"


def test_an_admin_has_an_entry_and_the_policy_for_the_whole_cluster():
    recorded = cluster()
    (entry,) = recorded.of_type("aws:eks/accessEntry:AccessEntry")
    (association,) = recorded.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert entry.inputs == {"clusterName": "llm-dev", "principalArn": ADMIN}
    assert association.inputs == {
        "clusterName": "llm-dev",
        "principalArn": ADMIN,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "accessScope": {"type": "cluster"},
    }
    assert entry.name in association.after


def test_a_viewer_reads_the_whole_cluster_and_no_more():
    viewer = "arn:aws:iam::111122223333:user/ann"
    recorded = cluster(viewers=(viewer,))
    name = f"cluster-viewer-{slug(viewer)}"
    assert recorded[name].inputs == {"clusterName": "llm-dev", "principalArn": viewer}
    association = recorded[f"{name}-policy"]
    assert association.inputs == {
        "clusterName": "llm-dev",
        "principalArn": viewer,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "accessScope": {"type": "cluster"},
    }
    assert name in association.after
    assert set(recorded) - set(cluster()) == {name, f"{name}-policy"}


def test_a_customer_key_encrypts_only_when_the_spec_names_one():
    key = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert control_plane(secrets_kms_key_arn=key)["encryptionConfig"] == {
        "provider": {"keyArn": key},
        "resources": ["secrets"],
    }
    assert "encryptionConfig" not in control_plane()


def test_a_further_admin_renames_nobody():
    before = set(cluster())
    other = "arn:aws:iam::111122223333:role/a-first"
    after = set(cluster(admins=(other, ADMIN)))
    assert before < after


def test_principals_of_the_same_name_do_not_collide():
    arns = (
        ADMIN,
        "arn:aws:iam::444455556666:role/platform",
        "arn:aws:iam::111122223333:user/platform",
        "arn:aws:iam::111122223333:role/teams/platform",
    )
    assert len({slug(arn) for arn in arns}) == len(arns)
    assert all(slug(arn).startswith("platform-") for arn in arns)


def test_only_the_addons_that_nodes_need_are_installed_here():
    recorded = cluster()
    names = {found.inputs["addonName"] for found in recorded.of_type("aws:eks/addon:Addon")}
    assert names == {"vpc-cni", "eks-pod-identity-agent"}


def test_karpenter_finds_the_cluster_security_group():
    assert cluster()["cluster-discovery"].inputs == {
        "resourceId": "sg-cluster-control-plane",
        "key": "karpenter.sh/discovery",
        "value": "llm-dev",
    }


def test_what_depends_on_before_nodes_waits_for_the_tag_and_the_addons():
    def program() -> None:
        made = EksCluster("cluster", EksClusterArgs(spec=SPEC, subnet_ids=["subnet-a"]))
        pulumi.CustomResource(
            "test:index:Node",
            "node",
            {},
            pulumi.ResourceOptions(depends_on=[*made.before_nodes]),
        )

    assert {
        "cluster-discovery",
        "cluster-addons-vpc-cni",
        "cluster-addons-eks-pod-identity-agent",
    } <= record(program)["node"].after


def test_the_private_endpoint_answers_the_blocks_that_are_named_by_https_alone():
    blocks = ("10.20.0.0/16", "10.0.0.0/16")
    recorded = cluster(private_access_cidrs=blocks)
    for block in blocks:
        rule = recorded[f"cluster-endpoint-from-{block.replace('/', '-')}"]
        assert rule.inputs == {
            "securityGroupId": "sg-cluster-control-plane",
            "description": "Kubernetes API",
            "cidrIpv4": block,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
        }
        assert rule.name in recorded["cluster-kubernetes"].after
    assert not cluster().of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")


def test_no_object_is_sent_before_the_admins_have_access():
    def program() -> None:
        made = EksCluster("cluster", EksClusterArgs(spec=SPEC, subnet_ids=["subnet-a"]))
        ConfigMap("anything", opts=pulumi.ResourceOptions(provider=made.provider))

    recorded = record(program)
    access = {found.name for found in recorded.values() if "-admin-" in found.name}
    assert len(access) == 2
    assert recorded["anything"].provider == "cluster-kubernetes"
    assert access <= recorded["cluster-kubernetes"].after


def test_the_provider_applies_on_the_server_and_belongs_to_this_very_cluster():
    inputs = cluster()["cluster-kubernetes"].inputs
    assert json.loads(str(inputs["enableServerSideApply"]).lower()) is True
    assert inputs["clusterIdentifier"] == "https://llm-dev.eks.example"
    assert inputs["kubeconfig"] == kubeconfig(
        "llm-dev", "https://llm-dev.eks.example", "Y2VydGlmaWNhdGU=", "us-west-2"
    )


def test_the_kubeconfig_asks_for_a_token_and_holds_none():
    config = json.loads(kubeconfig("llm-dev", "https://api.example", "Q0E=", "eu-west-1"))
    (server,), (user,), (context,) = config["clusters"], config["users"], config["contexts"]
    assert server["cluster"] == {
        "server": "https://api.example",
        "certificate-authority-data": "Q0E=",
    }
    assert user["user"] == {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": ["eks", "get-token", "--cluster-name", "llm-dev", "--region", "eu-west-1"],
            "interactiveMode": "Never",
        }
    }
    assert config["current-context"] == context["name"]
    assert context["context"] == {"cluster": server["name"], "user": user["name"]}


def test_outputs_are_what_other_components_wire():
    assert cluster()["cluster"].outputs == {
        "cluster_name": "llm-dev",
        "cluster_arn": "arn:aws:eks:us-west-2:111122223333:cluster/llm-dev",
        "kubernetes_version": "1.36",
        "endpoint": "https://llm-dev.eks.example",
        "certificate_authority": "Y2VydGlmaWNhdGU=",
        "security_group_id": "sg-cluster-control-plane",
    }


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_answer_without_its_value_is_an_error_that_says_which(nothing: str | None):
    with pytest.raises(ValueError, match="named no certificate authority"):
        answered(nothing, "certificate authority")


def test_protection_reaches_the_children_and_a_first_preview_shows_them_all():
    recorded = cluster(protect=True)
    assert all(found.protect for found in recorded.values())
    assert set(cluster(preview=True)) == set(recorded)
    outside = set(recorded) - {"cluster"} - recorded.children("cluster")
    assert outside == recorded.children("cluster-addons")
