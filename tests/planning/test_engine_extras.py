"""LoRA adapters and speculative decoding of an entry count in its fit, in the settings' words."""

from typing import Any

import pytest

from planning.fit.question import LoraChoice, SpeculativeChoice
from planning.models.fit import engine_choice
from settings.engine import EngineSettings
from tests.planning.planned import planned, refusals

EAST = "us-east-1"
REQUEST_MEMORY = "[vLLM 0.33.0 vllm/v1/worker/utils.py request_memory]"
WORD = {"word": "may-be-slower"}
ADAPTERS = {
    "sql": {"path": "/adapters/sql", "rank": 16},
    "chat": {"path": "owner/chat", "rank": 64},
}


def chat(**engine: Any) -> dict[str, Any]:
    return {"models.chat.engine": engine}


def warnings(engine: dict[str, Any]) -> list[str]:
    return [str(found) for found in planned(engine).warnings if ".engine." in found.path]


def test_the_fit_counts_with_the_largest_rank_and_with_what_guesses():
    settings = EngineSettings.model_validate(
        {
            "lora": {"adapters": ADAPTERS, "active": 2},
            "speculative": WORD | {"method": "eagle", "model": "owner/head", "tokens": 3},
        }
    )
    found = engine_choice(settings)
    assert found.lora == LoraChoice(rank=64, active=2)
    assert found.speculative == SpeculativeChoice(method="eagle", tokens=3, model="owner/head")
    plain = engine_choice(EngineSettings())
    assert (plain.lora, plain.speculative) == (None, None)


def test_both_leave_less_of_the_gpu_to_the_cache():
    plain = planned().fits[0]
    adapted = planned(chat(lora={"adapters": ADAPTERS, "active": 2})).fits[0]
    guessing = planned(chat(speculative=WORD | {"method": "ngram", "tokens": 3})).fits[0]
    assert adapted.kv_tokens < plain.kv_tokens
    assert guessing.kv_tokens < plain.kv_tokens
    assert adapted.weights_gib_per_gpu == guessing.weights_gib_per_gpu == plain.weights_gib_per_gpu


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no layers that guess": (
        chat(speculative=WORD | {"method": "mtp", "tokens": 1}),
        (
            "models.chat: Qwen/Qwen3-8B on 1 x L40S does not fit: Qwen/Qwen3-8B has no layers for "
            "multi-token prediction; use another method (engine.speculative.method): ngram needs "
            "nothing of the model; cheapest of what fits: no guessed tokens (without "
            "engine.speculative) on g6e.xlarge at 1.86 USD per hour "
            "[vLLM 0.33.0 vllm/config/speculative.py]"
        ),
    ),
    "another vocabulary": (
        chat(
            speculative=WORD
            | {"method": "draft_model", "model": "Qwen/Qwen2.5-7B-Instruct", "tokens": 3}
        ),
        (
            "models.chat: Qwen/Qwen3-8B on 1 x L40S does not fit: the draft "
            "Qwen/Qwen2.5-7B-Instruct has a vocabulary of 152,064 tokens, and Qwen/Qwen3-8B one of "
            "151,936; use a draft with the same vocabulary (engine.speculative.model); cheapest of "
            "what fits: no guessed tokens (without engine.speculative) on g6e.xlarge at 1.86 USD "
            "per hour [vLLM 0.33.0 vllm/config/speculative.py]"
        ),
    ),
    "a package": (
        chat(speculative=WORD | {"method": "suffix", "tokens": 3}),
        (
            "models.chat.engine.speculative.method: is suffix, which needs the Python package "
            "arctic-inference, and the images of vLLM are without it; use ngram, or add the "
            "package to an image of your own: engine.image [vLLM 0.33.0 "
            "vllm/config/speculative.py, requirements/cuda.txt]"
        ),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_the_engine_would_not_start_with_is_refused_in_the_words_of_the_settings(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_too_many_slots_are_refused_and_fewer_are_offered():
    many = {str(number): ADAPTERS["chat"] | {"rank": 512} for number in ("a", "b", "c", "d")}
    (refused,) = refusals(chat(lora={"adapters": many, "active": 9}))
    assert refused.startswith("models.chat: Qwen/Qwen3-8B on 1 x L40S does not fit: ")
    assert (
        "or smaller weights, or fewer adapters at once (engine.lora.active) or of a smaller rank "
        "(engine.lora.adapters); cheapest of what fits: adapters one at a time "
        "(engine.lora.active: 1)"
    ) in refused
    assert "--" not in refused


def test_slots_that_no_adapter_can_fill_are_a_warning():
    assert warnings(chat(lora={"adapters": ADAPTERS, "active": 4})) == [
        (
            "models.chat.engine.lora.active: is 4, for 2 adapters: every slot beyond takes GPU "
            "memory in vain; lower it to 2 [vLLM 0.33.0 vllm/lora/model_manager.py]"
        )
    ]
    assert warnings(chat(lora={"adapters": ADAPTERS, "active": 2})) == []


@pytest.mark.parametrize(
    ("method", "assumed"),
    [
        ("eagle", "taken for one decoder layer of the model with a dense MLP in two bytes"),
        (
            "eagle3",
            (
                "taken for one decoder layer of the model with a dense MLP in two bytes and an "
                "output matrix"
            ),
        ),
        ("draft_model", "its weights and its KV cache are not counted"),
    ],
)
def test_what_guesses_and_is_not_in_the_catalog_is_a_warning(method: str, assumed: str):
    asked = WORD | {"method": method, "model": "owner/head", "tokens": 3}
    assert warnings(chat(speculative=asked)) == [
        (
            "models.chat.engine.speculative.model: owner/head is not in the catalog: "
            f"{assumed}, so that only its start will show what it takes; add it from its "
            "config.json: docs/reading-the-fit.md [catalog/models.json]"
        )
    ]


def test_a_draft_of_the_catalog_needs_no_warning():
    asked = WORD | {"method": "draft_model", "model": "Qwen/Qwen3-0.6B", "tokens": 3}
    assert warnings(chat(speculative=asked)) == []


def test_an_image_of_one_s_own_may_have_the_package():
    engine = {
        "image": "registry.example/vllm:v0.33.0",
        "speculative": WORD | {"method": "suffix", "tokens": 3},
    }
    assert not [found for found in refusals_of(engine) if "arctic" in found]


def refusals_of(engine: dict[str, Any]) -> list[str]:
    return [str(found) for found in planned(chat(**engine)).warnings]
