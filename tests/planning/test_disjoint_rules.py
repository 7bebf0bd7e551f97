"""Which ways of handing out GPUs may live in one cluster, and on which nodes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from planning.plan import Plan
from planning.sharing.ways import WAYS
from planning.specs.base import DEVICE_MANAGER_LABEL
from tests.planning.claiming import EAST, H100, ROOM, Changes, dra, hami_dra, managed
from tests.planning.planned import planned, refusals

BROKEN: list[tuple[Changes, str]] = [
    (
        hami_dra() | {"pools.classic": managed({"kind": "hami"})},
        (
            "pools.l4.sharing: is hami-dra, and pool 'classic' is hami: a cluster has one of "
            "the two, so that shares are kept in one book; use one of the two for all pools of "
            "the cluster [Project-HAMi/website: blog 'Does Kubernetes DRA Replace HAMi']"
        ),
    ),
    (
        dra() | {"pools.classic": managed({"kind": "hami"})},
        (
            "pools.classic.sharing: is hami, and pool 'l4' is dra: with NVIDIA's DeviceClass for "
            "nvidia.com/gpu in the cluster the scheduler wants every resource of a HAMi pod in the "
            "node's status, where nvidia.com/gpumem never is, and places none; use hami-dra for "
            "its shares, or another cluster [kubernetes v1.36.3: pkg/scheduler/framework/plugins/"
            "dynamicresources/extendeddynamicresources.go, seen in the rehearsal]"
        ),
    ),
    (
        hami_dra(conversion_webhook=True) | {"pools.other": managed({"kind": "dra"})},
        (
            "pools.l4.sharing.conversion_webhook: is true, and pool 'other' is dra: the webhook"
            " and NVIDIA's DeviceClass would both serve pods that ask for nvidia.com/gpu; leave"
            " it out: models on the pool claim their shares without it [Project-HAMi/HAMi-DRA: "
            "pkg/webhook/dra/extended_resource.go; the NVIDIA chart's DeviceClass "
            "gpu.nvidia.com serves nvidia.com/gpu]"
        ),
    ),
    (
        dra() | H100 | {"pools.cut": managed({"kind": "dra", "dynamic_mig": True}, "p5.4xlarge")},
        (
            "pools.l4.sharing.dynamic_mig: is false, but pool 'cut' has it true: NVIDIA's "
            "driver has one switch for the cluster, and cuts the NVIDIA H100 80GB HBM3 too; set"
            " it to the same in both [kubernetes-sigs/dra-driver-nvidia-gpu: "
            "pkg/featuregates/featuregates.go]"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[row[1][:60] for row in BROKEN])
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(changes: Changes, expected: str):
    assert expected in refusals(changes, EAST)


MIG: Changes = {"kind": "mig", "profile": "1g.10gb"}
SLICES: Changes = {"kind": "time-slicing", "replicas": 2}
PLUGIN = {
    "pools.whole": managed({"kind": "whole"}),
    "pools.slices": managed(SLICES),
    "pools.processes": managed(SLICES | {"kind": "mps"}),
    "pools.instances": managed(MIG, "p5.4xlarge"),
}
CLAIMS = {
    "pools.claims": managed({"kind": "dra", "monitor": True}),
    "pools.l4.sharing": {"kind": "hami-dra"},
}
TOGETHER: dict[str, Changes] = {
    "with HAMi": PLUGIN,
    "with both DRA drivers": PLUGIN | CLAIMS,
}
"""All seven ways; HAMi as a scheduler stands beside no DRA driver."""


def selected(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the driver and the pool of every node whose devices the driver publishes."""
    selectors: dict[str, Mapping[str, Any]] = {}
    if plan.hami:
        values = plan.hami.release.values
        selectors["hami"] = values["devicePlugin"]["nvidiaNodeSelector"]
    if plan.nvidia_dra:
        selectors["nvidia-dra"] = plan.nvidia_dra.release.values["kubeletPlugin"]["nodeSelector"]
    if plan.hami_dra:
        driver = plan.hami_dra.release.values["drivers"]["nvidia"]
        selectors["hami-dra"] = driver["daemonSet"]["nodeSelector"]
    for pool in (*plan.managed_gpu_nodes, *plan.gpu_pools):
        # The GPU Operator puts its own on every GPU node that does not say no.
        if pool.labels.get("nvidia.com/gpu.deploy.device-plugin") != "false":
            yield "device-plugin", pool.name
        for driver, selector in selectors.items():
            if selector.items() <= pool.labels.items():
                yield driver, pool.name


@pytest.mark.parametrize("changes", TOGETHER.values(), ids=TOGETHER)
def test_every_node_has_one_driver_and_it_is_the_one_of_its_label(changes: Changes):
    plan = planned(ROOM | changes, EAST)
    nodes = (*plan.managed_gpu_nodes, *plan.gpu_pools)
    found = sorted((pool, driver) for driver, pool in selected(plan))
    assert found == sorted((node.name, node.labels[DEVICE_MANAGER_LABEL]) for node in nodes)
    assert len({node.labels["llm-platform/sharing"] for node in nodes}) >= 5


def test_the_two_together_show_every_way():
    plans = [planned(ROOM | changes, EAST) for changes in TOGETHER.values()]
    assert {pool.sharing for plan in plans for pool in plan.pools} == {*WAYS}


def test_one_exporter_watches_each_node():
    plan = planned(ROOM | PLUGIN | CLAIMS, EAST)
    own = plan.device_monitor
    assert own
    watched = [
        node.name
        for node in plan.managed_gpu_nodes
        if own.node_selector.items() <= node.labels.items()
    ]
    left_out = [
        node.name
        for node in plan.managed_gpu_nodes
        if node.labels.get("nvidia.com/gpu.deploy.dcgm-exporter") == "false"
    ]
    assert watched == left_out == ["claims"]
