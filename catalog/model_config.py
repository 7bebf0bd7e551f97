"""A catalog entry from a model's `config.json`, in the forms that transformers writes.

Names of keys: huggingface/transformers, configuration_*.py; vLLM 0.33.0, vllm/transformers_utils.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

from catalog.model_facts import Experts, Indexer, Linear, Mla, ModelFacts, Sliding
from catalog.model_quantisation import ConfigError, read_quantisation

Config = Mapping[str, Any]

KNOWN_LAYERS: Final = frozenset({"full_attention", "sliding_attention", "linear_attention"})
MTP_KEYS: Final = ("num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules")
"""Names of the number of layers for multi-token prediction, by family."""
STATE_BYTES: Final = {"float32": 4, "bfloat16": 2, "float16": 2}

__all__ = ["ConfigError", "read_config"]


def read_config(
    config: Config,
    *,
    name: str,
    source: str,
    read: date,
    tool_call_parser: str | None = None,
    reasoning_parser: str | None = None,
    vision_parameters: int = 0,
) -> ModelFacts:
    """Return the entry of the model `name`.

    Raises:
        ConfigError: a key is missing, or something in it is of a kind whose memory is not known.
    """
    text = _text_part(config)
    heads, hidden = _whole(text, "num_attention_heads"), _whole(text, "hidden_size")
    layers = _whole(text, "num_hidden_layers")
    return ModelFacts(
        id=name,
        architecture=_architecture(config),
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=_optional(text, "num_key_value_heads") or heads,
        head_dim=_optional(text, "head_dim") or hidden // heads,
        output_gate=bool(text.get("attn_output_gate")),
        intermediate=_optional(text, "intermediate_size") or _whole(text, "moe_intermediate_size"),
        vocab=_whole(text, "vocab_size"),
        tied_embeddings=bool(text.get("tie_word_embeddings", config.get("tie_word_embeddings"))),
        max_context=_whole(text, "max_position_embeddings"),
        quantisation=read_quantisation(_quantisation_part(config, text), layers),
        mla=_mla(text),
        indexer=_indexer(text, layers),
        experts=_experts(text),
        sliding=_sliding(text, layers),
        linear=_linear(text, layers),
        mtp_layers=_optional(text, *MTP_KEYS) or 0,
        draft_vocab=_optional(text, "draft_vocab_size"),
        vision_parameters=vision_parameters,
        tool_call_parser=tool_call_parser,
        reasoning_parser=reasoning_parser,
        source=source,
        read=read,
    )


def _text_part(config: Config) -> Config:
    """Return the decoder's part: multimodal models keep it one level down."""
    for key in ("text_config", "llm_config", "language_config"):
        if isinstance(config.get(key), Mapping):
            return cast("Config", config[key])
    return config


def _quantisation_part(config: Config, text: Config) -> Config | None:
    for part in (config, text):
        for key in ("quantization_config", "compression_config"):
            if part.get(key):
                return cast("Config", part[key])
    return None


def _architecture(config: Config) -> str:
    found = config.get("architectures") or ()
    if len(found) != 1:
        raise ConfigError("`architectures` has to name one class; is this a model's config.json?")
    return str(found[0])


def _whole(config: Config, key: str) -> int:
    found = _optional(config, key)
    if found is None:
        raise ConfigError(f"`{key}` is missing")
    return found


def _optional(config: Config, *keys: str) -> int | None:
    """Return the first of `keys` that is set."""
    for key in keys:
        found = config.get(key)
        if found is not None:
            if isinstance(found, bool) or not isinstance(found, int):
                raise ConfigError(f"`{key}` is {found!r}, not a whole number")
            return found
    return None


def _mla(text: Config) -> Mla | None:
    if not text.get("kv_lora_rank"):
        return None
    return Mla(
        q_lora_rank=_optional(text, "q_lora_rank"),
        kv_lora_rank=_whole(text, "kv_lora_rank"),
        rope_dim=_whole(text, "qk_rope_head_dim"),
        nope_dim=_whole(text, "qk_nope_head_dim"),
        v_dim=_whole(text, "v_head_dim"),
    )


