"""Bytes of weights on one GPU of a pipeline stage, part by part.

Source: vLLM 0.33.0, vllm/model_executor/layers (which projection is sharded, which replicated) and
fused_moe/oracle/mxfp4.py (padding); formats: the quantisation configs of the checkpoints.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from catalog.model_facts import Experts, Mla, ModelFacts, Quantisation, WeightFormat
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.stages import Stage

Kind = Literal["attention", "mlp", "experts", "kept"]

BYTES_PER_WEIGHT: dict[WeightFormat, float] = {
    "bf16": 2,
    "fp8-block": 1 + 4 / (128 * 128),
    "fp8": 1,
    "int4-g32": 0.5 + 2 / 32,
    "int4-g128": 0.5 + 2 / 128,
    "mxfp4": 0.5 + 1 / 32,
    "nvfp4": 0.5 + 1 / 16,
}
"""With the scales of each block or group."""

FP32_BYTES = 4.0
VOCAB_PADDING = 64
MXFP4_HIDDEN_PADDING = 256
MXFP4_WIDTH_PADDING = 128
QUANTISED_BY_DTYPE: dict[str, Quantisation] = {
    "fp8": Quantisation(format="fp8-block"),
    "int4": Quantisation(format="int4-g128"),
    "nvfp4": Quantisation(format="nvfp4"),
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Weights of one kind on one GPU."""

    name: str
    bytes: float
    how: str


def quantisation_of(model: ModelFacts, engine: EngineChoice) -> Quantisation:
    """Return how the weights are held: as published, or as the asked dtype quantises them."""
    return QUANTISED_BY_DTYPE.get(engine.dtype, model.quantisation)


def plain_bytes(engine: EngineChoice) -> float:
    """Return bytes of a weight that is not quantised."""
    return FP32_BYTES if engine.dtype in {"float32", "float"} else 2.0


def weight_parts(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, stage: Stage
) -> tuple[Part, ...]:
    """Return the weights of one GPU of `stage`, the largest kinds by name."""
    return tuple(_Sharding(model, parallel, engine).parts(stage))


