"""Karpenter's controller and its AWS side."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.karpenter import EVENTS, Karpenter, KarpenterArgs
from components.karpenter_policies import CONTROLLER_POLICIES
from components.karpenter_scope import ControllerScope
from planning.specs.infrastructure import KarpenterSpec, ReleaseSpec
from tests.recording import Recording, record

CLUSTER_ARN = "arn:aws:eks:us-west-2:111122223333:cluster/llm-dev"
CRDS = ReleaseSpec(
    name="karpenter-crd",
    chart="oci://charts.example/karpenter-crd",
    version="1.14.1",
    repository=None,
    namespace="kube-system",
    values={},
)
SPEC = KarpenterSpec(
    cluster_name="llm-dev",
    region="us-west-2",
    service_account="karpenter",
    crds=CRDS,
    controller=CRDS.model_copy(
        update={
            "name": "karpenter",
            "chart": "oci://charts.example/karpenter",
            "skip_crds": True,
            "values": {"replicas": 2, "settings": {"batchIdleDuration": "1s"}},
        }
    ),
)

POLICY_JOBS = (
    "node-lifecycle",
    "iam-integration",
    "eks-integration",
    "interruption",
    "zonal-shift",
    "resource-discovery",
)


def karpenter(*, preview: bool = False, spec: KarpenterSpec = SPEC) -> Recording:
    def program() -> None:
        nodes = pulumi.CustomResource("test:index:Nodes", "nodes", {})
        api = kubernetes.Provider("api", kubeconfig="{}")
        args = KarpenterArgs(
            spec=spec, cluster_name="llm-dev", cluster_arn=CLUSTER_ARN, after=(nodes,)
        )
        opts = pulumi.ResourceOptions(protect=True, providers=[api])
        Karpenter("karpenter", args, opts)

    return record(program, preview=preview)


def policy(recorded: Recording, name: str) -> dict[str, Any]:
    return json.loads(recorded[name].inputs["policy"])


def test_the_queue_is_named_like_the_cluster_encrypted_and_short():
    assert karpenter()["karpenter-queue"].inputs == {
        "name": "llm-dev",
        "messageRetentionSeconds": 300,
        "sqsManagedSseEnabled": True,
    }


def test_only_events_enter_the_queue_and_nothing_in_clear():
    recorded = karpenter()
    arn = "arn:aws:sqs:us-west-2:111122223333:queue/llm-dev"
    assert recorded["karpenter-queue-policy"].inputs["queueUrl"].endswith("/llm-dev")
    assert policy(recorded, "karpenter-queue-policy")["Statement"] == [
        {
            "Sid": "AllowEvents",
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        },
        {
            "Sid": "DenyHTTP",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


@pytest.mark.parametrize(
    ("event", "source", "detail_type"),
    [
        ("health", "aws.health", "AWS Health Event"),
        ("spot", "aws.ec2", "EC2 Spot Instance Interruption Warning"),
        ("rebalance", "aws.ec2", "EC2 Instance Rebalance Recommendation"),
        ("state", "aws.ec2", "EC2 Instance State-change Notification"),
        ("reservation", "aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    ],
)
def test_the_controller_hears_of(event: str, source: str, detail_type: str):
    recorded = karpenter()
    rule = recorded[f"karpenter-{event}"].inputs
    target = recorded[f"karpenter-{event}-to-queue"]
    assert json.loads(rule["eventPattern"]) == {"source": [source], "detail-type": [detail_type]}
    assert target.inputs["arn"] == "arn:aws:sqs:us-west-2:111122223333:queue/llm-dev"
    assert f"karpenter-{event}" in target.after
    assert len(EVENTS) == 5


def test_the_cluster_lets_the_nodes_in():
    recorded = karpenter()
    entry = recorded["karpenter-node-access"]
    assert entry.inputs["type"] == "EC2_LINUX"
    assert entry.inputs["clusterName"] == "llm-dev"
    assert entry.inputs["principalArn"] == recorded["karpenter"].outputs["node_role_arn"]


def test_the_controller_has_the_six_policies_of_its_cluster_node_role_and_queue():
    recorded = karpenter()
    scope = ControllerScope(
        cluster_arn=CLUSTER_ARN,
        node_role_arn=recorded["karpenter"].outputs["node_role_arn"],
        queue_arn="arn:aws:sqs:us-west-2:111122223333:queue/llm-dev",
    )
    found = recorded.of_type("aws:iam/rolePolicy:RolePolicy")
    assert {document.name for document in found} == {f"karpenter-{job}" for job in POLICY_JOBS}
    for job, render in CONTROLLER_POLICIES.items():
        rendered = json.loads(json.dumps(render(scope)))
        assert policy(recorded, f"karpenter-{job}") == rendered
    assert {document.inputs["role"] for document in found} == {"karpenter-controller-role-1a2b3c4"}


def test_a_release_that_repairs_by_reboot_may_reboot():
    recorded = karpenter(spec=SPEC.model_copy(update={"reboots": True}))
    without = policy(karpenter(), "karpenter-node-lifecycle")["Statement"]
    statements = policy(recorded, "karpenter-node-lifecycle")["Statement"]
    changed = [(new, old) for new, old in zip(statements, without, strict=True) if new != old]
    [(new, old)] = changed
    assert new["Sid"] == "AllowScopedDeletion"
    assert new == old | {"Action": [*old["Action"], "ec2:RebootInstances"]}


def test_in_a_private_network_the_program_makes_the_profile_of_the_nodes():
    recorded = karpenter(spec=SPEC.model_copy(update={"private": True}))
    profile = recorded["karpenter-node-profile"]
    assert profile.inputs == {"role": "karpenter-node-role-1a2b3c4"}
    outputs = recorded["karpenter"].outputs
    assert outputs["instance_profile_name"].startswith("karpenter-node-profile")
    assert "karpenter-node-profile" not in karpenter()


def test_only_the_controllers_service_account_gets_its_role():
    recorded = karpenter()
    inputs = recorded["karpenter-controller-identity"].inputs
    role = inputs.pop("roleArn")
    assert role.endswith("role/karpenter-controller-role-1a2b3c4")
    assert inputs == {
        "clusterName": "llm-dev",
        "namespace": "kube-system",
        "serviceAccount": "karpenter",
    }
    trust = json.loads(recorded["karpenter-controller-role"].inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_the_controller_starts_after_all_it_needs_and_goes_before_it():
    recorded = karpenter()
    needed = {
        "nodes",
        "karpenter-crds",
        "karpenter-controller-identity",
        "karpenter-queue-policy",
        "karpenter-node-access",
        *(f"karpenter-{job}" for job in POLICY_JOBS),
        *(f"karpenter-{event}-to-queue" for event in EVENTS),
        *(name for name in recorded if name.startswith("karpenter-node-Amazon")),
    }
    assert needed <= recorded["karpenter-controller"].after


def test_the_crds_come_first_from_a_chart_of_their_own():
    recorded = karpenter()
    assert recorded["karpenter-crds"].inputs["name"] == "karpenter-crd"
    assert recorded["karpenter-controller"].inputs["skipCrds"]


def test_the_controller_knows_its_cluster_and_its_queue():
    assert karpenter()["karpenter-controller"].inputs["values"] == {
        "replicas": 2,
        "settings": {
            "batchIdleDuration": "1s",
            "clusterName": "llm-dev",
            "interruptionQueue": "llm-dev",
        },
    }


def test_releases_go_to_the_cluster_that_the_component_was_given():
    recorded = karpenter()
    assert recorded["karpenter-crds"].provider == "api"
    assert recorded["karpenter-controller"].provider == "api"


def test_the_spot_role_of_the_account_is_made_where_one_environment_says_so():
    kind = "aws:iam/serviceLinkedRole:ServiceLinkedRole"
    assert not karpenter().of_type(kind)
    (made,) = karpenter(spec=SPEC.model_copy(update={"spot_role": True})).of_type(kind)
    assert made.inputs["awsServiceName"] == "spot.amazonaws.com"


def test_outputs_are_what_pools_wire():
    outputs = karpenter()["karpenter"].outputs
    assert outputs["node_role_name"] == "karpenter-node-role-1a2b3c4"
    assert outputs["queue_name"] == "llm-dev"


def test_protection_reaches_the_children_and_a_first_preview_shows_them_all():
    recorded = karpenter()
    children = recorded.children("karpenter")
    assert children == set(recorded) - {"karpenter", "nodes", "api"}
    assert all(recorded[child].protect for child in children)
    assert set(karpenter(preview=True)) == set(recorded)
