"""What the catalog says of one model: its architecture, as far as memory follows from it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]

WeightFormat = Literal["bf16", "fp8-block", "fp8", "int4-g32", "int4-g128", "mxfp4", "nvfp4"]
"""How quantised weights are stored; `bf16` stands for two bytes, not quantised."""

Scope = Literal["linears", "mlp", "experts"]
"""What is quantised: every linear layer, dense and expert MLPs, or routed experts only. Embeddings,
the output head and routers never are."""


class Facts(BaseModel):
    """Closed and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantisation(Facts):
    """How the published checkpoint holds its weights."""

    format: WeightFormat = "bf16"
    scope: Scope = "linears"
    unquantised_layers: Annotated[int, Field(ge=0)] = 0
    """Layers at both ends whose MLP is not quantised all the same."""
    kv: Literal["bf16", "fp8"] = "bf16"
    """KV cache that the checkpoint brings scales for, which the engine then takes by itself."""


class Mla(Facts):
    """Multi-head latent attention: one latent vector per token and layer, whatever the heads."""

    q_lora_rank: Count | None
    kv_lora_rank: Count
    rope_dim: Count
    """Part of a head that carries the position (`qk_rope_head_dim`)."""
    nope_dim: Count
    """The rest of a query's or key's head (`qk_nope_head_dim`)."""
    v_dim: Count


class Indexer(Facts):
    """The token selector of sparse attention (DSA), with a key cache of its own."""

    heads: Count
    head_dim: Count
    layers: Count
    """Layers that own one."""


class Experts(Facts):
    """Mixture of experts."""

    count: Count
    """Routed experts per layer."""
    active: Count
    """Experts per token."""
    intermediate: Count
    """Width of one routed expert."""
    shared_intermediate: Annotated[int, Field(ge=0)] = 0
    """Width of all shared experts together; 0 without."""
    dense_layers: Annotated[int, Field(ge=0)] = 0
    """Layers at the beginning that have a dense MLP instead."""


class Sliding(Facts):
    """Layers that see only the last tokens."""

    window: Count
    """Tokens."""
    layers: Count


class Linear(Facts):
    """Layers of linear attention (gated delta net), with one state per sequence."""

    layers: Count
    key_heads: Count
    value_heads: Count
    key_head_dim: Count
    value_head_dim: Count
    conv_kernel: Count
    state_bytes: Count = 4
    """Bytes per element of the recurrent state."""

    @property
    def conv_dim(self) -> int:
        """Return the width of the convolution: queries, keys and values."""
        return 2 * self.key_heads * self.key_head_dim + self.value_heads * self.value_head_dim


class ModelFacts(Facts):
    """One model."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$")]
    """Repository on the Hugging Face Hub."""
    architecture: str
    """Class name in `config.json`."""
    layers: Count
    """All decoder layers, of every kind; without those for multi-token prediction."""
    hidden: Count
    heads: Count
    kv_heads: Count
    head_dim: Count
    """Of full and sliding attention; unused with `mla`."""
    output_gate: bool = False
    """Whether the query projection also makes a gate, and so is twice as wide."""
    intermediate: Count
    """Width of a dense MLP."""
    vocab: Count
    tied_embeddings: bool
    max_context: Count
    """Longest context the checkpoint is made for, in tokens."""
    quantisation: Quantisation = Quantisation()
    mla: Mla | None = None
    indexer: Indexer | None = None
    experts: Experts | None = None
    sliding: Sliding | None = None
    linear: Linear | None = None
    mtp_layers: Annotated[int, Field(ge=0)] = 0
    """Layers of the checkpoint that guess further tokens (multi-token prediction); 0 without."""
    draft_vocab: Count | None = None
    """Of an EAGLE-3 head: the tokens that it guesses among, where they are not all."""
    vision_parameters: Annotated[int, Field(ge=0)] = 0
    """Parameters of the vision tower and its projector, in two bytes each; 0 where unknown."""
    tool_call_parser: str | None = None
    """vLLM's name of it."""
    reasoning_parser: str | None = None
    tokenizer_mode: str | None = None
    source: str
    """Where the architecture was read."""
    read: date
    uncertain: tuple[str, ...] = ()
    """What of it was not read in the model's own `config.json`."""

    @property
    def key(self) -> str:
        """Return the short name, `qwen3-8b` of `Qwen/Qwen3-8B`."""
        return self.id.split("/", 1)[1].lower()

    @property
    def full_layers(self) -> int:
        """Return how many layers keep every token."""
        sliding = self.sliding.layers if self.sliding else 0
        linear = self.linear.layers if self.linear else 0
        return self.layers - sliding - linear
