"""The dev environment in one life, from nothing to nothing, by the commands that a person types.

Engines and commands die in the middle of it: the next command goes on, and nothing is lost.
"""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from rehearsal.cloud import Cloud
from stacks.outputs import PlatformOutputs
from tests.rehearsal.cluster_objects import ours
from tests.rehearsal.life import CHANGED_MODEL, SHARED_MODEL, SHARED_POOL, Life
from tests.rehearsal.model_drills import by_step
from tests.rehearsal.planted import assert_in_use, where_told
from tests.rehearsal.pool_drill import POOL
from tests.rehearsal.recorded import kubeconfig, of_the_account, of_the_cluster
from tests.rehearsal.rehearsed import rehearsed


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("whole-stack")
    with rehearsed(folder, "whole") as stack:
        yield Life(stack, folder)


def test_a_killed_engine_is_an_error_in_words(life: Life):
    assert life.interrupted.begun > 0, "the engine was killed between two operations"
    assert life.interrupted.engine_killed.status == 1
    assert "Traceback" not in life.interrupted.engine_killed.said


def test_ctrl_c_says_how_to_go_on(life: Life):
    name, ctrl_c = life.stack.layout.stack, life.interrupted.ctrl_c
    assert ctrl_c.status == 130
    assert f"interrupted; `make rehearse STACK={name}` goes on from here" in ctrl_c.said
    assert f"`make rehearse-down STACK={name}` removes it" in ctrl_c.said
    assert "Traceback" not in ctrl_c.said


def test_after_three_interruptions_every_model_runs_on_a_gpu_node_of_its_pool(life: Life):
    first, _ = life.both
    pools = {node["name"]: node["pool"] for node in first.report["nodes"]}
    on = {each["name"]: {*map(pools.get, each["nodes"])} for each in first.report["services"]}
    assert on == {"qwen2-5-7b": {"l40s"}, "qwen3-0-6b": {SHARED_POOL}, "qwen3-8b": {"l40s"}}
    assert first.running == {"qwen2-5-7b": 1, "qwen3-0-6b": 2, "qwen3-8b": 1}
    assert all(node["gpus_used"] <= node["gpus"] for node in first.report["nodes"])
    assert first.report["agrees"] is True


def test_the_up_that_ends_says_what_was_done_and_that_plan_and_scheduler_agree(life: Life):
    first, _ = life.both
    assert " created, " in first.done.said
    assert " unchanged (" in first.done.said
    assert "plan and scheduler agree on every replica" in first.done.said
    assert "Traceback" not in first.done.said


def test_every_resource_of_the_account_is_in_the_state_once(life: Life):
    _ = life.both
    made = Counter(resource.urn for resource in Cloud(life.stack.layout.cloud).all())
    assert set(made.values()) == {1}
    assert made.keys() == of_the_account(life.stack)


def test_every_object_of_ours_is_in_the_state(life: Life):
    _ = life.both
    found = ours(life.stack.connection())
    assert len(found) > 20
    assert found - of_the_cluster(life.stack) == set()


def test_nothing_is_pending_and_nothing_is_locked(life: Life):
    _ = life.both
    assert (life.stack.state.pending_operations(), life.stack.state.holder()) == ([], None)
    assert list(life.stack.layout.state.rglob("locks/**/*.json")) == []


def test_the_report_has_the_keys_that_others_rely_on(life: Life):
    report = life.both[0].report
    assert {"stack", "services", "nodes", "cost", "agrees"} <= report.keys()
    assert {"name", "wanted", "running", "nodes", "pending"} <= report["services"][0].keys()
    assert {"name", "instance_type", "pool", "gpus", "gpus_used"} <= report["nodes"][0].keys()
    assert report["cost"].keys() == {"floor_usd_per_month", "ceiling_usd_per_month"}


def test_a_second_command_at_the_same_time_refuses_and_names_the_first(life: Life):
    _, second = life.both
    assert second.status == 1
    assert f"another command works on stack {life.stack.layout.stack} (pid " in second.said
    assert "Traceback" not in second.said


def test_a_second_up_changes_nothing_and_starts_nothing(life: Life):
    first = life.both[0]
    assert "up: nothing changed (" in life.again.done.said
    assert life.again.report == first.report
    assert life.again.processes == first.processes != {}


def test_a_drill_that_was_interrupted_has_put_everything_back(life: Life):
    drill = life.pool_drill
    assert drill.interrupted.status == 130, drill.interrupted.said
    assert "interrupted; the drill has put back what it had changed" in drill.interrupted.said
    assert drill.left_by_interrupted == []


def test_a_pool_is_filled_to_its_limit_and_emptied_as_its_budgets_allow(life: Life):
    drill, seen = life.pool_drill, by_step(life.pool_drill.found)
    assert {"drill": "karpenter-pool", "pool": POOL, "ok": True}.items() <= drill.found.items()
    # Two models hold a GPU each of the four.
    assert seen["replicas go up"] == "4 GPUs on 4 nodes, never more than 4; 2 of 5 replicas run"
    refused = "all available instance types exceed limits for nodepool (NodePool=l40s)"
    assert refused in seen["the rest waits"]
    assert seen["a budget of 0 nodes"].startswith("2 are, 0 ended")
    assert seen["a budget of 100% of the nodes"] == "2 ended, 2 stay"
    assert drill.left == []
    (purchase,) = drill.report["purchases"]
    assert purchase["bought"] == purchase["expected"] == {"g6e.2xlarge": 2}


