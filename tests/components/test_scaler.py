"""The scaler: a ScaledObject that KEDA's own schema and scaler understand."""

from components.keda import Keda
from components.operator import OperatorArgs
from components.scaler import ModelScaler, ModelScalerArgs, scaled_object_spec, trigger
from components.workloads.workload import ScaleTarget
from tests.components.workload_specs import OPERATOR, SCALER
from tests.crd import misfits
from tests.recording import Registration, record

TARGET = ScaleTarget(api_version="apps/v1", kind="Deployment", name="qwen3-8b")


def scaled_object() -> Registration:
    def program() -> None:
        args = ModelScalerArgs(
            spec=SCALER,
            service="qwen3-8b",
            labels={"a": "b"},
            namespace="models",
            target=TARGET,
            keda=Keda("keda", OperatorArgs(spec=OPERATOR)),
        )
        ModelScaler("scaler", args)

    found = record(program)
    assert found["scaler"].outputs == {"scaled_object": "qwen3-8b"}
    return found["scaler-object"]


def test_it_fits_its_definition():
    assert misfits(scaled_object().inputs) == []


def test_it_lives_only_while_keda_does():
    found = scaled_object()
    assert "keda-release" in found.after
    assert found.parent == "scaler"


def test_it_scales_the_deployment_within_the_plans_bounds():
    spec = scaled_object_spec(SCALER, TARGET)
    assert spec["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "qwen3-8b",
    }
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (1, 4)
    assert spec["pollingInterval"] == 15


def test_the_queue_of_every_replica_is_summed_and_shared_out():
    found = trigger(SCALER)
    assert found["type"] == "metrics-api"
    assert found["metricType"] == "AverageValue"
    assert found["metadata"] == {
        "url": "http://qwen3-8b.models.svc.cluster.local:8000/metrics",
        "format": "prometheus",
        "valueLocation": 'vllm:num_requests_waiting{model_name="qwen3-8b"}',
        "targetValue": "5",
        "aggregateFromKubeServiceEndpoints": "true",
        "aggregationType": "sum",
    }


def test_a_part_of_the_cache_is_measured_in_parts_of_a_whole():
    changes = {"signal": "kv-cache-usage", "target_per_replica": 0.7}
    found = trigger(SCALER.model_copy(update=changes))
    assert (found["name"], found["metadata"]["targetValue"]) == ("kv-cache-usage", "0.7")


def test_silence_never_removes_a_replica():
    assert scaled_object_spec(SCALER, TARGET)["fallback"] == {
        "failureThreshold": 3,
        "replicas": 1,
        "behavior": "currentReplicasIfHigher",
    }


def test_it_grows_quickly_and_shrinks_slowly():
    advanced = scaled_object_spec(SCALER, TARGET)["advanced"]
    behavior = advanced["horizontalPodAutoscalerConfig"]["behavior"]
    up, down = behavior["scaleUp"], behavior["scaleDown"]
    assert down == {
        "stabilizationWindowSeconds": 300,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
    }
    assert up["stabilizationWindowSeconds"] < down["stabilizationWindowSeconds"]
