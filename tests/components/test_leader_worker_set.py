"""A replica over several nodes: its leader answers, its workers follow, and they end as one."""

from math import ceil
from typing import Any

import pytest

from components.keda import Keda
from components.model_manifests import budget_spec, policy_spec
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from components.workloads.leader_worker_set import leader_worker_set_spec
from planning.specs.models import GroupSpec, ModelServiceSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.crd import misfits
from tests.pod_security import pods, violations
from tests.recording import Recording, record

WORKER_INDEX = "leaderworkerset.sigs.k8s.io/worker-index"
GROUP = GroupSpec(
    nodes=2,
    port=29501,
    leader_args=("--nnodes", "2", "--node-rank", "0"),
    worker_args=("--nnodes", "2", "--node-rank", "$(LWS_WORKER_INDEX)", "--headless"),
    host_variable="VLLM_HOST_IP",
    leader_labels={WORKER_INDEX: "0"},
)
SPREAD = MODEL.model_copy(update={"group": GROUP})


def recorded(spec: ModelServiceSpec = SPREAD) -> Recording:
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        ModelService("qwen", ModelServiceArgs(spec=spec, namespace="models", keda=keda))

    return record(program)


def group(**changes: Any) -> dict[str, Any]:
    return leader_worker_set_spec(SPREAD.model_copy(update=changes), "account")


def template(part: str, **changes: Any) -> dict[str, Any]:
    return group(**changes)["leaderWorkerTemplate"][f"{part}Template"]


def container(part: str, **changes: Any) -> dict[str, Any]:
    return template(part, **changes)["spec"]["containers"][0]


def test_it_is_what_its_definition_says_and_every_pod_is_restricted():
    found = recorded()
    made = found["qwen-group"].inputs
    assert misfits(made) == []
    assert (made["apiVersion"], made["kind"]) == ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet")
    assert made["metadata"]["labels"] == SPREAD.labels
    specs = dict(pods(found))
    assert set(specs) == {"qwen-group/leaderTemplate", "qwen-group/workerTemplate"}
    assert [problem for spec in specs.values() for problem in violations(spec)] == []


def test_it_takes_the_place_of_the_deployment_and_is_what_keda_scales():
    found = recorded()
    assert "qwen-deployment" not in found
    assert found["qwen-scaler-object"].inputs["spec"]["scaleTargetRef"] == {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "name": "qwen3-8b",
    }
    assert "replicas" not in group()


def test_up_waits_until_every_group_is_ready():
    annotations = recorded()["qwen-group"].inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": "condition=Available"}


def test_every_engine_is_told_its_place_beside_what_all_are_told():
    assert container("leader")["args"] == [*SPREAD.args, *GROUP.leader_args]
    assert container("worker")["args"] == [*SPREAD.args, *GROUP.worker_args]
    for part in ("leader", "worker"):
        assert {
            "name": "VLLM_HOST_IP",
            "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}},
        } in container(part)["env"]


def test_leader_and_workers_differ_in_nothing_else():
    own = {"args", "ports", "lifecycle", "startupProbe", "livenessProbe", "readinessProbe"}

    def shared(part: str) -> dict[str, Any]:
        return {key: value for key, value in container(part).items() if key not in own}

    assert shared("leader") == shared("worker")
    leader, worker = template("leader")["spec"], template("worker")["spec"]
    assert leader | {"containers": []} == worker | {"containers": []}


def test_only_the_leader_has_a_port_and_can_be_asked_how_it_is():
    asked = {"ports", "startupProbe", "livenessProbe", "readinessProbe"}
    assert asked <= container("leader").keys()
    assert not asked & container("worker").keys()


def test_workers_stay_until_the_leaders_last_answer_is_out_and_within_the_grace():
    before = container("worker")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before == SPREAD.pre_stop_seconds + SPREAD.drain_seconds
    assert before < template("worker")["spec"]["terminationGracePeriodSeconds"]
    leader = container("leader")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert leader == SPREAD.pre_stop_seconds


def test_a_group_that_loses_a_pod_starts_anew_and_has_a_service_of_its_own():
    found = group()
    assert found["leaderWorkerTemplate"]["size"] == 2
    assert found["leaderWorkerTemplate"]["restartPolicy"] == "RecreateGroupOnPodRestart"
    assert found["startupPolicy"] == "LeaderCreated"
    # One for all groups would have the name of the model's own Service.
    assert found["networkConfig"] == {"subdomainPolicy": "UniquePerReplica"}


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        ("surge", {"partition": 0, "maxSurge": 1, "maxUnavailable": 0}),
        ("in-place", {"partition": 0, "maxSurge": 0, "maxUnavailable": 1}),
    ],
)
def test_a_roll_adds_a_group_first_or_takes_one_away(rollout: str, expected: dict[str, int]):
    assert group(rollout=rollout)["rolloutStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdateConfiguration": expected,
    }


def test_the_pods_of_a_group_and_of_no_other_like_to_be_in_one_zone():
    (term,) = template("worker")["spec"]["affinity"]["podAffinity"][
        "preferredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term["podAffinityTerm"] == {
        "labelSelector": {"matchLabels": SPREAD.selector},
        "matchLabelKeys": ["leaderworkerset.sigs.k8s.io/group-key"],
        "topologyKey": "topology.kubernetes.io/zone",
    }


def test_requests_come_to_leaders_alone():
    selector = recorded()["qwen-service"].inputs["spec"]["selector"]
    assert selector == SPREAD.selector | {WORKER_INDEX: "0"}


def test_the_pods_of_a_model_reach_each_other_on_every_port_and_others_on_one():
    door, among = policy_spec(SPREAD, "gateway")["ingress"]
    assert door["ports"] == [{"protocol": "TCP", "port": 8000}]
    assert among == {"from": [{"podSelector": {"matchLabels": SPREAD.selector}}]}
    assert len(policy_spec(MODEL, "gateway")["ingress"]) == 1


def evictable(nodes: int, groups: int) -> int:
    """How many pods of ready groups a drain may take; each takes its whole group with it."""
    spread = GROUP.model_copy(update={"nodes": nodes})
    spec = SPREAD.model_copy(update={"group": spread, "min_replicas": 1})
    least = int(budget_spec(spec)["minAvailable"].removesuffix("%"))
    return nodes * groups - ceil(least * nodes * groups / 100)


@pytest.mark.parametrize("nodes", range(1, 9))
def test_a_drain_takes_at_most_half_of_the_groups(nodes: int):
    assert [evictable(nodes, groups) for groups in range(1, 9)] == [0, 1, 1, 2, 2, 3, 3, 4]


@pytest.mark.parametrize("nodes", range(1, 17))
def test_a_drain_never_takes_the_last_group(nodes: int):
    assert evictable(nodes, groups=1) == 0


def test_of_several_groups_that_always_run_one_may_go():
    spec = SPREAD.model_copy(update={"min_replicas": 2})
    assert budget_spec(spec)["maxUnavailable"] == 1
    assert budget_spec(spec)["selector"] == {"matchLabels": SPREAD.selector}


def test_a_model_of_single_pods_is_no_group():
    with pytest.raises(ValueError, match="qwen3-8b has replicas of one pod: use a Deployment"):
        leader_worker_set_spec(MODEL, "account")
