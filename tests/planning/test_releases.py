"""Helm releases: which charts an environment has, and that their values fit other layers'."""

import pytest

from catalog.charts import CHARTS
from catalog.eks import KUBERNETES_VERSIONS
from planning.planner import plan_config
from planning.releases import hami_dra, nvidia_dra
from planning.specs.base import GPU_TOLERATION
from settings.files import read_config, stack_of
from tests.documents import ENVIRONMENT_FILES, REMOVED
from tests.helm import releases_of
from tests.planning.planned import planned, planned_karpenter

PLANS = {
    stack_of(file): plan_config(stack_of(file), read_config(file)) for file in ENVIRONMENT_FILES
}


OPTIONAL = {
    "aws-efa-k8s-device-plugin",
    "cluster-autoscaler",
    "dra-driver-nvidia-gpu",
    "external-secrets",
    "hami",
    "hami-dra",
    "lws",
}
"""Charts that an environment may do without."""


@pytest.mark.parametrize("stack", PLANS)
def test_every_chart_of_the_catalog_is_installed_once_from_where_it_is(stack: str):
    releases = [*releases_of(PLANS[stack])]
    found = {release.name: release for release in releases}
    assert CHARTS.keys() - OPTIONAL <= found.keys() <= CHARTS.keys()
    assert len(found) == len(releases)
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


@pytest.mark.parametrize("minor", KUBERNETES_VERSIONS)
def test_hami_schedules_with_the_cluster_s_own_minor(minor: str):
    plan = planned({"cluster.kubernetes": minor})
    assert plan.hami is not None
    image = plan.hami.release.values["scheduler"]["kubeScheduler"]["image"]
    assert (image["registry"], image["repository"]) == ("registry.k8s.io", "kube-scheduler")
    assert image["tag"].startswith(f"v{minor}.")


def test_hami_fills_a_gpu_before_it_takes_another():
    plan = planned()
    assert plan.hami is not None
    policy = plan.hami.release.values["scheduler"]["defaultSchedulerPolicy"]
    assert policy == {"gpuSchedulerPolicy": "binpack"}


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
    plan, karpenter = planned(), planned_karpenter()
    names = karpenter.controller.values["settings"]
    assert (names["clusterName"], names["interruptionQueue"]) == (plan.cluster.name,) * 2
    assert {spec.cluster_name for spec in plan.gpu_pools} == {plan.cluster.name}
    assert plan.network.cluster_name == plan.cluster.name
    assert karpenter.controller.skip_crds


@pytest.mark.parametrize(
    ("version", "expected", "reboots"),
    [(None, "1.14.1", False), ("1.13.1", "1.13.1", False), ("1.15.0", "1.15.0", True)],
)
def test_karpenter_and_its_crds_are_of_the_release_that_was_chosen(
    version: str | None, expected: str, *, reboots: bool
):
    karpenter = planned_karpenter({"karpenter": {"version": version}})
    assert karpenter.crds.version == karpenter.controller.version == expected
    assert karpenter.reboots is reboots


def test_in_a_private_network_karpenter_asks_for_no_price_and_makes_no_profile():
    private = {"private": True, "nat": "none"}
    karpenter = planned_karpenter({"network": private, "template": "dev"})
    assert karpenter.controller.values["settings"]["isolatedVPC"] is True
    assert karpenter.private


def test_agents_of_every_gpu_node_tolerate_what_its_pool_adds():
    plan = planned({"pools.l40s.taints": [{"key": "team", "value": "search"}]})
    values = plan.gpu_operator.release.values
    wanted = [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "operator": "Exists", "effect": "NoSchedule"},
    ]
    assert values["daemonsets"]["tolerations"] == wanted
    assert values["node-feature-discovery"]["worker"]["tolerations"] == wanted
    assert "daemonsets" not in planned().gpu_operator.release.values


def test_nvidia_s_dra_driver_takes_the_host_s_driver_and_its_own_nodes_alone():
    operator = nvidia_dra((GPU_TOLERATION,))
    assert operator.namespace.pod_security == "privileged"
    assert operator.release.values == {
        "nvidiaDriverRoot": "/",
        "gpuResourcesEnabledOverride": True,
        "resources": {"computeDomains": {"enabled": False}},
        "kubeletPlugin": {
            "nodeSelector": {"llm-platform/device-manager": "nvidia-dra"},
            "tolerations": [GPU_TOLERATION.model_dump()],
        },
    }


def test_only_dynamic_mig_opens_a_gate_of_nvidia_s_dra_driver():
    values = nvidia_dra((GPU_TOLERATION,), dynamic_mig=True).release.values
    assert values["featureGates"] == {"DynamicMIG": True}


def test_hami_s_dra_driver_turns_no_pod_into_a_claim_unless_it_is_asked_to():
    operator = hami_dra((GPU_TOLERATION,))
    assert operator.namespace.pod_security == "privileged"
    values = operator.release.values
    assert values["webhook"]["config"] == {
        "mutating": {"enabled": False},
        "validating": {"enabled": False},
        "volcano": {"enabled": False},
    }
    driver = values["drivers"]["nvidia"]
    assert driver["containerDriver"] is False
    assert driver["image"] == {
        "registry": "docker.io",
        "repository": "projecthami/k8s-dra-driver",
        "tag": "v0.1.0",
    }
    assert driver["daemonSet"]["nodeSelector"] == {
        "gpu": "on",
        "llm-platform/device-manager": "hami-dra",
    }


def test_hami_s_webhook_leaves_the_platform_s_namespaces_alone():
    namespaces = ("models", "gateway", "cert-manager", "models")
    operator = hami_dra((), conversion_webhook=True, namespaces=namespaces)
    config = operator.release.values["webhook"]["config"]
    assert config["mutating"] == config["validating"] == {"enabled": True}
    assert config["volcano"] == {"enabled": False}
    # The chart adds its own namespace by itself.
    assert config["scope"] == {
        "excludedNamespaces": ["cert-manager", "gateway", "kube-system", "models"]
    }
