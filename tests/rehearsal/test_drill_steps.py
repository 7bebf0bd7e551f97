"""What a drill does around its steps, and what it reads of a pool, as data."""

from collections.abc import Iterator
from typing import Any

import pytest
from rich.text import Text

from planning.specs.base import POOL_LABEL
from rehearsal.drills.pool import Pool, chosen, deployment
from rehearsal.drills.steps import Step, run_steps, watch
from rehearsal.fleet.node_pools import DISRUPTION, twin
from rehearsal.turn import RehearsalError


def step(name: str, *, ok: bool = True) -> Step:
    return Step(name=name, expected="2 nodes", seen="2 nodes" if ok else "3 nodes", ok=ok)


class Told:
    """A drill that does as it is told, and notes what was asked of it."""

    def __init__(self, *steps: Step | BaseException) -> None:
        self.given = steps
        self.undone = 0
        self.said: list[str] = []

    def steps(self) -> Iterator[Step]:
        for each in self.given:
            if isinstance(each, BaseException):
                raise each
            yield each

    def put_back(self) -> None:
        self.undone += 1

    def restored(self) -> Step:
        return step("put back")

    def say(self, text: Text) -> None:
        self.said.append(text.plain)


def test_each_step_is_said_and_the_last_one_puts_everything_back() -> None:
    drill = Told(step("up"), step("down"))
    assert [each.name for each in run_steps(drill, drill.say)] == ["up", "down", "put back"]
    assert drill.said[0] == "up: ok\n  expected: 2 nodes\n  seen:     2 nodes"
    assert drill.undone == 1


def test_after_a_step_that_is_not_as_expected_everything_is_put_back_and_no_other_follows() -> None:
    drill = Told(step("up", ok=False), step("down"))
    found = run_steps(drill, drill.say)
    assert [(each.name, each.ok) for each in found] == [("up", False), ("put back", True)]
    assert drill.said[0].startswith("up: NOT AS EXPECTED\n")
    assert drill.undone == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RehearsalError("no room")], ids=str)
def test_an_interrupted_drill_puts_everything_back(error: BaseException) -> None:
    drill = Told(step("up"), error, step("down"))
    with pytest.raises(type(error)):
        run_steps(drill, drill.say)
    assert drill.undone == 1


def test_watching_ends_with_the_first_answer_that_will_do_or_with_the_last() -> None:
    answers = iter(range(10))
    assert watch(lambda: next(answers), lambda found: found == 1, seconds=60) == 1
    assert watch(lambda: next(answers), lambda found: found == 9, seconds=0) == 2


def node_pool(name: str, *types: str, limit: str = "9") -> dict[str, Any]:
    allowed = {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": [*types]}
    node = {
        "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": name},
        "requirements": [allowed],
        "taints": [{"key": "team", "value": "search", "effect": "NoExecute"}],
    }
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {
            "limits": {"nvidia.com/gpu": limit},
            "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "15m"},
            "template": {"metadata": {"labels": {POOL_LABEL: name}}, "spec": node},
        },
    }


POOLS = [node_pool("quad", "g6e.12xlarge"), node_pool("mixed", "g6e.12xlarge", "g6e.2xlarge")]


def test_the_first_pool_by_name_is_drilled_unless_another_is_named() -> None:
    assert chosen(POOLS, None).name == "mixed"
    assert chosen(POOLS, "quad") == Pool(
        name="quad",
        gpu_limit=9,
        gpus_per_node=(4,),
        consolidate_after="15m",
        tolerations=({"key": "team", "operator": "Exists", "effect": "NoExecute"},),
    )


def test_a_pool_that_karpenter_does_not_supply_is_refused_with_those_it_does() -> None:
    with pytest.raises(RehearsalError) as refused:
        chosen([*POOLS, twin(POOLS[0])], "h100")
    assert str(refused.value) == "Karpenter supplies no pool h100; its pools: mixed, quad"


def test_without_a_karpenter_pool_there_is_nothing_to_drill() -> None:
    with pytest.raises(RehearsalError) as refused:
        chosen([], None)
    assert str(refused.value) == (
        "Karpenter supplies no pool here as pods ask: the drill needs one with `provisioner: "
        "karpenter` and without `static_nodes`"
    )


def test_a_pool_of_a_fixed_number_of_nodes_is_not_drilled() -> None:
    quad, mixed = POOLS
    static = {**mixed, "spec": {**mixed["spec"], "replicas": 1, "limits": {"nodes": "1"}}}
    assert chosen([static, quad], None).name == "quad"
    with pytest.raises(RehearsalError) as refused:
        chosen([static, quad], "mixed")
    assert str(refused.value) == (
        "pool mixed has a fixed number of nodes: nothing starts or ends one for a pod"
    )


def test_only_whole_nodes_count_towards_the_limit() -> None:
    assert chosen(POOLS, "quad").reachable_gpus == 8
    assert chosen(POOLS, "mixed").reachable_gpus == 9


def test_a_replica_of_the_drill_takes_one_gpu_of_the_pool_and_may_run_where_models_may() -> None:
    made = deployment(chosen(POOLS, "quad"), 10)["spec"]
    pod = made["template"]["spec"]
    assert made["replicas"] == 10
    assert pod["nodeSelector"] == {POOL_LABEL: "quad"}
    assert pod["tolerations"] == [{"key": "team", "operator": "Exists", "effect": "NoExecute"}]
    (container,) = pod["containers"]
    assert container["resources"] == {"limits": {"nvidia.com/gpu": "1"}}
    # What the level `restricted` of Pod Security asks for.
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_twin_has_the_disruption_settings_of_a_drill_for_as_long_as_it_is_annotated() -> None:
    pool = node_pool("quad", "g6e.12xlarge")
    pool["metadata"]["annotations"] = {DISRUPTION: '{"consolidateAfter": "2s", "budgets": []}'}
    own = node_pool("quad", "g6e.12xlarge")["spec"]["disruption"]
    assert twin(pool)["spec"]["disruption"] == own | {"consolidateAfter": "2s", "budgets": []}
    pool["metadata"]["annotations"] = {}
    assert twin(pool)["spec"]["disruption"] == own
