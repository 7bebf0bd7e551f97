"""How a checkpoint is quantised, from the `quantization_config` of its `config.json`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from catalog.model_facts import Quantisation, Scope, WeightFormat

Config = Mapping[str, Any]


class ConfigError(Exception):
    """A `config.json` that does not say what memory follows from."""


def read_quantisation(config: Config | None, layers: int) -> Quantisation:
    """Return the format of the weights; `config` is None for an unquantised checkpoint.

    Raises:
        ConfigError: a method or a width whose bytes per weight are not known.
    """
    if config is None:
        return Quantisation()
    method = str(config.get("quant_method") or config.get("quant_algo") or "").lower()
    readers: Mapping[str, Callable[[Config, int], Quantisation]] = {
        "fp8": _fp8,
        "fbgemm_fp8": _fbgemm,
        "mxfp4": _mxfp4,
        "awq": _awq,
        "gptq": _awq,
        "modelopt": _modelopt,
        "compressed-tensors": _compressed,
    }
    if method not in readers:
        known = ", ".join(readers)
        raise ConfigError(f"`quant_method` {method!r} is not known; known are {known}")
    return readers[method](config, layers)


def _fp8(config: Config, _layers: int) -> Quantisation:
    block = config.get("weight_block_size")
    if block not in (None, [128, 128]):
        raise ConfigError(f"`weight_block_size` is {block}; known are blocks of [128, 128]")
    return Quantisation(format="fp8-block" if block else "fp8", scope="linears")


def _fbgemm(config: Config, layers: int) -> Quantisation:
    kept = _kept(config)
    return Quantisation(
        format="fp8",
        scope="mlp" if any("self_attn" in name for name in kept) else "linears",
        unquantised_layers=len({n for n in range(layers) if _keeps_mlp(kept, n)}),
    )


def _mxfp4(_config: Config, _layers: int) -> Quantisation:
    return Quantisation(format="mxfp4", scope="experts")


def _awq(config: Config, _layers: int) -> Quantisation:
    if config.get("bits") != 4:
        raise ConfigError(f"weights of {config.get('bits')} bits; known are 4")
    return Quantisation(format=_int4(config.get("group_size")), scope="linears")


def _kept(config: Config) -> Sequence[str]:
    for key in ("modules_to_not_convert", "ignore", "exclude_modules"):
        if config.get(key):
            return [str(name) for name in config[key]]
    return []


def _keeps_mlp(kept: Sequence[str], layer: int) -> bool:
    return any(f"layers.{layer}.mlp" in name for name in kept)


def _scope(kept: Sequence[str]) -> Scope:
    """Return `experts` where attention is left alone, which all such checkpoints do together."""
    return "experts" if any("attn" in name or "attention" in name for name in kept) else "linears"


def _int4(group: Any) -> WeightFormat:
    if group not in (32, 128):
        raise ConfigError(f"4-bit weights in groups of {group}; known are 32 and 128")
    return "int4-g32" if group == 32 else "int4-g128"


def _modelopt(config: Config, _layers: int) -> Quantisation:
    algorithm = str(config.get("quant_algo", "")).upper()
    kv = "fp8" if "FP8" in str(config.get("kv_cache_quant_algo", "")).upper() else "bf16"
    if config.get("kv_cache_scheme"):
        kv = "fp8"
    if algorithm in {"NVFP4", "W4A16_NVFP4"}:
        return Quantisation(format="nvfp4", scope=_scope(_kept(config)), kv=kv)
    if algorithm == "FP8":
        return Quantisation(format="fp8", scope=_scope(_kept(config)), kv=kv)
    raise ConfigError(f"modelopt's `quant_algo` {algorithm!r} is not known; known: NVFP4, FP8")


def _compressed(config: Config, _layers: int) -> Quantisation:
    groups = cast("Mapping[str, Config]", config.get("config_groups") or {})
    weights = [cast("Config", group.get("weights") or {}) for group in groups.values()]
    if len(weights) != 1:
        raise ConfigError("compressed-tensors with other than one group of weights is not known")
    bits, kind = weights[0].get("num_bits"), weights[0].get("type")
    kv = "fp8" if config.get("kv_cache_scheme") else "bf16"
    scope = _scope(_kept(config))
    if (bits, kind) == (4, "int"):
        return Quantisation(format=_int4(weights[0].get("group_size")), scope=scope, kv=kv)
    if (bits, kind) == (8, "float"):
        block = weights[0].get("strategy") == "block"
        return Quantisation(format="fp8-block" if block else "fp8", scope=scope, kv=kv)
    if (bits, kind) == (4, "float"):
        return Quantisation(format="nvfp4", scope=scope, kv=kv)
    raise ConfigError(f"compressed-tensors with {bits}-bit {kind} weights is not known")
