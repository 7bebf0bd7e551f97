"""A model service: the pod vLLM needs, the doors around it, and what waits for what."""

from typing import Any

import pytest

from components.keda import Keda
from components.model_manifests import budget_spec
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from components.workloads.deployment import deployment_spec
from components.workloads.pod import environment
from planning.specs.devices import GpuGrant
from planning.specs.models import ModelServiceSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.pod_security import pods, violations
from tests.recording import Recording, record


def recorded(spec: ModelServiceSpec = MODEL) -> Recording:
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        gpus = Keda("gpus", OperatorArgs(spec=OPERATOR))
        args = ModelServiceArgs(spec=spec, namespace="models", keda=keda, after=(gpus,))
        ModelService("qwen", args)

    return record(program)


def deployment(**changes: Any) -> dict[str, Any]:
    return deployment_spec(MODEL.model_copy(update=changes), "account")


def container(**changes: Any) -> dict[str, Any]:
    return deployment(**changes)["template"]["spec"]["containers"][0]


def test_every_pod_is_restricted():
    found = dict(pods(recorded()))
    assert set(found) == {"qwen-deployment"}
    assert violations(found["qwen-deployment"]) == []


def test_all_parts_belong_to_the_service_and_carry_its_name_and_labels():
    found = recorded()
    assert found.children("qwen") == {
        *("qwen-account", "qwen-ingress", "qwen-budget", "qwen-service"),
        *("qwen-deployment", "qwen-scaler"),
    }
    for name in found.children("qwen") - {"qwen-scaler"}:
        metadata = found[name].inputs["metadata"]
        assert (metadata["name"], metadata["namespace"]) == ("qwen3-8b", "models")
        assert metadata["labels"] == MODEL.labels


def test_two_models_differ_by_their_names_alone():
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        for name in ("a", "b"):
            spec = MODEL.model_copy(update={"name": name})
            ModelService(name, ModelServiceArgs(spec=spec, namespace="models", keda=keda))

    found = record(program)
    for child in found.children("a"):
        assert found[child].type == found[child.replace("a-", "b-", 1)].type


def test_the_replica_count_is_left_to_keda():
    assert "replicas" not in deployment()


def test_replicas_start_when_the_gpu_layer_is_there():
    found = recorded()
    assert {"gpus-release", "qwen-account"} <= found["qwen-deployment"].after
    assert found["qwen"].outputs == {"api_base": MODEL.api_base}


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        ("surge", {"maxSurge": 1, "maxUnavailable": 0}),
        ("in-place", {"maxSurge": 0, "maxUnavailable": 1}),
    ],
)
def test_a_roll_adds_first_or_removes_first(rollout: str, expected: dict[str, int]):
    assert deployment(rollout=rollout)["strategy"]["rollingUpdate"] == expected


