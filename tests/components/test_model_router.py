"""The router of a model that divides the work, and the doors of the replicas behind it."""

from typing import Any

from components.keda import Keda
from components.model_router import ModelRouter, ModelRouterArgs
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from planning.specs.models import TransferSpec
from planning.specs.routers import RouterSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.pod_security import pods, violations
from tests.recording import Recording, record

SELECTOR = {"app.kubernetes.io/name": "vllm-router", "llm-platform/router": "qwen3-8b"}
ROUTER = RouterSpec(
    name="qwen3-8b-router",
    model="qwen3-8b",
    namespace="models",
    image="registry.example/vllm-router:0.1.17",
    args=("--vllm-pd-disaggregation", "--port", "8000"),
    port=8000,
    metrics_port=29000,
    labels={**SELECTOR, "app.kubernetes.io/part-of": "llm-platform"},
    selector=SELECTOR,
    replicas=2,
    cpu_milli=500,
    memory_mib=1024,
    startup_seconds=600,
    pre_stop_seconds=10,
    drain_seconds=600,
    grace_seconds=630,
    host="qwen3-8b.models.svc.cluster.local",
    api_base="http://qwen3-8b.models.svc.cluster.local:8000/v1",
)
PEERS = {"llm-platform/model": "qwen3-8b"}
DECODE = MODEL.model_copy(
    update={
        "name": "qwen3-8b-decode",
        "role": "decode",
        "transfer": TransferSpec(
            arguments=("--kv-transfer-config", "{}"),
            host_variable="VLLM_NIXL_SIDE_CHANNEL_HOST",
            environment={"VLLM_NIXL_SIDE_CHANNEL_PORT": "5600"},
            port=5600,
            callers=SELECTOR,
            peers=PEERS,
        ),
    }
)
BENCH = {"app.kubernetes.io/name": "vllm-bench"}


def recorded(**changes: Any) -> Recording:
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        args = ModelServiceArgs(spec=DECODE, namespace="models", keda=keda, clients=(BENCH,))
        decode = ModelService(DECODE.name, args)
        router = ROUTER.model_copy(update=changes)
        ModelRouter(
            ROUTER.name,
            ModelRouterArgs(spec=router, namespace="models", clients=(BENCH,), after=(decode,)),
        )

    return record(program)


def pod(**changes: Any) -> dict[str, Any]:
    return recorded(**changes)["qwen3-8b-router-deployment"].inputs["spec"]["template"]["spec"]


def test_every_pod_is_restricted():
    assert {name: violations(spec) for name, spec in pods(recorded())} == {
        "qwen3-8b-decode-deployment": [],
        "qwen3-8b-router-deployment": [],
    }


def test_all_but_the_service_is_named_after_the_router_and_the_service_after_the_model():
    found = recorded()
    names = {
        name: found[name].inputs["metadata"]["name"] for name in found.children("qwen3-8b-router")
    }
    assert names == {
        "qwen3-8b-router-account": "qwen3-8b-router",
        "qwen3-8b-router-ingress": "qwen3-8b-router",
        "qwen3-8b-router-budget": "qwen3-8b-router",
        "qwen3-8b-router-deployment": "qwen3-8b-router",
        "qwen3-8b-router-service": "qwen3-8b",
    }
    for name in names:
        assert found[name].inputs["metadata"]["labels"] == ROUTER.labels
    assert found["qwen3-8b-router"].outputs == {"api_base": ROUTER.api_base}


def test_it_waits_for_the_replicas_and_clients_come_when_it_answers():
    found = recorded()
    assert "qwen3-8b-decode-deployment" in found["qwen3-8b-router-deployment"].after
    assert "qwen3-8b-router-deployment" in found["qwen3-8b-router-service"].after


def test_a_lone_router_has_no_budget_which_would_hold_up_every_drain():
    assert "qwen3-8b-router-budget" not in recorded(replicas=1)
    budget = recorded()["qwen3-8b-router-budget"].inputs["spec"]
    assert budget == {"maxUnavailable": 1, "selector": {"matchLabels": SELECTOR}}


def test_it_runs_as_told_on_system_nodes_without_a_token():
    spec = pod()
    (container,) = spec["containers"]
    assert container["command"] == ["vllm-router"]
    assert container["args"] == ["--vllm-pd-disaggregation", "--port", "8000"]
    assert container["image"] == ROUTER.image
    assert spec["automountServiceAccountToken"] is False
    assert "tolerations" not in spec
    assert "nodeSelector" not in spec
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "1024Mi"},
        "limits": {"memory": "1024Mi"},
    }


def test_it_is_ready_when_it_knows_replicas_of_both_kinds_and_alive_before():
    (container,) = pod()["containers"]
    paths = {
        name: container[name]["httpGet"]["path"]
        for name in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {
        "startupProbe": "/liveness",
        "livenessProbe": "/liveness",
        "readinessProbe": "/readiness",
    }
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] > ROUTER.startup_seconds


def test_its_last_streams_end_before_it_is_killed():
    spec = pod()
    pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause + ROUTER.drain_seconds < spec["terminationGracePeriodSeconds"]
    assert recorded()["qwen3-8b-router-deployment"].delete_timeout == "930s"


def test_a_roll_of_the_router_takes_none_away_first():
    spec = recorded()["qwen3-8b-router-deployment"].inputs["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert spec["replicas"] == 2


def test_clients_reach_the_router():
    (rule,) = recorded()["qwen3-8b-router-ingress"].inputs["spec"]["ingress"]
    assert rule == {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}}},
            {"podSelector": {"matchLabels": BENCH}},
        ],
        "ports": [{"protocol": "TCP", "port": 8000}],
    }


def test_of_all_clients_only_the_router_reaches_the_replicas_and_they_each_other():
    spec = recorded()["qwen3-8b-decode-ingress"].inputs["spec"]
    asked, among = spec["ingress"]
    assert asked == {
        "from": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}},
            {"podSelector": {"matchLabels": SELECTOR}},
        ],
        "ports": [{"protocol": "TCP", "port": 8000}],
    }
    assert among == {"from": [{"podSelector": {"matchLabels": PEERS}}]}


def test_a_replica_says_where_its_cache_can_be_had():
    spec = recorded()["qwen3-8b-decode-deployment"].inputs["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    variables = {one["name"]: one for one in container["env"]}
    address = variables["VLLM_NIXL_SIDE_CHANNEL_HOST"]["valueFrom"]
    assert address == {"fieldRef": {"fieldPath": "status.podIP"}}
    assert variables["VLLM_NIXL_SIDE_CHANNEL_PORT"]["value"] == "5600"
    assert container["ports"] == [
        {"name": "http", "containerPort": 8000},
        {"name": "transfer", "containerPort": 5600},
    ]
