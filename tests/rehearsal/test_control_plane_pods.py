"""What a person expects of a cluster: nodes, pods, jobs and reasons."""

from typing import Any

import pytest

from planning.specs.base import MODEL_LABEL
from rehearsal.control_plane import ControlPlane
from tests.rehearsal import kept_volumes
from tests.rehearsal.conftest import Kubectl, eventually


def node(name: str, *, gpus: int) -> dict[str, Any]:
    capacity = {"cpu": "64", "memory": "512Gi", "pods": "50", "nvidia.com/gpu": str(gpus)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "status": {"capacity": capacity},
    }


def pod_spec(*, gpus: int, **fields: Any) -> dict[str, Any]:
    limits = {"cpu": "1", "memory": "1Gi"} | ({"nvidia.com/gpu": str(gpus)} if gpus else {})
    containers = [{"name": "main", "image": "example", "resources": {"limits": limits}}]
    return {"containers": containers, **fields}


def pod(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def deployment(name: str, *, replicas: int, gpus: int) -> dict[str, Any]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(gpus=gpus)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
        },
    }


def job(name: str, **fields: int) -> dict[str, Any]:
    spec = {"template": {"spec": pod_spec(gpus=0, restartPolicy="Never")}, **fields}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}


def running(kubectl: Kubectl, label: str, *, number: int = 1) -> list[Any] | None:
    """Return the running pods with `label`, or None while they are not as many as `number`."""
    pods = kubectl.get("pods", "-l", label)
    found = [each for each in pods if each["status"]["phase"] == "Running"]
    return found if len(found) == number else None


def condition(found: Any, kind: str) -> dict[str, Any]:
    return {each["type"]: each for each in found["status"].get("conditions", [])}.get(kind, {})


def is_true(found: Any, kind: str) -> bool:
    return condition(found, kind).get("status") == "True"


def takes_pods(found: Any) -> bool:
    return is_true(found, "Ready") and "taints" not in found["spec"]


@pytest.fixture(scope="module", autouse=True)
def first_report(kubectl: Kubectl) -> dict[str, Any]:
    """What the first of two nodes, ready for pods, says of itself."""
    kubectl.apply(node("gpu-a", gpus=4), node("gpu-b", gpus=4))
    for name in ("gpu-a", "gpu-b"):
        eventually(f"{name} is ready", lambda name=name: takes_pods(kubectl.get("node", name)))
    return condition(kubectl.get("node", "gpu-a"), "Ready")


def test_a_node_keeps_the_capacity_that_it_was_given(kubectl: Kubectl):
    status = kubectl.get("node", "gpu-a")["status"]
    assert status["allocatable"] == status["capacity"]
    assert status["capacity"]["nvidia.com/gpu"] == "4"


def test_pods_run_packed_on_one_node_and_one_too_big_waits_with_the_reason(kubectl: Kubectl):
    kubectl.apply(deployment("served", replicas=3, gpus=1))
    pods = eventually("they run", lambda: running(kubectl, "app=served", number=3))
    assert len({each["spec"]["nodeName"] for each in pods}) == 1
    assert all(is_true(each, "Ready") for each in pods)
    assert len({each["status"]["podIP"] for each in pods}) == 3

    kubectl.apply(pod("too-big", pod_spec(gpus=5)))
    refused = eventually(
        "the scheduler refuses", lambda: condition(kubectl.get("pod", "too-big"), "PodScheduled")
    )
    assert refused["reason"] == "Unschedulable"
    assert "0/2 nodes are available: 2 Insufficient nvidia.com/gpu" in refused["message"]
    kubectl.run("delete", "deployment/served", "pod/too-big", "--cascade=foreground")
    assert kubectl.get("pods", "-l", "app=served") == []


def test_a_job_completes_and_so_do_its_pods(kubectl: Kubectl):
    kubectl.apply(job("once", completions=2, parallelism=2))
    eventually("it is complete", lambda: is_true(kubectl.get("job", "once"), "Complete"))
    assert kubectl.get("job", "once")["status"]["succeeded"] == 2
    pods = kubectl.get("pods", "-l", "job-name=once")
    assert [each["status"]["phase"] for each in pods] == ["Succeeded", "Succeeded"]


