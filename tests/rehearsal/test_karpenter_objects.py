"""What pools become, before the API server: its schema, its defaults and its CEL rules."""

import json
from typing import Any

import pytest

from components.gpu_pool import node_class_spec, node_pool_spec
from planning.specs.pools import GpuPoolSpec
from rehearsal import crds
from tests.planning.planned import planned
from tests.rehearsal.conftest import Kubectl

KINDS = ("nodepools.karpenter.sh", "ec2nodeclasses.karpenter.k8s.aws")
CHOICES: dict[str, dict[str, Any]] = {
    "plain": {},
    "reserved": {
        "pools.l40s.capacity": ["reserved", "spot", "on-demand"],
        "pools.l40s.reservations": ["cr-0123456789abcdef0", "cr-1"],
    },
    "everything": {
        "pools.l40s.zones": ["us-west-2a", "us-west-2b"],
        "pools.l40s.weight": 100,
        "pools.l40s.expire_after_hours": 720,
        "pools.l40s.termination_grace_minutes": 2880,
        "pools.l40s.labels": {"example.com/team": "search"},
        "pools.l40s.taints": [{"key": "team", "value": "search", "effect": "NoExecute"}],
    },
    "static": {
        "karpenter": {"static_capacity": True},
        "pools.l40s.instances": ["g6e.12xlarge", "g6e.24xlarge"],
        "pools.l40s.static_nodes": 2,
        "pools.l40s.gpu_limit": 12,
        "budget.gpus": 13,
    },
    "budgets": {
        "pools.l40s.disruption": [
            {"nodes": "10%"},
            {"nodes": "0", "schedule": "@daily", "duration_minutes": 30},
            {
                "nodes": "1",
                "reasons": ["Empty", "Drifted"],
                "schedule": "*/15 0-6 1,15 jan-jun mon-fri",
                "duration_hours": 14,
                "duration_minutes": 30,
            },
        ]
    },
}


@pytest.fixture(scope="module")
def karpenter(kubectl: Kubectl) -> Kubectl:
    """A cluster that knows Karpenter's kinds."""
    kubectl.apply(*(dict(definition) for definition in crds.excerpts("karpenter-crd")))
    for kind in KINDS:
        kubectl.run("wait", "--for=condition=Established", f"crd/{kind}", "--timeout=120s")
    return kubectl


def rendered(spec: GpuPoolSpec, name: str) -> list[dict[str, Any]]:
    metadata = {"name": name}
    return [
        {
            "apiVersion": "karpenter.k8s.aws/v1",
            "kind": "EC2NodeClass",
            "metadata": metadata,
            "spec": node_class_spec(spec, {"role": "node-role"}),
        },
        {
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodePool",
            "metadata": metadata,
            "spec": node_pool_spec(spec),
        },
    ]


def apply(kubectl: Kubectl, *objects: dict[str, Any]) -> None:
    """Create objects as the program does: a field that nobody knows is an error."""
    text = "\n---\n".join(json.dumps(each) for each in objects)
    kubectl.run("apply", "--server-side", "--validate=strict", "-f", "-", text=text)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_api_server_takes_every_choice_as_it_was_rendered(karpenter: Kubectl, choice: str):
    [spec] = planned(CHOICES[choice]).gpu_pools
    wanted = rendered(spec, choice)
    apply(karpenter, *wanted)
    node_class, node_pool = (each["spec"] for each in wanted)
    # The one default of the API below a field that the program sets.
    node_class["metadataOptions"] |= {"httpProtocolIPv6": "disabled"}
    for kind, asked in (("ec2nodeclass", node_class), ("nodepool", node_pool)):
        found = karpenter.get(kind, choice)["spec"]
        assert {key: found[key] for key in asked} == asked


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {
                "disruption": {
                    "consolidateAfter": "1m",
                    "budgets": [{"nodes": "0", "schedule": "@daily"}],
                }
            },
            "'schedule' must be set with 'duration'",
        ),
        ({"weight": 101}, "should be less than or equal to 100"),
        ({"replicas": 1}, "only 'limits.nodes' is supported on static NodePools"),
    ],
    ids=["schedule", "weight", "replicas"],
)
def test_what_planning_refuses_the_api_server_would_refuse_too(
    karpenter: Kubectl, change: dict[str, Any], message: str
):
    [spec] = planned().gpu_pools
    _, pool = rendered(spec, "refused")
    pool["spec"] |= change
    with pytest.raises(AssertionError, match=message):
        apply(karpenter, pool)
