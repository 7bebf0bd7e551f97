"""NodeOverlays of a Karpenter pool: what they say, and that they are there before the pool."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.gpu_pool import GpuPool, GpuPoolArgs, node_pool_spec
from components.node_overlay import node_overlay_spec
from planning.specs.pools import NodeOverlaySpec
from tests.components.test_gpu_pool import SPEC
from tests.crd import misfits
from tests.recording import Recording, record

OVERLAY = NodeOverlaySpec(
    name="l40s-4-gpu",
    node_labels={"llm-platform/pool": "l40s"},
    instance_types=("g6e.12xlarge",),
    capacity={"nvidia.com/gpu": 16},
)
SLICED = SPEC.model_copy(update={"overlays": (OVERLAY,), "devices_per_gpu": 4})


def recorded() -> Recording:
    def program() -> None:
        karpenter = pulumi.CustomResource("test:index:Karpenter", "karpenter", {})
        args = GpuPoolArgs(spec=SLICED, node_role_name="node-role", after=(karpenter,))
        api = kubernetes.Provider("api", kubeconfig="{}")
        GpuPool("l40s", args, pulumi.ResourceOptions(providers=[api]))

    return record(program)


def test_an_overlay_says_which_nodes_offer_what():
    assert node_overlay_spec(OVERLAY) == {
        "requirements": [
            {"key": "llm-platform/pool", "operator": "In", "values": ["l40s"]},
            {
                "key": "node.kubernetes.io/instance-type",
                "operator": "In",
                "values": ["g6e.12xlarge"],
            },
        ],
        "capacity": {"nvidia.com/gpu": "16"},
    }


def test_an_overlay_fits_its_definition():
    made = recorded()["l40s-overlay-l40s-4-gpu"].inputs
    assert (made["kind"], made["metadata"]["name"]) == ("NodeOverlay", "l40s-4-gpu")
    assert misfits(made) == []


def test_an_overlay_is_there_before_its_pool_and_after_karpenter():
    found = recorded()
    assert found["l40s-overlay-l40s-4-gpu"].parent == "l40s"
    assert "l40s-overlay-l40s-4-gpu" in found["l40s-pool"].after
    assert "karpenter" in found["l40s-overlay-l40s-4-gpu"].after


def test_the_limit_of_a_pool_is_counted_as_karpenter_counts_its_nodes():
    assert node_pool_spec(SLICED)["limits"] == {"nvidia.com/gpu": "32"}
    assert node_pool_spec(SPEC)["limits"] == {"nvidia.com/gpu": "8"}
