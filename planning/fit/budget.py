"""The memory of one GPU of one pipeline stage, shared out."""

from dataclasses import dataclass, replace
from functools import cached_property

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import GIB
from planning.fit import overhead
from planning.fit.answer import Term
from planning.fit.kv import KvLayout, kv_layout
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
        stage: Stage,
    ) -> "Budget":
        """Return the budget of a GPU of `stage`."""
        return cls(
            model=model,
            gpu=gpu,
            parallel=parallel,
            engine=engine,
            context=context,
            stage=stage,
            weights=weight_parts(model, parallel, engine, stage),
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
        graphs = overhead.graphs_bytes(engine, gpu, self.context)
        if release.graphs_counted and graphs:
            how = f"estimate for {overhead.graphs(engine, gpu, self.context)} graphs"
            found.append(Term(name="CUDA graphs", gib=graphs / GIB, how=how))
        return tuple(found)

    def _activations(self) -> Term:
        """Return the peak of one step: a batch in a layer, or sampling, which follows it."""
        engine, gpu = self.engine, self.gpu
        forward = overhead.forward_bytes(self.model, self.parallel, engine, gpu, self.context)
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

    @cached_property
    def longest_context(self) -> int:
        """Return the longest context of which one request fits, in tokens; 0 where none does."""
        low, high = 0, self.model.max_context
        while low < high:
            middle = (low + high + 1) // 2
            # Activations may grow with the context, too.
            longer = replace(self, context=middle)
            if longer.per_request(middle) <= longer.usable_blocks:
                low = middle
            else:
                high = middle - 1
        return low