def test_a_job_that_is_deleted_in_mid_run_leaves_nothing(kubectl: Kubectl):
    kubectl.apply(job("stopped"))
    eventually("its pod runs", lambda: running(kubectl, "job-name=stopped"))
    kubectl.run("delete", "job/stopped", "--cascade=foreground", "--timeout=120s")
    assert kubectl.get("pods", "-l", "job-name=stopped") == []


def test_init_containers_and_sidecars_are_told_apart(kubectl: Kubectl):
    first = {"name": "first", "image": "example"}
    sidecar = {"name": "sidecar", "image": "example", "restartPolicy": "Always"}
    kubectl.apply(pod("prepared", pod_spec(gpus=0, initContainers=[first, sidecar])))
    eventually("the pod is ready", lambda: is_true(kubectl.get("pod", "prepared"), "Ready"))
    found = kubectl.get("pod", "prepared")
    states = {each["name"]: each["state"] for each in found["status"]["initContainerStatuses"]}
    assert states["first"]["terminated"]["exitCode"] == 0
    assert "running" in states["sidecar"]


def test_the_scheduler_of_hami_places_nothing_on_nodes_that_hami_did_not_register(
    kubectl: Kubectl,
):
    kubectl.apply(pod("shared", pod_spec(gpus=1, schedulerName="hami-scheduler")))
    refused = eventually(
        "a refusal",
        lambda: condition(kubectl.get("pod", "shared"), "PodScheduled").get("message"),
    )
    assert refused.startswith("0/2 nodes are available: 2 node unregistered.")


def test_pod_security_labels_are_enforced(kubectl: Kubectl):
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": "guarded", "labels": labels},
        }
    )
    eventually(
        "the namespace has its service account",
        lambda: kubectl.get("serviceaccounts", "-n", "guarded"),
    )
    refused = pod("loose", pod_spec(gpus=0, hostNetwork=True))
    refused["metadata"]["namespace"] = "guarded"
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        kubectl.apply(refused)


def test_a_replica_comes_back_to_its_volume_and_the_last_volume_goes_with_its_set(
    kubectl: Kubectl, started: ControlPlane
):
    connection = started.connection()
    assert connection is not None
    home = node("gpu-c", gpus=2)
    home["metadata"]["labels"] = kept_volumes.LABELS
    home["status"]["capacity"]["ephemeral-storage"] = "100Gi"
    kubectl.apply(home, kept_volumes.storage_class(), kept_volumes.priority())
    kubectl.apply(kept_volumes.stateful_set())
    name, label = kept_volumes.SMALL.name, f"{MODEL_LABEL}={kept_volumes.SMALL.model}"

    def ready(number: int) -> list[Any] | None:
        kept_volumes.provision(connection)
        return running(kubectl, label, number=number)

    def volumes(number: int) -> bool:
        kept_volumes.provision(connection)
        return len(kubectl.get("pv")) == number == len(kubectl.get("pvc"))

    (first,) = eventually("it runs beside its volume", lambda: ready(1))
    (claim,) = kubectl.get("pvc")
    assert (claim["metadata"]["name"], claim["status"]["phase"]) == (f"cache-{name}-0", "Bound")
    kubectl.run("scale", f"statefulset/{name}", "--replicas=2")
    eventually("a second one has a volume of its own", lambda: ready(2))
    kubectl.run("scale", f"statefulset/{name}", "--replicas=1")
    eventually("one is left", lambda: ready(1))
    kubectl.run("delete", "pod", f"{name}-0", "--wait=false")

    def again() -> bool:
        found = ready(1)
        return bool(found) and found[0]["metadata"]["uid"] != first["metadata"]["uid"]

    eventually("the replica comes back", again)
    assert {each["metadata"]["name"] for each in kubectl.get("pvc")} == {
        f"cache-{name}-0",
        f"cache-{name}-1",
    }
    kubectl.run("delete", "statefulset", name)
    eventually("its volumes are gone", lambda: volumes(0))


def test_a_node_reports_again_and_again(first_report: dict[str, Any], kubectl: Kubectl):
    """It comes last: what a node says next takes a quarter of a minute."""

    def later() -> dict[str, Any] | None:
        found = condition(kubectl.get("node", "gpu-a"), "Ready")
        changed = found["lastHeartbeatTime"] > first_report["lastHeartbeatTime"]
        return found if changed else None

    found = eventually("another heartbeat", later)
    assert found["lastTransitionTime"] == first_report["lastTransitionTime"]
