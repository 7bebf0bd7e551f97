"""The fit: weights, everything else, and how many tokens the rest holds."""

from collections.abc import Iterator

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import GIB
from planning.fit import overhead
from planning.fit.answer import Fit, Term
from planning.fit.budget import Budget
from planning.fit.draft import draft_of
from planning.fit.extra_rules import extra_reasons
from planning.fit.kv import kv_is_fp8
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.rules import Reason, rule_reasons
from planning.fit.stages import stages
from planning.fit.wanted import wanted_reasons

MEMORY_SOURCE = "vLLM 0.33.0 vllm/v1/worker/utils.py request_memory"
CACHE_SOURCE = "vLLM 0.33.0 vllm/v1/core/kv_cache_planning.py"
STATE_SOURCE = "vllm-project/recipes pull request 831"


def fit(
    model: ModelFacts,
    gpu: GpuMemory,
    parallel: Parallelism,
    engine: EngineChoice,
    context: int,
    *,
    concurrency: int | None = None,
) -> Fit:
    """Return whether one replica of `model` starts with `context` tokens, and what it then holds.

    Every GPU of the replica is like `gpu`. Where `concurrency` is given, it has to hold so many
    requests of the whole context at once. Nothing is raised: what vLLM would refuse, and what is
    wanted and not held, stands in the answer, as reasons.
    """
    most_stages = min(parallel.pipeline, model.layers)
    spread = parallel.model_copy(update={"pipeline": most_stages})
    budgets = [
        Budget.of(
            model=model,
            gpu=gpu,
            parallel=spread,
            engine=engine,
            context=context,
            concurrency=concurrency,
            stage=stage,
        )
        for stage in stages(model, most_stages)
    ]
    # All stages use as many blocks as the one that has fewest.
    tightest = min(budgets, key=lambda budget: (budget.blocks, budget.pool_gib))
    reasons = (
        *rule_reasons(model, parallel, engine, context),
        *extra_reasons(model, gpu, parallel, engine, context),
        *_start(gpu, parallel, engine),
        *_memory(tightest),
        *wanted_reasons(tightest),
    )
    return _answer(tightest, parallel, reasons)


def most_utilisation(gpu: GpuMemory, parallel: Parallelism, engine: EngineChoice) -> float:
    """Return the largest utilisation with which the engine starts, in hundredths."""
    if not engine.release.checks_free:
        return 1.0
    return int(_free_gib(gpu, parallel, engine) / gpu.total_gib * 100) / 100


def _free_gib(gpu: GpuMemory, parallel: Parallelism, engine: EngineChoice) -> float:
    """Return what is free when the engine measures it."""
    taken = overhead.context_bytes(gpu)
    if not engine.release.collectives_counted:
        taken += overhead.collectives_bytes(parallel, gpu)
    return max(0, (gpu.free_gib or gpu.total_gib) - taken / GIB)


def _start(gpu: GpuMemory, parallel: Parallelism, engine: EngineChoice) -> Iterator[Reason]:
    """Yield whether the budget is not free when the engine measures it."""
    free, most = _free_gib(gpu, parallel, engine), most_utilisation(gpu, parallel, engine)
    asked = gpu.total_gib * engine.budget_share()
    if engine.release.checks_free and asked > free:
        yield Reason(
            problem=f"the engine asks for {asked:.2f} GiB ({engine.budget_share():g} of "
            f"{gpu.total_gib:.2f}), but only {free:.2f} GiB are free when it starts",
            fix=f"use a utilisation of at most {most:g}" if most else "give it more memory",
            source=MEMORY_SOURCE,
        )


def _memory(budget: Budget) -> Iterator[Reason]:
    """Yield why the memory does not do."""
    needed = budget.per_request(budget.context)
    seqs = budget.engine.seqs(budget.gpu)
    if budget.pool_gib <= 0:
        running = sum(term.gib for term in budget.others)
        yield Reason(
            problem=f"{budget.weights_gib:.2f} GiB of weights and {running:.2f} GiB for running "
            f"take more than the {budget.total_gib:.2f} GiB that the engine may use of each GPU",
            fix=f"use more or larger GPUs, or smaller weights{_less(budget.engine)}",
            source=MEMORY_SOURCE,
        )
    elif budget.usable_blocks < needed:
        longest = budget.longest_context
        shorter = f"a context of at most {longest} tokens" if longest else "more GPUs"
        yield Reason(
            problem=f"one request of {budget.context:,} tokens needs "
            f"{needed * budget.layout.block_bytes / GIB:.2f} GiB of KV cache on each GPU, and "
            f"{budget.pool_gib:.2f} GiB are left",
            fix=f"use {shorter}, or an FP8 KV cache{_less(budget.engine)}",
            source=CACHE_SOURCE,
        )
    elif budget.layout.linear_groups and seqs > budget.blocks:
        yield Reason(
            problem=f"{seqs} sequences need a state each, and the KV cache has {budget.blocks} "
            "blocks",
            fix=f"use --max-num-seqs {budget.blocks}",
            source=STATE_SOURCE,
        )


def _less(engine: EngineChoice) -> str:
    """Return what beside the model may be left out, as the end of a sentence."""
    adapters = ", or fewer adapters at once (--max-loras) or of a smaller rank (--lora-rank)"
    guesses = ", or no guessed tokens (without --speculative)"
    return (adapters if engine.lora else "") + (guesses if engine.speculative else "")


def _answer(budget: Budget, parallel: Parallelism, reasons: tuple[Reason, ...]) -> Fit:
    """Return the whole answer."""
    engine, gpu, layout = budget.engine, budget.gpu, budget.layout
    return Fit(
        fits=not reasons,
        model=budget.model.id,
        gpu=gpu.name,
        gpus=parallel.gpus,
        parallel=parallel,
        engine=engine,
        utilisation=engine.budget_share(),
        context=budget.context,
        concurrency=budget.concurrency,
        weights_gib_per_gpu=budget.weights_gib,
        kv_gib_per_gpu=max(budget.pool_gib, 0),
        kv_bytes_per_token_per_gpu=layout.bytes_per_token,
        kv_cache_dtype="fp8" if kv_is_fp8(budget.model, engine) else "bf16",
        kv_tokens=budget.kv_tokens,
        max_concurrency=budget.max_concurrency,
        longest_context=budget.longest_context,
        terms=_terms(budget),
        reasons=reasons,
        uncertain=_uncertain(budget.model, engine),
    )


def _uncertain(model: ModelFacts, engine: EngineChoice) -> tuple[str, ...]:
    draft = draft_of(model, engine)
    return (*model.uncertain, *([draft.assumed] if draft and draft.assumed else []))


def _terms(budget: Budget) -> tuple[Term, ...]:
    """Return the budget and everything that is taken from it, to the last byte."""
    layout, engine = budget.layout, budget.engine
    share = f"{engine.budget_share():g} of {budget.gpu.total_gib:.2f} GiB visible"
    weights = (
        Term(name=f"weights: {part.name}", gib=part.bytes / GIB, how=part.how)
        for part in budget.weights
        if part.bytes
    )
    cache = (
        f"{budget.blocks:,} blocks of {layout.block_tokens} tokens; "
        f"{layout.bytes_per_token:,.0f} bytes per token"
    )
    if layout.draft_bytes_per_token:
        cache += f", {layout.draft_bytes_per_token:,} of them of the draft"
    return (
        Term(name="budget", gib=budget.total_gib, how=share),
        *weights,
        *budget.others,
        Term(name="KV cache", gib=budget.pool_gib, how=cache),
    )
