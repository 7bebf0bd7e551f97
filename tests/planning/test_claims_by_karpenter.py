"""What in a claim Karpenter does not understand, each as a person reads it."""

import pytest

from tests.planning.claiming import EAST, Changes, by_karpenter
from tests.planning.planned import planned, refusals

GPU = "device.attributes['gpu.nvidia.com']"
BROKEN: list[tuple[Changes, str]] = [
    (
        by_karpenter({"alternatives": [{"cel": "true"}]}),
        (
            "models.chat.device.alternatives: Karpenter starts no node for a claim with "
            "alternatives; keep one ask, or use a pool with `provisioner: managed` "
            "[kubernetes-sigs/karpenter: designs/dra-scheduling.md]"
        ),
    ),
    (
        by_karpenter({"count": 2, "same": "productName"}),
        (
            "models.chat.device.same: Karpenter does not know which devices of a new node have "
            "the same productName; leave it out: a pool has one kind of GPU, and a claim lies "
            "on one node [karpenter.sh v1.15, tasks/dra]"
        ),
    ),
    (
        by_karpenter({"all": True}),
        (
            "models.chat.device.all: the engine is started for a known number of GPUs, and "
            "types of the pool differ in theirs (g6e.2xlarge 1, g6e.12xlarge 4); use `count`, "
            "or types with the same number of GPUs [vLLM 0.33.0: --tensor-parallel-size is "
            "fixed when the engine starts]"
        ),
    ),
    (
        by_karpenter({"cel": f"{GPU}.driverVersion.isGreaterThan(semver('570.0.0'))"}),
        (
            "models.chat.device.cel: reads 'driverVersion', which Karpenter does not know of a "
            "node that it has yet to start; use architecture, brand, cudaComputeCapability, "
            "productName, type or the capacity memory, or a pool with `provisioner: managed` "
            "[karpenter.sh v1.15, tasks/dra]"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[row[1][:60] for row in BROKEN])
def test_a_claim_that_karpenter_cannot_foresee_is_refused(changes: Changes, expected: str):
    assert refusals(changes, EAST) == [expected]


def test_what_karpenter_knows_of_a_new_node_may_be_asked_for():
    known = f"{GPU}.brand == 'Nvidia'"
    asked = {"product": "L40S", "min_memory_gib": 40, "cel": known, "count": 4}
    assert planned(by_karpenter(asked)).models[0].grant.claim


def test_all_of_a_node_is_a_number_where_every_type_has_as_many_gpus():
    one_size = {"pools.l40s.instances": ["g6e.12xlarge", "g6e.24xlarge"]}
    assert planned(by_karpenter({"all": True}) | one_size).models[0].gpu.devices == 4
