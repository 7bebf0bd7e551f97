"""The KV cache of one pipeline stage: bytes per block, and blocks that a request takes.

Source: vLLM 0.33.0, vllm/v1/core/kv_cache_planning.py (groups of layers with one page size),
vllm/v1/kv_cache_interface.py (blocks per request), vllm/platforms/interface.py (block size of
hybrid models); the same since 0.19.1 but for what `catalog/vllm_memory.py` says.
"""

from dataclasses import dataclass
from math import ceil

from catalog.model_facts import Linear, ModelFacts
from planning.fit.draft import draft_of
from planning.fit.question import EngineChoice, Parallelism
from planning.fit.stages import Stage
from planning.fit.weights import quantisation_of

BLOCK_TOKENS = 16
MLA_BLOCK_TOKENS = 64
"""Of the kernels for latent attention on Hopper and Blackwell; 128 with some."""
INDEXER_BYTES = 132
"""A key of 128 bytes in FP8 and its scale, per token and layer."""
DS_MLA_BYTES = 656
"""A latent in `fp8_ds_mla`: 512 bytes in FP8, 16 of scales, 128 of the position in BF16."""
LINEAR_BLOCKS_PER_REQUEST = 2
"""Blocks of state that a request holds with prefix caching (`mamba_cache_mode: align`)."""


@dataclass(frozen=True, kw_only=True)
class KvLayout:
    """How a stage's KV cache is cut into blocks."""

    block_tokens: int
    """Tokens of one block, on one rank of a decode-context group."""
    block_bytes: int
    """Bytes of one block, of all layers that share it."""
    full_groups: int
    sliding_groups: int
    linear_groups: int
    window: int
    """Tokens that a sliding layer sees; 0 without."""
    bytes_per_token: float
    """What one more token of context costs a GPU, beyond all windows."""
    decode_context: int
    state_bytes: int
    """State of linear attention per sequence, all layers of the stage; 0 without."""
    linear_blocks: int = LINEAR_BLOCKS_PER_REQUEST
    """Blocks of state that a request holds, one more for every token that is guessed."""
    draft_bytes_per_token: int = 0
    """What of `bytes_per_token` the layers take that guess."""

    def blocks_per_request(self, context: int, in_flight: int) -> int:
        """Return the blocks of a request as long as the context."""
        own = ceil(context / self.decode_context)
        blocks = self.full_groups * ceil(own / self.block_tokens)
        if self.sliding_groups:
            kept = min(self.window - 1 + in_flight, context)
            # A window need not begin where a block does.
            blocks += self.sliding_groups * (ceil(kept / self.block_tokens) + 1)
        return blocks + self.linear_groups * self.linear_blocks

    @property
    def groups(self) -> int:
        """Return the groups of layers, each with a block table of its own."""
        return self.full_groups + self.sliding_groups + self.linear_groups


def kv_is_fp8(model: ModelFacts, engine: EngineChoice) -> bool:
    """Return whether the KV cache is held in FP8."""
    if engine.kv_dtype == "auto":
        return quantisation_of(model, engine).kv == "fp8"
    return engine.kv_dtype.startswith("fp8")


def kv_layout(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice, stage: Stage
) -> KvLayout:
    """Return the layout of one stage."""
    layer = _bytes_per_token_and_layer(model, parallel, engine)
    full, sliding, linear = stage.full, stage.sliding, stage.linear
    guessing = _draft_bytes_per_token(model, parallel, engine) if stage.last else 0
    growing = layer * full + INDEXER_BYTES * stage.indexers + guessing
    block_tokens = MLA_BLOCK_TOKENS if model.mla else BLOCK_TOKENS
    state = _state_bytes(model.linear, parallel.tensor) if model.linear else 0
    if linear:
        # The page of attention is made as large as a state, in whole kernel blocks.
        block_tokens = ceil(state / layer / BLOCK_TOKENS) * BLOCK_TOKENS
    uniform = not (sliding or linear)
    if not uniform:
        # Layers that guess stand beside those that keep every token.
        full += ceil(guessing / layer)
    size = _group_size([count for count in (full, sliding, linear) if count])
    return KvLayout(
        block_tokens=block_tokens,
        block_bytes=block_tokens * (growing if uniform else layer * size),
        full_groups=1 if uniform else ceil(full / size),
        sliding_groups=ceil(sliding / size),
        linear_groups=ceil(linear / size),
        window=model.sliding.window if model.sliding else 0,
        bytes_per_token=growing / parallel.decode_context,
        decode_context=parallel.decode_context,
        state_bytes=state * linear,
        linear_blocks=LINEAR_BLOCKS_PER_REQUEST + engine.guessed,
        draft_bytes_per_token=guessing,
    )


def _draft_bytes_per_token(model: ModelFacts, parallel: Parallelism, engine: EngineChoice) -> int:
    """Return what the layers take that guess; their cache is of the model's type."""
    draft = draft_of(model, engine)
    if draft is None or draft.facts is None:
        return 0
    kv_dtype = engine.kv_dtype
    if kv_dtype == "auto" or draft.facts.mla is None:
        kv_dtype = "fp8" if kv_is_fp8(model, engine) else "bfloat16"
    alike = engine.model_copy(update={"kv_dtype": kv_dtype})
    layer = _bytes_per_token_and_layer(draft.facts, parallel, alike)
    of_indexers = INDEXER_BYTES * draft.facts.indexer.layers if draft.facts.indexer else 0
    linear = draft.facts.linear.layers if draft.facts.linear else 0
    return layer * (draft.layers - linear) + of_indexers


def _group_size(counts: list[int]) -> int:
    """Return how many layers share a block table: the rarest kind, or all where they are alike."""
    return max(counts) if max(counts) < 1.5 * min(counts) else min(counts)


def _bytes_per_token_and_layer(
    model: ModelFacts, parallel: Parallelism, engine: EngineChoice
) -> int:
    fp8 = kv_is_fp8(model, engine)
    each = 1 if fp8 else 2
    if model.mla is None:
        return 2 * max(1, model.kv_heads // parallel.tensor) * model.head_dim * each
    if fp8 and (model.indexer or engine.kv_dtype == "fp8_ds_mla"):
        return DS_MLA_BYTES
    return (model.mla.kv_lora_rank + model.mla.rope_dim) * each


def _state_bytes(linear: Linear, tensor: int) -> int:
    """Return the state of one layer and sequence on one GPU: recurrent, and of the convolution."""
    recurrent = linear.value_heads * linear.value_head_dim * linear.key_head_dim
    convolution = (linear.conv_kernel - 1) * linear.conv_dim
    return (recurrent * linear.state_bytes + convolution * 2) // tensor