def test_a_replica_may_take_its_whole_start_before_anything_gives_up():
    probe = container()["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 1810
    assert environment(MODEL)["VLLM_ENGINE_READY_TIMEOUT_S"] == "1805"
    assert deployment()["progressDeadlineSeconds"] == 2805


def test_the_engine_waits_for_as_many_starts_as_there_may_be_replicas():
    assert MODEL.rollout_seconds == 4 * 2805


def test_liveness_is_patient_and_readiness_quick():
    probes = container()
    get = {"path": "/health", "port": "http"}
    for name, period, failures in (("livenessProbe", 10, 10), ("readinessProbe", 5, 2)):
        assert probes[name] == {
            "httpGet": get,
            "periodSeconds": period,
            "timeoutSeconds": 5,
            "failureThreshold": failures,
        }


def test_the_endpoint_goes_before_the_signal_and_the_drain_fits_the_grace():
    pod = deployment()["template"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause == MODEL.pre_stop_seconds
    assert pause + MODEL.drain_seconds < pod["terminationGracePeriodSeconds"]


def test_the_engine_is_started_with_the_plans_arguments():
    started = container()
    assert started["command"] == ["vllm", "serve"]
    assert started["args"] == ["Qwen/Qwen3-8B", "--port", "8000"]
    assert started["ports"] == [{"name": "http", "containerPort": 8000}]


def test_whole_gpus_and_memory_are_limits_and_the_cpu_is_free():
    assert container()["resources"] == {
        "requests": {"cpu": "6000m", "memory": "49152Mi", "ephemeral-storage": "60Gi"},
        "limits": {"memory": "49152Mi", "nvidia.com/gpu": "1"},
    }


def test_a_share_is_asked_of_the_scheduler_that_knows_shares():
    limits = {"nvidia.com/gpu": "1", "nvidia.com/gpumem": "12288", "nvidia.com/gpucores": "30"}
    grant = GpuGrant(limits=limits, scheduler_name="hami-scheduler")
    spec = deployment(grant=grant)["template"]["spec"]
    assert spec["schedulerName"] == "hami-scheduler"
    assert spec["containers"][0]["resources"]["limits"].items() >= limits.items()


def test_where_the_driver_brings_shared_memory_the_pod_hides_it_with_none_of_its_own():
    grant = GpuGrant(limits={"nvidia.com/gpu": "1"}, brings_shared_memory=True)
    spec = deployment(grant=grant)["template"]["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["scratch"]
    mounted = {mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    assert "/dev/shm" not in mounted  # noqa: S108 - a mount


def test_without_a_share_the_default_scheduler_places_it_on_its_pool():
    spec = deployment()["template"]["spec"]
    assert "schedulerName" not in spec
    assert spec["nodeSelector"] == {"llm-platform/pool": "l40s"}
    assert spec["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]
    # Karpenter would buy a node per replica.
    assert "topologySpreadConstraints" not in spec


def test_all_that_is_written_goes_to_volumes_of_a_known_size():
    spec = deployment()["template"]["spec"]
    assert spec["volumes"] == [
        {"name": "scratch", "emptyDir": {"sizeLimit": "60Gi"}},
        {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "2048Mi"}},
    ]
    mounts = {mount["mountPath"]: mount["name"] for mount in container()["volumeMounts"]}
    assert mounts == {
        "/home/vllm": "scratch",
        "/tmp": "scratch",  # noqa: S108 - a mount
        "/dev/shm": "shared-memory",  # noqa: S108 - a mount
    }
    caches = {environment(MODEL)[name] for name in ("HOME", "HF_HOME", "VLLM_CACHE_ROOT")}
    assert all(cache.startswith("/home/vllm") for cache in caches)


@pytest.mark.parametrize(
    ("replicas", "bound"), [(1, {"minAvailable": "50%"}), (2, {"maxUnavailable": 1})]
)
def test_a_drain_never_takes_the_last_replica(replicas: int, bound: dict[str, Any]):
    budget = budget_spec(MODEL.model_copy(update={"min_replicas": replicas}))
    assert bound.items() <= budget.items()
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert budget["selector"] == {"matchLabels": MODEL.selector}


def test_only_the_gateway_and_keda_reach_the_port():
    found = recorded()["qwen-ingress"]
    assert found.inputs["spec"]["podSelector"] == {"matchLabels": MODEL.selector}
    (rule,) = found.inputs["spec"]["ingress"]
    names = [peer["namespaceSelector"]["matchLabels"] for peer in rule["from"]]
    assert names == [
        {"kubernetes.io/metadata.name": "gateway"},
        {"kubernetes.io/metadata.name": "keda"},
    ]
    assert rule["ports"] == [{"protocol": "TCP", "port": 8000}]


def test_the_service_has_the_pods_own_port_and_waits_for_none_of_them():
    service = recorded()["qwen-service"].inputs
    assert service["spec"] == {
        "type": "ClusterIP",
        "selector": MODEL.selector,
        "ports": [{"name": "http", "port": 8000, "targetPort": "http"}],
    }
    assert service["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}


def test_deleting_waits_longer_than_the_grace_period():
    assert recorded()["qwen-deployment"].delete_timeout == "400s"
