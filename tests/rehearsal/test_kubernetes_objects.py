"""The kubernetes provider on a real API server: create, change, refresh, delete."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest

from rehearsal.control_plane import ControlPlane
from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, Secret, to_struct
from tests.rehearsal.conftest import Kubectl
from tests.rehearsal.kubernetes_hand import (
    Resource,
    changed,
    connected,
    plain,
    texts_in_the_open,
)
from tests.rehearsal.kubernetes_inputs import deployment, settings


@pytest.fixture(scope="module")
def provider(started: ControlPlane) -> KubernetesProvider:
    connection = started.connection()
    assert connection is not None
    return connected(connection.kubeconfig.read_text())


@pytest.fixture
def namespace(kubectl: Kubectl, request: pytest.FixtureRequest) -> Iterator[str]:
    name = re.sub("[^a-z]+", "-", request.node.name.lower())[:50].strip("-")
    kubectl.run("create", "namespace", name)
    yield name
    kubectl.run("delete", "namespace", name, "--wait=false")


def test_an_object_is_created_changed_and_deleted(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    web = Resource(provider, "apps/v1:Deployment")
    outputs: Any = web.create(deployment(namespace))
    assert web.id == f"{namespace}/web"
    assert outputs["metadata"]["uid"]
    assert outputs["spec"]["strategy"]["type"] == "RollingUpdate", "as the server completed it"
    assert outputs["status"]["observedGeneration"] == 1
    assert not {"managedFields", "resourceVersion"} & outputs["metadata"].keys()

    newer = deployment(namespace, image="example:2")
    assert changed(web.diff(newer)) == {"spec.template.spec.containers[0].image": "UPDATE"}
    web.update(newer)
    live = kubectl.get("-n", namespace, "deployment", "web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "example:2"
    assert not changed(web.diff(newer))

    web.delete()
    web.delete()  # again: what is gone is no error
    assert not web.refresh()
    with pytest.raises(ProviderError, match="without a name"):
        web.delete()  # and what was never there is not "all of them"


def test_a_field_that_is_no_longer_stated_goes(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    web = Resource(provider, "core/v1:ConfigMap")
    web.create(settings(namespace, a="1", b="2"))
    web.update(settings(namespace, a="1"))
    assert kubectl.get("-n", namespace, "configmap", "web")["data"] == {"a": "1"}


def test_a_preview_asks_the_server_and_changes_nothing(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    web = Resource(provider, "apps/v1:Deployment")
    web.create(deployment(namespace), preview=True)
    assert not kubectl.get("-n", namespace, "deployments")
    web.create(deployment(namespace))
    seen: Any = web.update(deployment(namespace, image="example:2"), preview=True)
    assert seen["spec"]["template"]["spec"]["containers"][0]["image"] == "example:2"
    live = kubectl.get("-n", namespace, "deployment", "web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "example:1"
    unknown = deployment(namespace, image=UNKNOWN)
    assert web.update(unknown, preview=True) == web.check(unknown)


def test_a_field_that_the_kind_does_not_have_is_refused(
    provider: KubernetesProvider, namespace: str
):
    for preview in (True, False):
        with pytest.raises(ProviderError, match=r"Deployment .*/web: .*livenesProbe.*not declared"):
            Resource(provider, "apps/v1:Deployment").create(
                deployment(namespace, livenesProbe={"periodSeconds": 3}), preview=preview
            )


def test_every_cause_of_a_refusal_is_told(provider: KubernetesProvider, namespace: str):
    wrong = deployment(namespace, image="", name="Main_")
    with pytest.raises(ProviderError) as caught:
        Resource(provider, "apps/v1:Deployment").create(wrong, preview=True)
    assert "spec.template.spec.containers[0].name" in str(caught.value)
    assert "spec.template.spec.containers[0].image" in str(caught.value)


def test_a_preview_of_what_comes_in_the_same_update_answers_from_the_inputs(
    provider: KubernetesProvider,
):
    inside = settings("not-yet-there", a="1")
    assert Resource(provider, "core/v1:ConfigMap").create(inside, preview=True) == inside
    widget: Properties = {"apiVersion": "example.com/v1", "kind": "Widget"}
    widget |= {"metadata": {"name": "x"}}
    found = Resource(provider, "example.com/v1:Widget")
    assert found.create(widget, preview=True) == widget
    found.outputs = widget
    found.delete()
    assert not found.refresh(), "its definition is gone, and the object with it"


def test_somebody_elses_object_is_not_taken_and_a_crashed_create_is_taken_up(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    kubectl.run("-n", namespace, "create", "configmap", "web", "--from-literal=a=1")
    web = Resource(provider, "core/v1:ConfigMap")
    for preview in (True, False):
        with pytest.raises(ProviderError, match="already exists, set by kubectl-create"):
            web.create(settings(namespace, a="2"), preview=preview)
    Resource(provider, "core/v1:ConfigMap", "own").create(settings(namespace, "own", a="1"))
    again = Resource(provider, "core/v1:ConfigMap", "own")
    again.create(settings(namespace, "own", a="2"))
    assert kubectl.get("-n", namespace, "configmap", "own")["data"] == {"a": "2"}
    with pytest.raises(ProviderError, match="already exists, set by pulumi-kubernetes-"):
        Resource(provider, "core/v1:ConfigMap", "renamed").create(settings(namespace, "own"))


def test_a_replacement_with_the_same_name_is_previewed_while_the_old_one_lives(
    provider: KubernetesProvider, namespace: str
):
    web = Resource(provider, "apps/v1:Deployment")
    web.create(deployment(namespace))
    other = deployment(namespace)
    spec: Any = other["spec"]
    spec["selector"] = {"matchLabels": {"app": "other"}}
    spec["template"]["metadata"]["labels"] = {"app": "other"}
    response = web.diff(other)
    assert response.deleteBeforeReplace
    replacement = Resource(provider, "apps/v1:Deployment")
    assert replacement.create(other, preview=True) == replacement.check(other)
    web.delete()
    replacement.create(other)


def test_drift_is_read_and_another_manager_is_not_overruled(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    web = Resource(provider, "apps/v1:Deployment")
    wanted = deployment(namespace, resources={"limits": {"cpu": "1000m"}})
    web.create(wanted)
    assert web.refresh()
    assert not changed(web.diff(wanted)), "what the server completes or spells anew is no drift"
    kubectl.run("-n", namespace, "set", "image", "deployment/web", "main=example:9")
    kubectl.run("-n", namespace, "annotate", "deployment/web", "somebody=else")
    assert web.refresh()
    assert changed(web.diff(wanted)) == {"spec.template.spec.containers[0].image": "UPDATE"}
    with pytest.raises(ProviderError, match=r"(?s)conflict.*image.*pulumi.com/patchForce"):
        web.update(wanted)
    forced: Any = deepcopy(wanted)
    forced["metadata"]["annotations"] = {"pulumi.com/patchForce": "true"}
    web.update(forced)
    live = kubectl.get("-n", namespace, "deployment", "web")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "example:1"
    kubectl.run("-n", namespace, "delete", "deployment", "web")
    assert not web.refresh()


def test_an_object_is_imported_as_a_person_would_write_it(
    provider: KubernetesProvider, namespace: str, kubectl: Kubectl
):
    kubectl.run("-n", namespace, "create", "configmap", "theirs", "--from-literal=a=1")
    found = Resource(provider, "core/v1:ConfigMap", id=f"{namespace}/theirs")
    assert found.refresh()
    assert found.inputs == settings(namespace, "theirs", a="1")
    space = Resource(provider, "core/v1:Namespace", id=namespace)
    assert space.refresh()
    assert plain(space.inputs["metadata"])["name"] == namespace


def test_a_secret_is_in_no_answer_but_marked_and_in_no_error(
    provider: KubernetesProvider, namespace: str
):
    text = "correct-horse-battery"
    secret: Properties = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "key", "namespace": namespace},
        "stringData": {"token": Secret(text)},
    }
    key = Resource(provider, "core/v1:Secret", "key")
    key.create(secret)
    assert plain(key.outputs["data"]).keys() == {"token"}
    assert key.refresh()
    assert not changed(key.diff(secret))
    for values in (key.inputs, key.outputs):
        open_text = texts_in_the_open(to_struct(values))
        assert text not in open_text
        assert "token" not in open_text
    wrong = deployment(namespace, env=[{"name": Secret("9" + text + "="), "value": "x"}])
    with pytest.raises(ProviderError, match=r"\[secret\]") as caught:
        Resource(provider, "apps/v1:Deployment").create(wrong)
    assert text not in str(caught.value)


def test_many_objects_at_once(provider: KubernetesProvider, namespace: str):
    def make(number: int) -> str:
        name = f"web-{number}"
        found = Resource(provider, "core/v1:ConfigMap", name)
        found.create(settings(namespace, name, a="1"))
        found.delete()
        return found.id

    with ThreadPoolExecutor(32) as pool:
        assert len(set(pool.map(make, range(64)))) == 64
