"""A replica over several nodes: what its engines are told, what it asks, and what cannot work."""

from copy import deepcopy
from typing import Any

import pytest

from catalog.charts import LWS
from planning.plan import Plan
from planning.specs.models import NODE_SECONDS, ModelServiceSpec
from tests.planning.planned import planned, refusals

PAIR: dict[str, Any] = {
    "provisioner": "managed",
    "instances": ["g6.12xlarge"],
    "nodes": 2,
    "zone": "us-west-2a",
    "placement_group": "cluster",
    "efa": True,
}
WIDE: dict[str, Any] = {
    "model": "Qwen/Qwen3-32B",
    "revision": "9216db5781bf21249d130ec9da846c4624c16137",
    "pool": "pair",
    "gpus": 4,
    "nodes": 2,
    "context": 16384,
}
PARALLEL = "[vLLM 0.33.0 docs/serving/parallelism_scaling.md]"
LWS_SOURCE = "[kubernetes-sigs/lws v0.10.0: pkg/webhooks, pkg/utils/controller]"


def two(**changes: Any) -> dict[str, Any]:
    """Changes to the small environment: `wide` over both nodes of `pair`, and further ones."""
    further = {path.replace("__", "."): value for path, value in changes.items()}
    return deepcopy({"pools.pair": PAIR, "models.wide": WIDE, "budget.gpus": 40}) | further


def service(plan: Plan, name: str = "wide") -> ModelServiceSpec:
    (found,) = (spec for spec in plan.models if spec.name == name)
    return found


def test_the_nodes_share_the_layers_and_the_gpus_of_a_node_each_of_them():
    plan = planned(two())
    args = service(plan).args
    assert args[args.index("--tensor-parallel-size") + 1] == "4"
    assert args[args.index("--pipeline-parallel-size") + 1] == "2"
    (placed,) = (found for found in plan.placement.services if found.name == "wide")
    assert (placed.wanted, placed.placed, len(set(placed.nodes))) == (2, 2, 2)


def test_leader_and_workers_are_told_of_each_other_and_wait_as_long_as_a_start_may_take():
    spec = service(planned(two()))
    assert spec.group is not None
    common = (
        *("--nnodes", "2", "--master-addr", "$(LWS_LEADER_ADDRESS)", "--master-port", "29501"),
        *("--distributed-timeout-seconds", str(spec.startup_seconds), "--node-rank"),
    )
    assert spec.group.leader_args == (*common, "0")
    assert spec.group.worker_args == (*common, "$(LWS_WORKER_INDEX)", "--headless")
    assert (spec.shape, spec.pods_per_replica) == ("leader-worker-set", 2)
    assert spec.startup_seconds > NODE_SECONDS


def test_a_roll_that_starts_a_group_more_may_take_one_start_more():
    spec = service(planned(two(pools__pair__nodes=4)))
    assert spec.rollout == "surge"
    assert spec.rollout_seconds == 2 * spec.replica_seconds
    alone = service(planned(two()))
    assert (alone.rollout, alone.rollout_seconds) == ("in-place", alone.replica_seconds)


def test_a_model_of_single_pods_has_none_of_it():
    spec = service(planned(two()), "chat")
    assert (spec.group, spec.network, spec.pods_per_replica) == (None, {}, 1)
    assert spec.answering == spec.selector


def test_requests_are_answered_by_the_first_of_each_group():
    spec = service(planned(two()))
    assert spec.answering == spec.selector | {"leaderworkerset.sigs.k8s.io/worker-index": "0"}


