"""What vLLM refuses of LoRA adapters and of speculative decoding.

Source: vLLM 0.33.0, beside each reason.
"""

from collections.abc import Iterator

from catalog.model_facts import ModelFacts
from catalog.vllm_interfaces import interfaces_of
from planning.fit.draft import draft_of
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.rules import MODEL_RULES, Reason, dividing

MOST_LORA_VOCAB = 258_048
"""Source: vLLM 0.33.0, vllm/lora/layers/logits_processor.py."""
LORA_RULES = "vLLM 0.33.0 vllm/config/lora.py"
LOGITS_RULES = "vLLM 0.33.0 vllm/lora/layers/logits_processor.py"
BATCH_RULES = "vLLM 0.33.0 vllm/engine/arg_utils.py"
SPECULATIVE_RULES = "vLLM 0.33.0 vllm/config/speculative.py"
EAGLE3_RULES = "vLLM 0.33.0 vllm/v1/worker/gpu/spec_decode/eagle/eagle3_utils.py"
DRAFT_CONTEXT_RULES = "vLLM 0.33.0 vllm/config/vllm.py _limit_max_model_len_to_draft"


def extra_reasons(
    model: ModelFacts, gpu: GpuMemory, parallel: Parallelism, engine: EngineChoice, context: int
) -> tuple[Reason, ...]:
    """Return everything that is refused of what runs beside the model."""
    return (
        *_adapters(model, engine),
        *_batch(gpu, engine, context),
        *_layers_that_guess(model, engine),
        *_eagle3(model, parallel, engine),
        *_whole_draft(model, parallel, engine, context),
    )


def _adapters(model: ModelFacts, engine: EngineChoice) -> Iterator[Reason]:
    if engine.lora is None:
        return
    interfaces = interfaces_of(model.architecture)
    if not interfaces.lora:
        yield Reason(
            problem=f"{model.architecture} takes no LoRA adapters",
            fix="leave out the adapters (--lora-rank)",
            source=LORA_RULES,
        )
    elif interfaces.lora_embeddings and model.vocab > MOST_LORA_VOCAB:
        yield Reason(
            problem=f"LoRA adapters for a vocabulary of {model.vocab:,} tokens; the most is "
            f"{MOST_LORA_VOCAB:,}",
            fix="leave out the adapters (--lora-rank)",
            source=LOGITS_RULES,
        )


def _batch(gpu: GpuMemory, engine: EngineChoice, context: int) -> Iterator[Reason]:
    """Yield that a batch is too small, which is checked where adapters and guesses meet."""
    if not (engine.lora and engine.guessed):
        return
    batch, seqs = engine.batched_tokens(gpu, context), engine.seqs(gpu)
    needed = seqs * (engine.guessed + 1)
    if batch < needed:
        fewer = batch // (engine.guessed + 1)
        yield Reason(
            problem=f"with LoRA adapters a batch has to take {engine.guessed + 1} tokens of each "
            f"of {seqs} sequences, {needed:,}, and it takes {batch:,}",
            fix=f"use --max-num-seqs {fewer}, or fewer guessed tokens (--speculative-tokens)"
            if fewer
            else f"use --max-num-batched-tokens {needed}",
            source=BATCH_RULES,
        )


def _layers_that_guess(model: ModelFacts, engine: EngineChoice) -> Iterator[Reason]:
    if engine.speculative is None or engine.speculative.method != "mtp":
        return
    layers, tokens = model.mtp_layers, engine.guessed
    if not layers:
        yield Reason(
            problem=f"{model.id} has no layers for multi-token prediction",
            fix="use another method (--speculative): ngram needs nothing of the model",
            source=SPECULATIVE_RULES,
        )
    elif tokens > layers and tokens % layers:
        yield Reason(
            problem=f"{tokens} guessed tokens are no multiple of the {layers} layers for "
            "multi-token prediction",
            fix=f"use --speculative-tokens {tokens // layers * layers}",
            source=SPECULATIVE_RULES,
        )


def _eagle3(model: ModelFacts, parallel: Parallelism, engine: EngineChoice) -> Iterator[Reason]:
    if engine.speculative is None or engine.speculative.method != "eagle3":
        return
    interfaces = interfaces_of(model.architecture)
    if not interfaces.eagle3:
        yield Reason(
            problem=f"{model.architecture} hands no hidden states to an EAGLE-3 head",
            fix="use another method (--speculative)",
            source=EAGLE3_RULES,
        )
    elif parallel.pipeline > 1 and not interfaces.eagle3_over_stages:
        yield Reason(
            problem=f"{model.architecture} hands no hidden states to an EAGLE-3 head through "
            f"{parallel.pipeline} pipeline stages",
            fix="use one stage, or another method (--speculative)",
            source=EAGLE3_RULES,
        )


def _whole_draft(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, context: int
) -> Iterator[Reason]:
    """Yield what does not go with a draft that the catalog knows."""
    draft = draft_of(model, engine)
    if draft is None or draft.facts is None or draft.assumed or draft.method == "mtp":
        return
    facts = draft.facts
    if facts.heads % parallel.tensor:
        yield Reason(
            problem=f"{facts.heads} attention heads of the draft {facts.id} cannot be divided "
            f"among {parallel.tensor} tensor-parallel GPUs",
            fix=f"use a tensor-parallel size of {dividing(facts.heads, model.heads)}, or another "
            "draft (--speculative-model)",
            source=MODEL_RULES,
        )
    if draft.method != "draft_model":
        return
    if facts.vocab != model.vocab:
        yield Reason(
            problem=f"the draft {facts.id} has a vocabulary of {facts.vocab:,} tokens, and "
            f"{model.id} one of {model.vocab:,}",
            fix="use a draft with the same vocabulary (--speculative-model)",
            source=SPECULATIVE_RULES,
        )
    if facts.max_context < context:
        yield Reason(
            problem=f"the engine would cut the context of {context:,} tokens to the "
            f"{facts.max_context:,} that the draft {facts.id} is made for",
            fix=f"use --context {facts.max_context}, or another draft (--speculative-model)",
            source=DRAFT_CONTEXT_RULES,
        )