def _indexer(text: Config, layers: int) -> Indexer | None:
    """Return the selector; with `index_topk_freq` n, every n-th layer after the dense has one."""
    if not text.get("index_head_dim"):
        return None
    dense, every = _optional(text, "first_k_dense_replace") or 0, text.get("index_topk_freq") or 1
    return Indexer(
        heads=_whole(text, "index_n_heads"),
        head_dim=_whole(text, "index_head_dim"),
        layers=layers if every == 1 else dense + (layers - dense) // every,
    )


def _experts(text: Config) -> Experts | None:
    count = _optional(text, "n_routed_experts", "num_local_experts", "num_experts")
    if not count:
        return None
    width = _optional(text, "moe_intermediate_size") or _whole(text, "intermediate_size")
    shared = _optional(text, "shared_expert_intermediate_size")
    if shared is None:
        shared = (_optional(text, "n_shared_experts") or 0) * width
    if (text.get("decoder_sparse_step") or 1) != 1:
        raise ConfigError("`decoder_sparse_step` is not 1: dense layers between others are unknown")
    active = _optional(text, "num_experts_per_tok", "num_experts_per_token", "experts_per_token")
    if not active:
        raise ConfigError("`num_experts_per_tok` is missing")
    dense = _optional(text, "first_k_dense_replace") or len(text.get("mlp_only_layers") or ())
    return Experts(
        count=count,
        active=active,
        intermediate=width,
        shared_intermediate=shared,
        dense_layers=dense,
    )


def _kinds(text: Config, layers: int) -> list[str]:
    """Return the kind of every layer."""
    kinds = [str(kind) for kind in text.get("layer_types") or ()]
    if not kinds and text.get("full_attention_interval"):
        every = _whole(text, "full_attention_interval")
        kinds = ["linear_attention"] * layers
        kinds[every - 1 :: every] = ["full_attention"] * len(kinds[every - 1 :: every])
    if not kinds and text.get("sliding_window") and text.get("use_sliding_window", True):
        every = _optional(text, "sliding_window_pattern") or layers + 1
        kinds = ["sliding_attention"] * layers
        kinds[every - 1 :: every] = ["full_attention"] * len(kinds[every - 1 :: every])
    unknown = sorted(set(kinds) - KNOWN_LAYERS)
    if unknown or any("mamba" in key for key in text if key != "mamba_ssm_dtype"):
        raise ConfigError(f"layers of kind {', '.join(unknown) or 'mamba'} are not supported")
    if kinds and len(kinds) != layers:
        raise ConfigError(f"`layer_types` has {len(kinds)} entries for {layers} layers")
    return kinds or ["full_attention"] * layers


def _sliding(text: Config, layers: int) -> Sliding | None:
    count = _kinds(text, layers).count("sliding_attention")
    return Sliding(window=_whole(text, "sliding_window"), layers=count) if count else None


def _linear(text: Config, layers: int) -> Linear | None:
    count = _kinds(text, layers).count("linear_attention")
    if not count:
        return None
    dtype = str(text.get("mamba_ssm_dtype", "float32"))
    if dtype not in STATE_BYTES:
        raise ConfigError(f"`mamba_ssm_dtype` is {dtype!r}; known are {', '.join(STATE_BYTES)}")
    return Linear(
        layers=count,
        key_heads=_whole(text, "linear_num_key_heads"),
        value_heads=_whole(text, "linear_num_value_heads"),
        key_head_dim=_whole(text, "linear_key_head_dim"),
        value_head_dim=_whole(text, "linear_value_head_dim"),
        conv_kernel=_whole(text, "linear_conv_kernel_dim"),
        state_bytes=STATE_BYTES[dtype],
    )
