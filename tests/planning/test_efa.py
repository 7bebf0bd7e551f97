"""Nodes with EFA, and the device plugin that lets pods ask for it."""

from typing import Any

import pytest

from catalog.charts import EFA_DEVICE_PLUGIN
from catalog.instance_types import INSTANCE_TYPES
from planning.pools.managed import efa_interfaces
from planning.specs.pools import OperatorSpec
from tests.documents import REMOVED
from tests.planning.planned import planned


def with_efa(region: str) -> dict[str, Any]:
    return {
        "pools.l4.instances": ["g6.12xlarge"],
        "pools.l4.sharing": {"kind": "whole"},
        "pools.l4.zone": f"{region}a",
        "pools.l4.placement_group": "cluster",
        "pools.l4.efa": True,
        "pools.l4.nodes": 2,
        "models.tiny.share": REMOVED,
        "budget": {"gpus": 20, "usd_per_month": 100_000},
    }


def plugin(region: str = "us-west-2") -> OperatorSpec:
    found = planned(with_efa(region), region).efa_device_plugin
    assert found is not None
    return found


def test_no_plugin_is_installed_where_no_node_has_efa():
    plan = planned()
    assert plan.efa_device_plugin is None
    assert all("llm-platform/efa" not in pool.labels for pool in plan.managed_gpu_nodes)


def test_the_plugin_runs_on_the_nodes_that_have_efa_and_on_no_other():
    plan = planned(with_efa("us-west-2"))
    selector = plugin().release.values["nodeSelector"]
    (group,) = plan.managed_gpu_nodes
    assert group.network_interfaces
    assert selector.items() <= group.labels.items()
    for pool in plan.gpu_pools:
        assert not selector.items() <= pool.labels.items()


def test_the_plugin_stands_the_taint_of_gpu_nodes_which_its_chart_does_not():
    (toleration,) = plugin().release.values["tolerations"]
    assert toleration == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_the_image_comes_from_the_region_s_own_registry(region: str):
    repository = plugin(region).release.values["image"]["repository"]
    assert repository == (
        f"602401143452.dkr.ecr.{region}.amazonaws.com/eks/{EFA_DEVICE_PLUGIN.name}"
    )


def test_its_namespace_lets_it_at_the_devices():
    assert plugin().namespace.model_dump() == {
        "name": "efa-device-plugin",
        "pod_security": "privileged",
    }


WITH_EFA = [found for found in INSTANCE_TYPES.values() if found.gpus and found.efa_interfaces]


@pytest.mark.parametrize("found", WITH_EFA, ids=lambda found: found.name)
def test_a_node_carries_as_many_efa_interfaces_as_its_type_has_and_one_address(found: Any):
    kinds = [interface.kind for interface in efa_interfaces(found)]
    assert sum(kind.startswith("efa") for kind in kinds) == found.efa_interfaces
    assert [kind for kind in kinds if kind != "efa-only"] == kinds[:1]
    places = [(interface.card, interface.device) for interface in efa_interfaces(found)]
    assert places[0] == (0, 0)
    assert len(set(places)) == len(places)
