"""What has to hold of every model, GPU and spread."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.gpus import GPUS
from catalog.model_facts import ModelFacts
from catalog.models import models
from catalog.vllm_memory import RELEASES
from planning.fit.answer import Fit
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.rules import rule_reasons
from tests.planning.fit.further_models import QWEN_3_8_27B

EVERY_MODEL = st.sampled_from([*models().values(), QWEN_3_8_27B])
EVERY_GPU = st.sampled_from(list(GPUS.values())).map(GpuMemory.whole)
SHARES = st.floats(4, 300).map(GpuMemory.of_size)
VERSIONS = st.sampled_from([".".join(map(str, release.since)) for release in RELEASES])
SIZES = st.sampled_from([1, 2, 4, 8, 16])


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    model = draw(EVERY_MODEL)
    return {
        "model": model,
        "gpu": draw(EVERY_GPU | SHARES),
        "parallel": Parallelism(
            tensor=draw(SIZES),
            pipeline=draw(st.integers(1, 4)),
            data=draw(st.sampled_from([1, 2])),
            expert=draw(st.booleans()),
        ),
        "engine": EngineChoice(
            version=draw(VERSIONS),
            kv_dtype=draw(st.sampled_from(["auto", "fp8"])),
            utilisation=draw(st.none() | st.floats(0.3, 1)),
            eager=draw(st.booleans()),
        ),
        "context": draw(st.integers(512, model.max_context)),
    }


def answer(question: dict[str, Any], **changes: Any) -> Fit:
    return fit(**(question | changes))


@given(questions())
@settings(max_examples=60, deadline=None)
def test_the_terms_add_up_to_the_budget(question: dict[str, Any]):
    budget, *taken = answer(question).terms
    assert abs(budget.gib - sum(term.gib for term in taken)) < 1e-6
    assert all(term.gib >= 0 for term in taken[:-1])


@given(questions(), SIZES, SIZES)
@settings(max_examples=60, deadline=None)
def test_more_tensor_parallelism_never_needs_more_per_gpu(
    question: dict[str, Any], one: int, other: int
):
    # Of pipeline stages the answer shows the tightest, which need not be the same one.
    spread = question["parallel"].model_copy(update={"pipeline": 1})
    engine = question["engine"].model_copy(update={"version": "0.33.0"})
    few, many = (
        answer(question, engine=engine, parallel=spread.model_copy(update={"tensor": size}))
        for size in sorted((one, other))
    )
    assert many.weights_gib_per_gpu <= few.weights_gib_per_gpu + 1e-9
    assert many.kv_gib_per_gpu >= few.kv_gib_per_gpu - 1e-9
    assert many.kv_bytes_per_token_per_gpu <= few.kv_bytes_per_token_per_gpu


@given(questions(), st.integers(1, 100_000))
@settings(max_examples=60, deadline=None)
def test_more_context_never_gives_more_concurrency(question: dict[str, Any], more: int):
    longer = min(question["context"] + more, question["model"].max_context)
    short, long = answer(question), answer(question, context=longer)
    assert long.max_concurrency <= short.max_concurrency
    assert short.fits or not long.fits


@given(questions(), st.floats(0.3, 1), st.floats(0.3, 1))
@settings(max_examples=60, deadline=None)
def test_more_utilisation_never_gives_fewer_tokens(
    question: dict[str, Any], one: float, other: float
):
    low, high = (
        answer(question, engine=question["engine"].model_copy(update={"utilisation": share}))
        for share in sorted((one, other))
    )
    assert high.kv_tokens >= low.kv_tokens
    assert high.max_concurrency >= low.max_concurrency


@given(questions())
@settings(max_examples=60, deadline=None)
def test_an_fp8_cache_never_holds_fewer_tokens(question: dict[str, Any]):
    two, one = (
        answer(question, engine=question["engine"].model_copy(update={"kv_dtype": dtype}))
        for dtype in ("bfloat16", "fp8")
    )
    assert one.kv_tokens >= two.kv_tokens


@given(questions())
@settings(max_examples=60, deadline=None)
def test_the_longest_context_is_the_longest_that_fits(question: dict[str, Any]):
    question["engine"] = question["engine"].model_copy(update={"version": "0.33.0"})
    found = answer(question)
    if any("sequences need a state" in reason.problem for reason in found.reasons):
        return
    refused = {reason.problem for reason in answer(question, context=1).reasons}
    longest = found.longest_context
    if longest:
        at_most = answer(question, context=longest)
        assert {reason.problem for reason in at_most.reasons} <= refused
    if longest < question["model"].max_context:
        assert not answer(question, context=longest + 1).fits


@given(EVERY_MODEL, st.builds(Parallelism, tensor=SIZES, pipeline=st.integers(1, 64)))
@settings(max_examples=60, deadline=None)
def test_a_spread_that_is_refused_never_fits(model: ModelFacts, spread: Parallelism):
    plenty = GpuMemory.of_size(2000)
    found = fit(model, plenty, spread, EngineChoice(), 1024)
    assert found.fits == (not rule_reasons(model, spread, EngineChoice(), 1024))
