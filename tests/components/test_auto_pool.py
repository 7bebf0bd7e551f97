"""Pools of EKS Auto Mode."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.auto_pool import NODE_CLASS, AutoPool, AutoPoolArgs, auto_node_class_spec
from components.node_pool import dynamic_node_pool
from planning.specs.base import GPU_TAINT
from planning.specs.pools import AutoPoolSpec, DisruptionBudgetSpec
from tests.crd import misfits
from tests.recording import Recording, record

SPEC = AutoPoolSpec(
    name="l4",
    cluster_name="llm-dev",
    instance_types=("g6.2xlarge", "g6.12xlarge"),
    capacity=("spot", "on-demand"),
    gpu_limit=8,
    gpus_per_node=(1, 4),
    volume_gib=130,
    idle_minutes=15,
    budgets=(DisruptionBudgetSpec(nodes="1", reasons=("Drifted",)),),
    expire_after_hours=336,
    termination_grace_minutes=30,
    delete_minutes=45,
    labels={"llm-platform/pool": "l4", "nvidia.com/gpu.deploy.operands": "false"},
    taints=(GPU_TAINT,),
    tags={},
)
CHOSEN = SPEC.model_copy(
    update={
        "capacity": ("reserved", "on-demand"),
        "reservations": ("cr-0123456789abcdef0", "cr-1"),
        "zones": ("us-west-2a",),
        "weight": 50,
        "tags": {"project": "llm-platform", "stack": "dev"},
    }
)


def pools(*names: str, preview: bool = False) -> Recording:
    def program() -> None:
        access = pulumi.CustomResource("test:index:Access", "access", {})
        api = kubernetes.Provider("api", kubeconfig="{}")
        for name in names:
            args = AutoPoolArgs(
                spec=SPEC.model_copy(update={"name": name}),
                node_role_name=pulumi.Output.from_input("node-role"),
                after=(access,),
            )
            AutoPool(f"pool-{name}", args, pulumi.ResourceOptions(protect=True, providers=[api]))

    return record(program, preview=preview)


def test_the_node_class_is_exactly_this():
    assert auto_node_class_spec(SPEC, "node-role") == {
        "role": "node-role",
        "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "llm-dev"}}],
        "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "llm-dev"}}],
        "networkPolicy": "DefaultAllow",
        "ephemeralStorage": {"size": "130Gi"},
    }


def test_every_choice_reaches_the_node_class():
    spec = auto_node_class_spec(CHOSEN, "node-role")
    assert spec["tags"] == {"project": "llm-platform", "stack": "dev"}
    named = [{"id": "cr-0123456789abcdef0"}, {"id": "cr-1"}]
    assert spec["capacityReservationSelectorTerms"] == named


def test_the_node_pool_names_the_class_of_eks_and_labels_that_eks_knows():
    node = dynamic_node_pool(SPEC, NODE_CLASS)["template"]["spec"]
    assert node["nodeClassRef"] == {
        "group": "eks.amazonaws.com",
        "kind": "NodeClass",
        "name": "l4",
    }
    assert {one["key"] for one in node["requirements"]} == {
        "karpenter.sh/capacity-type",
        "node.kubernetes.io/instance-type",
        "kubernetes.io/arch",
    }
    assert node["expireAfter"] == "336h"
    assert node["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}]


def test_only_empty_nodes_go_and_the_limit_counts_gpus():
    spec = dynamic_node_pool(SPEC, NODE_CLASS)
    assert spec["limits"] == {"nvidia.com/gpu": "8"}
    assert spec["disruption"]["consolidationPolicy"] == "WhenEmpty"
    assert spec["disruption"]["consolidateAfter"] == "15m"


@pytest.mark.parametrize("spec", [SPEC, CHOSEN], ids=["plain", "chosen"])
def test_both_objects_fit_their_definitions(spec: AutoPoolSpec):
    pool = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool"}
    node_class: dict[str, Any] = {"apiVersion": "eks.amazonaws.com/v1", "kind": "NodeClass"}
    assert misfits(pool | {"spec": dynamic_node_pool(spec, NODE_CLASS)}) == []
    assert misfits(node_class | {"spec": auto_node_class_spec(spec, "node-role")}) == []


def test_the_pool_waits_for_its_class_and_both_for_what_its_nodes_need():
    recorded = pools("l4")
    assert {"pool-l4-class", "access"} <= recorded["pool-l4-pool"].after
    assert "access" in recorded["pool-l4-class"].after
    assert recorded.children("pool-l4") == {"pool-l4-class", "pool-l4-pool"}
    assert recorded["pool-l4"].type == "llm-platform:index:AutoPool"


def test_a_destroy_waits_for_a_drain():
    recorded = pools("l4")
    assert recorded["pool-l4-pool"].delete_timeout == "45m"
    assert recorded["pool-l4-class"].delete_timeout == "45m"


@pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
def test_two_pools_differ_by_name_and_protection_and_provider_reach_their_objects(*, preview: bool):
    recorded = pools("l4", "l40s", preview=preview)
    for name in ("l4", "l40s"):
        assert recorded[f"pool-{name}"].outputs == {"pool_name": name}
        for part in ("class", "pool"):
            made = recorded[f"pool-{name}-{part}"]
            assert made.inputs["metadata"]["name"] == name
            assert made.inputs["metadata"]["labels"] == {
                "app.kubernetes.io/part-of": "llm-platform"
            }
            assert made.protect
            assert made.provider == "api"
