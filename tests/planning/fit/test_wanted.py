"""So many requests of the whole context at once: what holds fewer does not fit."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.gpus import GPUS
from catalog.models import models
from planning.fit.answer import Fit, Way
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.ways import cheapest_ways
from tests.planning.fit.extras import problems
from tests.planning.fit.test_properties import answer, questions

CACHE = "vLLM 0.33.0 vllm/v1/core/kv_cache_planning.py"
SCHEDULER = "vLLM 0.33.0 vllm/v1/core/sched/scheduler.py max_num_running_reqs"
EIGHT_B = "Qwen/Qwen3-8B"
EXPERTS = "Qwen/Qwen3-30B-A3B"
WANTED = st.none() | st.integers(1, 5000)


def wanted(
    concurrency: int | None, *, model: str = EIGHT_B, gpu: str = "L40S", **more: Any
) -> tuple[Fit, tuple[Way, ...]]:
    """Return the answer and the ways; `more` names the context, sizes and flags."""
    context, spread = more.pop("context", 32768), more.pop("spread", Parallelism())
    asked = (models()[model], GpuMemory.whole(GPUS[gpu]), spread, EngineChoice(**more), context)
    ways = cheapest_ways(*asked, region="us-east-1", concurrency=concurrency)
    return fit(*asked, concurrency=concurrency), ways


def test_as_many_as_the_engine_logs_fit_and_one_more_does_not():
    assert 5 < wanted(None)[0].max_concurrency < 6
    assert wanted(5)[0].fits
    assert problems(wanted(6)[0]) == [
        (
            (
                "6 requests of 32,768 tokens at once need 27.00 GiB of KV cache on each GPU, and "
                "the 23.92 GiB that are left hold 174,144 tokens, a maximum concurrency of 5.31x"
            ),
            "use --concurrency 5, a context of at most 29008 tokens, an FP8 KV cache, or more GPUs",
            CACHE,
        )
    ]


def test_one_is_what_is_asked_where_nothing_is_said():
    (silent, _), (one, _) = wanted(None), wanted(1)
    assert (silent.concurrency, one.concurrency) == (None, 1)
    assert one.model_copy(update={"concurrency": None}) == silent
    assert "concurrency" not in silent.model_dump()
    assert one.model_dump()["concurrency"] == 1


def test_where_not_even_one_request_fits_that_alone_is_said():
    found, _ = wanted(6, gpu="L4")
    ((problem, fix, _),) = problems(found)
    assert problem.startswith("one request of 32,768 tokens needs 4.50 GiB of KV cache")
    assert fix == "use a context of at most 3968 tokens, or an FP8 KV cache"


def test_a_context_of_no_use_and_a_cache_that_is_small_already_are_not_offered():
    found, _ = wanted(200, gpu="L4", context=4096, kv_dtype="fp8")
    ((_, fix, _),) = problems(found)
    assert fix == "use --concurrency 11, or more GPUs"


def test_an_engine_that_runs_fewer_at_once_does_not_hold_them_whatever_its_memory():
    found, ways = wanted(5, max_num_seqs=4)
    assert problems(found) == [
        (
            "5 requests are wanted at once, and the engine takes at most 4",
            "use --max-num-seqs 5, or --concurrency 4",
            SCHEDULER,
        )
    ]
    assert [way.change for way in ways] == [
        "5 requests at once (--max-num-seqs 5)",
        "1 x RTX-PRO-6000 and --max-num-seqs 5",
        "2 x L4 and --max-num-seqs 5",
    ]
    assert all(way.max_concurrency >= 5 for way in ways)
    assert wanted(5, max_num_seqs=5)[0].fits


def test_what_is_changed_beside_says_that_the_engine_must_run_more_at_once():
    found, ways = wanted(6, max_num_seqs=4)
    assert len(found.reasons) == 2
    changes = [way.change for way in ways]
    assert changes[:2] == [
        "an FP8 KV cache (--kv-dtype fp8) and --max-num-seqs 6",
        "a context of 29696 tokens (--context 29696) and --max-num-seqs 6",
    ]


def test_data_parallel_ranks_share_them_and_each_has_an_engine_of_its_own():
    spread = Parallelism(tensor=2, data=2)
    one, _ = wanted(None, model=EXPERTS, spread=spread)
    held = int(one.max_concurrency)
    assert wanted(2 * held, model=EXPERTS, spread=spread)[0].fits
    found, _ = wanted(2 * held + 1, model=EXPERTS, spread=spread)
    ((problem, fix, _),) = problems(found)
    assert f" at once, {held + 1} on each of 2 data-parallel ranks, need " in problem
    assert fix.startswith(f"use --concurrency {2 * held}, ")
    found, _ = wanted(5, model=EXPERTS, spread=spread, max_num_seqs=2)
    assert problems(found)[0][:2] == (
        (
            "5 requests are wanted at once, 3 on each of 2 data-parallel ranks, and the engine "
            "takes at most 2"
        ),
        "use --max-num-seqs 3, or --concurrency 4",
    )


@pytest.mark.parametrize(("gpu", "concurrency"), [("L40S", 6), ("L40S", 40), ("H100", 64)])
def test_every_way_holds_them(gpu: str, concurrency: int):
    found, ways = wanted(concurrency, gpu=gpu)
    assert not found.fits
    assert ways
    assert all(way.max_concurrency >= concurrency for way in ways)
    prices = [way.usd_per_hour or 0 for way in ways]
    assert prices == sorted(prices)


@given(questions(), WANTED, WANTED)
@settings(max_examples=60, deadline=None)
def test_a_higher_target_never_fits_where_a_lower_one_does_not(
    question: dict[str, Any], one: int | None, other: int | None
):
    low, high = sorted((one, other), key=lambda count: count or 1)
    few, many = (answer(question, concurrency=count) for count in (low, high))
    assert few.fits or not many.fits
    assert many.longest_context <= few.longest_context
    assert many.max_concurrency == few.max_concurrency


@given(questions(), st.integers(1, 5000))
@settings(max_examples=60, deadline=None)
def test_what_fits_holds_the_target_on_all_its_ranks(question: dict[str, Any], concurrency: int):
    question["parallel"] = question["parallel"].model_copy(update={"data": 2})
    found = answer(question, concurrency=concurrency)
    if found.fits:
        assert 2 * int(found.max_concurrency) >= concurrency


@given(questions(), st.integers(2, 500))
@settings(max_examples=40, deadline=None)
def test_the_longest_context_holds_the_target(question: dict[str, Any], concurrency: int):
    question["engine"] = question["engine"].model_copy(update={"version": "0.33.0"})
    longest = answer(question, concurrency=concurrency).longest_context
    if longest:
        found = answer(question, concurrency=concurrency, context=longest)
        assert not [reason for reason in found.reasons if reason.source == CACHE]
