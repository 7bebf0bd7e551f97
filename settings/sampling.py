"""Settings of how a model picks its next token where a request does not say."""

from typing import Annotated

from pydantic import Field

from settings.base import Setting


class SamplingSettings(Setting):
    """Defaults of requests, over those of the model's own generation_config.json.

    Ranges are those that vLLM holds a request to: a default outside refuses every request that
    leaves the value open. Source: vLLM 0.33.0, vllm/sampling_params.py.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """How freely it chooses; 0 takes the likeliest token always."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Chooses among the likeliest tokens that have this probability together; 1 is all."""
    top_k: Annotated[int, Field(ge=0)] | None = None
    """Chooses among so many of the likeliest tokens; 0 is all."""
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    """Leaves out tokens with less than this part of the likeliest one's probability."""
    repetition_penalty: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Above 1 against what the prompt and the answer have already, below 1 for it."""
    max_new_tokens: Annotated[int, Field(ge=1)] | None = None
    """Longest answer in tokens; a request may ask for less, not for more."""

    @property
    def chosen(self) -> dict[str, int | float]:
        """Return what is set, by the names of generation_config.json."""
        return self.model_dump(exclude_none=True)
