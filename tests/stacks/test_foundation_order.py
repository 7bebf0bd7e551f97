"""The order of the foundation, as registered: creates follow it, a destroy walks it backwards."""

from copy import deepcopy
from typing import Any

import pytest

from settings.environment import PLATFORM_KEY
from tests.program import config_of, record_environment
from tests.recording import Recording
from tests.stacks.test_program import after

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
BEFORE_NODES = {
    "cluster-addons-vpc-cni",
    "cluster-addons-kube-proxy",
    "cluster-addons-eks-pod-identity-agent",
}
AFTER_NODES = {
    "addons-coredns",
    "addons-aws-ebs-csi-driver",
    "addons-metrics-server",
    "addons-eks-node-monitoring-agent",
}


def private(nat: str) -> dict[str, Any]:
    """Return dev's configuration with a private network."""
    config = deepcopy(config_of("dev"))
    config[PLATFORM_KEY]["network"] |= {"private": True, "nat": nat}
    return config


@pytest.fixture(scope="module")
def dev() -> Recording:
    return record_environment("dev")


def test_every_node_group_comes_after_the_add_ons_that_its_nodes_need(dev: Recording):
    groups = dev.of_type(NODE_GROUP)
    assert "system-group" in {group.name for group in groups}
    for group in groups:
        assert after(dev, group.name) >= BEFORE_NODES, group.name


def test_no_add_on_that_nodes_need_waits_for_a_node(dev: Recording):
    for name in BEFORE_NODES:
        types = {dev[ahead].type for ahead in after(dev, name) & dev.keys()}
        assert NODE_GROUP not in types, name


def test_add_ons_that_run_on_nodes_come_after_the_system_nodes(dev: Recording):
    for name in AFTER_NODES:
        assert "system-group" in after(dev, name), name
        assert after(dev, name) >= BEFORE_NODES, name


def test_the_log_group_comes_before_the_cluster_that_would_make_one_for_ever(dev: Recording):
    assert "cluster-logs" in dev["cluster-control-plane"].after


def test_admins_are_let_in_before_the_first_object(dev: Recording):
    entries = {found.name for found in dev.of_type("aws:eks/accessEntry:AccessEntry")}
    admins = {name for name in entries if name.startswith("cluster-admin-")}
    assert admins
    assert admins <= after(dev, "cluster-kubernetes")


@pytest.mark.parametrize("nat", ["none", "single"])
def test_nodes_of_a_private_network_come_after_its_endpoints(nat: str):
    recorded = record_environment("dev", private(nat))
    endpoints = {found.name for found in recorded.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")}
    assert len(endpoints) == 13
    groups = recorded.of_type(NODE_GROUP)
    pools = recorded.of_type("kubernetes:karpenter.sh/v1:NodePool")
    for found in (*groups, *pools):
        assert endpoints <= after(recorded, found.name), found.name


def test_karpenter_of_a_private_network_asks_neither_prices_nor_iam():
    recorded = record_environment("dev", private("none"))
    settings = recorded["karpenter-controller"].inputs["values"]["settings"]
    assert settings["isolatedVPC"] is True
    for found in recorded.of_type("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"):
        assert "instanceProfile" in found.inputs["spec"]
        assert "role" not in found.inputs["spec"]
