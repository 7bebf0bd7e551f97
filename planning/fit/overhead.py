"""What the engine needs beside weights and KV cache, per GPU.

Source: vLLM 0.33.0, vllm/v1/worker/gpu_model_runner.py and gpu/model_runner.py (profile_run),
fused_moe/experts (workspace_shapes); measured constants: catalog/vllm_memory.py.
"""

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import (
    COLLECTIVES_GIB,
    CONTEXT_GIB,
    GIB,
    PENALTY_BYTES_PER_LOGIT,
)
from planning.fit.guessing import aux_width
from planning.fit.question import EngineChoice, GpuMemory, Parallelism

ACTIVATION_BYTES = 2
MLA_WORKSPACE_TOKENS = 64 * 1024
"""Most tokens of context whose keys and values are projected up at once."""


def forward_bytes(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, gpu: GpuMemory, context: int
) -> float:
    """Return the peak of activations while one batch of the largest size runs through a layer."""
    tokens = engine.batched_tokens(gpu, context)
    states = aux_width(model, engine)
    stream = 3 * model.hidden + states
    dense = 3 * model.intermediate / parallel.tensor
    if model.experts and not model.experts.dense_layers:
        dense = 0
    widest = max(dense, states, _latent_width(model, parallel, engine, gpu, context) / tokens)
    if model.experts:
        group = 1 if parallel.expert else parallel.expert_group
        width = 2 * model.experts.intermediate / group
        # The inputs and outputs of all experts, of the tokens of every data-parallel rank.
        buffers = 2 * model.experts.active * max(width, model.hidden) * parallel.data
        widest = max(widest, buffers)
    return tokens * (stream + widest) * ACTIVATION_BYTES


def _latent_width(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, gpu: GpuMemory, context: int
) -> float:
    """Return the elements that latent attention projects up for a chunk of a long prompt."""
    if model.mla is None:
        return 0
    tokens = min(max(8 * context, 64 * engine.seqs(gpu)), MLA_WORKSPACE_TOKENS)
    return tokens * model.heads / parallel.tensor * (model.mla.nope_dim + model.mla.v_dim)


def sampler_bytes(model: ModelFacts, engine: EngineChoice, gpu: GpuMemory) -> float:
    """Return the peak of sampling a token for as many sequences as the engine takes."""
    return engine.seqs(gpu) * model.vocab * engine.release.sampler_bytes_per_logit


def sampler_state_bytes(model: ModelFacts, engine: EngineChoice, gpu: GpuMemory) -> float:
    """Return what the sampler keeps for penalties."""
    each = PENALTY_BYTES_PER_LOGIT if engine.release.penalty_state else 0
    return engine.seqs(gpu) * model.vocab * each


def collectives_bytes(parallel: Parallelism, gpu: GpuMemory) -> float:
    """Return the buffers through which the GPUs of a replica talk."""
    if parallel.gpus == 1:
        return 0
    return COLLECTIVES_GIB["nvlink" if gpu.nvlink else "pcie"] * GIB


def context_bytes(gpu: GpuMemory) -> float:
    """Return the CUDA context."""
    return CONTEXT_GIB["large" if gpu.nvlink else "small"] * GIB