def test_the_controller_is_there_where_a_model_spans_nodes_and_nowhere_else():
    assert planned().lws is None
    found = planned(two()).lws
    assert found is not None
    assert found.namespace.model_dump() == {"name": "lws-system", "pod_security": "restricted"}
    image = found.release.values["image"]["manager"]
    assert image == {"tag": f"v{LWS.version}", "pullPolicy": "IfNotPresent"}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "part of a node": (
        two(models__wide__gpus=2),
        (
            "models.wide.gpus: is 2 in each of 2 nodes, and a node of pool 'pair' has 4: a replica "
            "over several nodes takes all GPUs of each; make it 4, on a pool whose instances all "
            f"have as many, or leave out `nodes` {PARALLEL}"
        ),
    ),
    "nodes of two sizes": (
        two(
            pools__pair={
                "provisioner": "karpenter",
                "instances": ["g6.12xlarge", "g6.48xlarge"],
                "gpu_limit": 8,
            }
        ),
        (
            "models.wide.gpus: is 4 in each of 2 nodes, and a node of pool 'pair' has 4 or 8: a "
            "replica over several nodes takes all GPUs of each; make it 8, on a pool whose "
            f"instances all have as many, or leave out `nodes` {PARALLEL}"
        ),
    ),
    "slices": (
        two(
            models__wide__gpus=1,
            pools__pair={
                "provisioner": "managed",
                "instances": ["g6.12xlarge"],
                "nodes": 2,
                "sharing": {"kind": "time-slicing", "replicas": 4},
            },
        ),
        (
            "models.wide.nodes: is 2, and pool 'pair' divides its GPUs by `time-slicing`: a "
            "replica over several nodes takes all GPUs of each, whole; use a pool of whole GPUs, "
            f"`sharing: {{kind: whole}}` or `{{kind: dra}}` {PARALLEL}"
        ),
    ),
    "copies": (
        two(models__wide__engine={"data_parallel": 2}),
        (
            "models.wide.engine.data_parallel: is 2 on a replica over 2 nodes: each copy would "
            "have to be told its place in another way than the nodes are; leave it out, and raise "
            "`replicas` [vLLM 0.33.0 docs/serving/data_parallel_deployment.md]"
        ),
    ),
    "too few nodes": (
        two(models__wide__replicas={"min": 1, "max": 2}),
        (
            "models.wide.replicas.max: 2 replicas of 4 GPUs in each of 2 nodes, but pool 'pair' "
            "with its 8 GPUs has room for 1; lower it to 1, or raise pools.pair.nodes "
            "[settings/sharing.py]"
        ),
    ),
    "a first node with EFA": (
        two(pools__pair__nodes={"min": 0, "max": 2}),
        (
            "pools.pair.nodes: starts from none, but of a node that does not run yet Cluster "
            "Autoscaler does not know that it has EFA, which the replicas of 'wide' ask for; use "
            "`nodes: {min: 1, max: 2}` "
            "[kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md]"
        ),
    ),
    "the name of a replica": (
        two(**{"models__wide-1": {"model": "Qwen/Qwen3-8B", "pool": "l40s", "context": 8192}}),
        (
            "models.wide-1: is what a replica of wide and its Service are called: `wide` spans 2 "
            f"nodes, and its replicas are numbered; give one of them another name {LWS_SOURCE}"
        ),
    ),
    "a digit": (
        two(models__4wide=WIDE, pools__pair__nodes=4),
        (
            "models.4wide: begins with a digit, and a LeaderWorkerSet's name begins with a "
            f"letter; call it, for example, m-4wide {LWS_SOURCE}"
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_work_is_refused_and_nothing_else_with_it(case: str):
    changes, message = REFUSED[case]
    assert refusals(changes) == [message]


def warned(changes: dict[str, Any], path: str, region: str = "us-west-2") -> list[str]:
    return [str(found) for found in planned(changes, region).warnings if found.path == path]


def test_without_efa_the_nodes_talk_over_tcp():
    assert warned(two(pools__pair__efa=False), "models.wide.pool") == [
        (
            "models.wide.pool: nodes of pool 'pair' offer pods no EFA, so that NCCL sends what the "
            "2 nodes of a replica tell each other over TCP; use a managed pool with `efa: true` "
            "[Amazon EKS User Guide, node-efa]"
        )
    ]
    without = two(pools__pair__efa=False, pools__pair__instances=["g6.xlarge"])
    without |= {"models.wide.gpus": 1, "models.wide.model": "Qwen/Qwen3-8B"}
    (found,) = warned(without, "models.wide.pool")
    assert "`efa: true` and a type that has it, such as p5.48xlarge" in found


def test_vllms_own_image_does_not_find_efa_and_another_one_is_trusted():
    assert warned(two(), "models.wide.engine.image") == [
        (
            "models.wide.engine.image: is not set, and vLLM's own image has no aws-ofi-nccl: NCCL "
            "would not find the EFA interfaces of pool 'pair' and send over TCP, without a word; "
            "use an image of vLLM with aws-ofi-nccl in it, such as AWS's Deep Learning Containers "
            "[vLLM 0.33.0 docker/Dockerfile, which installs no aws-ofi-nccl]"
        )
    ]
    other = two(models__wide__engine={"image": "registry.example/vllm:v0.33.0"})
    assert warned(other, "models.wide.engine.image") == []


def test_a_pool_of_several_zones_may_tear_a_replica_apart():
    karpenter = {"provisioner": "karpenter", "instances": ["g6.12xlarge"], "gpu_limit": 8}
    assert warned(two(pools__pair=karpenter), "pools.pair") == [
        (
            "pools.pair: has nodes in us-west-2a and us-west-2b: the 2 nodes of a replica of "
            "'wide' come into one zone only where there is room, and what they say between zones "
            "is slow and paid for; give it one zone, `zones: [us-west-2a]` "
            "[Amazon EC2 User Guide, placement strategies]"
        )
    ]
    assert warned(two(), "pools.pair") == []
