"""What a pool of EKS Auto Mode becomes, held against the same pool of Karpenter."""

from typing import Any

import pytest

from planning.plan import Plan
from tests.planning.planned import planned

POOL = {"instances": ["g6e.2xlarge", "g6e.12xlarge"], "gpu_limit": 8, "weight": 7}
TWO = {"models.chat.replicas": {"min": 2, "max": 2}}


def supplied(provisioner: str, **more: Any) -> Plan:
    return planned({"pools.l40s": {"provisioner": provisioner, **POOL, **more}} | TWO)


@pytest.fixture(scope="module")
def auto() -> Plan:
    return supplied("auto", zones=["us-west-2a"], taints=[{"key": "team", "value": "search"}])


@pytest.fixture(scope="module")
def karpenter() -> Plan:
    return supplied("karpenter", zones=["us-west-2a"], taints=[{"key": "team", "value": "search"}])


def test_placement_cost_and_quotas_are_those_of_the_same_pool_of_karpenter(
    auto: Plan, karpenter: Plan
):
    assert auto.placement == karpenter.placement
    assert auto.cost == karpenter.cost
    assert auto.quotas == karpenter.quotas
    assert [auto.pools[0].provisioner, karpenter.pools[0].provisioner] == ["auto", "karpenter"]


def test_a_pool_says_all_that_karpenters_does_but_for_the_image(auto: Plan, karpenter: Plan):
    [spec], [other] = auto.auto_pools, karpenter.gpu_pools
    same = spec.model_dump(exclude={"labels", "expire_after_hours", "volume_gib", "tags"})
    assert same == other.model_dump(include={*same})
    assert other.model_dump().keys() - spec.model_dump().keys() == {
        "ami_alias",
        "devices_per_gpu",
        "disks",
        "overlays",
        "user_data",
    }
    assert [disk.size_gib for disk in other.disks] == [spec.volume_gib]
    assert spec.expire_after_hours == 336


def test_the_gpu_operator_is_told_to_keep_off(auto: Plan, karpenter: Plan):
    [spec], [other] = auto.auto_pools, karpenter.gpu_pools
    assert spec.labels == other.labels | {"nvidia.com/gpu.deploy.operands": "false"}


def test_auto_mode_takes_the_place_of_our_own_karpenter(auto: Plan, karpenter: Plan):
    assert auto.cluster.auto_mode
    assert auto.karpenter is None
    assert auto.gpu_pools == ()
    assert not karpenter.cluster.auto_mode
    assert karpenter.karpenter is not None
    assert karpenter.auto_pools == ()


def test_a_managed_pool_goes_with_it_and_keeps_its_add_ons(auto: Plan, karpenter: Plan):
    assert [group.name for group in auto.managed_gpu_nodes] == ["l4"]
    assert auto.cluster.addons_before_nodes == karpenter.cluster.addons_before_nodes
    assert auto.cluster.addons_after_nodes == karpenter.cluster.addons_after_nodes
    assert auto.managed_gpu_nodes == karpenter.managed_gpu_nodes


def test_families_stand_for_their_types_of_the_catalog_here_too():
    plan = planned(
        {
            "pools.l40s": {
                "provisioner": "auto",
                "families": ["g6e"],
                "gpus_per_node": 4,
                "gpu_limit": 8,
            }
        }
    )
    assert plan.auto_pools[0].instance_types == ("g6e.12xlarge", "g6e.24xlarge")
