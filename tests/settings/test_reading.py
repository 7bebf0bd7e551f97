from typing import Any

import pytest

from settings.environment import PLATFORM_KEY, REGION_KEY
from settings.reading import read_environment
from tests.documents import config

NAME = "use at most 40 of a-z, 0-9 and `-`, with a letter or digit at both ends"


def test_a_right_document_is_read_without_a_finding():
    reading = read_environment("dev", config())
    assert reading.findings == ()
    assert reading.environment is not None
    assert reading.environment.stack == "dev"
    assert reading.environment.region == "us-west-2"


@pytest.mark.parametrize("platform", [None, "words", 5, [1]])
def test_a_platform_that_is_no_mapping_is_asked_for(platform: object):
    reading = read_environment("dev", {REGION_KEY: "us-west-2", PLATFORM_KEY: platform})
    assert reading.environment is None
    (finding,) = reading.findings
    assert (finding.path, finding.problem) == (PLATFORM_KEY, "is missing or of the wrong kind")
    assert finding.fix == "add `llm-platform:platform: {template: dev, …}` under `config:`"


def test_an_empty_config_lacks_region_and_platform():
    assert [f.path for f in read_environment("dev", {}).findings] == [REGION_KEY, PLATFORM_KEY]


@pytest.mark.parametrize("stack", ["Dev", "my.stack", "", "-a", "a" * 41, "dev\n"])
def test_a_stack_that_cannot_name_a_cluster_is_refused_beside_the_rest(stack: str):
    reading = read_environment(stack, config({"template": "test"}))
    assert [f.path for f in reading.findings] == ["Pulumi.<stack>.yaml", "template"]
    assert NAME in reading.findings[0].fix
    assert reading.environment is not None


def left(changes: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the pools and models that are left beside the wrong ones."""
    environment = read_environment("dev", config(changes)).environment
    assert environment is not None
    return [*environment.platform.pools], [*environment.platform.models]


def test_a_wrong_model_is_left_out_as_a_whole():
    assert left({"models.tiny.share.memory_gib": "6"}) == (["l40s", "l4"], ["chat"])


def test_a_wrong_pool_takes_its_models_with_it():
    assert left({"pools.l40s.idle_minutes": 0}) == (["l4"], ["tiny"])


def test_an_entry_with_several_faults_takes_no_other_along():
    assert left({"pools.l40s.idle_minutes": 0, "pools.l40s.gpu_limit": 0}) == (["l4"], ["tiny"])
    assert left({"models.tiny.context": "a", "models.tiny.gpus": "b"}) == (["l40s", "l4"], ["chat"])


def test_a_model_on_a_pool_that_never_was_stays_to_be_judged_by_the_rules():
    assert left({"models.chat.pool": "h100"}) == (["l40s", "l4"], ["chat", "tiny"])


def test_a_model_and_its_pool_may_both_be_wrong():
    assert left({"models.chat.pool": ["l40s"], "pools.l40s": None}) == (["l4"], ["tiny"])


def test_without_a_pool_nothing_is_left():
    reading = read_environment("dev", config({"pools.l40s": None, "pools.l4": None}))
    assert [f.path for f in reading.findings] == ["pools.l40s", "pools.l4"]
    assert reading.environment is None


def test_what_has_a_default_falls_back_to_it_and_what_has_none_gets_a_stand_in():
    changes = {"cluster.kubernetes": 1.36, "budget.gpus": "9", "network.cidr": 7}
    environment = read_environment("dev", config(changes)).environment
    assert environment is not None
    platform = environment.platform
    assert platform.cluster.kubernetes == "1.36"
    assert platform.cluster.admins == ("arn:aws:iam::111122223333:role/platform",)
    assert platform.network.cidr == "10.20.0.0/16"
    assert platform.budget.gpus == 10**6
    assert platform.budget.usd_per_month == 100_000


def test_several_wrong_items_of_a_list_are_all_named_and_all_left_out():
    admins = ["a", "arn:aws:iam::111122223333:role/platform", "b", "c"]
    reading = read_environment("dev", config({"cluster.admins": admins}))
    assert [f.path for f in reading.findings] == [f"cluster.admins.{i}" for i in (0, 2, 3)]
    assert reading.environment is not None
    assert reading.environment.platform.cluster.admins == (admins[1],)


def test_the_document_that_was_handed_in_is_left_as_it_was():
    document = config({"pools.l40s.gpu_limit": "8", "budget": None})
    before = repr(document)
    read_environment("dev", document)
    assert repr(document) == before
