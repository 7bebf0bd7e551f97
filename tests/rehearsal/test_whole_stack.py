"""The dev environment from nothing to nothing, by the commands that a person types."""

import base64
import json
from collections.abc import Iterator

import pytest

from rehearsal.cloud import Cloud
from stacks.outputs import PlatformOutputs
from tests.rehearsal.life import (
    CHANGED_MODEL,
    PLANTED,
    SHARED_MODEL,
    SHARED_POOL,
    Life,
)
from tests.rehearsal.model_drills import by_step
from tests.rehearsal.rehearsed import rehearsed


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("whole-stack")
    with rehearsed(folder, "whole") as stack:
        yield Life(stack, folder)


def test_from_nothing_every_model_runs_on_a_gpu_node_of_its_pool(life: Life):
    first, _ = life.both
    pools = {node["name"]: node["pool"] for node in first.report["nodes"]}
    services = first.report["services"]
    on = {each["name"]: {pools[node] for node in each["nodes"]} for each in services}
    assert on == {"qwen2-5-7b": {"l40s"}, "qwen3-0-6b": {SHARED_POOL}, "qwen3-8b": {"l40s"}}
    assert first.running == {"qwen2-5-7b": 1, "qwen3-0-6b": 2, "qwen3-8b": 1}
    assert all(node["gpus_used"] <= node["gpus"] for node in first.report["nodes"])
    assert first.report["agrees"] is True


def test_the_first_up_says_what_was_done_and_that_plan_and_scheduler_agree(life: Life):
    first, _ = life.both
    assert " created (" in first.done.said
    assert "plan and scheduler agree on every replica" in first.done.said
    assert "Traceback" not in first.done.said


def test_the_report_has_the_keys_that_others_rely_on(life: Life):
    report = life.both[0].report
    assert {"stack", "services", "nodes", "cost", "agrees"} <= report.keys()
    assert {"name", "wanted", "running", "nodes", "pending"} <= report["services"][0].keys()
    assert {"name", "instance_type", "pool", "gpus", "gpus_used"} <= report["nodes"][0].keys()
    assert report["cost"].keys() == {"floor_usd_per_month", "ceiling_usd_per_month"}


def test_a_second_command_at_the_same_time_refuses_and_names_the_first(life: Life):
    _, second = life.both
    assert second.status == 1
    assert "another command works on stack test-whole-" in second.said
    assert "(pid " in second.said
    assert "Traceback" not in second.said


def test_a_second_up_changes_nothing_and_starts_nothing(life: Life):
    first, _ = life.both
    assert "up: nothing changed (" in life.again.done.said
    assert life.again.report == first.report
    assert life.again.processes == first.processes != {}


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
    changes = {
        step["urn"].rpartition("::")[2]: step["op"]
        for step in life.change["steps"]
        if step["op"] != "same"
    }
    assert changes == {
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
    resources = life.stack.state.resources()
    provider = next(each for each in resources if each["type"] == "pulumi:providers:kubernetes")
    kubeconfig = life.folder / "kubeconfig"
    kubeconfig.write_text(provider["inputs"]["kubeconfig"])
    assert '"command": "aws"' in kubeconfig.read_text()
    who = life.stack.tool("kubectl", f"--kubeconfig={kubeconfig}", "auth", "whoami", "-o", "json")
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
    heard = {str(number): f"{done.output}{done.errors}" for number, done in enumerate(life.heard)}
    encoded = [base64.b64encode(value.encode()).decode() for value in PLANTED.values()]
    held = json.dumps(life.stack.kubectl().get("secret", "-n", "gateway"))
    assert all(word in held for word in encoded), "the planted secrets are not in use"
    layout = life.stack.layout
    files = {
        str(path): path.read_text(errors="replace")
        for root in (layout.root, life.folder)
        for path in root.rglob("*")
        # The cluster itself holds them, as any cluster does.
        if path.is_file() and layout.control_plane / "etcd" not in path.parents
    }
    for part in (layout.logs, layout.state, layout.cloud, layout.project):
        assert any(path.startswith(str(part)) for path in files), part
    words = (*PLANTED.values(), *encoded)
    told = [place for place, text in (heard | files).items() if any(word in text for word in words)]
    assert told == []


def test_a_destroy_through_the_engine_leaves_no_object_and_no_resource(life: Life):
    assert life.destroyed - life.before == set()
    assert Cloud(life.stack.layout.cloud).all() == ()
    assert not life.stack.state.file.exists()


def test_destroy_leaves_no_process_no_folder_and_nothing_at_home(life: Life):
    _ = life.destroyed
    done = life.stack.run("destroy")
    assert (done.status, done.said) == (0, "nothing is left")
    assert life.stack.processes() == {}
    assert not life.stack.layout.root.exists()
    assert [path for path in life.stack.home.rglob("*") if path.is_file()] == []
    assert "was not up: nothing to destroy" in life.stack.run("destroy").said
