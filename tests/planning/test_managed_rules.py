"""Rules of managed node groups, each as a person reads it."""

from typing import Any

import pytest

from planning.foundation.cluster import cluster
from planning.rules.managed_pools import managed_rules
from planning.specs.infrastructure import ClusterSpec
from settings.environment import Environment
from settings.managed_pool import ManagedPool
from tests.documents import platform
from tests.planning.planned import planned, refusals

POOL: dict[str, Any] = {
    "provisioner": "managed",
    "instances": ["g6e.48xlarge"],
    "nodes": 1,
    "zone": "us-west-2a",
}
ROOM = {"budget.gpus": 200, "budget.usd_per_month": 10_000_000}
BLOCK = {"capacity": "capacity-block", "reservation": {"id": "cr-0123456789abcdef0"}}
FROM_ZERO = {"nodes": {"min": 0, "max": 2}}
NO_ZONE = {"zone": None}
BLOCK_SOURCE = "[Amazon EKS User Guide, capacity-blocks-mng]"
EFA_SOURCE = "[Amazon EKS User Guide, node-efa]"
RESERVATION_SOURCE = "[Amazon EC2 User Guide, ec2-capacity-reservations]"


def changed(**changes: Any) -> dict[str, Any]:
    return ROOM | {"pools.big": POOL | changes}


