"""What the device plugin, the MIG manager and Karpenter are told of slices and MIG instances."""

from typing import Any

import yaml

from planning.plan import Plan
from planning.specs.base import MIG_CONFIG_LABEL, PLUGIN_CONFIG_LABEL, POOL_LABEL
from planning.specs.pools import ManagedGpuNodesSpec
from tests.planning.planned import planned, planned_karpenter
from tests.planning.test_plugin_ways import MPS, REGION, SLICES, managed, mig, second_pool

SMALL: dict[str, Any] = {"models.chat.model": "Qwen/Qwen3-0.6B"}
"""Fits a part of a GPU."""
OVERLAY: dict[str, Any] = {"karpenter.node_overlay": True}


def configs(plan: Plan) -> dict[str, dict[str, Any]]:
    """Every ConfigMap by its prefix, its data read as YAML."""
    return {
        found.prefix: {key: yaml.safe_load(text) for key, text in found.data.items()}
        for found in plan.gpu_operator.config_maps
    }


def nodes(plan: Plan, name: str) -> ManagedGpuNodesSpec:
    return next(group for group in plan.managed_gpu_nodes if group.name == name)


def test_whole_gpus_need_no_configuration():
    operator = planned(managed({"kind": "whole"})).gpu_operator
    assert operator.config_maps == ()
    assert operator.release.values == {"driver": {"enabled": False}, "toolkit": {"enabled": False}}


def test_each_way_of_slicing_is_a_configuration_that_its_nodes_name():
    plan = planned(managed(SLICES) | second_pool(MPS, "g6.2xlarge"))
    found = configs(plan)["device-plugin-configs"]
    assert [*found] == ["whole", "time-slicing-4", "mps-4"]
    assert found["whole"] == {"version": "v1", "flags": {"migStrategy": "none"}}
    slices = {
        "renameByDefault": False,
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
    }
    assert found["time-slicing-4"]["sharing"] == {"timeSlicing": slices}
    assert found["mps-4"]["sharing"] == {"mps": slices}
    assert nodes(plan, "l4").labels[PLUGIN_CONFIG_LABEL] == "time-slicing-4"
    assert nodes(plan, "cut").labels[PLUGIN_CONFIG_LABEL] == "mps-4"


def test_the_values_name_the_configuration_and_what_holds_for_other_nodes():
    operator = planned(managed(SLICES)).gpu_operator
    [made] = operator.config_maps
    config = operator.release.values["devicePlugin"]["config"]
    assert config == {"name": made.name, "default": "whole"}
    assert made.labels == {"llm-platform/config": "device-plugin"}
    assert made.name.startswith("device-plugin-configs-")


def test_another_configuration_has_another_name_so_that_the_daemons_start_anew():
    def name(replicas: int) -> str:
        changed = managed({"kind": "mps", "replicas": replicas})
        return planned(changed).gpu_operator.config_maps[0].name

    assert name(4) == name(4) != name(5)


def test_mig_is_cut_by_a_layout_of_the_platform_and_reboots_the_node():
    plan = planned(managed(mig(profile="1g.10gb"), "p5.4xlarge"), REGION)
    found = configs(plan)
    assert found["device-plugin-configs"]["mig-single"]["flags"] == {"migStrategy": "single"}
    disabled = [{"devices": "all", "mig-enabled": False}]
    cut = [{"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 7}}]
    layouts = {"all-disabled": disabled, "all-1g.10gb": cut}
    assert found["mig-configs"] == {"config.yaml": {"version": "v1", "mig-configs": layouts}}
    values, (_, layout) = plan.gpu_operator.release.values, plan.gpu_operator.config_maps
    assert values["mig"] == {"strategy": "single"}
    assert values["migManager"] == {
        "config": {"name": layout.name, "default": "all-disabled"},
        "env": [{"name": "WITH_REBOOT", "value": "true"}],
    }
    labels = nodes(plan, "l4").labels
    assert labels[MIG_CONFIG_LABEL] == "all-1g.10gb"
    assert labels[PLUGIN_CONFIG_LABEL] == "mig-single"


def test_instances_of_several_profiles_are_asked_for_by_profile():
    layout = {"1g.10gb": 2, "2g.20gb": 1, "3g.40gb": 1}
    plan = planned(managed(mig(layout=layout), "p5.4xlarge", mig="2g.20gb"), REGION)
    name = "2x1g.10gb-1x2g.20gb-1x3g.40gb"
    layouts = configs(plan)["mig-configs"]["config.yaml"]["mig-configs"]
    assert layouts[name][0]["mig-devices"] == layout
    assert nodes(plan, "l4").labels[MIG_CONFIG_LABEL] == name
    assert plan.gpu_operator.release.values["mig"] == {"strategy": "mixed"}
    [tiny] = (model for model in plan.models if model.name == "tiny")
    assert tiny.grant.limits == {"nvidia.com/mig-2g.20gb": "1"}


def test_karpenter_is_told_what_each_size_of_node_offers():
    [pool] = planned({"pools.l40s.sharing": MPS} | OVERLAY | SMALL).gpu_pools
    assert [(one.name, one.instance_types, one.capacity) for one in pool.overlays] == [
        ("l40s-1-gpu", ("g6e.2xlarge",), {"nvidia.com/gpu": 4}),
        ("l40s-4-gpu", ("g6e.12xlarge",), {"nvidia.com/gpu": 16}),
    ]
    assert all(one.node_labels == {POOL_LABEL: "l40s"} for one in pool.overlays)
    assert pool.labels.items() >= {POOL_LABEL: "l40s"}.items()
    assert (pool.gpu_limit, pool.devices_per_gpu) == (8, 4)


def test_karpenter_is_told_of_mig_instances_that_are_called_gpus():
    changes = {"pools.l40s.instances": ["p5.4xlarge"], "pools.l40s.sharing": mig(profile="1g.10gb")}
    [pool] = planned(changes | OVERLAY | SMALL, REGION).gpu_pools
    assert [one.capacity for one in pool.overlays] == [{"nvidia.com/gpu": 7}]


def test_whole_gpus_need_no_overlay_and_no_alpha_feature():
    plan = planned()
    assert [(pool.overlays, pool.devices_per_gpu) for pool in plan.gpu_pools] == [((), 1)]
    assert "featureGates" not in planned_karpenter().controller.values["settings"]
    asked = planned_karpenter(OVERLAY).controller.values["settings"]
    assert asked["featureGates"] == {"nodeOverlay": True}
