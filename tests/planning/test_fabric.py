"""EFA interfaces for pods that take their node, and what NCCL and libfabric are told of them."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.models import ModelServiceSpec
from tests.planning.planned import planned

EFA = "vpc.amazonaws.com/efa"


def on(instance: str, *, gpus: int, nodes: int = 1, efa: bool = True) -> ModelServiceSpec:
    """The service of a small model that takes `gpus` of each of `nodes`."""
    pool = {
        "provisioner": "managed",
        "instances": [instance],
        "nodes": 2,
        "zone": "us-east-1a",
        "placement_group": "cluster",
        "efa": efa,
    }
    model: dict[str, Any] = {
        "model": "Qwen/Qwen3-8B",
        "revision": "b968826d9c46dd6066d109eabc6255188de91218",
        "pool": "pair",
        "gpus": gpus,
        "nodes": nodes,
        "context": 8192,
    }
    budget = {"gpus": 64, "usd_per_month": 1_000_000, "alert_emails": ["ops@example.com"]}
    plan = planned({"pools.pair": pool, "models.wide": model, "budget": budget}, "us-east-1")
    return plan.models[-1]


@pytest.mark.parametrize("instance", ["g6.12xlarge", "g6e.24xlarge", "p4d.24xlarge", "p5.48xlarge"])
def test_a_pod_that_takes_its_node_asks_for_every_interface_of_it(instance: str):
    kind = INSTANCE_TYPES[instance]
    assert on(instance, gpus=kind.gpus).grant.limits == {
        "nvidia.com/gpu": str(kind.gpus),
        EFA: str(kind.efa_interfaces),
    }


def test_a_pod_that_shares_its_node_or_has_no_efa_asks_for_none():
    assert EFA not in on("g6.12xlarge", gpus=2).grant.limits
    assert EFA not in on("g6.12xlarge", gpus=4, efa=False).grant.limits


FOUND = {"NCCL_SOCKET_IFNAME": "^lo,docker"}
PROVIDED = {"FI_PROVIDER": "efa"}
RDMA = {"FI_EFA_USE_DEVICE_RDMA": "1"}


@pytest.mark.parametrize(
    ("instance", "nodes", "efa", "expected"),
    [
        ("g6.12xlarge", 2, True, FOUND | PROVIDED),
        ("g5.48xlarge", 2, True, FOUND | PROVIDED),
        ("p5.48xlarge", 2, True, FOUND | PROVIDED | RDMA),
        ("p5.48xlarge", 1, True, PROVIDED | RDMA),
        ("g6.12xlarge", 2, False, FOUND),
        ("g6.12xlarge", 1, False, {}),
    ],
)
def test_nccl_is_told_what_the_nodes_have(
    instance: str, nodes: int, *, efa: bool, expected: dict[str, str]
):
    gpus = INSTANCE_TYPES[instance].gpus
    assert on(instance, gpus=gpus, nodes=nodes, efa=efa).network == expected
