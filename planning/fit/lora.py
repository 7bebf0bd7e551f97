"""Memory of LoRA adapters on one GPU of a pipeline stage.

vLLM makes its slots at start-up, for every layer that an adapter may reach, whatever the adapters
hold: A, from a layer's input to the rank, and B, from there to its output. Tensor parallelism
divides only the side that it divides of the layer itself.

Source: vLLM 0.33.0, vllm/lora/layers (create_lora_weights), vllm/lora/punica_wrapper.
"""

from catalog.model_facts import ModelFacts
from catalog.vllm_interfaces import interfaces_of
from planning.fit.question import EngineChoice, GpuMemory, Parallelism
from planning.fit.stages import Stage
from planning.fit.weights import FP32_BYTES, Part, expert_shape, plain_bytes, quantisation_of

TOKEN_BYTES = 4 * 8 + 2 * 2 * 4
"""Indices of one token of a batch: four of eight bytes, and two mappings of two of four."""
SLICES = 3
"""Most projections that one layer has fused: queries, keys and values."""


def lora_parts(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, stage: Stage
) -> tuple[Part, ...]:
    """Return the slots of one GPU of `stage`, by the kind of layer; none without adapters."""
    lora = engine.lora
    if lora is None:
        return ()
    shapes = _Shapes(model, parallel, engine)
    slots = f"{lora.active} of rank {lora.rank}"
    kinds = (
        ("attention", shapes.attention(stage), f"{slots}; what TP divides of a layer is divided"),
        ("MLP", shapes.mlp(stage), f"{slots}; dense layers, shared experts, routers"),
        ("experts", shapes.routed(stage), f"{slots} for each expert on the GPU"),
        ("embeddings", shapes.embeddings(stage), f"{slots}; whole on every GPU"),
    )
    # As the model computes: `--lora-dtype auto`.
    each = lora.active * lora.rank * plain_bytes(engine)
    return tuple(Part(name=name, bytes=each * sums, how=how) for name, sums, how in kinds if sums)


def lora_working_bytes(
    model: ModelFacts, engine: EngineChoice, gpu: GpuMemory, context: int
) -> float:
    """Return what a batch takes on its way through the adapters: indices, and tokens at rank."""
    lora = engine.lora
    if lora is None:
        return 0
    shrunk = SLICES * FP32_BYTES
    if model.experts:
        # A cache with a place for every expert and slot of a token.
        shrunk = max(shrunk, 2 * lora.active * model.experts.active * plain_bytes(engine))
    return engine.batched_tokens(gpu, context) * (TOKEN_BYTES + lora.rank * shrunk)


class _Shapes:
    """Sums of the widths of A's input and B's output."""

    def __init__(self, model: ModelFacts, parallel: Parallelism, engine: EngineChoice) -> None:
        self.model, self.parallel = model, parallel
        self.quantisation = quantisation_of(model, engine)
        self.interfaces = interfaces_of(model.architecture)

    def attention(self, stage: Stage) -> float:
        one = self.latent() if self.model.mla else self.heads()
        of_indexers = self.indexer() * stage.indexers
        return one * (stage.full + stage.sliding) + of_indexers + self.recurrent() * stage.linear

    def heads(self) -> float:
        """Return that of a layer with heads: the input of A is whole, of its output B a part."""
        model, tensor = self.model, self.parallel.tensor
        queries = model.heads * model.head_dim / tensor
        keys_values = 2 * max(1, model.kv_heads // tensor) * model.head_dim
        made = queries * (2 if model.output_gate else 1) + keys_values
        return 3 * model.hidden + made + queries + model.hidden

    def latent(self) -> float:
        """Return that of a layer with MLA, whose down-projections are whole on every GPU."""
        model, mla = self.model, self.model.mla
        if mla is None:
            return 0
        heads = model.heads / self.parallel.tensor
        down = model.hidden + mla.kv_lora_rank + mla.rope_dim
        if mla.q_lora_rank:
            down += model.hidden + mla.q_lora_rank
        queries = (mla.q_lora_rank or model.hidden) + heads * (mla.nope_dim + mla.rope_dim)
        keys_values = mla.kv_lora_rank + heads * (mla.nope_dim + mla.v_dim)
        return down + queries + keys_values + heads * mla.v_dim + model.hidden

    def indexer(self) -> float:
        model, indexer = self.model, self.model.indexer
        if indexer is None:
            return 0
        rank = (model.mla.q_lora_rank if model.mla else None) or model.hidden
        queries = rank + indexer.heads * indexer.head_dim
        return queries + 2 * model.hidden + indexer.head_dim + indexer.heads

    def recurrent(self) -> float:
        """Return that of linear attention: four slices, two more for its gates, and the output."""
        linear, hidden, tensor = self.model.linear, self.model.hidden, self.parallel.tensor
        if linear is None:
            return 0
        values = linear.value_heads * linear.value_head_dim
        projected = (linear.conv_dim + values + 2 * linear.value_heads) / tensor
        return 6 * hidden + projected + values / tensor + hidden

    def mlp(self, stage: Stage) -> float:
        model, experts = self.model, self.model.experts
        found = self.gated(model.intermediate) * stage.dense
        if experts and experts.shared_intermediate:
            found += self.gated(experts.shared_intermediate) * stage.expert
        return found + (model.hidden + experts.count if experts else 0) * stage.expert

    def gated(self, width: int) -> float:
        """Return that of gate and up projection, and of the one down."""
        return 2 * self.model.hidden + 3 * width / self.parallel.tensor + self.model.hidden

    def routed(self, stage: Stage) -> float:
        """Return that of all experts on the GPU: every one has its own A and B."""
        if self.model.experts is None:
            return 0
        held = expert_shape(self.model, self.model.experts, self.parallel, self.quantisation)
        inputs = 1 if self.interfaces.fused_experts else 2
        one = inputs * held.hidden + 3 * held.width + held.hidden
        return held.count * one * stage.expert

    def embeddings(self, stage: Stage) -> float:
        """Return that of input and output matrix; of a tied one both names get slots of both."""
        if not self.interfaces.lora_embeddings:
            return 0
        matrices = stage.first + stage.last
        matrices += self.model.tied_embeddings and stage.first and stage.last
        return matrices * (self.model.vocab + self.model.hidden)
