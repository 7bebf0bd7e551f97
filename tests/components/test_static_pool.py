"""What a static Karpenter pool becomes: a number of nodes, and nothing that the API refuses."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.gpu_pool import GpuPool, GpuPoolArgs, node_pool_spec
from planning.specs.pools import DisruptionBudgetSpec, StaticNodesSpec
from tests.components.test_gpu_pool import NODE_POOL, SPEC
from tests.crd import misfits
from tests.recording import record

STATIC = SPEC.model_copy(
    update={
        "static": StaticNodesSpec(nodes=2, most_nodes=3),
        "gpu_limit": 12,
        "budgets": (DisruptionBudgetSpec(nodes="1", reasons=("Drifted",)),),
    }
)


def test_it_has_replicas_and_a_limit_of_nodes_and_consolidates_nothing():
    spec = node_pool_spec(STATIC)
    assert (spec["replicas"], spec["limits"]) == (2, {"nodes": "3"})
    assert "weight" not in spec
    assert spec["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "Never",
        "budgets": [{"nodes": "1", "reasons": ["Drifted"]}],
    }
    assert spec["template"] == node_pool_spec(SPEC)["template"]
    assert misfits(NODE_POOL | {"spec": spec}) == []


@pytest.mark.parametrize(
    "changes",
    [{"replicas": -1}, {"limits": {"nodes": "three"}}],
    ids=["replicas", "limit"],
)
def test_the_schema_refuses_what_is_no_number_of_nodes(changes: dict[str, Any]):
    assert misfits(NODE_POOL | {"spec": node_pool_spec(STATIC) | changes})


def test_a_pool_that_becomes_static_or_is_no_more_is_replaced_since_the_api_changes_none():
    def program() -> None:
        api = kubernetes.Provider("api", kubeconfig="{}")
        opts = pulumi.ResourceOptions(providers=[api])
        for name, spec in (("before", SPEC), ("after", STATIC)):
            GpuPool(name, GpuPoolArgs(spec=spec, node_role_name="node-role"), opts)

    recording = record(program)
    triggers = [recording[f"{name}-pool"].replacement_trigger for name in ("before", "after")]
    assert triggers == ["dynamic", "static"]
    assert recording["after-class"].replacement_trigger == ""