def test_a_pool_that_karpenter_does_not_supply_is_not_drilled(life: Life):
    _ = life.pool_drill
    wrong = life.stack.run("drill", "karpenter-pool", "--pool", SHARED_POOL)
    assert wrong.status == 1
    assert wrong.said.endswith(f"Karpenter supplies no pool {SHARED_POOL}; its pools: {POOL}")


def test_a_roll_keeps_every_replica_at_work_within_the_limit_and_gives_its_node_back(life: Life):
    assert life.model_drills.interrupted.status == 130, life.model_drills.interrupted.said
    assert not life.model_drills.left_by_interrupted
    found = by_step(life.model_drills.rolled)
    for roll in ("the roll", "the way back"):
        assert "never fewer than 1 ready in" in found[roll]
    # One of the pool's other model; two are of this one while it surges.
    assert found["GPUs at the peak"].startswith("3 in use, on nodes with 3; at most 2 replicas")
    assert found["spare nodes end"] == "2 nodes; after the drill there were 3"


def test_a_lost_node_is_replaced_and_every_replica_comes_back(life: Life):
    lost = {name: by_step(found) for name, found in life.model_drills.lost.items()}
    words = {name: found["the replica comes back"] for name, found in lost.items()}
    assert "(new) after " in words[CHANGED_MODEL]
    assert "(made anew) after " in words[SHARED_MODEL]
    assert words[SHARED_MODEL].startswith("2 of 2 run on ")
    (purchase,) = life.model_drills.report["purchases"]
    assert purchase["bought"] == purchase["expected"] == {"g6e.2xlarge": 2}


def test_a_changed_model_touches_itself_and_what_the_gateway_says_of_it(life: Life):
    assert life.change == {
        "qwen2-5-7b-deployment": "update",
        "gateway-config": "replace",
        "gateway-deployment": "update",
    }


def test_one_more_replica_finds_its_place(life: Life):
    assert life.changed.running == {"qwen2-5-7b": 2, "qwen3-0-6b": 2, "qwen3-8b": 1}
    assert life.changed.report["agrees"] is True


def test_a_replica_without_a_place_is_pending_in_the_schedulers_words(life: Life):
    found, done = life.crowded_out
    service = next(each for each in found.services if each.name == SHARED_MODEL)
    assert (service.wanted, service.running, len(service.pending)) == (2, 1, 1)
    assert "unschedulable" in service.pending[0].reason
    assert (found.agrees, done.status) == (False, 1)


def test_plain_pulumi_works_on_the_rehearsal(life: Life):
    _ = life.changed
    listed = json.loads(life.stack.tool("pulumi", "stack", "ls", "--json"))
    assert [each["name"] for each in listed] == [life.stack.layout.stack]
    assert life.stack.tool("pulumi", "stack", "output", "region").strip() == "us-west-2"


def test_the_kubeconfig_of_the_program_works_with_the_token_of_the_stand_in(life: Life):
    _ = life.changed
    path = life.folder / "kubeconfig"
    path.write_text(kubeconfig(life.stack))
    assert '"command": "aws"' in path.read_text()
    who = life.stack.tool("kubectl", f"--kubeconfig={path}", "auth", "whoami", "-o", "json")
    assert json.loads(who)["status"]["userInfo"]["username"] == "rehearsal-admin"


def test_the_outputs_are_the_contract(life: Life):
    _ = life.changed
    exported = json.loads(life.stack.tool("pulumi", "stack", "output", "--json"))
    fields = PlatformOutputs.model_fields
    required = {name for name, field in fields.items() if field.is_required()}
    assert required <= exported.keys() <= fields.keys()
    outputs = PlatformOutputs.parse(exported)
    assert outputs.models[CHANGED_MODEL].context == 8192
    assert outputs.cluster_endpoint.startswith("https://127.0.0.1:")


def test_no_secret_stands_in_plain_text_anywhere(life: Life):
    _ = life.crowded_out
    assert_in_use(life.stack)
    assert where_told(life.stack, life.folder) == []


def test_the_destroy_after_two_interruptions_leaves_no_object_and_no_resource(life: Life):
    assert life.destroyed.engine_killed.status == 1
    assert "Traceback" not in life.destroyed.engine_killed.said
    assert life.destroyed.objects - life.before == set()
    assert (life.destroyed.resources, life.destroyed.recorded) == (0, False)


def test_it_leaves_no_process_no_folder_and_nothing_at_home(life: Life):
    done = life.destroyed.finished
    assert (done.status, done.said) == (0, "nothing is left")
    assert life.stack.processes() == {}
    assert not life.stack.layout.root.exists()
    assert [path for path in life.stack.home.rglob("*") if path.is_file()] == []
    assert "was not up: nothing to destroy" in life.stack.run("destroy").said
