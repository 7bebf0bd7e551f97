"""Whether a model fits what it asks of its pool, and what its engine is told because of it."""

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import cast, get_args

from catalog.model_facts import ModelFacts, Quantisation
from catalog.models import find_model
from planning.engine.extras import lora_choice, speculative_choice
from planning.engine.images import chosen_image
from planning.engine.memory import bounded_utilisation, engine_memory
from planning.fit.answer import Fit
from planning.fit.fit import fit
from planning.fit.question import EngineChoice, GpuMemory, KvDtype, Parallelism
from planning.fit.ways import CONTEXT_STEP
from planning.pools.facts import PoolFacts
from planning.sharing.device import memory_of
from planning.specs.fits import ModelFitSpec
from settings.engine import EngineSettings
from settings.models import ModelSettings

BYTES_PER_GIB = 2**30
BYTES_PER_MIB = 2**20
MOST_ANSWERS = 4096


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the fit is asked; entries that ask the same have the same answer."""

    facts: ModelFacts
    gpu: GpuMemory
    parallel: Parallelism
    engine: EngineChoice
    context: int
    """Tokens."""
    concurrency: int | None = None
    """Requests of the whole context that one replica must hold at once; None asks for one."""

    def __hash__(self) -> int:
        """Return the hash without the model's facts, which its repository stands for."""
        choices = (self.gpu, self.parallel, self.engine, self.context, self.concurrency)
        return hash((self.facts.id, *choices))


@dataclass(frozen=True, kw_only=True)
class ModelFit:
    """A model on the GPUs of its pool."""

    repository: str
    """As the catalog writes it, or the owner."""
    parallel: Parallelism
    question: Question | None
    """None where model or GPU are not in the catalog."""
    utilisation: float | None
    """What the platform tells the engine of memory; None leaves it to the owner or the release."""
    context: int
    """Tokens: the owner's, or the model's longest of which what is wanted at once fits."""
    answer: Fit | None
    """To the question."""
    weight_bytes: float
    """Of all GPUs of a replica; of an unknown model, as much as its GPUs hold."""

    def spec(self, name: str) -> ModelFitSpec | None:
        """Return the answer for the plan; None where there is none."""
        found = self.answer
        if found is None:
            return None
        return ModelFitSpec(
            name=name,
            fits=found.fits,
            model=found.model,
            gpu=found.gpu,
            gpus=found.gpus,
            context=found.context,
            utilisation=found.utilisation,
            weights_gib_per_gpu=round(found.weights_gib_per_gpu, 2),
            kv_gib_per_gpu=round(found.kv_gib_per_gpu, 2),
            kv_tokens=found.kv_tokens,
            max_concurrency=round(found.max_concurrency, 2),
            concurrency=found.concurrency,
            ranks=found.parallel.data if found.concurrency else None,
        )


@cache
def facts_of(repository: str) -> ModelFacts | None:
    """Return what the catalog says of a repository; None where it says nothing."""
    return find_model(repository)


def spread(engine: EngineSettings, devices: int, nodes: int = 1) -> Parallelism:
    """Return how a replica is spread: what no size is given for, by tensors.

    Args:
        engine: What its owner says.
        devices: GPUs of each node.
        nodes: Nodes; they share the layers among them, since they are too far apart for tensors.
    """
    data = engine.data_parallel or 1
    tensor, total = engine.tensor_parallel, devices * nodes
    pipeline = engine.pipeline_parallel or (
        max(1, total // (tensor * data)) if tensor and nodes > 1 else nodes
    )
    return Parallelism(
        tensor=tensor or max(1, total // (pipeline * data)),
        pipeline=pipeline,
        data=data,
        expert=engine.expert_parallel,
        decode_context=engine.decode_context_parallel or 1,
    )


def model_fit(name: str, model: ModelSettings, pool: PoolFacts) -> ModelFit:
    """Return how the model called `name` fits, whose engine and ask are not refused.

    Raises:
        LookupError: it is not in the catalog and says no context.
    """
    ask, facts = pool.ask(model), _held(facts_of(model.model), model.engine)
    part = pool.way.grant(name, model, ask).memory_utilization
    gpu, parallel = engine_memory(pool, ask, part), spread(model.engine, ask.devices, model.nodes)
    engine = engine_choice(model.engine)
    told = None
    if model.engine.gpu_memory_utilization is None:
        told = bounded_utilisation(gpu, parallel, engine, part)
        engine = engine.model_copy(update={"utilisation": told})
    question = None
    if facts and gpu:
        context = model.context or facts.max_context
        question = Question(
            facts=facts,
            gpu=gpu,
            parallel=parallel,
            engine=engine,
            context=context,
            concurrency=model.concurrency,
        )
        if model.context is None:
            question = replace(question, context=_longest(question))
    answer = answer_to(question) if question else None
    return ModelFit(
        repository=facts.id if facts else model.model,
        parallel=parallel,
        question=question,
        utilisation=told,
        context=question.context if question else _context(model, facts),
        answer=answer,
        weight_bytes=answer.weights_gib_per_gpu * answer.gpus * BYTES_PER_GIB
        if answer
        else memory_of(ask, pool.devices) * BYTES_PER_MIB,
    )


def _held(facts: ModelFacts | None, engine: EngineSettings) -> ModelFacts | None:
    """Return a model as its engine holds it: `fp8` quantises a checkpoint that is not, in one scale
    per matrix, so that no rule of blocks holds.
    """
    if facts and engine.quantization == "fp8" and facts.quantisation.format == "bf16":
        return facts.model_copy(update={"quantisation": Quantisation(format="fp8")})
    return facts


def engine_choice(engine: EngineSettings) -> EngineChoice:
    """Return what the fit has to know of an engine; a KV type it does not know takes two bytes."""
    asked = engine.kv_cache_dtype or "auto"
    kv_dtype = asked if asked in get_args(KvDtype) else "fp8" if asked[:3] == "fp8" else "auto"
    return EngineChoice(
        version=chosen_image(engine).version,
        dtype=engine.dtype or "auto",
        kv_dtype=cast("KvDtype", kv_dtype),
        utilisation=engine.gpu_memory_utilization,
        max_num_seqs=engine.max_num_seqs,
        max_num_batched_tokens=engine.max_num_batched_tokens,
        eager="--enforce-eager" in engine.extra_args,
        lora=lora_choice(engine),
        speculative=speculative_choice(engine),
    )


def _context(model: ModelSettings, facts: ModelFacts | None) -> int:
    """Return the context of a model that nobody can judge."""
    if model.context is not None:
        return model.context
    if facts is None:
        raise LookupError("a model that is not in the catalog has no context of its own")
    return facts.max_context


def _longest(whole: Question) -> int:
    """Return the context of `whole`, or what of it fits as often as is wanted, in whole steps."""
    longest = answer_to(whole).longest_context
    if longest >= whole.context:
        return whole.context
    # Where not one step fits, the answer for the whole context says why.
    return longest // CONTEXT_STEP * CONTEXT_STEP or whole.context


@lru_cache(MOST_ANSWERS)
def answer_to(question: Question) -> Fit:
    """Return the fit."""
    asked = question
    return fit(
        asked.facts,
        asked.gpu,
        asked.parallel,
        asked.engine,
        asked.context,
        concurrency=asked.concurrency,
    )
