"""A pool of EKS Auto Mode in the whole program: what is made, what is not, and in which order."""

import pytest

from tests.documents import config
from tests.program import record_environment
from tests.recording import Recording

POOL = {"provisioner": "auto", "instances": ["g6e.2xlarge"], "gpu_limit": 8}


@pytest.fixture(scope="module")
def recorded() -> Recording:
    return record_environment("dev", config({"pools.l40s": POOL}))


def test_no_karpenter_of_our_own_and_none_of_its_definitions_is_installed(recorded: Recording):
    assert not {name for name in recorded if name.startswith("karpenter")}
    assert recorded["cluster-control-plane"].inputs["computeConfig"] == {"enabled": True}


def test_nodes_can_join_before_they_are_asked_for(recorded: Recording):
    waits = recorded.waits_for("l40s-pool")
    assert {
        "l40s-class",
        "auto-mode-node-access",
        "auto-mode-node-access-policy",
        "auto-mode-node-AmazonEKSWorkerNodeMinimalPolicy",
        "cluster-control-plane",
        "system-group",
    } <= waits
    assert recorded["l40s-class"].inputs["spec"]["role"] == "auto-mode-node-role-1a2b3c4"


def test_models_and_the_gpu_layer_wait_for_the_pool(recorded: Recording):
    assert "l40s-pool" in recorded.waits_for("chat-deployment")
    assert "l40s-pool" in recorded.waits_for("gpu-operator-release")


def test_a_managed_pool_stands_beside_it_with_the_add_ons_that_it_needs(recorded: Recording):
    assert recorded["l4-group"].type == "aws:eks/nodeGroup:NodeGroup"
    addons = {one.inputs["addonName"] for one in recorded.of_type("aws:eks/addon:Addon")}
    assert {"vpc-cni", "kube-proxy", "coredns", "aws-ebs-csi-driver"} <= addons
