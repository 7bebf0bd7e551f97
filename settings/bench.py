"""A load test of a model service, run once inside the cluster."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Setting


class BenchSettings(Setting):
    """How `vllm bench serve` asks a model: random prompts, so that no cache answers for it."""

    input_tokens: Annotated[int, Field(ge=1, le=10_000_000)] = 8192
    """Tokens of each prompt."""
    output_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    """Tokens of each answer; the end that the model would choose is not taken."""
    requests: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """Requests in all."""
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 16
    """Most requests under way at once."""
    results: Literal["log", "bucket"] = "log"
    """Where the result is kept: in the Job's log alone, or as an object of the model bucket too."""

    @model_validator(mode="after")
    def _fills(self) -> "BenchSettings":
        if self.concurrency > self.requests:
            raise ValueError(
                f"concurrency {self.concurrency} is never reached with {self.requests} requests; "
                "raise requests or lower concurrency"
            )
        return self
