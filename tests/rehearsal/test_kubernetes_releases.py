"""Helm releases of the kubernetes provider: recorded, not rendered, with their definitions."""

import threading
from typing import Any

import pytest

from catalog import charts as catalog
from rehearsal.control_plane import ControlPlane
from rehearsal.providers.kubernetes import releases
from rehearsal.providers.kubernetes.charts import (
    CHARTS,
    WITHOUT,
    definitions,
    version_warning,
)
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.manifests import Identity, Manifest
from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.kubernetes.waiting import Patience
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties, Secret, to_struct
from tests.rehearsal.conftest import Kubectl
from tests.rehearsal.kubernetes_hand import (
    Resource,
    changed,
    connected,
    kubeconfig,
    plain,
    texts_in_the_open,
)

RELEASE = "helm.sh/v3:Release"


@pytest.fixture(scope="module")
def provider(started: ControlPlane) -> KubernetesProvider:
    connection = started.connection()
    assert connection is not None
    return connected(connection.kubeconfig.read_text())


def release(chart: str, name: str = "one", **inputs: Any) -> Properties:
    known = CHARTS.get(chart.rpartition("/")[2])
    version = known.version if known else "1.0.0"
    return {"chart": chart, "name": name, "namespace": "default", "version": version, **inputs}


def names(kubectl: Kubectl, group: str) -> set[str]:
    found = {each["metadata"]["name"] for each in kubectl.get("crds")}
    return {name for name in found if name.endswith(group)}


def test_a_release_brings_its_definitions_and_takes_them_along(
    provider: KubernetesProvider, kubectl: Kubectl
):
    chart = "oci://registry.example/karpenter/karpenter-crd"
    inputs = release(chart, namespace="karpenter", createNamespace=True)
    found = Resource(provider, RELEASE)
    previewed = found.create(inputs, preview=True)
    assert plain(previewed)["chart"] == chart
    assert not names(kubectl, "karpenter.sh")
    outputs: Any = found.create(inputs)
    assert found.id == "karpenter/one"
    assert outputs["description"] == "recorded by the rehearsal: not rendered"
    assert outputs["resourceNames"] == {}
    assert outputs["status"] == {
        "status": "deployed",
        "name": "one",
        "namespace": "karpenter",
        "revision": 1,
        "chart": "karpenter-crd",
        "version": "1.14.1",
    }
    assert len(names(kubectl, "karpenter.sh")) == 3
    kubectl.get("nodepools.karpenter.sh")
    assert found.refresh()
    assert not changed(found.diff(inputs))
    found.delete()
    assert not names(kubectl, "karpenter.sh")
    assert not found.refresh()


def test_what_helm_keeps_is_kept(provider: KubernetesProvider, kubectl: Kubectl):
    found = Resource(provider, RELEASE)
    found.create(release("cert-manager", values={"crds": {"enabled": True}}))
    found.delete()
    assert len(names(kubectl, "cert-manager.io")) == 6
    operator = Resource(provider, RELEASE)
    operator.create(release("karpenter"))
    operator.delete()
    assert names(kubectl, "karpenter.sh"), "Helm never removes what is in crds/"


def test_values_decide_and_a_change_of_them_is_the_next_revision(
    provider: KubernetesProvider, kubectl: Kubectl
):
    found = Resource(provider, RELEASE)
    with_definitions = release("keda", values={"crds": {"install": True}})
    found.create(with_definitions)
    assert len(names(kubectl, "keda.sh")) == 4
    without = release("keda", values={"crds": {"install": False}})
    assert changed(found.diff(without)) == {"values.crds.install": "UPDATE"}
    outputs: Any = found.update(without)
    assert outputs["status"]["revision"] == 2
    assert not names(kubectl, "keda.sh")
    assert found.refresh()
    assert plain(found.outputs)["status"]["revision"] == 2
    found.delete()


def test_two_releases_do_not_share_a_definition_or_a_name(
    provider: KubernetesProvider, kubectl: Kubectl
):
    first = Resource(provider, RELEASE, "first")
    first.create(release("keda", "first"))
    with pytest.raises(ProviderError, match=r"keda\.sh belongs to the release first"):
        Resource(provider, RELEASE, "second").create(release("keda", "second"))
    with pytest.raises(ProviderError, match="cannot re-use a name that is still in use"):
        Resource(provider, RELEASE, "other").create(release("hami", "first"))
    Resource(provider, RELEASE, "first").create(release("keda", "first"))  # after a crash
    first.delete()


