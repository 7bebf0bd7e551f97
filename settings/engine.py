"""Settings of the engine of one model: which vLLM, and how it runs the model."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import (
    DIGEST_PATTERN,
    ENGINE_WORD_PATTERN,
    NAME_PATTERN,
    RELEASE_PATTERN,
    WEIGHTS_PATTERN,
    Setting,
)

Parallel = Annotated[int, Field(ge=1, le=1024)]
"""GPUs, or ranks, that share the work."""
Word = Annotated[str, Field(pattern=ENGINE_WORD_PATTERN, max_length=64)]
LoraRank = Literal[1, 8, 16, 32, 64, 128, 256, 320, 512]
"""The ranks that vLLM has kernels for. Source: vLLM 0.33.0, vllm/config/lora.py."""


class LoraAdapter(Setting):
    """One LoRA adapter, served under its key as `model`."""

    path: Annotated[str, Field(pattern=WEIGHTS_PATTERN)]
    """A folder in the container, `/adapters/sql`, or a Hugging Face repository, `owner/name`."""
    rank: LoraRank
    """Rank of its matrices, `r` of its adapter_config.json."""


class LoraSettings(Setting):
    """LoRA adapters beside the model."""

    adapters: Annotated[
        dict[Annotated[str, Field(pattern=NAME_PATTERN)], LoraAdapter], Field(min_length=1)
    ]
    """By the name that clients send as `model`."""
    active: Annotated[int, Field(ge=1, le=256)] = 1
    """Adapters that may serve in one batch; each takes GPU memory for the largest rank."""


class SpeculativeSettings(Setting):
    """Speculative decoding: a cheaper guess of the next tokens, which the model then checks."""

    word: Literal["may-be-slower"]
    """Turns it on. Under load it can serve fewer tokens than none: 631 per second against 1182 in a
    measurement with EAGLE-3 before this platform. Measure yours."""
    method: Literal["draft_model", "eagle", "eagle3", "mtp", "ngram", "suffix"]
    """How tokens are guessed."""
    model: Annotated[str, Field(pattern=WEIGHTS_PATTERN)] | None = None
    """The model that guesses: a repository or a folder; `mtp`, `ngram` and `suffix` need none."""
    tokens: Annotated[int, Field(ge=1, le=32)]
    """Tokens guessed at a time."""

    @model_validator(mode="after")
    def _drafted(self) -> "SpeculativeSettings":
        drafts = self.method in {"draft_model", "eagle", "eagle3"}
        if drafts and self.model is None:
            raise ValueError(f"method {self.method} has no model; add the one that guesses")
        if not drafts and self.model is not None:
            raise ValueError(f"method {self.method} takes no model; remove it")
        return self


class EngineSettings(Setting):
    """vLLM for one model; what is left out is decided by the platform or by the release."""

    version: Annotated[str, Field(pattern=RELEASE_PATTERN)] | None = None
    """Release of vLLM, `0.33.0`; without it the one the platform is tested with."""
    digest: Annotated[str, Field(pattern=DIGEST_PATTERN)] | None = None
    """Digest of the release's image: pins its content, where a tag can be moved."""
    image: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    """Whole reference of another image with vLLM in it, `host/path:v0.33.0`; its tag begins with
    the release, by which the flags are judged."""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] | None = None
    """Type of weights and activations."""
    quantization: Word | None = None
    """Format of the weights, where the checkpoint does not say it: `fp8`, `awq`."""
    kv_cache_dtype: Word | None = None
    """Type of the KV cache: `fp8` halves it against `bfloat16`."""
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)] | None = None
    """Part of the GPU memory that vLLM takes, weights and KV cache together; 0.9 means 90 %."""
    max_num_seqs: Annotated[int, Field(ge=1, le=65536)] | None = None
    """Most requests in one batch."""
    max_num_batched_tokens: Annotated[int, Field(ge=1, le=1_048_576)] | None = None
    """Most tokens in one batch."""
    tensor_parallel: Parallel | None = None
    """GPUs that share each layer."""
    pipeline_parallel: Parallel | None = None
    """Groups of GPUs that share the layers among them."""
    data_parallel: Parallel | None = None
    """Copies of the attention, each on its own GPUs."""
    decode_context_parallel: Parallel | None = None
    """GPUs that share the KV cache of a request while it is decoded; divides `tensor_parallel`."""
    expert_parallel: bool = False
    """Whole experts on each GPU, in place of a slice of every one."""
    tool_call_parser: Word | None = None
    """Parser of tool calls, `hermes`; turns on the model's own choice of tools."""
    reasoning_parser: Word | None = None
    """Parser of the reasoning in an answer, `qwen3`."""
    lora: LoraSettings | None = None
    """LoRA adapters beside the model."""
    speculative: SpeculativeSettings | None = None
    """Speculative decoding; off by default."""
    extra_args: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False, max_length=200)
    ] = ()
    """Further arguments of `vllm serve`, each its own item: `[--block-size, "32"]`."""

    @model_validator(mode="after")
    def _one_image(self) -> "EngineSettings":
        if self.image is not None and (self.version or self.digest):
            raise ValueError(
                "image stands beside version or digest; keep image, its tag and digest say both"
            )
        return self
