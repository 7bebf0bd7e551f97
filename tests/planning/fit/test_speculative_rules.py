"""What vLLM would not start with of speculative decoding."""

from typing import Any

import pytest

from catalog.models import models
from planning.fit.extra_rules import extra_reasons
from planning.fit.question import EngineChoice, Parallelism
from tests.planning.fit.extras import H200, adapters, answer, guesses, problems

SPECULATIVE_RULES = "vLLM 0.33.0 vllm/config/speculative.py"
EAGLE3_RULES = "vLLM 0.33.0 vllm/v1/worker/gpu/spec_decode/eagle/eagle3_utils.py"
CONTEXT_RULES = "vLLM 0.33.0 vllm/config/vllm.py _limit_max_model_len_to_draft"
MODEL_RULES = "vLLM 0.33.0 vllm/config/model.py"
R1 = "deepseek-ai/DeepSeek-R1"
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "no layers": (
        {"speculative": guesses("mtp")},
        (
            "Qwen/Qwen3-8B has no layers for multi-token prediction",
            "use another method (--speculative): ngram needs nothing of the model",
            SPECULATIVE_RULES,
        ),
    ),
    "no hidden states": (
        {
            "model": "zai-org/GLM-4.5-Air",
            "spread": Parallelism(tensor=8),
            "speculative": guesses("eagle3", model="a/b"),
        },
        (
            "Glm4MoeForCausalLM hands no hidden states to an EAGLE-3 head",
            "use another method (--speculative)",
            EAGLE3_RULES,
        ),
    ),
    "not through stages": (
        {
            "model": "Qwen/Qwen3-30B-A3B",
            "spread": Parallelism(pipeline=2),
            "speculative": guesses("eagle3", model="a/b"),
        },
        (
            (
                "Qwen3MoeForCausalLM hands no hidden states to an EAGLE-3 head through 2 pipeline "
                "stages"
            ),
            "use one stage, or another method (--speculative)",
            EAGLE3_RULES,
        ),
    ),
    "vocabulary": (
        {
            "model": "Qwen/Qwen2.5-7B-Instruct",
            "speculative": guesses("draft_model", model="Qwen/Qwen2.5-0.5B-Instruct"),
        },
        (
            (
                "the draft Qwen/Qwen2.5-0.5B-Instruct has a vocabulary of 151,936 tokens, and "
                "Qwen/Qwen2.5-7B-Instruct one of 152,064"
            ),
            "use a draft with the same vocabulary (--speculative-model)",
            SPECULATIVE_RULES,
        ),
    ),
    "context": (
        {
            "model": "Qwen/Qwen3-235B-A22B-Instruct-2507",
            "spread": Parallelism(tensor=8),
            "context": 65536,
            "speculative": guesses("draft_model", model="Qwen/Qwen3-0.6B"),
        },
        (
            (
                "the engine would cut the context of 65,536 tokens to the 40,960 that the draft "
                "Qwen/Qwen3-0.6B is made for"
            ),
            "use --context 40960, or another draft (--speculative-model)",
            CONTEXT_RULES,
        ),
    ),
    "heads": (
        {
            "spread": Parallelism(tensor=32),
            "speculative": guesses("draft_model", model="Qwen/Qwen3-0.6B"),
        },
        (
            (
                "16 attention heads of the draft Qwen/Qwen3-0.6B cannot be divided among 32 "
                "tensor-parallel GPUs"
            ),
            "use a tensor-parallel size of 1, 2, 4, 8, 16, or another draft (--speculative-model)",
            MODEL_RULES,
        ),
    ),
}


@pytest.mark.parametrize(("asked", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_the_engine_would_not_start_with_is_refused(
    asked: dict[str, Any], expected: tuple[str, str, str]
):
    assert problems(answer(**asked)) == [expected]


def test_guessed_tokens_are_a_multiple_of_the_layers_that_guess():
    engine = EngineChoice.model_validate({"speculative": guesses("mtp", 4)})
    model = models()[R1].model_copy(update={"mtp_layers": 3})
    (found,) = extra_reasons(model, H200, Parallelism(), engine, 1024)
    assert found.problem == (
        "4 guessed tokens are no multiple of the 3 layers for multi-token prediction"
    )
    assert found.fix == "use --speculative-tokens 3"


def test_through_stages_a_class_that_relays_hidden_states_is_taken():
    two = Parallelism(pipeline=2)
    assert answer(spread=two, speculative=guesses("eagle3", model="a/b")).fits
    assert answer(spread=two, lora=adapters(), speculative=guesses("ngram")).fits
