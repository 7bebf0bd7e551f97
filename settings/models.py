"""Settings of a model service: one entry per model; every layer is derived from it."""

from typing import Annotated

from pydantic import Field, model_validator

from settings.base import Commit, ModelRepository, Name, Setting

MOST_REPLICAS = 1000
"""Beyond any plan; a slip of the keyboard is named here and not computed."""


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


class GpuShare(Setting):
    """A part of one GPU, on a pool that shares its GPUs."""

    memory_gib: Annotated[int, Field(ge=1)]
    """GPU memory, in GiB."""
    cores_percent: Annotated[int, Field(ge=1, le=100)]
    """Part of the GPU's streaming multiprocessors, in percent."""


class ModelSettings(Setting):
    """One model, served by vLLM behind the gateway."""

    model: ModelRepository
    """Hugging Face repository, `owner/name`."""
    revision: Commit | None = None
    """Commit of that repository, 40 hexadecimal digits; without it the newest is loaded."""
    pool: Name
    """The pool that carries it, a key of `pools`."""
    gpus: Annotated[int, Field(ge=1)] | None = None
    """Whole GPUs per replica, all in one node; 1 where neither this nor `share` is given."""
    share: GpuShare | None = None
    """A part of one GPU per replica instead of whole ones."""
    context: Annotated[int, Field(ge=512)]
    """Longest request plus answer, in tokens."""
    replicas: ReplicaSettings = ReplicaSettings()

    @model_validator(mode="after")
    def _one_ask(self) -> "ModelSettings":
        if self.gpus is not None and self.share is not None:
            raise ValueError("asks for gpus and share; keep one of them")
        return self
