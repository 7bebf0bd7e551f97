"""The memory of one GPU of one pipeline stage, shared out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import GIB
from planning.fit import guessing, overhead
from planning.fit.answer import Term
from planning.fit.draft import draft_of, draft_parts
from planning.fit.graphs import draft_graphs, graphs, graphs_bytes
from planning.fit.kv import KvLayout, kv_layout
from planning.fit.lora import lora_parts, lora_working_bytes
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.stages import Stage
from planning.fit.weights import Part, weight_parts


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What the engine may use of a GPU, and what it uses it for; in GiB."""

    model: ModelFacts
    gpu: GpuMemory
    parallel: Parallelism
    engine: EngineChoice
    context: int
    concurrency: int | None
    """Requests of the whole context that the replica must hold at once; None asks for one."""
    stage: Stage
    weights: tuple[Part, ...]
    """Part by part."""
    layout: KvLayout
    """How the KV cache is cut."""

    @classmethod
    def of(
        cls,
        *,
        model: ModelFacts,
        gpu: GpuMemory,
        parallel: Parallelism,
        engine: EngineChoice,
        context: int,
        concurrency: int | None,
        stage: Stage,
    ) -> "Budget":
        """Return the budget of a GPU of `stage`."""
        return cls(
            model=model,
            gpu=gpu,
            parallel=parallel,
            engine=engine,
            context=context,
            concurrency=concurrency,
            stage=stage,
            weights=(
                *weight_parts(model, parallel, engine, stage),
                *draft_parts(model, parallel, engine, stage),
            ),
            layout=kv_layout(model, parallel, engine, stage),
        )

    @cached_property
    def others(self) -> tuple[Term, ...]:
        """Return what is taken beside weights and KV cache."""
        engine, gpu, release = self.engine, self.gpu, self.engine.release
        found = [
            self._activations(),
            Term(name="libraries", gib=release.non_torch_gib, how="beside PyTorch, as logged"),
        ]
        state = overhead.sampler_state_bytes(self.model, engine, gpu) if self.stage.last else 0
        if state:
            how = f"penalty counts: {engine.seqs(gpu):,} sequences x {self.model.vocab:,} tokens"
            found.append(Term(name="sampler state", gib=state / GIB, how=how))
        collectives = overhead.collectives_bytes(self.parallel, gpu)
        if release.collectives_counted and collectives:
            how = f"buffers of collectives between {self.parallel.gpus} GPUs"
            found.append(Term(name="collectives", gib=collectives / GIB, how=how))
        own = graphs(engine, gpu, self.context)
        if release.graphs_counted and own:
            guessed = draft_graphs(*self._asked) if self.stage.last else 0
            how = f"estimate for {own} graphs" + (", and those of the draft" if guessed else "")
            found.append(Term(name="CUDA graphs", gib=graphs_bytes(own + guessed) / GIB, how=how))
        return (*found, *self._adapters(), *self._guessing(found[0].gib))

    @property
    def _asked(self) -> tuple[ModelFacts, EngineChoice, GpuMemory, int]:
        return self.model, self.engine, self.gpu, self.context

    def _adapters(self) -> Iterator[Term]:
        """Yield what LoRA adapters take, used or not."""
        for part in lora_parts(self.model, self.parallel, self.engine, self.stage):
            yield Term(name=f"LoRA: {part.name}", gib=part.bytes / GIB, how=part.how)
        if working := lora_working_bytes(*self._asked):
            yield Term(name="LoRA: buffers", gib=working / GIB, how="of one batch")

    def _guessing(self, activations_gib: float) -> Iterator[Term]:
        """Yield what speculative decoding takes beside weights and KV cache."""
        if not (self.engine.guessed and self.stage.last):
            return
        kept = guessing.buffer_bytes(*self._asked) / GIB
        how = "from step to step: grammar masks, and what is guessed from"
        yield Term(name="draft buffers", gib=kept, how=how)
        checking = guessing.checking_bytes(*self._asked) / GIB - activations_gib
        if checking > 0:
            rows = guessing.checked_logits(self.engine, self.gpu, self.context)
            how = f"logits of {rows:,} tokens beyond the activations; start-up does not measure it"
            yield Term(name="checking", gib=checking, how=how)

    def _forward_bytes(self) -> float:
        """Return the peak of a batch in a layer of the model or of what guesses."""
        asked = self.engine, self.gpu, self.context
        forward = overhead.forward_bytes(self.model, self.parallel, *asked)
        draft = draft_of(self.model, self.engine) if self.stage.last else None
        if draft is None or draft.facts is None:
            return forward
        return max(forward, overhead.forward_bytes(draft.facts, self.parallel, *asked))

    def _activations(self) -> Term:
        """Return the peak of one step: a batch in a layer, or sampling, which follows it."""
        engine, gpu = self.engine, self.gpu
        forward = self._forward_bytes()
        sampler = overhead.sampler_bytes(self.model, engine, gpu) if self.stage.last else 0
        how = (
            f"peak: a batch of {engine.batched_tokens(gpu, self.context):,} tokens in one layer"
            if forward >= sampler
            else f"peak: sampling for {engine.seqs(gpu):,} sequences"
        )
        return Term(name="activations", gib=max(forward, sampler) / GIB, how=how)

    @property
    def total_gib(self) -> float:
        """Return what the engine may use."""
        return self.gpu.total_gib * self.engine.budget_share()

    @property
    def weights_gib(self) -> float:
        """Return all weights."""
        return sum(part.bytes for part in self.weights) / GIB

    @cached_property
    def pool_gib(self) -> float:
        """Return what is left for the KV cache; less than nothing where the rest is too large."""
        return self.total_gib - self.weights_gib - sum(term.gib for term in self.others)

    @property
    def blocks(self) -> int:
        """Return the whole blocks of the KV cache."""
        return int(max(self.pool_gib, 0) * GIB // self.layout.block_bytes)

    @property
    def usable_blocks(self) -> int:
        """Return the blocks that the check for one whole request counts with."""
        return max(0, self.blocks - self.engine.release.null_block)

    def per_request(self, context: int) -> int:
        """Return the blocks of one request of `context` tokens."""
        batches = self.engine.release.batches_in_flight
        in_flight = batches * self.engine.batched_tokens(self.gpu, context)
        return self.layout.blocks_per_request(context, in_flight)

    @property
    def requests(self) -> int:
        """Return the requests of the whole context that each GPU must hold at once."""
        return self.parallel.per_rank(self.concurrency or 1)

    @property
    def max_concurrency(self) -> float:
        """Return the requests of the whole context that fit at once, as vLLM logs it."""
        return self.blocks / self.per_request(self.context)

    @property
    def kv_tokens(self) -> int:
        """Return the tokens of the KV cache, as vLLM logs them."""
        if self.engine.release.tokens_by_concurrency:
            return int(self.max_concurrency * self.context)
        layout = self.layout
        return self.blocks // layout.groups * layout.block_tokens * layout.decode_context

    @cached_property
    def longest_context(self) -> int:
        """Return the longest context of which `requests` fit, in tokens; 0 where none does."""
        low, high = 0, self.model.max_context
        while low < high:
            middle = (low + high + 1) // 2
            # Activations may grow with the context, too.
            longer = replace(self, context=middle)
            if self.requests * longer.per_request(middle) <= longer.usable_blocks:
                low = middle
            else:
                high = middle - 1
        return low
