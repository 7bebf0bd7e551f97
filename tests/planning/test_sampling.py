"""Sampling defaults of an entry: the flag they render to, and what is wrong with them."""

import json
from typing import Any

import pytest

from catalog.engine_releases import SELECTABLE
from planning.engine.arguments import OWNED, sampling_arguments
from planning.engine.flags import engine_findings
from planning.specs.models import ModelServiceSpec
from settings.sampling import SamplingSettings
from tests.planning.planned import planned, refusals

FLAG, SAMPLING = "--override-generation-config", "models.chat.sampling"
FULL: dict[str, Any] = {
    "temperature": 0.6,
    "top_p": 0.95,
    "top_k": 20,
    "min_p": 0.05,
    "repetition_penalty": 1.05,
    "max_new_tokens": 4096,
}
ENDS = "[vLLM 0.33.0: --override-generation-config, max_new_tokens]"


def chat(sampling: dict[str, Any]) -> ModelServiceSpec:
    return planned({SAMPLING: sampling}).models[0]


def test_every_default_goes_into_one_flag_in_the_order_of_the_alphabet():
    assert FULL.keys() == SamplingSettings.model_fields.keys()
    assert sampling_arguments(SamplingSettings(**FULL)) == (
        FLAG,
        (
            '{"max_new_tokens": 4096, "min_p": 0.05, "repetition_penalty": 1.05, '
            '"temperature": 0.6, "top_k": 20, "top_p": 0.95}'
        ),
    )


def test_only_what_is_set_is_told_and_zero_is_a_value():
    args = chat({"temperature": 0, "top_k": 0}).args
    assert json.loads(args[args.index(FLAG) + 1]) == {"temperature": 0, "top_k": 0}


@pytest.mark.parametrize("changes", [{}, {SAMPLING: {}}])
def test_without_a_word_the_model_keeps_its_own(changes: dict[str, Any]):
    spec = planned(changes).models[0]
    assert FLAG not in spec.args
    assert spec.sampling == {}


@pytest.mark.parametrize("version", SELECTABLE)
def test_every_release_takes_the_flag(version: str):
    arguments = sampling_arguments(SamplingSettings(**FULL))
    assert [*engine_findings("at", arguments, version, {})] == []


def test_the_owner_s_further_flags_come_last_and_may_not_say_it_again():
    assert OWNED[FLAG] == "use sampling"
    assert refusals({"models.chat.engine": {"extra_args": [f'{FLAG}={{"top_k": 1}}']}}) == [
        (
            "models.chat.engine.extra_args.0: --override-generation-config is set by the "
            "platform; use sampling [planning/engine/arguments.py]"
        )
    ]
    extra = {"models.chat.engine": {"extra_args": ["--generation-config", "vllm"]}}
    args = planned({SAMPLING: {"top_k": 1}, **extra}).models[0].args
    assert args[-4:] == (FLAG, '{"top_k": 1}', "--generation-config", "vllm")


def test_where_weights_come_from_stands_beside_how_they_are_sampled():
    written = {"models.chat.licence": "apache-2.0", SAMPLING: FULL}
    shown = planned(written).models[0].model_dump(mode="json")
    assert [shown[key] for key in ("repository", "revision", "licence", "sampling")] == [
        "Qwen/Qwen3-8B",
        "b968826d9c46dd6066d109eabc6255188de91218",
        "apache-2.0",
        FULL,
    ]


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        ({"temperature": -0.1}, "temperature: is -0.1; use at least 0.0"),
        ({"temperature": 2.5}, "temperature: is 2.5; use at most 2.0"),
        ({"top_p": 0}, "top_p: is 0; use more than 0.0"),
        ({"top_p": 1.1}, "top_p: is 1.1; use at most 1.0"),
        ({"top_k": -1}, "top_k: is -1; use at least 0"),
        ({"min_p": 1.1}, "min_p: is 1.1; use at most 1.0"),
        ({"repetition_penalty": 0}, "repetition_penalty: is 0; use more than 0.0"),
        ({"max_new_tokens": 0}, "max_new_tokens: is 0; use at least 1"),
        ({"max_tokens": 1}, "max_tokens: is not a known key; did you mean `max_new_tokens`?"),
    ],
)
def test_a_default_that_no_request_may_have_is_refused(sampling: dict[str, Any], words: str):
    assert refusals({SAMPLING: sampling}) == [f"{SAMPLING}.{words} [settings/schema.json]"]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_penalty_is_a_finite_number(number: float):
    (found,) = refusals({SAMPLING: {"repetition_penalty": number}})
    assert found.startswith(f"{SAMPLING}.repetition_penalty: is {number}; ")


GUESSING = {"speculative": {"word": "may-be-slower", "method": "ngram", "tokens": 3}}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {SAMPLING: {"top_k": 1}, "models.chat.kind": "embedding"},
            (
                "models.chat.sampling: says how tokens are picked, and an embedding model answers "
                "none; leave it out [vLLM 0.33.0: vllm/sampling_params.py]"
            ),
        ),
        (
            {SAMPLING: {"min_p": 0.05}, "models.chat.engine": GUESSING},
            (
                "models.chat.sampling.min_p: is 0.05, and with engine.speculative vLLM refuses "
                "every request that has it; use top_p or top_k, or leave out "
                "engine.speculative [vLLM 0.33.0: vllm/sampling_params.py]"
            ),
        ),
        (
            {SAMPLING: {"max_new_tokens": 512}, "models.chat.bench": {}},
            (
                "models.chat.bench.output_tokens: is 1,024, and sampling.max_new_tokens ends every "
                f"answer at 512; lower it, or raise sampling.max_new_tokens {ENDS}"
            ),
        ),
    ],
    ids=["embedding", "speculative", "bench"],
)
def test_what_every_request_would_stumble_over_is_refused(changes: dict[str, Any], finding: str):
    assert refusals(changes) == [finding]


def test_defaults_that_do_not_collide_are_planned():
    changes = {SAMPLING: {"min_p": 0, "top_p": 0.9}, "models.chat.engine": GUESSING}
    assert planned(changes).models[0].sampling == {"min_p": 0, "top_p": 0.9}
