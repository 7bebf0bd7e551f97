"""Flags that vLLM once took and takes no longer, and what is right instead.

Source: the argument parsers of the releases 0.6.0 to 0.33.0, one of each minor version, read on
2026-11-21: the release that dropped a flag lies between `last` and `gone`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A flag that is gone."""

    name: str
    """With two dashes."""
    last: str
    """The last release, of those read, that took it."""
    gone: str
    """The first release, of those read, that refused it."""
    instead: str
    """What would be right, as an instruction; it holds in every release that can be chosen."""


_V1: Final = "leave it out: the V1 engine has no such step"
_LEAVE: Final = "leave it out"
_PROMPT_ADAPTER: Final = "leave it out: prompt adapters are gone; serve a LoRA adapter"
_EPLB: Final = "use --eplb-config."
_GUIDED: Final = "use --structured-outputs-config."
_SPECULATIVE: Final = "use --speculative-config."
_CAPTURE: Final = "use --max-cudagraph-capture-size"
_ROPE: Final = "use --hf-overrides with `rope_parameters`"

_TABLE: Final = (
    ("--calculate-kv-scales", "0.27.1", "0.28.0", "leave it out: scales come with the checkpoint"),
    ("--cuda-graph-sizes", "0.12.0", "0.13.0", "use --cudagraph-capture-sizes"),
    ("--device", "0.9.2", "0.10.0", "leave it out: the platform is detected"),
    ("--disable-async-output-proc", "0.10.2", "0.11.2", _V1),
    ("--disable-frontend-multiprocessing", "0.18.1", "0.19.1", _V1),
    (
        "--disable-log-requests",
        "0.16.0",
        "0.17.1",
        "leave it out: requests are logged only with --enable-log-requests",
    ),
    ("--disable-logprobs-during-spec-decoding", "0.7.3", "0.8.5", _LEAVE),
    ("--disable-mm-preprocessor-cache", "0.12.0", "0.13.0", "use --mm-processor-cache-gb 0"),
    ("--enable-bf16x3-router-gemm", "0.29.0", "0.30.0", _LEAVE),
    ("--enable-lora-bias", "0.10.2", "0.11.2", _LEAVE),
    (
        "--enable-mamba-fine-grained-prefix-cache",
        "0.30.0",
        "0.31.0",
        "leave it out: it follows --enable-prefix-caching",
    ),
    (
        "--enable-multimodal-encoder-data-parallel",
        "0.12.0",
        "0.13.0",
        "use --mm-encoder-tp-mode data",
    ),
    ("--enable-prompt-adapter", "0.10.0", "0.10.2", _PROMPT_ADAPTER),
    ("--enable-reasoning", "0.9.2", "0.10.0", "use --reasoning-parser alone"),
    ("--engine-use-ray", "0.6.0", "0.6.6.post1", _LEAVE),
    ("--eplb-log-balancedness", "0.11.2", "0.12.0", f"{_EPLB}log_balancedness"),
    ("--eplb-step-interval", "0.11.2", "0.12.0", f"{_EPLB}step_interval"),
    ("--eplb-window-size", "0.11.2", "0.12.0", f"{_EPLB}window_size"),
    (
        "--expand-tools-even-if-tool-choice-none",
        "0.9.2",
        "0.10.0",
        "leave it out; its opposite is --exclude-tools-when-tool-choice-none",
    ),
    ("--guided-decoding-backend", "0.11.2", "0.12.0", f"{_GUIDED}backend"),
    (
        "--guided-decoding-disable-additional-properties",
        "0.11.2",
        "0.12.0",
        f"{_GUIDED}disable_additional_properties",
    ),
    (
        "--guided-decoding-disable-any-whitespace",
        "0.11.2",
        "0.12.0",
        f"{_GUIDED}disable_any_whitespace",
    ),
    ("--guided-decoding-disable-fallback", "0.11.2", "0.12.0", _LEAVE),
    ("--logits-processor-pattern", "0.16.0", "0.17.1", "use --logits-processors"),
    ("--long-lora-scaling-factors", "0.9.2", "0.10.0", _LEAVE),
    ("--lora-extra-vocab-size", "0.11.2", "0.12.0", _LEAVE),
    ("--max-context-len-to-capture", "0.6.0", "0.6.6.post1", _CAPTURE),
    ("--max-long-partial-prefills", "0.26.0", "0.27.1", _LEAVE),
    ("--max-num-partial-prefills", "0.26.0", "0.27.1", _LEAVE),
    ("--max-paddings", "0.2", "0.3", "leave it out: batches are no longer padded"),
    ("--max-prompt-adapter-token", "0.9.2", "0.10.0", _PROMPT_ADAPTER),
    ("--max-prompt-adapters", "0.9.2", "0.10.0", _PROMPT_ADAPTER),
    ("--max-seq-len-to-capture", "0.10.2", "0.11.2", _CAPTURE),
    ("--multi-step-stream-outputs", "0.10.0", "0.10.2", _V1),
    ("--ngram-prompt-lookup-max", "0.7.3", "0.8.5", f"{_SPECULATIVE}prompt_lookup_max"),
    ("--ngram-prompt-lookup-min", "0.7.3", "0.8.5", f"{_SPECULATIVE}prompt_lookup_min"),
    ("--num-lookahead-slots", "0.11.2", "0.12.0", _V1),
    ("--num-redundant-experts", "0.11.2", "0.12.0", f"{_EPLB}num_redundant_experts"),
    ("--num-scheduler-steps", "0.10.0", "0.10.2", "leave it out: scheduling is asynchronous"),
    ("--num-speculative-tokens", "0.7.3", "0.8.5", f"{_SPECULATIVE}num_speculative_tokens"),
    ("--override-attention-dtype", "0.27.1", "0.28.0", _LEAVE),
    ("--override-neuron-config", "0.10.0", "0.10.2", "use --additional-config"),
    ("--override-pooler-config", "0.11.2", "0.12.0", "use --pooler-config"),
    ("--preemption-mode", "0.10.2", "0.11.2", "leave it out: preempted requests are recomputed"),
    ("--prompt-adapters", "0.9.2", "0.10.0", _PROMPT_ADAPTER),
    ("--qlora-adapter-name-or-path", "0.9.2", "0.10.0", _LEAVE),
    (
        "--quantization-param-path",
        "0.6.6.post1",
        "0.7.3",
        "leave it out: scales come with the checkpoint",
    ),
    ("--rope-scaling", "0.10.2", "0.11.2", _ROPE),
    ("--rope-theta", "0.10.2", "0.11.2", _ROPE),
    ("--scheduler-delay-factor", "0.10.2", "0.11.2", _V1),
    ("--spec-decoding-acceptance-method", "0.7.3", "0.8.5", "use --speculative-config"),
    ("--speculative-disable-by-batch-size", "0.7.3", "0.8.5", _LEAVE),
    ("--speculative-disable-mqa-scorer", "0.7.3", "0.8.5", _LEAVE),
    (
        "--speculative-draft-tensor-parallel-size",
        "0.7.3",
        "0.8.5",
        f"{_SPECULATIVE}draft_tensor_parallel_size",
    ),
    ("--speculative-max-model-len", "0.7.3", "0.8.5", f"{_SPECULATIVE}max_model_len"),
    ("--speculative-model", "0.7.3", "0.8.5", f"{_SPECULATIVE}model"),
    ("--speculative-model-quantization", "0.7.3", "0.8.5", f"{_SPECULATIVE}quantization"),
    (
        "--swap-space",
        "0.17.1",
        "0.18.1",
        "use --kv-offloading-size for KV cache in host memory: preempted requests are recomputed",
    ),
    ("--task", "0.12.0", "0.13.0", "use --runner and --convert"),
    ("--tokenizer-pool-extra-config", "0.9.2", "0.10.0", _LEAVE),
    ("--tokenizer-pool-size", "0.9.2", "0.10.0", "use --renderer-num-workers"),
    ("--tokenizer-pool-type", "0.9.2", "0.10.0", _LEAVE),
    ("--typical-acceptance-sampler-posterior-alpha", "0.7.3", "0.8.5", _LEAVE),
    ("--typical-acceptance-sampler-posterior-threshold", "0.7.3", "0.8.5", _LEAVE),
    ("--use-gpu-for-pooling-score", "0.17.1", "0.18.1", _LEAVE),
    ("--use-v2-block-manager", "0.9.2", "0.10.0", _V1),
    ("--worker-use-ray", "0.6.6.post1", "0.7.3", "use --distributed-executor-backend ray"),
)

REMOVALS: Final[tuple[Removal, ...]] = tuple(
    Removal(name=name, last=last, gone=gone, instead=instead)
    for name, last, gone, instead in _TABLE
)
_BY_NAME: Final[Mapping[str, Removal]] = MappingProxyType({one.name: one for one in REMOVALS})


def removal(name: str) -> Removal | None:
    """Return what is known of a flag that is gone, or of its negation."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.replace("--no-", "--", 1))
