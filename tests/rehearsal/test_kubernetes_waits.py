"""The kubernetes provider waits until things are ready, and says why they are not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rehearsal.control_plane import ControlPlane
from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.plugin import InitializationError, ProviderError
from rehearsal.providers.values import Properties
from tests.rehearsal.conftest import Kubectl
from tests.rehearsal.kubernetes_hand import Resource, config_map, connected, plain
from tests.rehearsal.kubernetes_inputs import GPU, annotated, workload


@pytest.fixture(scope="module")
def provider(started: ControlPlane) -> KubernetesProvider:
    connection = started.connection()
    assert connection is not None
    return connected(connection.kubeconfig.read_text())


@pytest.fixture(scope="module", autouse=True)
def node(kubectl: Kubectl) -> None:
    capacity = {"cpu": "64", "memory": "64Gi", "pods": "50", GPU: "1"}
    metadata = {"name": "gpu-node", "annotations": {"kwok.x-k8s.io/node": "fake"}}
    status = {"capacity": capacity}
    kubectl.apply({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status})


@pytest.fixture
def made() -> Iterator[list[Resource]]:
    """Return a list whose resources are deleted in the end."""
    resources: list[Resource] = []
    yield resources
    for resource in reversed(resources):
        resource.delete()


@pytest.mark.parametrize(
    ("kind", "ready"),
    [
        ("Deployment", "readyReplicas"),
        ("StatefulSet", "readyReplicas"),
        ("DaemonSet", "numberReady"),
    ],
)
def test_a_workload_is_done_when_its_pods_run(
    provider: KubernetesProvider, made: list[Resource], kind: str, ready: str
):
    found = Resource(provider, f"apps/v1:{kind}")
    made.append(found)
    outputs: Any = found.create(workload(kind, f"ready-{kind.lower()}"))
    assert outputs["status"][ready] == 1
    assert found.refresh()


def test_a_deployment_that_does_not_fit_is_recorded_with_the_schedulers_reason(
    provider: KubernetesProvider, made: list[Resource]
):
    found = Resource(provider, "apps/v1:Deployment", timeout=4)
    made.append(found)
    with pytest.raises(InitializationError) as caught:
        found.create(workload("Deployment", "too-big", gpus=1, replicas=2))
    assert found.id == "default/too-big", "it exists, and the engine must know"
    said = "\n".join(caught.value.detail.reasons)
    assert "Deployment default/too-big: not done after 4 s: 1 of 2 replicas" in said
    assert "pod too-big-" in said
    assert "Pending: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu" in said
    with pytest.raises(InitializationError, match="1 of 2 replicas"):
        found.refresh()
    found.timeout = 120
    found.update(workload("Deployment", "too-big", gpus=1, replicas=1))
    assert found.refresh()


def test_a_pod_that_may_not_be_created_is_explained(
    provider: KubernetesProvider, made: list[Resource]
):
    inputs: Any = workload("Deployment", "no-account")
    inputs["spec"]["template"]["spec"]["serviceAccountName"] = "missing"
    found = Resource(provider, "apps/v1:Deployment", timeout=2)
    made.append(found)
    with pytest.raises(InitializationError, match='serviceaccount "missing" not found'):
        found.create(inputs)


def test_a_service_waits_for_an_endpoint_in_parallel_with_its_pods(
    provider: KubernetesProvider, made: list[Resource]
):
    spec: Properties = {"selector": {"app": "served"}, "ports": [{"port": 80}]}
    inputs: Properties = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "served"}}
    service = Resource(provider, "core/v1:Service")
    pods = Resource(provider, "apps/v1:Deployment")
    made += [service, pods]
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(service.create, {**inputs, "spec": spec})
        pods.create(workload("Deployment", "served"))
        assert plain(waiting.result()["spec"])["clusterIP"]
    lonely = Resource(provider, "core/v1:Service", "lonely", timeout=1)
    made.append(lonely)
    nobody: Properties = {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}
    unheard: Properties = {**inputs, "metadata": {"name": "lonely"}, "spec": nobody}
    with pytest.raises(InitializationError) as caught:
        lonely.create(unheard)
    assert "no endpoint" in str(caught.value)
    assert "no pod has the labels app=nobody" in str(caught.value)
    lonely.update(annotated(unheard, skipAwait="true"))


def test_a_job_waits_for_its_end_and_a_failed_one_ends_the_wait(
    provider: KubernetesProvider, made: list[Resource]
):
    def job(name: str, *, selector: Properties, **spec: Any) -> Properties:
        containers: list[Any] = [{"name": "main", "image": "example"}]
        pod: Properties = {"restartPolicy": "Never", "containers": containers}
        template: Properties = {"spec": {**pod, "nodeSelector": selector}}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"template": template, **spec},
        }

    done = Resource(provider, "batch/v1:Job", timeout=120)
    made.append(done)
    assert plain(done.create(job("done", selector={}))["status"])["succeeded"] == 1
    failed = Resource(provider, "batch/v1:Job", "failed", timeout=120)
    made.append(failed)
    nowhere = job("failed", selector={"no": "node"}, activeDeadlineSeconds=1)
    with pytest.raises(InitializationError, match="the Job failed: DeadlineExceeded"):
        failed.create(nowhere)


def test_a_condition_or_a_path_can_be_waited_for_on_any_object(
    provider: KubernetesProvider, made: list[Resource], kubectl: Kubectl
):
    found = Resource(provider, "core/v1:ConfigMap", timeout=1)
    made.append(found)
    wanted = annotated(config_map("state"), waitFor="jsonpath={.data.phase}=Running")
    with pytest.raises(InitializationError, match=r"phase}=Running: found nothing"):
        found.create(wanted)
    found.timeout = 120
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(found.update, wanted)
        kubectl.run("patch", "configmap", "state", "-p", '{"data": {"phase": "Running"}}')
        assert plain(waiting.result()["data"]) == {"phase": "Running"}
    listed = annotated(config_map("state"), waitFor='["condition=Ready", "condition=Bad=False"]')
    found.timeout = 0.5
    with pytest.raises(InitializationError, match="its condition Ready is not set, not True"):
        found.update(listed)


def test_a_deletion_waits_for_the_dependents_and_names_a_finalizer(
    provider: KubernetesProvider, kubectl: Kubectl
):
    found = Resource(provider, "apps/v1:Deployment")
    found.create(workload("Deployment", "going"))
    found.delete()
    assert not kubectl.get("pods", "-l", "app=going")
    found.create(annotated(workload("Deployment", "left"), deletionPropagationPolicy="orphan"))
    found.delete()
    kubectl.run("delete", "replicasets", "-l", "app=left")
    held = Resource(provider, "core/v1:ConfigMap", timeout=1)
    inputs = config_map("held")
    held.create({**inputs, "metadata": {"name": "held", "finalizers": ["example.com/keep"]}})
    with pytest.raises(ProviderError, match=r"not deleted: .*nobody has removed: example.com/keep"):
        held.delete()
    kubectl.run("patch", "configmap", "held", "-p", '{"metadata": {"finalizers": null}}')
    held.delete()


def test_the_engine_can_end_a_wait(started: ControlPlane):
    connection = started.connection()
    assert connection is not None
    provider = connected(connection.kubeconfig.read_text())
    found = Resource(provider, "apps/v1:Deployment", timeout=600)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(found.create, workload("Deployment", "cancelled", gpus=9))
        provider.Cancel(None, None)
        with pytest.raises(InitializationError, match="the wait was cancelled"):
            waiting.result(120)
