"""Settings of how many replicas serve, and of what reads their prompts for them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Setting

MOST_REPLICAS = 1000
"""Beyond any plan; a slip of the keyboard is named here and not computed."""
Rollout = Literal["surge", "in-place"]
"""Whether a roll starts a new replica before an old one ends, or the other way round."""


class ReplicaSettings(Setting):
    """Between how many replicas KEDA scales a model."""

    min: Annotated[int, Field(ge=1, le=MOST_REPLICAS)] = 1
    """Replicas that always run."""
    max: Annotated[int, Field(ge=1, le=MOST_REPLICAS)] = 1
    """Most replicas under load."""

    @model_validator(mode="after")
    def _ordered(self) -> "ReplicaSettings":
        if self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}; raise max or lower min")
        return self


class PrefillSettings(Setting):
    """Replicas that read prompts and hand their KV cache to those that write the answers."""

    replicas: ReplicaSettings = ReplicaSettings()
    """Between how many KEDA scales them; each takes the GPUs that an answering one takes."""
    router_image: Annotated[str, Field(min_length=1, max_length=512)]
    """Whole reference of an image with `vllm-router` in it, `host/path:0.1.17`, in a registry of
    your own: its project gives out none that stays. docs/prefill-decode.md has the three lines."""
