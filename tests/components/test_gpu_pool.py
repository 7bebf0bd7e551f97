"""Karpenter GPU pools."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.gpu_pool import GpuPool, GpuPoolArgs, node_class_spec, node_pool_spec
from planning.specs.base import GPU_TAINT, Taint
from planning.specs.node_images import DiskSpec, NodeConfigSpec
from planning.specs.pools import DisruptionBudgetSpec, GpuPoolSpec
from tests.crd import misfits
from tests.recording import Recording, record

SPEC = GpuPoolSpec(
    name="l40s",
    cluster_name="llm-dev",
    instance_types=("g6e.2xlarge", "g6e.12xlarge"),
    capacity=("spot", "on-demand"),
    gpu_limit=8,
    gpus_per_node=(1, 4),
    ami_alias="al2023@v20260714",
    disks=(DiskSpec(device="/dev/xvda", size_gib=100),),
    user_data=NodeConfigSpec(spec={"featureGates": {"FastImagePull": True}}),
    idle_minutes=15,
    budgets=(
        DisruptionBudgetSpec(nodes="100%", reasons=("Empty",)),
        DisruptionBudgetSpec(nodes="1", reasons=("Drifted",)),
    ),
    termination_grace_minutes=30,
    delete_minutes=45,
    labels={"llm-platform/pool": "l40s"},
    taints=(GPU_TAINT,),
    tags={},
)


ROLE = {"role": "node-role"}
NODE_POOL = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool"}
NODE_CLASS = {"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass"}
CHOSEN = SPEC.model_copy(
    update={
        "capacity": ("reserved", "spot", "on-demand"),
        "reservations": ("cr-0123456789abcdef0", "cr-1"),
        "zones": ("us-west-2a", "us-west-2c"),
        "budgets": (
            DisruptionBudgetSpec(nodes="10%"),
            DisruptionBudgetSpec(
                nodes="0", reasons=("Drifted",), schedule="0 6 * * mon-fri", duration="14h30m"
            ),
        ),
        "weight": 50,
        "expire_after_hours": 720,
        "termination_grace_minutes": 60,
        "delete_minutes": 75,
        "taints": (GPU_TAINT, Taint(key="team", value="search", effect="NoExecute")),
    }
)
"""Every choice that a pool has beside its size."""


def pools(*names: str, preview: bool = False) -> Recording:
    def program() -> None:
        karpenter = pulumi.CustomResource("test:index:Karpenter", "karpenter", {})
        api = kubernetes.Provider("api", kubeconfig="{}")
        for name in names:
            args = GpuPoolArgs(
                spec=SPEC.model_copy(update={"name": name}),
                node_role_name=pulumi.Output.from_input("node-role"),
                after=(karpenter,),
            )
            opts = pulumi.ResourceOptions(protect=True, providers=[api])
            GpuPool(f"pool-{name}", args, opts)

    return record(program, preview=preview)


def manifest(recorded: Recording, name: str) -> dict[str, Any]:
    inputs = recorded[name].inputs
    return {key: inputs[key] for key in ("apiVersion", "kind", "metadata", "spec")}


def test_the_node_pool_is_exactly_this():
    assert node_pool_spec(SPEC) == {
        "limits": {"nvidia.com/gpu": "8"},
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "15m",
            "budgets": [
                {"nodes": "100%", "reasons": ["Empty"]},
                {"nodes": "1", "reasons": ["Drifted"]},
            ],
        },
        "template": {
            "metadata": {"labels": {"llm-platform/pool": "l40s"}},
            "spec": {
                "nodeClassRef": {
                    "group": "karpenter.k8s.aws",
                    "kind": "EC2NodeClass",
                    "name": "l40s",
                },
                "requirements": [
                    {
                        "key": "karpenter.sh/capacity-type",
                        "operator": "In",
                        "values": ["spot", "on-demand"],
                    },
                    {
                        "key": "node.kubernetes.io/instance-type",
                        "operator": "In",
                        "values": ["g6e.2xlarge", "g6e.12xlarge"],
                    },
                    {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                ],
                "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
                "expireAfter": "Never",
                "terminationGracePeriod": "30m",
            },
        },
    }


def test_the_node_class_is_exactly_this():
    spec = node_class_spec(SPEC, ROLE)
    assert yaml.safe_load(spec.pop("userData")) == {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"featureGates": {"FastImagePull": True}},
    }
    assert spec == {
        "role": "node-role",
        "amiSelectorTerms": [{"alias": "al2023@v20260714"}],
        "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "llm-dev"}}],
        "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "llm-dev"}}],
        "instanceStorePolicy": "RAID0",
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        },
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeSize": "100Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "deleteOnTermination": True,
                },
            }
        ],
    }


def test_every_choice_reaches_the_node_pool():
    spec = node_pool_spec(CHOSEN)
    node = spec["template"]["spec"]
    assert spec["weight"] == 50
    assert spec["disruption"]["budgets"] == [
        {"nodes": "10%"},
        {
            "nodes": "0",
            "reasons": ["Drifted"],
            "schedule": "0 6 * * mon-fri",
            "duration": "14h30m",
        },
    ]
    assert {one["key"]: one["values"] for one in node["requirements"]} == {
        "karpenter.sh/capacity-type": ["reserved", "spot", "on-demand"],
        "node.kubernetes.io/instance-type": ["g6e.2xlarge", "g6e.12xlarge"],
        "kubernetes.io/arch": ["amd64"],
        "topology.kubernetes.io/zone": ["us-west-2a", "us-west-2c"],
    }
    assert node["expireAfter"] == "720h"
    assert node["terminationGracePeriod"] == "60m"
    assert node["taints"][1] == {"key": "team", "value": "search", "effect": "NoExecute"}
    assert misfits(NODE_POOL | {"spec": spec}) == []


def test_a_class_uses_the_reservations_that_it_names_and_no_other():
    spec = node_class_spec(CHOSEN, ROLE)
    named = [{"id": "cr-0123456789abcdef0"}, {"id": "cr-1"}]
    assert spec["capacityReservationSelectorTerms"] == named
    assert misfits(NODE_CLASS | {"spec": spec}) == []


def test_without_a_way_to_the_iam_api_a_class_takes_a_profile_for_its_role():
    def program() -> None:
        api = kubernetes.Provider("api", kubeconfig="{}")
        args = GpuPoolArgs(
            spec=SPEC,
            node_role_name="node-role",
            instance_profile_name=pulumi.Output.from_input("node-profile"),
        )
        GpuPool("pool", args, pulumi.ResourceOptions(providers=[api]))

    recorded = record(program)
    spec = recorded["pool-class"].inputs["spec"]
    assert spec["instanceProfile"] == "node-profile"
    assert "role" not in spec
    assert misfits(manifest(recorded, "pool-class")) == []


def test_a_destroy_waits_longer_than_a_slow_drain():
    def program() -> None:
        api = kubernetes.Provider("api", kubeconfig="{}")
        args = GpuPoolArgs(spec=CHOSEN, node_role_name="node-role")
        GpuPool("pool", args, pulumi.ResourceOptions(providers=[api]))

    recorded = record(program)
    assert recorded["pool-class"].delete_timeout == recorded["pool-pool"].delete_timeout == "75m"


@pytest.mark.parametrize("suffix", ["class", "pool"])
def test_both_fit_their_definitions(suffix: str):
    assert misfits(manifest(pools("l40s"), f"pool-l40s-{suffix}")) == []


@given(
    gpu_limit=st.integers(1, 10_000),
    idle_minutes=st.integers(1, 1440),
    grace=st.integers(1, 44),
    volume_gib=st.integers(20, 16_384),
)
def test_every_size_fits_the_definitions(
    gpu_limit: int, idle_minutes: int, grace: int, volume_gib: int
):
    spec = SPEC.model_copy(
        update={
            "gpu_limit": gpu_limit,
            "idle_minutes": idle_minutes,
            "termination_grace_minutes": grace,
            "disks": (DiskSpec(device="/dev/xvda", size_gib=volume_gib),),
        }
    )
    assert misfits(NODE_POOL | {"spec": node_pool_spec(spec)}) == []
    assert misfits(NODE_CLASS | {"spec": node_class_spec(spec, ROLE)}) == []


def test_a_destroy_has_time_to_drain_and_needs_karpenter_for_it():
    recorded = pools("l40s")
    node_class, node_pool = recorded["pool-l40s-class"], recorded["pool-l40s-pool"]
    assert node_class.delete_timeout == node_pool.delete_timeout == "45m"
    assert "karpenter" in node_class.after
    assert {"karpenter", "pool-l40s-class"} <= node_pool.after


def test_two_pools_coexist_and_protection_reaches_their_children():
    recorded = pools("h100", "l40s")
    for name in ("h100", "l40s"):
        children = recorded.children(f"pool-{name}")
        assert children == {f"pool-{name}-class", f"pool-{name}-pool"}
        assert {recorded[child].inputs["metadata"]["name"] for child in children} == {name}
        assert all(recorded[child].protect for child in children)
        assert all(recorded[child].provider == "api" for child in children)
        node = recorded[f"pool-{name}-pool"].inputs["spec"]["template"]["spec"]
        assert node["nodeClassRef"]["name"] == name


def test_the_role_is_wired_and_the_pools_name_is_its_node_label():
    recorded = pools("l40s")
    assert recorded["pool-l40s-class"].inputs["spec"]["role"] == "node-role"
    assert recorded["pool-l40s"].outputs == {"pool_name": "l40s"}


def test_a_first_preview_shows_the_pool_whole():
    preview = pools("l40s", preview=True)
    assert preview["pool-l40s-pool"].inputs == pools("l40s")["pool-l40s-pool"].inputs
    assert preview["pool-l40s"].outputs == {"pool_name": "l40s"}
