"""What is asked of the fit: GPUs, how the model is spread over them, and the engine's choices."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.gpus import Gpu
from catalog.images import VLLM
from catalog.vllm_memory import (
    HUGE_GPU_GIB,
    LARGE_GPU_GIB,
    Release,
    release_of,
)
from planning.specs.base import Spec
from settings.engine import LoraRank

PLATFORM_VERSION = VLLM.tag.removeprefix("v")
"""The release that the platform runs."""

Degree = Annotated[int, Field(ge=1, le=4096)]

Dtype = Literal["auto", "bfloat16", "float16", "half", "float32", "float", "fp8", "int4", "nvfp4"]
"""`auto` and the two-byte types leave a quantised checkpoint as it is; `float32` takes four bytes
for what is not quantised; the last three stand for a checkpoint that is quantised so."""

KvDtype = Literal["auto", "bfloat16", "float16", "fp8", "fp8_e4m3", "fp8_e5m2", "fp8_ds_mla"]

SpeculativeMethod = Literal["draft_model", "eagle", "eagle3", "mtp", "ngram", "suffix"]
DRAFTED: frozenset[SpeculativeMethod] = frozenset({"draft_model", "eagle", "eagle3"})
"""Methods that guess with weights of another repository."""


class GpuMemory(Spec):
    """One GPU, or the part of one that a replica gets, as the engine sees it."""

    name: str
    total_gib: Annotated[float, Field(gt=0)]
    """Memory that CUDA reports to the process: of the GPU, the MIG instance or the HAMi share."""
    free_gib: Annotated[float, Field(gt=0)] | None = None
    """What of it is free when the engine starts, where others share it; None: nobody else does."""
    compute_capability: float | None = None
    """Of CUDA; None where the GPU is not known."""
    nvlink: bool = False
    """Whether the GPUs of a replica reach each other over NVLink."""

    @classmethod
    def whole(cls, gpu: Gpu) -> "GpuMemory":
        """Return a whole GPU of the catalog."""
        return cls(
            name=gpu.name,
            total_gib=gpu.visible_gib,
            compute_capability=gpu.compute_capability,
            nvlink=gpu.nvlink,
        )

    @classmethod
    def of_size(cls, gib: float) -> "GpuMemory":
        """Return a GPU, a MIG instance or a share of which only the memory is known, in GiB."""
        return cls(name=f"{gib:g} GiB", total_gib=gib, nvlink=gib >= LARGE_GPU_GIB)

    @property
    def large(self) -> bool:
        """Return whether vLLM gives it large batches by default; it leaves the A100 out."""
        return self.total_gib >= LARGE_GPU_GIB and self.compute_capability != 8.0

    @property
    def huge(self) -> bool:
        """Return whether it is of the largest."""
        return self.total_gib >= HUGE_GPU_GIB


class Parallelism(Spec):
    """How the layers, heads and experts of one replica are spread over its GPUs."""

    tensor: Degree = 1
    pipeline: Degree = 1
    data: Degree = 1
    """Copies of the attention layers, which share the experts (`--data-parallel-size`)."""
    expert: bool = False
    """Whether whole experts go to GPUs (`--enable-expert-parallel`), not a slice of each."""
    decode_context: Degree = 1
    """Ranks over which the KV cache of one request is spread; a divisor of `tensor`."""

    @property
    def gpus(self) -> int:
        """Return the GPUs of one replica."""
        return self.tensor * self.pipeline * self.data

    @property
    def expert_group(self) -> int:
        """Return over how many GPUs the experts of one layer are spread."""
        return self.tensor * self.data

    def per_rank(self, requests: int) -> int:
        """Return how many of so many requests the busiest data-parallel rank has."""
        return -(-requests // self.data)


def missing(value: object) -> bool:
    """Return whether nothing was asked, so that the answer leaves it out."""
    return value is None


class LoraChoice(Spec):
    """LoRA adapters beside the model."""

    rank: LoraRank = 16
    """`--max-lora-rank`: every slot is made for it."""
    active: Annotated[int, Field(ge=1)] = 1
    """`--max-loras`: slots, each for an adapter of one batch."""


class SpeculativeChoice(Spec):
    """How the next tokens are guessed, which the model then checks."""

    method: SpeculativeMethod
    tokens: Annotated[int, Field(ge=1)]
    """Guessed at a time."""
    model: str | None = None
    """Repository or folder of what guesses; None where the model itself or nothing does."""

    @model_validator(mode="after")
    def _drafted(self) -> "SpeculativeChoice":
        if (self.method in DRAFTED) != (self.model is not None):
            wrong = "takes no model; leave it out" if self.model else "has no model; name one"
            raise ValueError(f"method {self.method} {wrong} (--speculative-model)")
        return self


class EngineChoice(Spec):
    """The engine's release and the flags that memory depends on; None: the release's default."""

    version: str = PLATFORM_VERSION
    dtype: Dtype = "auto"
    kv_dtype: KvDtype = "auto"
    utilisation: Annotated[float, Field(gt=0, le=1)] | None = None
    """`--gpu-memory-utilization`."""
    max_num_seqs: Annotated[int, Field(ge=1)] | None = None
    max_num_batched_tokens: Annotated[int, Field(ge=1)] | None = None
    eager: bool = False
    """`--enforce-eager`: no CUDA graphs."""
    lora: Annotated[LoraChoice | None, Field(exclude_if=missing)] = None
    speculative: Annotated[SpeculativeChoice | None, Field(exclude_if=missing)] = None

    @field_validator("version")
    @classmethod
    def _known(cls, version: str) -> str:
        release_of(version)
        return version

    @property
    def release(self) -> Release:
        """Return what holds for the version."""
        return release_of(self.version)

    def budget_share(self) -> float:
        """Return the part of the GPU's memory that the engine takes."""
        return self.release.utilisation if self.utilisation is None else self.utilisation

    @property
    def guessed(self) -> int:
        """Return the tokens guessed beside the next one of each sequence; 0 without."""
        return self.speculative.tokens if self.speculative else 0

    def seqs(self, gpu: GpuMemory) -> int:
        """Return most sequences per batch."""
        return self.max_num_seqs or (self.release.large_seqs if gpu.large else 256)

    def batched_tokens(self, gpu: GpuMemory, context: int) -> int:
        """Return most tokens per batch; engine V0 took a whole prompt."""
        if self.max_num_batched_tokens:
            return self.max_num_batched_tokens
        if self.release.profiles_context:
            return max(context, 2048)
        if gpu.huge and self.release.huge_tier:
            return 16384
        return 8192 if gpu.large else 2048
