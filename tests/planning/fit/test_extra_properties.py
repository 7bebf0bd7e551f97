"""What has to hold of adapters and guesses beside every model, GPU and spread."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalog.model_facts import ModelFacts
from planning.fit.answer import Fit
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, LoraChoice, Parallelism, SpeculativeChoice
from tests.planning.fit.extras import H100, H200, adapters, answer, guesses, terms
from tests.planning.fit.test_properties import EVERY_MODEL, SIZES, questions

RANKS = st.sampled_from([1, 8, 16, 32, 64, 128, 256, 320, 512])
DRAFTS = {"draft_model": "Qwen/Qwen3-0.6B", "eagle": "owner/head", "eagle3": "owner/head"}
METHODS = st.sampled_from(["draft_model", "eagle", "eagle3", "mtp", "ngram", "suffix"])


def slots_of(rank: int, active: int) -> LoraChoice:
    return LoraChoice.model_validate(adapters(rank, active))


def guessing_by(method: str, tokens: int) -> SpeculativeChoice:
    return SpeculativeChoice.model_validate(guesses(method, tokens, DRAFTS.get(method)))


SLOTS = st.builds(slots_of, RANKS, st.integers(1, 32))
GUESSES = st.builds(guessing_by, METHODS, st.integers(1, 32))


def beside(question: dict[str, Any], **extras: Any) -> Fit:
    """Return the answer with adapters or guesses."""
    return fit(**question | {"engine": question["engine"].model_copy(update=extras)})


def one_kind(model: ModelFacts) -> bool:
    """Say whether all layers share a block; groups of others may fit better with a layer more."""
    return model.sliding is None and model.linear is None


@given(questions(), SLOTS, GUESSES)
@settings(max_examples=40, deadline=None)
def test_the_terms_add_up_to_the_budget(
    question: dict[str, Any], lora: LoraChoice, speculative: SpeculativeChoice
):
    budget, *taken = beside(question, lora=lora, speculative=speculative).terms
    assert abs(budget.gib - sum(term.gib for term in taken)) < 1e-6
    assert all(term.gib >= 0 for term in taken[:-1])


@given(questions(), SLOTS, RANKS, st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_more_adapters_or_a_larger_rank_never_give_more_tokens(
    question: dict[str, Any], fewer: LoraChoice, rank: int, more: int
):
    larger = slots_of(max(rank, fewer.rank), fewer.active + more)
    none, few, many = (beside(question, lora=lora) for lora in (None, fewer, larger))
    assert many.kv_tokens <= few.kv_tokens <= none.kv_tokens
    assert many.max_concurrency <= few.max_concurrency <= none.max_concurrency
    assert many.longest_context <= few.longest_context <= none.longest_context


@given(questions(), GUESSES)
@settings(max_examples=60, deadline=None)
def test_guessing_never_gives_more_concurrency(
    question: dict[str, Any], speculative: SpeculativeChoice
):
    assume(one_kind(question["model"]))
    plain, guessing = beside(question), beside(question, speculative=speculative)
    assert guessing.max_concurrency <= plain.max_concurrency
    assert guessing.kv_tokens <= plain.kv_tokens
    # Of pipeline stages the answer shows the tightest, which need not be the same one.
    if question["parallel"].pipeline == 1:
        assert guessing.weights_gib_per_gpu >= plain.weights_gib_per_gpu


@given(EVERY_MODEL, SIZES, SIZES, SLOTS, st.sampled_from([{}, {"expert": True}]))
@settings(max_examples=60, deadline=None)
def test_more_tensor_parallelism_never_needs_larger_slots(
    model: ModelFacts, one: int, other: int, lora: LoraChoice, experts: dict[str, bool]
):
    few, many = (
        slots(model, Parallelism(tensor=size, **experts), lora) for size in sorted((one, other))
    )
    assert few.keys() == many.keys()
    assert all(many[name] <= few[name] for name in few)


def slots(model: ModelFacts, spread: Parallelism, lora: LoraChoice) -> dict[str, int]:
    return terms(fit(model, H100, spread, EngineChoice(lora=lora), 1024), "LoRA")


@pytest.mark.parametrize(
    ("model", "tokens", "weights"),
    [
        ("Qwen/Qwen3-30B-A3B", 2_718_720, 7.162841796875),
        ("openai/gpt-oss-120b", 6_990_876, 8.601243019104004),
        ("google/gemma-3-27b-it", 907_109, 7.103010654449463),
    ],
)
def test_without_either_the_answer_is_what_it_was(model: str, tokens: int, weights: float):
    found = answer(model, spread=Parallelism(tensor=8))
    assert (found.kv_tokens, found.weights_gib_per_gpu) == (tokens, weights)
    known = {"budget", "weights", "activations", "libraries", "sampler state", "CUDA graphs"}
    assert {term.name.split(":")[0] for term in found.terms} <= known | {"KV cache"}


@pytest.mark.parametrize(
    ("model", "tokens", "weights"),
    [
        ("deepseek-ai/DeepSeek-V3.2", 608_000, 80.36970968544483),
        ("moonshotai/Kimi-K2.6", 805_056, 71.90156531333923),
        ("zai-org/GLM-5-FP8", 385_344, 88.97882956266403),
        ("zai-org/GLM-4.5-Air", 4_563_888, 24.948638916015625),
    ],
)
def test_layers_that_guess_take_nothing_unless_asked(model: str, tokens: int, weights: float):
    found = answer(model, H200, Parallelism(tensor=8))
    assert (found.kv_tokens, found.weights_gib_per_gpu) == (tokens, weights)


@pytest.mark.parametrize("model", ["openai/gpt-oss-20b", "google/gemma-3-12b-it"])
@pytest.mark.parametrize("method", ["ngram", "eagle", "draft_model"])
def test_nor_beside_layers_with_windows_and_long_contexts(model: str, method: str):
    speculative = guesses(method, model=DRAFTS.get(method))
    plain = answer(model, context=32768)
    found = answer(model, context=32768, speculative=speculative)
    assert found.max_concurrency < plain.max_concurrency


def test_adapters_and_guesses_add_up():
    both = answer(lora=adapters(), speculative=guesses("ngram"))
    assert both.kv_tokens < answer(lora=adapters()).kv_tokens
    assert both.kv_tokens < answer(speculative=guesses("ngram")).kv_tokens
