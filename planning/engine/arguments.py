"""The engine's settings as arguments of `vllm serve`, and which flags belong to the platform."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from settings.engine import EngineSettings, LoraSettings, SpeculativeSettings
from settings.sampling import SamplingSettings

_ADDRESS: Final = "leave it out: Service, probes and NetworkPolicy know the address"
_GROUP: Final = "leave it out: the members of a group find each other by it"
_TLS: Final = "leave it out: TLS ends at the gateway"

OWNED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--api-key": "leave it out: no secret in arguments; clients have keys of the gateway",
        "--config": "leave it out, and write its content as settings: a file cannot be checked",
        "--data-parallel-address": _GROUP,
        "--data-parallel-rank": _GROUP,
        "--data-parallel-rpc-port": _GROUP,
        "--data-parallel-size": "use engine.data_parallel",
        "--data-parallel-size-local": _GROUP,
        "--data-parallel-start-rank": _GROUP,
        "--decode-context-parallel-size": "use engine.decode_context_parallel",
        "--distributed-timeout-seconds": "leave it out: it is as long as a start may take",
        "--download-dir": "leave it out: weights go where the node has room for them",
        "--dtype": "use engine.dtype",
        "--enable-auto-tool-choice": "use engine.tool_call_parser, which turns it on",
        "--enable-expert-parallel": "use engine.expert_parallel",
        "--enable-lora": "use engine.lora",
        "--gpu-memory-utilization": "use engine.gpu_memory_utilization",
        "--grpc": "leave it out: that port has neither keys nor TLS",
        "--grpc-port": "leave it out: that port has neither keys nor TLS",
        "--headless": _GROUP,
        "--hf-token": "leave it out: no secret in arguments; it comes as HF_TOKEN",
        "--host": _ADDRESS,
        "--kv-cache-dtype": "use engine.kv_cache_dtype",
        "--kv-transfer-config": "use prefill",
        "--load-format": "use load",
        "--lora-modules": "use engine.lora",
        "--master-addr": _GROUP,
        "--master-port": _GROUP,
        "--max-lora-rank": "use engine.lora",
        "--max-loras": "use engine.lora",
        "--max-model-len": "use context",
        "--max-num-batched-tokens": "use engine.max_num_batched_tokens",
        "--max-num-seqs": "use engine.max_num_seqs",
        "--model": "use model",
        "--model-loader-extra-config": "use load",
        "--nnodes": _GROUP,
        "--node-rank": _GROUP,
        "--override-generation-config": "use sampling",
        "--pipeline-parallel-size": "use engine.pipeline_parallel",
        "--port": _ADDRESS,
        "--quantization": "use engine.quantization",
        "--reasoning-parser": "use engine.reasoning_parser",
        "--revision": "use revision",
        "--root-path": _ADDRESS,
        "--served-model-name": "leave it out: the name of the entry is what clients send",
        "--shutdown-timeout": "leave it out: it is part of the termination grace period",
        "--spec-method": "use engine.speculative",
        "--spec-model": "use engine.speculative",
        "--spec-tokens": "use engine.speculative",
        "--speculative-config": "use engine.speculative",
        "--ssl-ca-certs": _TLS,
        "--ssl-certfile": _TLS,
        "--ssl-keyfile": _TLS,
        "--tensor-parallel-size": "use engine.tensor_parallel",
        "--tool-call-parser": "use engine.tool_call_parser",
        "--uds": _ADDRESS,
    }
)
"""By flag, what to do instead: these the platform gives, or they would break what it promises."""


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One flag that a setting renders to."""

    field: str
    """The setting, dotted below `engine`."""
    tokens: tuple[str, ...]
    """The flag and its values."""


def engine_arguments(engine: EngineSettings) -> tuple[str, ...]:
    """Return the typed settings as arguments, always in the same order, without `extra_args`.

    Every flag is one that all releases of `catalog/engine_releases.py` take.
    """
    return tuple(token for argument in rendered(engine) for token in argument.tokens)


def sampling_arguments(sampling: SamplingSettings) -> tuple[str, ...]:
    """Return the sampling defaults as arguments: what is set goes over the model's own.

    Source: vLLM 0.33.0 `--override-generation-config`; every release of
    `catalog/engine_releases.py` takes it.
    """
    chosen = sampling.chosen
    return ("--override-generation-config", json.dumps(chosen, sort_keys=True)) if chosen else ()


def rendered(engine: EngineSettings) -> Iterator[Argument]:
    """Yield the arguments of the typed settings, each with the setting it comes from."""
    for field, flag in (
        ("dtype", "--dtype"),
        ("quantization", "--quantization"),
        ("kv_cache_dtype", "--kv-cache-dtype"),
        ("gpu_memory_utilization", "--gpu-memory-utilization"),
        ("max_num_seqs", "--max-num-seqs"),
        ("max_num_batched_tokens", "--max-num-batched-tokens"),
        ("tensor_parallel", "--tensor-parallel-size"),
        ("pipeline_parallel", "--pipeline-parallel-size"),
        ("data_parallel", "--data-parallel-size"),
        ("decode_context_parallel", "--decode-context-parallel-size"),
        ("tool_call_parser", "--tool-call-parser"),
        ("reasoning_parser", "--reasoning-parser"),
    ):
        value: object = getattr(engine, field)
        if value is not None:
            yield Argument(field=field, tokens=(flag, str(value)))
    if engine.expert_parallel:
        yield Argument(field="expert_parallel", tokens=("--enable-expert-parallel",))
    if engine.tool_call_parser is not None:
        yield Argument(field="tool_call_parser", tokens=("--enable-auto-tool-choice",))
    if engine.lora is not None:
        yield from _lora(engine.lora)
    if engine.speculative is not None:
        yield Argument(field="speculative", tokens=_speculative(engine.speculative))


def _lora(lora: LoraSettings) -> Iterator[Argument]:
    adapters = sorted(lora.adapters.items())
    modules = (f"{name}={adapter.path}" for name, adapter in adapters)
    rank = max(adapter.rank for _, adapter in adapters)
    yield Argument(field="lora", tokens=("--enable-lora",))
    yield Argument(field="lora.active", tokens=("--max-loras", str(lora.active)))
    yield Argument(field="lora.adapters", tokens=("--max-lora-rank", str(rank)))
    yield Argument(field="lora.adapters", tokens=("--lora-modules", *modules))


def _speculative(speculative: SpeculativeSettings) -> tuple[str, ...]:
    config = {"method": speculative.method, "num_speculative_tokens": speculative.tokens}
    drafted = config | ({"model": speculative.model} if speculative.model else {})
    return ("--speculative-config", json.dumps(drafted, sort_keys=True))