class _Sharding:
    def __init__(self, model: ModelFacts, parallel: Parallelism, engine: EngineChoice) -> None:
        self.model, self.parallel = model, parallel
        self.quantisation = quantisation_of(model, engine)
        self.plain = plain_bytes(engine)

    def each(self, kind: Kind) -> float:
        """Return bytes per weight of a kind."""
        scope = self.quantisation.scope
        scopes = {"attention": {"linears"}, "mlp": {"linears", "mlp"}, "kept": set[str]()}
        scopes["experts"] = {"linears", "mlp", "experts"}
        if self.quantisation.format == "bf16" or scope not in scopes[kind]:
            return self.plain
        return BYTES_PER_WEIGHT[self.quantisation.format]

    def parts(self, stage: Stage) -> Iterator[Part]:
        """Yield the weights of one GPU of the stage."""
        model, tensor = self.model, self.parallel.tensor
        yield Part(
            name="attention",
            bytes=(self.latent(model.mla) if model.mla else self.gqa())
            * (stage.full + stage.sliding)
            + self.indexer() * stage.indexers
            + self.recurrent() * stage.linear,
            how=self.held("attention"),
        )
        if model.mla:
            absorbed = model.heads / tensor * model.mla.kv_lora_rank
            absorbed *= (model.mla.nope_dim + model.mla.v_dim) * 2 * stage.full
            how = "projections folded into queries and outputs"
            yield Part(name="absorbed", bytes=absorbed, how=how)
        yield Part(name="MLP", bytes=self.mlp(stage), how=self.held("mlp"))
        if model.experts:
            whole = "whole experts" if self.parallel.expert else "a slice of every expert"
            how = f"{self.held('experts')}; {whole}"
            yield Part(name="experts", bytes=self.routed(model.experts) * stage.expert, how=how)
        vocab = -(-model.vocab // VOCAB_PADDING) * VOCAB_PADDING
        matrices = stage.first + (stage.last and not (model.tied_embeddings and stage.first))
        table = vocab / tensor * model.hidden * self.plain
        yield Part(name="embeddings", bytes=matrices * table, how=self.held("kept"))
        norms = 2 * model.hidden * stage.layers * self.plain
        rotary = model.max_context * (model.mla.rope_dim if model.mla else model.head_dim) * 2
        yield Part(name="norms", bytes=norms + rotary, how="and the table of positions")
        vision = model.vision_parameters * 2 if stage.first else 0
        yield Part(name="vision", bytes=vision, how="whole on every GPU")

    def held(self, kind: Kind) -> str:
        """Return how weights of a kind are held."""
        quantised = self.each(kind) != self.plain
        kept = "fp32" if self.plain == FP32_BYTES else "bf16"
        return (
            f"{self.quantisation.format if quantised else kept}, {self.each(kind):.4g} B per weight"
        )

    def gqa(self) -> float:
        """Return bytes of a layer with heads; the last KV head is replicated."""
        model, tensor = self.model, self.parallel.tensor
        queries = model.heads * model.head_dim / tensor * (2 if model.output_gate else 1)
        keys_values = 2 * max(1, model.kv_heads // tensor) * model.head_dim
        output = model.heads * model.head_dim / tensor
        return (queries + keys_values + output) * model.hidden * self.each("attention")

    def latent(self, mla: Mla) -> float:
        """Return bytes of a layer with MLA: down-projections are whole on every GPU."""
        model = self.model
        heads = model.heads / self.parallel.tensor
        from_width = mla.q_lora_rank or model.hidden
        whole = model.hidden * ((mla.q_lora_rank or 0) + mla.kv_lora_rank + mla.rope_dim)
        queries = from_width * heads * (mla.nope_dim + mla.rope_dim)
        keys_values = mla.kv_lora_rank * heads * (mla.nope_dim + mla.v_dim)
        output = heads * mla.v_dim * model.hidden
        return (whole + queries + keys_values + output) * self.each("attention")

    def indexer(self) -> float:
        """Return bytes of a token selector: whole on every GPU."""
        model = self.model
        if model.indexer is None:
            return 0
        heads, width = model.indexer.heads, model.indexer.head_dim
        rank = (model.mla.q_lora_rank if model.mla else None) or model.hidden
        quantised = (rank * heads * width + model.hidden * width) * self.each("attention")
        return quantised + model.hidden * heads * self.plain

    def recurrent(self) -> float:
        """Return bytes of a linear attention layer."""
        linear, model = self.model.linear, self.model
        if linear is None:
            return 0
        values = linear.value_heads * linear.value_head_dim
        projections = linear.conv_dim + values + 2 * linear.value_heads + values
        convolution = linear.conv_dim * linear.conv_kernel
        whole = projections * model.hidden * self.each("attention") + convolution * self.plain
        return whole / self.parallel.tensor

    def mlp(self, stage: Stage) -> float:
        """Return bytes of dense and shared-expert MLPs of the stage."""
        model, tensor = self.model, self.parallel.tensor
        one = 3 * model.hidden * model.intermediate / tensor
        kept = min(stage.unquantised, stage.dense)
        dense = one * ((stage.dense - kept) * self.each("mlp") + kept * self.plain)
        shared = model.experts.shared_intermediate if model.experts else 0
        return dense + 3 * model.hidden * shared / tensor * self.each("mlp") * stage.expert

    def routed(self, experts: Experts) -> float:
        """Return bytes of the routed experts of one layer, and of their router."""
        held = expert_shape(self.model, experts, self.parallel, self.quantisation)
        router = self.model.hidden * experts.count * self.plain
        return held.count * 3 * held.hidden * held.width * self.each("experts") + router


@dataclass(frozen=True, kw_only=True)
class ExpertShape:
    """The routed experts of one layer on one GPU, padded as their kernel wants them."""

    count: int
    width: float
    hidden: float


def expert_shape(
    model: ModelFacts, experts: Experts, parallel: Parallelism, quantisation: Quantisation
) -> ExpertShape:
    """Return how many experts a GPU holds of a layer, and how wide each is there."""
    group = parallel.expert_group
    count = -(-experts.count // group) if parallel.expert else experts.count
    width = experts.intermediate if parallel.expert else experts.intermediate / group
    hidden: float = model.hidden
    if quantisation.format == "mxfp4":
        width = -(-width // MXFP4_WIDTH_PADDING) * MXFP4_WIDTH_PADDING
        hidden = -(-hidden // MXFP4_HIDDEN_PADDING) * MXFP4_HIDDEN_PADDING
    return ExpertShape(count=count, width=width, hidden=hidden)
