"""The volumes that replicas keep: their size, their price, and what a roll does."""

from decimal import Decimal

import pytest

from planning.models.cache import checkpoint_gib
from planning.models.fit import facts_of
from tests.planning.kept_volumes import VOLUME, chat, warned
from tests.planning.planned import planned

CHECKPOINTS = {
    "Qwen/Qwen3-8B": 16.4,
    "meta-llama/Llama-3.3-70B-Instruct": 141.1,
    "moonshotai/Kimi-K2.6": 595.0,
}
"""GB of safetensors on the Hub."""


def test_without_a_word_a_replica_keeps_nothing_and_a_deployment_runs_it():
    found = chat({})
    assert (found.cache, found.shape) == (None, "deployment")
    assert chat({"models.chat.cache": {"kind": "node"}}) == found


def test_a_volume_has_room_for_the_weights_a_tenth_more_and_the_compiled_graphs():
    kept = chat(VOLUME).cache
    assert kept is not None
    assert (kept.weights_gib, kept.others_gib, kept.gib) == (16.79, 16, 33)
    assert (kept.storage_class, kept.usd_per_month) == ("gp3", Decimal("2.64"))
    assert chat(VOLUME).shape == "stateful-set"


@pytest.mark.parametrize(("repository", "gigabytes"), CHECKPOINTS.items())
def test_weights_are_counted_as_the_hub_has_them(repository: str, gigabytes: float):
    facts = facts_of(repository)
    assert facts is not None
    assert checkpoint_gib(facts) * 2**30 / 10**9 == pytest.approx(gigabytes, rel=0.02)


def test_an_owner_s_size_holds_and_another_revision_has_another_folder():
    own = chat({"models.chat.cache": {"kind": "volume", "gib": 100}}).cache
    other = chat(VOLUME | {"models.chat.revision": "f" * 40}).cache
    first = chat(VOLUME).cache
    assert own is not None
    assert other is not None
    assert first is not None
    assert own.gib == 100
    assert own.folder == first.folder != other.folder


def test_volumes_are_paid_for_replicas_that_run_and_at_most_for_all_there_may_be():
    changes = VOLUME | {"models.chat.replicas": {"min": 1, "max": 3}}
    (line,) = [one for one in planned(changes).cost.lines if "volume" in one.item]
    assert line.item == "cache volume of 33 GiB"
    assert (line.floor_count, line.ceiling_count) == (1, 3)
    assert line.floor_usd_per_month == Decimal("2.64")
    assert line.ceiling_usd_per_month == Decimal("7.92")
    assert not [one for one in planned().cost.lines if "volume" in one.item]


def test_a_start_is_given_the_time_that_a_first_download_to_the_volume_takes():
    large = {
        "models.chat.model": "Qwen/Qwen3-32B",
        "models.chat.revision": "9216db5781bf21249d130ec9da846c4624c16137",
        "models.chat.gpus": 4,
    }
    # 65.5 GB are written at 125 MB/s and read back, where NVMe takes 250 MB/s from the Hub.
    assert chat(large).startup_seconds == 600
    assert chat(large | VOLUME).startup_seconds == 1310


def test_a_replica_with_a_volume_is_replaced_in_its_place_whatever_room_there_is():
    assert chat({}).rollout == "surge"
    assert chat(VOLUME).rollout == "in-place"
    roll = next(roll for roll in planned(VOLUME).rolls if roll.name == "chat")
    assert (roll.rollout, roll.devices_floor, roll.devices_peak) == ("in-place", 1, 1)


def test_a_lone_replica_with_a_volume_is_away_while_the_model_changes():
    (found,) = warned(VOLUME, "models.chat.replicas.min")
    assert str(found) == (
        "models.chat.replicas.min: is 1, and no replica is started beside one that keeps its "
        "volume: a change of the model takes it away for up to 700 s; raise it to 2: one of them "
        "stays [planning/placing/roll_peak.py]"
    )
    two = VOLUME | {"models.chat.replicas": {"min": 2, "max": 2}}
    assert not warned(two, "models.chat.replicas.min")


def test_sets_for_prefill_and_decode_keep_a_volume_for_each_replica():
    changes = VOLUME | {"models.chat.prefill": {"router_image": "registry.example/router:0.1.17"}}
    kept = [model for model in planned(changes).models if model.cache]
    assert {model.name for model in kept} == {"chat-prefill", "chat-decode"}
    assert warned(changes, "models.chat.prefill.replicas.min")
    (line,) = [one for one in planned(changes).cost.lines if "volume" in one.item]
    assert line.ceiling_count == 2
