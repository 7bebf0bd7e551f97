"""Settings of a model service: one entry per model; every layer is derived from it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Commit, ModelRepository, Name, Setting
from settings.bench import BenchSettings
from settings.devices import AskKind, DeviceAsk, GpuShare
from settings.engine import EngineSettings
from settings.loading import HubLoading, Loading
from settings.sharing import MigProfile

MOST_REPLICAS = 1000
"""Beyond any plan; a slip of the keyboard is named here and not computed."""
WorkloadKind = Literal["chat", "batch", "agent", "embedding"]
"""Who calls a model: people who wait, jobs that do not, long sessions, or searches."""


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


class ModelSettings(Setting):
    """One model, served by vLLM behind the gateway."""

    model: ModelRepository
    """Hugging Face repository, `owner/name`: of the catalog, or any other."""
    revision: Commit | None = None
    """Commit of that repository, 40 hexadecimal digits; without it the newest is loaded."""
    licence: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Licence of the weights, as their owner names it: `apache-2.0`; noted in the plan."""
    kind: WorkloadKind = "chat"
    """Who calls it; decides how many waiting requests add a replica, and how soon one goes."""
    pool: Name
    """The pool that carries it, a key of `pools`."""
    gpus: Annotated[int, Field(ge=1)] | None = None
    """GPUs per replica, all in one node; 1 where nothing else is asked for. On a pool that slices
    its GPUs by time or by MPS, one slice counts as one."""
    share: GpuShare | None = None
    """A part of one GPU per replica instead, on a pool of `hami` or `hami-dra`."""
    mig: MigProfile | None = None
    """One MIG instance per replica instead, on a pool of `mig`, or of `dra` with MIG."""
    device: DeviceAsk | None = None
    """Devices by what they are, on a pool of `dra` or `hami-dra`."""
    context: Annotated[int, Field(ge=512)] | None = None
    """Longest request plus answer, in tokens. Without it the model's own longest, or what of it
    fits the GPUs; a model that is not in the catalog needs it."""
    replicas: ReplicaSettings = ReplicaSettings()
    load: Loading = HubLoading()
    """Where its weights come from when a replica starts."""
    engine: EngineSettings = EngineSettings()
    """Which vLLM, and how it runs the model; nothing of it must be written."""
    bench: BenchSettings | None = None
    """A load test, run once by a Job; without it there is none."""

    @property
    def asked_by(self) -> AskKind | None:
        """Return the term in which it asks for GPUs; None where it says nothing."""
        return next(iter(self._asks()), None)

    def _asks(self) -> list[AskKind]:
        asks: dict[AskKind, object] = {
            "gpus": self.gpus,
            "share": self.share,
            "mig": self.mig,
            "device": self.device,
        }
        return [name for name, ask in asks.items() if ask is not None]

    @model_validator(mode="after")
    def _one_ask(self) -> "ModelSettings":
        if len(made := self._asks()) > 1:
            raise ValueError(f"asks for {' and '.join(made)}; keep one of them")
        return self
