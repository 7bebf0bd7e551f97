"""What a person names on the command line of the fit."""

from typing import Any

from planning.fit.question import (
    PLATFORM_VERSION,
    Dtype,
    EngineChoice,
    KvDtype,
    Parallelism,
    SpeculativeMethod,
)
from planning.specs.base import Spec


class Asked(Spec):
    """The options of `python -m planning fit`; None where one was left out."""

    model: str
    gpu: str | None = None
    gpu_memory_gib: float | None = None
    count: int | None = None
    tensor: int | None = None
    pipeline: int = 1
    data: int = 1
    expert: bool = False
    decode_context: int = 1
    context: int | None = None
    concurrency: int | None = None
    dtype: Dtype = "auto"
    kv_dtype: KvDtype = "auto"
    utilisation: float | None = None
    version: str = PLATFORM_VERSION
    max_num_seqs: int | None = None
    max_num_batched_tokens: int | None = None
    eager: bool = False
    lora_rank: int | None = None
    max_loras: int | None = None
    speculative: SpeculativeMethod | None = None
    speculative_tokens: int | None = None
    speculative_model: str | None = None
    region: str = "us-east-1"

    def parallel(self) -> Parallelism:
        """Return the spread; GPUs that no size is given for are tensor-parallel.

        Raises:
            ValidationError: a size is none.
        """
        others = self.pipeline * self.data
        return Parallelism(
            tensor=self.tensor or max(1, (self.count or others) // others),
            pipeline=self.pipeline,
            data=self.data,
            expert=self.expert,
            decode_context=self.decode_context,
        )

    def engine(self) -> EngineChoice:
        """Return the engine's choices.

        Raises:
            ValidationError: one of them is none.
        """
        adapters = {"rank": self.lora_rank, "active": self.max_loras}
        asked = {name: value for name, value in adapters.items() if value is not None}
        choices: dict[str, Any] = {
            "version": self.version,
            "dtype": self.dtype,
            "kv_dtype": self.kv_dtype,
            "utilisation": self.utilisation,
            "max_num_seqs": self.max_num_seqs,
            "max_num_batched_tokens": self.max_num_batched_tokens,
            "eager": self.eager,
            "lora": asked or None,
            "speculative": self._speculative(),
        }
        return EngineChoice.model_validate(choices)

    def _speculative(self) -> dict[str, Any] | None:
        if self.speculative is None:
            return None
        tokens, model = self.speculative_tokens, self.speculative_model
        return {"method": self.speculative, "tokens": tokens, "model": model}