BROKEN: list[tuple[dict[str, Any], str]] = [
    (
        {"pools.l4.nodes": {"min": 1, "max": 3}, "budget.gpus": 20},
        (
            "pools.l4.nodes: is 1 to 3, but Cluster Autoscaler adds no node for a replica that "
            "HAMi cannot place: to its eyes no node offers nvidia.com/gpumem; use a fixed number, "
            "`nodes: 3` [kubernetes/autoscaler, cluster-autoscaler/FAQ.md: a group grows where its "
            "node template has what the pod asks for; HAMi's memory and cores are in no node's "
            "status]"
        ),
    ),
    (
        changed(zone="us-west-2d"),
        (
            "pools.big.zone: us-west-2d is no zone of the network; use one of us-west-2a, "
            "us-west-2b, or name it in `network.zones` [planning/foundation/network.py]"
        ),
    ),
    (
        changed(placement_group="cluster", **NO_ZONE),
        (
            "pools.big.placement_group: a placement group lies in one zone, the pool in 2: "
            "us-west-2a, us-west-2b; add `zone:` with one of them, for example us-west-2a "
            "[Amazon EC2 User Guide, placement strategies]"
        ),
    ),
    (
        changed(efa=True, placement_group="cluster", instances=["g6e.2xlarge"]),
        (
            "pools.big.efa: g6e.2xlarge has no EFA interface; use g6e.8xlarge, or leave `efa` out "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        changed(efa=True, placement_group="cluster", instances=["g6e.24xlarge", "g6e.12xlarge"]),
        (
            "pools.big.efa: a list of interfaces is for one instance type, the "
            "pool has 2 types: g6e.24xlarge, g6e.12xlarge; name one type in `instances`, and make "
            f"a pool for each other {EFA_SOURCE}"
        ),
    ),
    (
        changed(efa=True),
        (
            "pools.big.efa: nodes that reach each other by EFA have to stand close together; add "
            f"`placement_group: cluster` {EFA_SOURCE}"
        ),
    ),
    (
        changed(efa=True, **BLOCK, **FROM_ZERO, **NO_ZONE),
        (
            "pools.big.efa: EFA lies in one zone, the pool in 2: us-west-2a, us-west-2b; add "
            f"`zone:` with one of them, for example us-west-2a {EFA_SOURCE}"
        ),
    ),
    (
        changed(reservation={"id": "cr-0123456789abcdef0"}, capacity="spot"),
        (
            "pools.big.reservation: spot nodes never take reserved capacity; use "
            "`capacity: on-demand`, or `capacity-block` for a Capacity Block "
            f"{RESERVATION_SOURCE}"
        ),
    ),
    (
        changed(
            reservation={"id": "cr-0123456789abcdef0"}, instances=["g6e.24xlarge", "g6e.12xlarge"]
        ),
        (
            "pools.big.reservation: a reservation is for one instance type, the pool has 2 types: "
            "g6e.24xlarge, g6e.12xlarge; name one type in `instances`, and make a pool for each "
            f"other {RESERVATION_SOURCE}"
        ),
    ),
    (
        changed(reservation={"id": "cr-0123456789abcdef0"}, **NO_ZONE),
        (
            "pools.big.reservation: a reservation lies in one zone, the pool in 2: us-west-2a, "
            "us-west-2b; add `zone:` with one of them, for example us-west-2a "
            f"{RESERVATION_SOURCE}"
        ),
    ),
    (
        changed(capacity="capacity-block", **FROM_ZERO),
        (
            "pools.big.capacity: is capacity-block, and which block is not said; add "
            f"`reservation: {{id: cr-…}}` with the block that was bought {BLOCK_SOURCE}"
        ),
    ),
    (
        changed(**BLOCK),
        (
            "pools.big.nodes: at least 1 all month, but a Capacity Block has nodes only from its "
            "start to 40 minutes before its end; use `nodes: {min: 0, max: 1}` "
            f"{BLOCK_SOURCE}"
        ),
    ),
    (
        changed(**BLOCK, sharing={"kind": "hami"}),
        (
            "pools.big.capacity: a Capacity Block starts from no nodes, and Cluster Autoscaler "
            "adds none to a pool that HAMi shares; use `sharing: {kind: whole}`, or "
            f"`capacity: on-demand` {BLOCK_SOURCE}"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[row[1][:60] for row in BROKEN])
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert expected in refusals(changes)
    others = [line for line in refusals(changes) if line != expected]
    assert [line for line in others if ".reservation" not in line] == []


def test_a_capacity_block_is_of_one_type_in_one_zone():
    found = refusals(
        changed(**BLOCK, **FROM_ZERO, **NO_ZONE, instances=["g6e.24xlarge", "g6e.12xlarge"])
    )
    one_type, one_zone = found
    assert "a reservation is for one instance type, the pool has 2 types" in one_type
    assert "a reservation lies in one zone, the pool in 2" in one_zone


def test_repair_needs_the_add_on_that_finds_what_is_broken(monkeypatch: pytest.MonkeyPatch):
    environment = Environment.model_validate(
        {"stack": "dev", "region": "us-west-2", "platform": platform()}
    )
    pool = ManagedPool.model_validate(POOL | {"repair": True})
    assert [*managed_rules("big", pool, environment)] == []
    bare = cluster(environment).model_copy(update={"addons_after_nodes": ()})

    def without_agent(_: Environment) -> ClusterSpec:
        return bare

    monkeypatch.setattr("planning.rules.managed_pools.cluster", without_agent)
    (found,) = managed_rules("big", pool, environment)
    assert str(found) == (
        "pools.big.repair: is true, but the cluster has no add-on eks-node-monitoring-agent, which "
        "finds out what has to be repaired; leave `repair` out "
        "[Amazon EKS User Guide, node-health]"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"efa": True, "placement_group": "cluster"},
            (
                "pools.big.efa: is true for a pool of one node, which has nobody to reach by it; "
                f"leave `efa` out, or raise `nodes` {EFA_SOURCE}"
            ),
        ),
        (
            BLOCK | FROM_ZERO,
            (
                "pools.big.capacity: a Capacity Block is paid when it is bought; the plan counts "
                "its nodes at the on-demand price; read the price of the block in its offer "
                "[Amazon EC2 User Guide, ec2-capacity-blocks]"
            ),
        ),
    ],
)
def test_what_works_and_will_surprise_is_a_warning(changes: dict[str, Any], expected: str):
    found = [str(warning) for warning in planned(changed(**changes)).warnings]
    assert [line for line in found if line.startswith("pools.big")] == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {"nodes": {"min": 0, "max": 4}},
        {"efa": True, "placement_group": "cluster", "nodes": 2},
        {"efa": True, **BLOCK, **FROM_ZERO},
        {"reservation": {"id": "cr-0123456789abcdef0"}, "nodes": 2},
        {"placement_group": "cluster", "capacity": "spot"},
    ],
)
def test_what_fits_together_is_planned(changes: dict[str, Any]):
    assert planned(changed(**changes)).managed_gpu_nodes[-1].name == "big"
