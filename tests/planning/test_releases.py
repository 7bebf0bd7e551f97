"""Helm releases: every value that is set exists, and fits what other layers set."""

import pytest

from catalog.chart_values import described_version, unknown_values
from catalog.charts import CHARTS
from planning.plan import Plan
from planning.planner import plan_config
from planning.specs.infrastructure import ReleaseSpec
from settings.files import read_config, stack_of
from tests.documents import ENVIRONMENT_FILES, REMOVED
from tests.planning.planned import planned

PLANS = {
    stack_of(file): plan_config(stack_of(file), read_config(file)) for file in ENVIRONMENT_FILES
}


def releases(plan: Plan) -> list[ReleaseSpec]:
    """Return every Helm release of a plan."""
    operators = [plan.cert_manager, plan.gpu_operator, plan.keda, plan.database_operator, plan.hami]
    own = [operator.release for operator in operators if operator is not None]
    if plan.cluster_autoscaler is not None:
        own.append(plan.cluster_autoscaler.release)
    return [plan.karpenter.crds, plan.karpenter.controller, *own]


@pytest.mark.parametrize("stack", PLANS)
def test_every_value_exists_in_the_chart_at_the_version_that_is_installed(stack: str):
    for release in releases(PLANS[stack]):
        assert release.version == described_version(release.name)
        assert unknown_values(release.name, release.values) == ()


OPTIONAL = {"cluster-autoscaler"}
"""Charts that an environment may do without."""


@pytest.mark.parametrize("stack", PLANS)
def test_every_chart_of_the_catalog_is_installed_once_from_where_it_is(stack: str):
    found = {release.name: release for release in releases(PLANS[stack])}
    assert CHARTS.keys() - OPTIONAL <= found.keys() <= CHARTS.keys()
    assert len(found) == len(releases(PLANS[stack]))
    for name, release in found.items():
        chart = CHARTS[name]
        assert (release.chart, release.repository) == (chart.reference, chart.repository_option)
        assert (release.version, release.namespace) == (chart.version, chart.namespace)


def test_hami_sees_only_the_pods_and_nodes_that_are_its_own():
    plan = planned()
    assert plan.hami is not None
    values = plan.hami.release.values
    webhook = values["scheduler"]["admissionWebhook"]["objectSelector"]["matchLabels"]
    chat, tiny = plan.models
    assert webhook.items() <= tiny.labels.items()
    assert not webhook.items() <= chat.labels.items()
    selected = values["devicePlugin"]["nvidiaNodeSelector"].items()
    assert selected <= plan.managed_gpu_nodes[0].labels.items()
    assert not selected <= plan.gpu_pools[0].labels.items()


def test_the_gpu_operator_publishes_no_device_that_hami_hands_out():
    plan = planned()
    label = "nvidia.com/gpu.deploy.device-plugin"
    assert plan.managed_gpu_nodes[0].labels[label] == "false"
    assert label not in plan.gpu_pools[0].labels


def test_hami_schedules_with_the_cluster_s_own_minor():
    for plan in PLANS.values():
        assert plan.hami is not None
        image = plan.hami.release.values["scheduler"]["kubeScheduler"]["image"]
        assert image["tag"].startswith(f"v{plan.cluster.kubernetes}.")


def test_hami_splits_as_finely_as_the_finest_pool_wants():
    second = {"provisioner": "managed", "instances": ["g6.2xlarge"], "nodes": 1}
    plan = planned(
        {
            "pools.l4.sharing": {"kind": "hami", "splits": 4},
            "pools.more": {**second, "sharing": {"kind": "hami", "splits": 6}},
            "budget.gpus": 10,
        }
    )
    assert plan.hami is not None
    assert plan.hami.release.values["devicePlugin"]["deviceSplitCount"] == 6


def test_without_shared_gpus_there_is_no_hami():
    assert planned({"pools.l4": REMOVED, "models.tiny": REMOVED}).hami is None


def test_karpenter_s_queue_and_discovery_carry_the_cluster_s_name():
    plan = planned()
    names = plan.karpenter.controller.values["settings"]
    assert names == {"clusterName": plan.cluster.name, "interruptionQueue": plan.cluster.name}
    assert {spec.cluster_name for spec in plan.gpu_pools} == {plan.cluster.name}
    assert plan.network.cluster_name == plan.cluster.name
    assert plan.karpenter.controller.skip_crds


@pytest.mark.parametrize(
    ("version", "expected", "reboots"),
    [(None, "1.14.1", False), ("1.13.1", "1.13.1", False), ("1.15.0", "1.15.0", True)],
)
def test_karpenter_and_its_crds_are_of_the_release_that_was_chosen(
    version: str | None, expected: str, *, reboots: bool
):
    karpenter = planned({"karpenter": {"version": version}}).karpenter
    assert karpenter.crds.version == karpenter.controller.version == expected
    assert karpenter.reboots is reboots


def test_in_a_private_network_karpenter_asks_for_no_price_and_makes_no_profile():
    private = {"private": True, "nat": "none"}
    karpenter = planned({"network": private, "template": "dev"}).karpenter
    assert karpenter.controller.values["settings"]["isolatedVPC"] is True
    assert karpenter.private
    assert unknown_values("karpenter", karpenter.controller.values) == ()


def test_agents_of_every_gpu_node_tolerate_what_its_pool_adds():
    plan = planned({"pools.l40s.taints": [{"key": "team", "value": "search"}]})
    values = plan.gpu_operator.release.values
    assert unknown_values("gpu-operator", values) == ()
    assert "daemonsets" not in planned().gpu_operator.release.values
