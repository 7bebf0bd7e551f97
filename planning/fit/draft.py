"""What guesses the next tokens in speculative decoding: its weights and its layers of KV cache.

It sits on the last pipeline stage, and shares the output matrix of the model unless it has one of
its own; the input matrix, too, where both are on the same stage.

Source: vLLM 0.33.0, vllm/v1/worker/gpu/spec_decode (load_eagle_model, StandaloneARSpeculator) and
vllm/model_executor/models (llama_eagle, llama_eagle3, deepseek_mtp).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.model_facts import ModelFacts, Quantisation
from catalog.models import find_model
from planning.fit.question import EngineChoice, Parallelism, SpeculativeMethod
from planning.fit.stages import Stage, stages
from planning.fit.weights import Part, plain_bytes, quantisation_of, weight_parts
from settings.finding import counted

TWO_BYTES = 2.0
AUX_STATES = 3
"""Inner layers of the model whose hidden states an EAGLE-3 head reads."""
ID_BYTES = 8
"""Per token of a head's smaller vocabulary: which token of the model it is."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What guesses."""

    method: SpeculativeMethod
    tokens: int
    facts: ModelFacts | None
    """Of its layers; None where it has none, or nobody knows them."""
    assumed: str = ""
    """What is taken for granted of it, as a sentence; empty where everything is known."""

    @property
    def layers(self) -> int:
        """Return its layers."""
        return self.facts.layers if self.facts else 0


def draft_of(model: ModelFacts, engine: EngineChoice) -> Draft | None:
    """Return what guesses for `model`; None without speculative decoding."""
    asked = engine.speculative
    if asked is None:
        return None
    facts, assumed = None, ""
    if asked.method == "mtp":
        facts = _as_layers(model, engine, model.mtp_layers) if model.mtp_layers else None
    elif asked.model is not None:
        facts = find_model(asked.model)
        if facts is None and asked.method != "draft_model":
            facts = _one_layer(model, engine)
            assumed = "taken for one decoder layer of the model with a dense MLP in two bytes"
            assumed += " and an output matrix" if asked.method == "eagle3" else ""
        elif facts is None:
            assumed = "its weights and its KV cache are not counted"
    if assumed:
        assumed = f"{asked.model} is not in the catalog: {assumed}"
    return Draft(method=asked.method, tokens=asked.tokens, facts=facts, assumed=assumed)


def draft_parts(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, stage: Stage
) -> tuple[Part, ...]:
    """Return the weights of what guesses on one GPU of `stage`; none on all but the last."""
    draft = draft_of(model, engine)
    if draft is None or draft.facts is None or not stage.last:
        return ()
    return tuple(_Weights(draft, draft.facts, model, parallel, engine).parts(stage))


class _Weights:
    def __init__(
        self,
        draft: Draft,
        facts: ModelFacts,
        model: ModelFacts,
        parallel: Parallelism,
        engine: EngineChoice,
    ) -> None:
        self.draft, self.facts, self.model = draft, facts, model
        self.each = plain_bytes(engine)
        self.tensor = parallel.tensor
        expert = parallel.expert and facts.experts is not None
        spread = parallel.model_copy(update={"pipeline": 1, "expert": expert})
        held = EngineChoice(dtype="auto" if self.each == TWO_BYTES else engine.dtype)
        self.own = weight_parts(facts, spread, held, stages(facts, 1)[0])

    def parts(self, stage: Stage) -> Iterator[Part]:
        """Yield the weights on one GPU of the last stage."""
        facts, method = self.facts, self.draft.method
        if method == "draft_model":
            how = f"{facts.id}, {facts.layers} layers"
            yield Part(name="draft", bytes=sum(part.bytes for part in self.own), how=how)
            return
        kind = "for multi-token prediction" if method == "mtp" else "of the head"
        how = f"{counted(facts.layers, 'layer')} {kind}"
        yield Part(name="draft layers", bytes=self.layers(), how=how)
        inputs = AUX_STATES if method == "eagle3" else 2
        joined = inputs * self.model.hidden * facts.hidden * self.each
        how = f"joins {inputs} states of a token; whole on every GPU"
        yield Part(
            name="draft input", bytes=joined * (facts.layers if method == "mtp" else 1), how=how
        )
        if method == "eagle3":
            vocab = facts.draft_vocab or facts.vocab
            how = f"for {vocab:,} tokens"
            yield Part(name="draft output", bytes=self.output(vocab), how=how)
        if not stage.first:
            table = self.model.vocab * facts.hidden * self.each / self.tensor
            how = "again, since the model's are on the first stage"
            yield Part(name="draft embeddings", bytes=table, how=how)

    def layers(self) -> float:
        """Return bytes of the layers; an EAGLE-3 head's first reads token and state at once."""
        beside = {"embeddings", "norms", "vision"}
        found = sum(part.bytes for part in self.own if part.name not in beside)
        facts = self.facts
        if self.draft.method == "eagle3" and facts.mla is None:
            heads = facts.heads / self.tensor + 2 * max(1, facts.kv_heads // self.tensor)
            found += heads * facts.head_dim * facts.hidden * self.each
        return found

    def output(self, vocab: int) -> float:
        """Return bytes of an output matrix, and of the model's numbers of its tokens."""
        numbers = vocab * ID_BYTES if vocab != self.model.vocab else 0
        return vocab * self.facts.hidden * self.each / self.tensor + numbers


def _as_layers(model: ModelFacts, engine: EngineChoice, count: int) -> ModelFacts:
    """Return the model cut to `count` of its last layers; only FP8 checkpoints quantise these."""
    held = quantisation_of(model, engine)
    kept = held if held.format.startswith("fp8") else Quantisation()
    experts = model.experts.model_copy(update={"dense_layers": 0}) if model.experts else None
    indexer = model.indexer.model_copy(update={"layers": count}) if model.indexer else None
    changes = {"layers": count, "quantisation": kept, "experts": experts, "indexer": indexer}
    return model.model_copy(update=changes | {"sliding": None, "linear": None})


def _one_layer(model: ModelFacts, engine: EngineChoice) -> ModelFacts:
    """Return what a head that nobody knows is taken for."""
    layer = _as_layers(model, engine, 1)
    plain = {"quantisation": Quantisation(), "experts": None, "indexer": None, "mtp_layers": 0}
    return layer.model_copy(update=plain | {"output_gate": False, "vision_parameters": 0})
