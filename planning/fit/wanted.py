"""The requests of the whole context that are wanted at once, against what a replica holds."""

from collections.abc import Iterator

from catalog.vllm_memory import GIB
from planning.fit.budget import Budget
from planning.fit.kv import kv_is_fp8
from planning.fit.question import Parallelism
from planning.fit.rules import Reason

CACHE_SOURCE = "vLLM 0.33.0 vllm/v1/core/kv_cache_planning.py"
RUNNING_SOURCE = "vLLM 0.33.0 vllm/v1/core/sched/scheduler.py max_num_running_reqs"
LEAST_CONTEXT = 512
"""Tokens; a shorter context serves nobody, and the settings take none."""


class WantedReason(Reason):
    """Why a replica does not hold as many requests at once as are wanted of it."""


def wanted_reasons(budget: Budget) -> Iterator[WantedReason]:
    """Yield why the engine does not hold what is wanted; where not even one fits, that is said."""
    if budget.concurrency is None:
        return
    seqs = budget.engine.seqs(budget.gpu)
    yield from sequences_reasons(budget.concurrency, seqs, budget.parallel)
    needed = budget.per_request(budget.context)
    if needed <= budget.usable_blocks < budget.requests * needed:
        yield _memory(budget, budget.concurrency, needed)


def sequences_reasons(
    concurrency: int, max_num_seqs: int, parallel: Parallelism
) -> Iterator[WantedReason]:
    """Yield that the engine runs fewer requests at once than are wanted, whatever the memory."""
    requests = parallel.per_rank(concurrency)
    if requests > max_num_seqs:
        yield WantedReason(
            problem=f"{concurrency} requests are wanted at once{_ranks(parallel, requests) or ','} "
            f"and the engine takes at most {max_num_seqs}",
            fix=f"use --max-num-seqs {requests}, or --concurrency {max_num_seqs * parallel.data}",
            source=RUNNING_SOURCE,
        )


def _memory(budget: Budget, concurrency: int, needed: int) -> WantedReason:
    """Return that the KV cache is too small for them.

    Args:
        budget: Of the tightest GPU.
        concurrency: Requests that are wanted at once.
        needed: Blocks of one of them.
    """
    requests, parallel = budget.requests, budget.parallel
    held, longest = budget.usable_blocks // needed * parallel.data, budget.longest_context
    fixes = [
        f"use --concurrency {held}",
        *([f"a context of at most {longest} tokens"] if longest >= LEAST_CONTEXT else []),
        *([] if kv_is_fp8(budget.model, budget.engine) else ["an FP8 KV cache"]),
    ]
    gib = requests * needed * budget.layout.block_bytes / GIB
    return WantedReason(
        problem=f"{concurrency} requests of {budget.context:,} tokens at once"
        f"{_ranks(parallel, requests)} need {gib:.2f} GiB of KV cache on each GPU, and the "
        f"{budget.pool_gib:.2f} GiB that are left hold {budget.kv_tokens:,} tokens, a maximum "
        f"concurrency of {budget.max_concurrency:.2f}x",
        fix=f"{', '.join(fixes)}, or more GPUs",
        source=CACHE_SOURCE,
    )


def _ranks(parallel: Parallelism, requests: int) -> str:
    """Return how they are shared out, where they are, as a part of a sentence between commas."""
    ranks = parallel.data
    return f", {requests} on each of {ranks} data-parallel ranks," if ranks > 1 else ""
