"""What speculative decoding takes beside the weights and the KV cache of what guesses.

Source: vLLM 0.33.0, vllm/v1/worker/gpu/spec_decode (rejection_sampler.py, target_dependent_ar),
vllm/v1/worker/gpu/states.py and structured_outputs.py.
"""

from catalog.model_facts import ModelFacts
from catalog.vllm_memory import GIB
from planning.fit.draft import AUX_STATES, draft_of
from planning.fit.question import EngineChoice, GpuMemory

LOGIT_BYTES = 2
COPY_BYTES = 4
MOST_COPIED_BYTES = GIB
"""Logits of guessed tokens are copied to FP32 in parts of at most so much."""
ID_BYTES = 4
BITS = 8


def checked_logits(engine: EngineChoice, gpu: GpuMemory, context: int) -> int:
    """Return most tokens that one step checks: the guessed and the next one of each sequence."""
    rows = engine.seqs(gpu) * (engine.guessed + 1)
    return min(rows, engine.batched_tokens(gpu, context)) if engine.guessed else 0


def checking_bytes(model: ModelFacts, engine: EngineChoice, gpu: GpuMemory, context: int) -> float:
    """Return the peak of checking what was guessed."""
    logits = checked_logits(engine, gpu, context) * model.vocab
    return logits * LOGIT_BYTES + min(logits * COPY_BYTES, MOST_COPIED_BYTES)


def buffer_bytes(model: ModelFacts, engine: EngineChoice, gpu: GpuMemory, context: int) -> float:
    """Return what is kept from step to step: grammar masks, hidden states, the text so far."""
    draft = draft_of(model, engine)
    if draft is None:
        return 0
    seqs = engine.seqs(gpu)
    masks = seqs * draft.tokens * model.vocab / BITS
    if draft.method == "ngram":
        return masks + seqs * context * ID_BYTES
    if draft.facts is None or draft.method == "draft_model":
        return masks
    return masks + engine.batched_tokens(gpu, context) * draft.facts.hidden * LOGIT_BYTES


def aux_width(model: ModelFacts, engine: EngineChoice) -> int:
    """Return the elements per token of the hidden states that an EAGLE-3 head reads."""
    eagle3 = engine.speculative is not None and engine.speculative.method == "eagle3"
    return AUX_STATES * model.hidden if eagle3 else 0
