"""EKS add-ons."""

import json
from typing import Any

import pulumi
import pytest

from components.addons import Addons, AddonsArgs, configuration_values
from planning.specs.infrastructure import AddonSpec
from tests.recording import Recording, record

CNI = AddonSpec(
    name="vpc-cni",
    version="v1.22.4-eksbuild.3",
    service_account="aws-node",
    policy_arn="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    configuration={"enableNetworkPolicy": "true", "env": {"B": "1", "A": "2"}},
)
PROXY = AddonSpec(name="kube-proxy", configuration={})


def addons(*specs: AddonSpec, preview: bool = False) -> Recording:
    def program() -> None:
        nodes = pulumi.ComponentResource("test:index:Nodes", "nodes")
        args = AddonsArgs(specs=specs, cluster_name="llm-dev", after=(nodes,))
        Addons("addons", args, pulumi.ResourceOptions(protect=True))

    return record(program, preview=preview)


def test_an_addon_is_pinned_and_configured_by_this_program_alone():
    inputs = addons(CNI)["addons-vpc-cni"].inputs
    association = inputs.pop("podIdentityAssociations")
    assert inputs == {
        "addonName": "vpc-cni",
        "addonVersion": "v1.22.4-eksbuild.3",
        "clusterName": "llm-dev",
        "configurationValues": '{"enableNetworkPolicy": "true", "env": {"A": "2", "B": "1"}}',
        "preserve": False,
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
    }
    assert [found["serviceAccount"] for found in association] == ["aws-node"]
    assert association[0]["roleArn"].endswith("role/addons-vpc-cni-role-1a2b3c4")


def test_its_role_is_for_pods_only_and_has_its_policy_before_the_addon_starts():
    recorded = addons(CNI)
    trust = json.loads(recorded["addons-vpc-cni-role"].inputs["assumeRolePolicy"])
    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    ]
    assert recorded["addons-vpc-cni-policy"].inputs["policyArn"] == CNI.policy_arn
    assert "addons-vpc-cni-policy" in recorded["addons-vpc-cni"].after


def test_an_addon_without_pin_role_or_configuration_leaves_them_to_eks():
    recorded = addons(PROXY)
    unset = {"addonVersion", "podIdentityAssociations", "configurationValues"}
    assert not unset & set(recorded["addons-kube-proxy"].inputs)
    assert recorded.children("addons") == {"addons-kube-proxy"}
    assert configuration_values(PROXY) is None


@pytest.mark.parametrize("missing", ["service_account", "policy_arn"])
def test_half_an_identity_is_refused_with_the_way_out(missing: str):
    half = CNI.model_copy(update={missing: None})
    with pytest.raises(ValueError, match="vpc-cni: service_account and policy_arn go together"):
        addons(half)


def test_each_addon_waits_for_what_its_pods_run_on():
    def program() -> None:
        node = pulumi.CustomResource("test:index:Node", "node", {})
        Addons("addons", AddonsArgs(specs=(CNI, PROXY), cluster_name="c", after=(node,)))

    recorded = record(program)
    for name in ("addons-vpc-cni", "addons-kube-proxy"):
        assert "node" in recorded[name].after


def test_protection_and_parents_reach_every_resource_also_in_a_first_preview():
    recorded = addons(CNI, PROXY)
    made = set(recorded) - {"addons", "nodes"}
    assert recorded.children("addons") == made
    assert all(recorded[name].protect for name in made)
    assert set(addons(CNI, PROXY, preview=True)) == set(recorded)


def test_configuration_is_the_same_text_whatever_the_order_of_its_keys():
    one: dict[str, Any] = {"a": 1, "b": {"c": 2, "d": 3}}
    other: dict[str, Any] = {"b": {"d": 3, "c": 2}, "a": 1}
    texts = {
        configuration_values(PROXY.model_copy(update={"configuration": found}))
        for found in (one, other)
    }
    assert len(texts) == 1
