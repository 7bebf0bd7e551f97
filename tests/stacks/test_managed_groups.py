"""How managed node groups and Cluster Autoscaler are wired in a whole environment."""

from typing import Any

from settings.environment import PLATFORM_KEY
from tests.program import config_of, record_environment
from tests.recording import Recording

GROUP = "aws:eks/nodeGroup:NodeGroup"


def prod(**changes: Any) -> Recording:
    """Return prod with changes to its pool of H100."""
    config = config_of("prod")
    platform = config[PLATFORM_KEY]
    platform["pools"]["h100"] |= changes
    platform["budget"] |= {"gpus": 100, "usd_per_month": 1_000_000}
    return record_environment("prod", config)


def test_a_group_of_one_zone_lies_in_that_zone_s_subnet_and_others_in_all():
    recorded = prod(zone="us-east-1b")
    assert recorded["h100-group"].inputs["subnetIds"] == ["network-private-us-east-1b-id"]
    assert len(recorded["shared-l4-group"].inputs["subnetIds"]) == 3


def test_cluster_autoscaler_knows_the_groups_of_variable_size_and_no_other():
    recorded = prod(nodes={"min": 1, "max": 3})
    told = recorded["cluster-autoscaler-release"].inputs["values"]["autoscalingGroups"]
    assert told == [{"name": "eks-h100-group-1a2b3c4", "minSize": 1, "maxSize": 3}]
    policy = recorded["cluster-autoscaler-policy"].inputs["policy"]
    assert "eks-h100-group-1a2b3c4" in policy
    assert "shared-l4" not in policy
    ignoring = {found.name for found in recorded.of_type(GROUP) if found.ignored}
    assert ignoring == {"h100-group"}


def test_without_such_a_group_there_is_no_cluster_autoscaler():
    recorded = prod(nodes=2)
    assert not [name for name in recorded if name.startswith("cluster-autoscaler")]
    assert not [found for found in recorded.of_type(GROUP) if found.ignored]


def test_a_destroy_ends_cluster_autoscaler_before_its_groups():
    assert "h100-group" in prod()["cluster-autoscaler-release"].after


def test_a_model_waits_for_the_plugin_of_efa_and_the_plugin_for_the_nodes_that_have_it():
    recorded = prod(efa=True, zone="us-east-1b", placement_group="cluster")
    assert "h100-group" in recorded["efa-device-plugin-release"].after
    assert "efa-device-plugin-release" in recorded["qwen3-235b-deployment"].after
    assert "efa-device-plugin" not in record_environment("dev")