def test_a_missing_namespace_is_named(provider: KubernetesProvider):
    with pytest.raises(ProviderError, match="namespace nowhere does not exist; create it before"):
        Resource(provider, RELEASE).create(release("hami", namespace="nowhere"))


def test_values_stay_secret_and_are_nowhere_in_the_cluster(
    provider: KubernetesProvider, kubectl: Kubectl
):
    text = "correct-horse-battery"
    found = Resource(provider, RELEASE)
    found.create(release("hami", values={"license": Secret(text), "open": 1}))
    assert found.refresh()
    for values in (found.inputs, found.outputs):
        assert plain(values)["values"]["license"] == text
        assert text not in texts_in_the_open(to_struct(values))
    everything = kubectl.run("get", "configmaps,secrets,events", "-A", "-o", "json")
    assert text not in everything
    found.delete()


def test_a_release_is_not_imported_without_its_values(
    provider: KubernetesProvider, kubectl: Kubectl
):
    found = Resource(provider, RELEASE)
    found.create(release("hami"))
    with pytest.raises(ProviderError, match="cannot be imported"):
        Resource(provider, RELEASE, id=found.id).refresh()
    found.delete()


def test_inputs_are_completed_like_the_official_ones():
    found = Resource(connected(kubeconfig(), namespace="models"), RELEASE)
    checked = found.check({"chart": "hami", "compat": "true", "values": {"nothing": None}})
    name = checked.pop("name")
    assert isinstance(name, str)
    assert name.startswith("web-")
    assert checked == {
        "chart": "hami",
        "namespace": "models",
        "timeout": 300,
        "values": {"nothing": None},
    }
    found.inputs = found.check({"chart": "hami"})
    assert found.check({"chart": "hami"}) == found.inputs
    assert found.diff({"chart": "hami", "name": "new"}).replaces == ["name"]
    assert "name one" in found.checking({"name": "x"}).failures[0].reason
    assert "53 characters" in found.checking({"chart": "x", "name": "y" * 54}).failures[0].reason


@pytest.mark.parametrize(
    ("chart", "values", "number"),
    [
        ("cert-manager", {}, 0),
        ("cert-manager", {"crds": {"enabled": True}}, 6),
        ("keda", {}, 4),
        ("cloudnative-pg", {}, 11),
        ("cloudnative-pg", {"crds": {"create": False}}, 0),
        ("dra-driver-nvidia-gpu", {"resources": {"computeDomains": {"enabled": False}}}, 2),
        ("gpu-operator", {}, 0),
        ("hami", {}, 0),
        ("hami-dra", {}, 0),
    ],
)
def test_charts_bring_what_their_values_say(chart: str, values: dict[str, Any], number: int):
    assert len(definitions(plain(release(chart, values=values)))) == number


def test_of_every_chart_of_the_catalog_it_is_known_what_it_brings():
    assert CHARTS.keys() | WITHOUT == catalog.CHARTS.keys()
    assert not CHARTS.keys() & WITHOUT
    for name, brought in CHARTS.items():
        assert brought.version == catalog.CHARTS[name].version


def test_skip_crds_skips_the_folder_and_not_the_templates():
    assert not definitions(plain(release("karpenter", skipCrds=True)))
    assert definitions(plain(release("karpenter-crd", skipCrds=True)))


def test_definitions_of_another_version_are_warned_of():
    assert version_warning(plain(release("cert-manager"))) is None
    assert version_warning(plain(release("cert-manager", version="1.21.1"))) is None
    warning = version_warning(plain(release("keda", version="2.19.0")))
    assert warning
    assert "keda 2.19.0 with the definitions of 2.20.2" in warning


class Forgetful(Cluster):
    """A cluster whose API server removes a definition only when it is touched."""

    def __init__(self) -> None:
        self.touched = 0

    def get(self, identity: Identity) -> Manifest | None:
        """Return the definition until it was touched."""
        finalizers = ["customresourcecleanup.apiextensions.k8s.io"]
        return None if self.touched else {"metadata": {"uid": "1", "finalizers": finalizers}}

    def touch(self, identity: Identity) -> None:
        """Be reminded."""
        self.touched += 1


def test_a_definition_that_the_api_server_forgot_to_remove_is_brought_to_its_mind(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(releases, "TOUCH_SECONDS", 0.05)
    cluster = Forgetful()
    identity = Identity("apiextensions.k8s.io/v1", "CustomResourceDefinition", "a.b", None)
    patience = Patience(5.0, threading.Event(), print)
    assert releases.await_undefined(cluster, identity, patience) == []
    assert cluster.touched == 1
