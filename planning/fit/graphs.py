"""CUDA graphs: how many are captured, and what they take.

Source: vLLM 0.33.0, vllm/config/vllm.py (_set_cudagraph_sizes); vllm/v1/worker/gpu, cudagraph_utils
(graphs of mixed batches and of decoding), lora_utils (each with and without adapters) and
spec_decode/target_dependent_ar (those of what guesses); constants: catalog/vllm_memory.py.
"""

from dataclasses import dataclass
from functools import lru_cache

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import GIB, GRAPH_MIB, GRAPHS_BASE_GIB, MIB
from planning.fit.draft import draft_of
from planning.fit.question import EngineChoice, GpuMemory

MOST_TOKENS = 512
MOST_TOKENS_BLACKWELL = 1024
FINE_STEP, COARSE_STEP, COARSE_FROM = 8, 16, 256
GRAPHED = frozenset({"eagle", "eagle3", "mtp"})
"""Methods whose guessing runs in graphs: that of a whole model of its own does not."""
LORA_CASES = 2
"""Every graph is captured once without and once with adapters."""


def graphs(engine: EngineChoice, gpu: GpuMemory, context: int) -> int:
    """Return how many CUDA graphs are captured: for mixed batches, and for decoding alone."""
    if engine.eager:
        return 0
    # Guessing may save a few, which is nothing to build on.
    found = max(_shapes(engine, gpu, context, each).all for each in {1, engine.guessed + 1})
    return (LORA_CASES if engine.lora else 1) * found


def draft_graphs(model: ModelFacts, engine: EngineChoice, gpu: GpuMemory, context: int) -> float:
    """Return the graphs of what guesses, in graphs as large as the model's; on the last stage."""
    draft = draft_of(model, engine)
    if engine.eager or draft is None or draft.method not in GRAPHED:
        return 0
    shapes = _shapes(engine, gpu, context, draft.tokens + 1)
    return (shapes.all + (draft.tokens - 1) * shapes.single) * draft.layers / model.layers


def graphs_bytes(count: float) -> float:
    """Return the memory of so many CUDA graphs."""
    return GRAPHS_BASE_GIB * GIB + count * GRAPH_MIB * MIB if count else 0


@dataclass(frozen=True, kw_only=True)
class _Shapes:
    """The batches that graphs are captured for."""

    all: int
    """For mixed batches, and for those in which every sequence has as many tokens as a step."""
    single: int
    """For batches in which every sequence has one token."""


def _shapes(engine: EngineChoice, gpu: GpuMemory, context: int, each: int) -> _Shapes:
    """Return the batches of a model that takes `each` tokens per sequence in a step."""
    blackwell = gpu.compute_capability is not None and 10 <= gpu.compute_capability < 11
    default = MOST_TOKENS_BLACKWELL if blackwell else MOST_TOKENS
    return _shapes_of(engine.seqs(gpu), each, default, engine.batched_tokens(gpu, context))


@lru_cache
def _shapes_of(seqs: int, each: int, default: int, batch: int) -> _Shapes:
    most = min(2 * seqs * each, default, batch)
    sizes = set(_grid(most))
    if each > 1:
        counts = {*_grid(min(seqs, default)), min(seqs, default)}
        sizes |= {count * each for count in counts if count * each <= most}
    largest = max(sizes)
    rounded = {-(-size // each) * each for size in sizes}
    return _Shapes(
        all=len(sizes) + sum(size <= min(seqs * each, largest) for size in rounded),
        single=sum(size <= seqs for size in sizes),
    )


def _grid(most: int) -> list[int]:
    sizes = [size for size in (1, 2, 4) if size <= most]
    sizes += range(FINE_STEP, min(most + 1, COARSE_FROM), FINE_STEP)
    return [*sizes, *range(COARSE_FROM, most + 1, COARSE_STEP)]
