"""What vLLM refuses before it loads a weight: how heads, experts and blocks may be divided.

Source: vLLM 0.33.0, vllm/config/model.py (verify_with_parallel_config), vllm/config/parallel.py,
vllm/model_executor/layers/quantization/utils/fp8_utils.py (validate_fp8_block_shape).
"""

from collections.abc import Iterator

from catalog.model_facts import ModelFacts
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.weights import QUANTISED_BY_DTYPE, quantisation_of
from planning.specs.base import Spec

BLOCK = 128
"""Rows and columns of an FP8 block."""
MODEL_RULES = "vLLM 0.33.0 vllm/config/model.py"
PARALLEL_RULES = "vLLM 0.33.0 vllm/config/parallel.py"
BLOCK_RULES = "vLLM 0.33.0 fp8_utils.py validate_fp8_block_shape; vllm-project/vllm issue 17569"


class Reason(Spec):
    """Why a model does not run so, and what would be right."""

    problem: str
    fix: str
    source: str


def rule_reasons(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, context: int
) -> tuple[Reason, ...]:
    """Return everything that is refused, whatever the memory."""
    return (
        *_heads(model, parallel),
        *_widths(model, parallel, engine),
        *_groups(model, parallel),
        *_decode_context(model, parallel),
        *_formats(model, engine),
        *_context(model, context),
    )


def dividing(*numbers: int) -> str:
    """Return the tensor-parallel sizes up to 64 that divide every one of `numbers`."""
    fitting = [size for size in range(1, 65) if all(number % size == 0 for number in numbers)]
    return ", ".join(map(str, fitting))


def _heads(model: ModelFacts, parallel: Parallelism) -> Iterator[Reason]:
    tensor = parallel.tensor
    if model.heads % tensor:
        yield Reason(
            problem=f"{model.heads} attention heads cannot be divided among {tensor} "
            "tensor-parallel GPUs",
            fix=f"use a tensor-parallel size of {dividing(model.heads)}",
            source=MODEL_RULES,
        )
    elif model.mla is None and max(model.kv_heads, tensor) % min(model.kv_heads, tensor):
        yield Reason(
            problem=f"{model.kv_heads} KV heads and {tensor} tensor-parallel GPUs: neither "
            "divides the other",
            fix=f"use a tensor-parallel size of {dividing(model.heads, model.kv_heads)}",
            source=MODEL_RULES,
        )


def _widths(model: ModelFacts, parallel: Parallelism, engine: EngineChoice) -> Iterator[Reason]:
    experts, tensor, group = model.experts, parallel.tensor, parallel.expert_group
    dense = experts is None or experts.dense_layers > 0
    quantisation = quantisation_of(model, engine)
    unit = BLOCK if quantisation.format == "fp8-block" else 1
    if dense:
        of_mlp = unit if quantisation.scope != "experts" else 1
        yield from _width(model, "dense MLP", model.intermediate, tensor, of_mlp)
    if experts and experts.shared_intermediate:
        of_shared = unit if quantisation.scope != "experts" else 1
        yield from _width(model, "shared experts", experts.shared_intermediate, tensor, of_shared)
    if experts and not parallel.expert:
        yield from _width(model, "experts", experts.intermediate, group, unit, routed=True)


def _width(
    model: ModelFacts, what: str, width: int, parts: int, unit: int, *, routed: bool = False
) -> Iterator[Reason]:
    instead = ", or expert parallelism (--ep), which keeps experts whole" if routed else ""
    sizes = dividing(model.heads, width // unit)
    fix = f"use a tensor-parallel size of {sizes}{instead}"
    if width % parts:
        problem = f"{what} of width {width} cannot be divided among {parts} GPUs"
        yield Reason(problem=problem, fix=fix, source=MODEL_RULES)
    elif width // parts % unit:
        problem = (
            f"{what} of width {width} on {parts} GPUs are {width // parts} wide on each, "
            f"which is no multiple of the FP8 block of {unit}"
        )
        yield Reason(problem=problem, fix=fix, source=BLOCK_RULES)


def _groups(model: ModelFacts, parallel: Parallelism) -> Iterator[Reason]:
    if parallel.pipeline > model.layers:
        yield Reason(
            problem=f"{parallel.pipeline} pipeline stages for {model.layers} layers",
            fix=f"use at most {model.layers} stages",
            source=PARALLEL_RULES,
        )
    if parallel.expert and model.experts is None:
        yield Reason(
            problem=f"{model.id} has no experts to spread",
            fix="leave out --ep (--enable-expert-parallel)",
            source=MODEL_RULES,
        )
    elif parallel.expert and model.experts and parallel.expert_group > model.experts.count:
        yield Reason(
            problem=f"{parallel.expert_group} GPUs for {model.experts.count} experts",
            fix=f"use at most {model.experts.count} GPUs in one expert group",
            source=PARALLEL_RULES,
        )


def _decode_context(model: ModelFacts, parallel: Parallelism) -> Iterator[Reason]:
    ranks, tensor = parallel.decode_context, parallel.tensor
    if ranks == 1:
        return
    if tensor % ranks:
        yield Reason(
            problem=f"a decode-context size of {ranks} does not divide the tensor-parallel size "
            f"of {tensor}",
            fix=f"use one of {dividing(tensor)}",
            source=PARALLEL_RULES,
        )
    if model.sliding or model.linear:
        yield Reason(
            problem="layers with a window or a state cannot be spread over decode-context ranks",
            fix="leave out --dcp",
            source="vLLM 0.33.0 vllm/v1/kv_cache_interface.py",
        )
    elif model.mla is None and ranks > max(1, tensor // model.kv_heads):
        yield Reason(
            problem=f"a decode-context size of {ranks}, but only {max(1, tensor // model.kv_heads)}"
            f" of {tensor} tensor-parallel GPUs hold the same of the {model.kv_heads} KV heads",
            fix="use at most as many ranks as hold copies, or a larger tensor-parallel size",
            source=MODEL_RULES,
        )
    elif model.mla is None and model.heads // model.kv_heads % ranks:
        per_head = model.heads // model.kv_heads
        yield Reason(
            problem=f"{per_head} query heads per KV head cannot be divided among {ranks} ranks",
            fix=f"use a decode-context size of {dividing(per_head)}",
            source=MODEL_RULES,
        )


def _formats(model: ModelFacts, engine: EngineChoice) -> Iterator[Reason]:
    published = model.quantisation.format
    asked = QUANTISED_BY_DTYPE.get(engine.dtype)
    if asked and published not in {"bf16", asked.format}:
        yield Reason(
            problem=f"the weights of {model.id} are {published} already",
            fix="leave out the dtype, or name the unquantised repository",
            source="catalog/models.json",
        )
    if engine.kv_dtype == "fp8_ds_mla" and model.mla is None:
        yield Reason(
            problem=f"fp8_ds_mla is a layout of latent attention, which {model.id} has not",
            fix="use fp8",
            source="vLLM 0.33.0 vllm/v1/kv_cache_interface.py",
        )


def _context(model: ModelFacts, context: int) -> Iterator[Reason]:
    if context > model.max_context:
        yield Reason(
            problem=f"a context of {context:,} tokens, but the checkpoint is made for "
            f"{model.max_context:,}",
            fix=f"use at most {model.max_context}",
            source=MODEL_RULES,
        )
