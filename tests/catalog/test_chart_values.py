import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.chart_values import described_version, known_value, wrong_values
from catalog.charts import CHARTS, GPU_OPERATOR
from catalog.refresh_charts import add_commented, values_of

DATA = Path(__file__).resolve().parents[2] / "catalog" / "chart_values.json"
COLLECTED = Path(__file__).resolve().parents[3] / "shared" / "charts"
"""Values files of the charts, present where the project is developed."""


def test_every_chart_is_described_at_its_version():
    assert {name: described_version(name) for name in CHARTS} == {
        name: chart.version for name, chart in CHARTS.items()
    }
    assert DATA.stat().st_size < 300 * 1024


def test_a_misspelt_value_is_named_with_its_neighbour():
    settings = {"clusterName": "dev", "interuptionQueue": "dev"}
    assert wrong_values("karpenter", {"settings": settings, "nodeSelectr": {"a": "b"}}) == (
        "settings.interuptionQueue (nearest: settings.interruptionQueue)",
        "nodeSelectr (nearest: nodeSelector)",
    )


def test_a_value_that_resembles_nothing_is_named_alone():
    assert wrong_values("hami", {"zzzzzz": 1}) == ("zzzzzz",)


def test_what_a_chart_hands_on_is_open():
    values: dict[str, Any] = {
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn"}},
        "controller": {"resources": {"limits": {"memory": "1Gi"}}, "env": [{"name": "A"}]},
        "affinity": {"nodeAffinity": {}},
        "nodeSelector": {"platform.example/pool": "system"},
    }
    assert wrong_values("karpenter", values) == ()


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        ("karpenter", "settings.featureGates.nodeOverlay"),
        ("karpenter", "settings.awsFeatureGates.nodeClassCEL"),
        ("karpenter-crd", "additionalAnnotations.anything"),
        ("cert-manager", "crds.enabled"),
        ("cert-manager", "cainjector.replicaCount"),
        ("gpu-operator", "toolkit.enabled"),
        ("gpu-operator", "dcgmExporter.config.name"),
        ("gpu-operator", "node-feature-discovery.worker.tolerations"),
        ("gpu-operator", "node-feature-discovery.topologyUpdater.enable"),
        ("dra-driver-nvidia-gpu", "resources.computeDomains.enabled"),
        ("dra-driver-nvidia-gpu", "featureGates.DynamicMIG"),
        ("hami-dra", "drivers.nvidia.daemonSet.tolerations"),
        ("hami-dra", "webhook.config.scope.excludedNamespaces"),
        ("hami", "scheduler.kubeScheduler.image.registry"),
        ("hami", "scheduler.certManager.enabled"),
        ("hami", "devicePlugin.nvidiaNodeSelector.gpu"),
        ("cluster-autoscaler", "autoscalingGroups"),
        ("cluster-autoscaler", "rbac.serviceAccount.name"),
        ("keda", "resources.operator.limits.cpu"),
        ("keda", "certificates.certManager.enabled"),
        ("cloudnative-pg", "config.clusterWide"),
        ("external-secrets", "rbac.serviceAccountTokenCreate"),
        ("external-secrets", "webhook.hostUsers"),
        ("cloudnative-pg", "monitoring.podMonitorEnabled"),
    ],
)
def test_a_documented_value_is_known(chart: str, path: str):
    assert known_value(chart, path)


@pytest.mark.parametrize(
    ("chart", "path"),
    [
        ("karpenter", "settings.enableDRA"),  # of 1.15
        ("gpu-operator", "gpuCluster.deployCR"),  # of 26.7
        ("gpu-operator", "driver.enable"),
        ("hami", "dra.enabled"),  # of 2.9, where it renders; later it is ignored
        ("hami-dra", "webhook.replicas"),  # of 0.2.11
        ("keda", "operator.replicas"),
        ("cert-manager", "crds.enabled.really"),
    ],
)
def test_a_value_of_another_version_is_not_known(chart: str, path: str):
    assert not known_value(chart, path)


def test_a_chart_without_description_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"no values of chart kedaa are known; known are .*keda"):
        wrong_values("kedaa", {})


DESCRIBED = (
    "cert-manager",
    "cloudnative-pg",
    "cluster-autoscaler",
    "dra-driver-nvidia-gpu",
    "gpu-operator",
    "hami",
    "keda",
)


# Without External Secrets, whose chart is numbered after its application's tag, without Karpenter,
# of which the tag that was collected still carries the chart of 1.13.0, and
# without HAMi DRA, of which an older one was.
@pytest.mark.parametrize("name", DESCRIBED)
def test_the_description_is_what_the_collected_values_give(name: str):
    described = json.loads(DATA.read_text("utf-8"))[name]["values"]
    if COLLECTED.exists():
        assert values_of(CHARTS[name], COLLECTED) == described
    assert described


def test_another_version_than_the_file_name_says_is_refused(tmp_path: Path):
    stem = f"{GPU_OPERATOR.name}-{GPU_OPERATOR.version}"
    (tmp_path / f"{stem}.Chart.yaml").write_text(yaml.safe_dump({"version": "v1.2.3"}))
    with pytest.raises(ValueError, match=r"gpu-operator-.*\.Chart\.yaml is of version v1\.2\.3"):
        values_of(GPU_OPERATOR, tmp_path)


def test_a_commented_value_that_the_chart_dropped_is_refused():
    with pytest.raises(ValueError, match=r"operator\.version is no longer a commented value"):
        add_commented({"operator": {}}, "operator.version", "operator:\n  image: x\n")
