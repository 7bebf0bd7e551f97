"""`concurrency` of an entry: refused where a replica holds less, with what would hold it."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

CACHE = "[vLLM 0.33.0 vllm/v1/core/kv_cache_planning.py]"
SCHEDULER = "[vLLM 0.33.0 vllm/v1/core/sched/scheduler.py max_num_running_reqs]"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "memory": (
        {"models.chat.concurrency": 8},
        (
            "models.chat.concurrency: Qwen/Qwen3-8B on 1 x L40S does not fit: 8 requests of 32,768 "
            "tokens at once need 36.00 GiB of KV cache on each GPU, and the 23.92 GiB that are "
            "left hold 174,144 tokens, a maximum concurrency of 5.31x; use concurrency: 5, a "
            "context of at most 21760 tokens, an FP8 KV cache, or more GPUs; cheapest of what "
            "fits: an FP8 KV cache (engine.kv_cache_dtype: fp8) on g6e.xlarge at 1.86 USD per "
            "hour, a context of 21504 tokens (context: 21504) on g6e.xlarge at 1.86 USD per hour, "
            f"4 x L4 on g6.12xlarge at 4.60 USD per hour {CACHE}"
        ),
    ),
    "sequences": (
        {"models.chat.concurrency": 5, "models.chat.engine": {"max_num_seqs": 4}},
        (
            "models.chat.concurrency: Qwen/Qwen3-8B on 1 x L40S does not fit: 5 requests are "
            "wanted at once, and the engine takes at most 4; use engine.max_num_seqs: 5, or "
            "concurrency: 4; cheapest of what fits: 5 requests at once (engine.max_num_seqs: 5) on "
            "g6e.xlarge at 1.86 USD per hour, 2 x L4 and engine.max_num_seqs: 5 on g6.12xlarge at "
            "4.60 USD per hour, 2 x A10G and engine.max_num_seqs: 5 on g5.12xlarge at 5.67 USD "
            f"per hour {SCHEDULER}"
        ),
    ),
    "sequences of a model that nobody knows": (
        {
            "models.chat.model": "a/b",
            "models.chat.concurrency": 5,
            "models.chat.engine": {"max_num_seqs": 4},
        },
        (
            "models.chat.concurrency: 5 requests are wanted at once, and the engine takes at most "
            f"4; use engine.max_num_seqs: 5, or concurrency: 4 {SCHEDULER}"
        ),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_replica_that_holds_fewer_is_refused_with_what_would_hold_them(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_as_many_as_fit_are_taken_and_stand_in_the_plan():
    plan = planned({"models.chat.concurrency": 5})
    chat, tiny = plan.fits
    assert (chat.concurrency, chat.ranks) == (5, 1)
    assert {"concurrency", "ranks"}.isdisjoint(tiny.model_dump())
    assert plan.models == planned().models


def test_the_target_is_of_one_replica_however_many_there_are():
    replicas = {"models.chat.replicas": {"min": 2, "max": 2}}
    assert planned(replicas | {"models.chat.concurrency": 5}).fits[0].fits
    assert len(refusals(replicas | {"models.chat.concurrency": 6})) == 1


def test_without_a_context_it_is_the_longest_that_holds_the_target():
    def context(concurrency: int | None) -> int:
        wanted = {"models.chat.concurrency": concurrency} if concurrency else {}
        plan = planned({"models.chat.context": REMOVED} | wanted)
        assert plan.models[0].context == plan.fits[0].context
        assert plan.fits[0].max_concurrency >= (concurrency or 1)
        return plan.fits[0].context

    assert [context(wanted) for wanted in (None, 4, 8, 16)] == [40960, 40960, 21504, 10240]


def test_where_no_context_holds_the_target_the_model_s_own_says_why():
    changes = {"models.chat.context": REMOVED, "models.chat.concurrency": 50_000}
    found = [line for line in refusals(changes) if "50000 requests of 40,960 tokens" in line]
    assert len(found) == 1


def test_replicas_that_only_answer_hold_the_target_each():
    prefill = {"router_image": "registry.example/router:0.1.17"}
    changes = {"models.chat.prefill": prefill, "models.chat.concurrency": 6}
    assert refusals(changes)[0].startswith("models.chat.concurrency: ")
    assert planned(changes | {"models.chat.concurrency": 5}).fits[0].concurrency == 5
