"""What the plan says of managed node groups: sizes, interfaces, labels, cost."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.plan import Plan
from planning.pools.managed import efa_interfaces
from planning.specs.pools import ManagedGpuNodesSpec
from tests.planning.planned import planned, refusals

POOL: dict[str, Any] = {"provisioner": "managed", "instances": ["g6e.48xlarge"], "nodes": 1}
ROOM = {"budget.gpus": 200, "budget.usd_per_month": 10_000_000}
BIG_MODEL = {"model": "a/b", "revision": "0" * 40, "pool": "big", "gpus": 8, "context": 512}


def big(plan: Plan) -> ManagedGpuNodesSpec:
    """Return the node group of the pool that a test is about."""
    return next(spec for spec in plan.managed_gpu_nodes if spec.name == "big")


def with_big(replicas: int = 0, **changes: Any) -> dict[str, Any]:
    scale = {"replicas": {"min": replicas, "max": replicas}}
    model = {"models.huge": BIG_MODEL | scale} if replicas else {}
    return ROOM | {"pools.big": POOL | changes} | model


@pytest.mark.parametrize(
    ("nodes", "expected"), [(2, (2, 2, False)), ({"min": 0, "max": 3}, (0, 3, True))]
)
def test_a_number_of_nodes_is_fixed_and_a_range_is_cluster_autoscaler_s(
    nodes: object, expected: tuple[int, int, bool]
):
    spec = big(planned(with_big(nodes=nodes)))
    assert (spec.min_nodes, spec.max_nodes, spec.autoscaled) == expected


@pytest.mark.parametrize(
    ("replicas", "least", "floor"), [(0, 0, 0), (0, 1, 1), (1, 2, 2), (3, 0, 3), (3, 1, 3)]
)
def test_the_floor_is_what_always_runs_or_what_minimum_replicas_need(
    replicas: int, least: int, floor: int
):
    plan = planned(with_big(replicas, nodes={"min": least, "max": 4}))
    (line,) = [line for line in plan.cost.lines if line.item == "pool big g6e.48xlarge"]
    assert (line.floor_count, line.ceiling_count) == (floor, 4)
    assert len([node for node in plan.placement.nodes if node.pool == "big"]) == floor


def test_replicas_beyond_the_most_nodes_are_refused_with_the_room_there_is():
    (found,) = refusals(with_big(5, nodes={"min": 1, "max": 4}))
    assert found == (
        "models.huge.replicas.max: 5 replicas of 8 GPUs, but pool 'big' with its 32 GPUs has room "
        "for 4; lower it to 4, or raise pools.big.nodes [settings/sharing.py]"
    )


def test_cluster_autoscaler_comes_only_where_a_group_may_change_and_names_only_those():
    assert planned(with_big(nodes=2)).cluster_autoscaler is None
    plan = planned(with_big(nodes={"min": 1, "max": 4}))
    assert plan.cluster_autoscaler is not None
    (group,) = plan.cluster_autoscaler.groups
    assert (group.pool, group.min_nodes, group.max_nodes) == ("big", 1, 4)
    values = plan.cluster_autoscaler.release.values
    assert values["image"]["tag"].startswith(f"v{plan.cluster.kubernetes}.")
    assert values["rbac"]["serviceAccount"]["name"] == plan.cluster_autoscaler.service_account
    assert "autoDiscovery" not in values


def test_every_managed_gpu_node_says_what_accelerator_it_has():
    labels = {
        spec.name: spec.labels["k8s.amazonaws.com/accelerator"]
        for spec in planned(with_big()).managed_gpu_nodes
    }
    assert labels == {"l4": "l4", "big": "l40s"}


@pytest.mark.parametrize(
    ("instance", "count", "first"),
    [
        ("p5.48xlarge", 32, "efa"),
        ("p5en.48xlarge", 16, "efa"),
        ("p6-b300.48xlarge", 17, "interface"),
        ("g6e.12xlarge", 1, "efa"),
    ],
)
def test_every_network_card_carries_one_interface_and_only_the_first_carries_pods(
    instance: str, count: int, first: str
):
    found = INSTANCE_TYPES[instance]
    shapes = [(one.card, one.device, one.kind) for one in efa_interfaces(found)]
    assert shapes == [(0, 0, first), *((card, 1, "efa-only") for card in range(1, count))]
    assert sum(kind != "interface" for _, _, kind in shapes) == found.efa_interfaces


def test_place_reservation_and_repair_reach_the_node_group():
    spec = big(
        planned(
            with_big(
                capacity="capacity-block",
                reservation={"id": "cr-0123456789abcdef0"},
                nodes={"min": 0, "max": 2},
                zone="us-west-2b",
                efa=True,
                placement_group="cluster",
                repair=True,
            )
        )
    )
    assert (spec.capacity_type, spec.reservation_id) == ("CAPACITY_BLOCK", "cr-0123456789abcdef0")
    assert (spec.zone, spec.placement_group, spec.repair) == ("us-west-2b", "cluster", True)
    assert len(spec.network_interfaces) == 4
