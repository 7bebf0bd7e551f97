"""Settings of a model service: one entry per model; every layer is derived from it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Commit, ModelRepository, Name, Setting
from settings.bench import BenchSettings
from settings.cache import Cache, NodeCache, VolumeCache
from settings.devices import AskKind, DeviceAsk, GpuShare
from settings.engine import EngineSettings
from settings.loading import HubLoading, Loading
from settings.replicas import PrefillSettings, ReplicaSettings, Rollout
from settings.sampling import SamplingSettings
from settings.sharing import MigProfile

MOST_NODES = 16
"""More nodes than any model is known to need for one replica."""
WorkloadKind = Literal["chat", "batch", "agent", "embedding"]
"""Who calls a model: people who wait, jobs that do not, long sessions, or searches."""


class ModelSettings(Setting):
    """One model, served by vLLM behind the gateway."""

    model: ModelRepository
    """Hugging Face repository, `owner/name`: of the catalog, or any other."""
    revision: Commit | None = None
    """Commit of that repository, 40 hexadecimal digits; without it the newest is loaded. Weights of
    your own, below `load.prefix`, have none."""
    licence: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Licence of the weights, as their owner names it: `apache-2.0`; noted in the plan."""
    sampling: SamplingSettings | None = None
    """How it picks tokens where a request does not say; without it as its generation_config.json
    says."""
    kind: WorkloadKind = "chat"
    """Who calls it; decides how many waiting requests add a replica, and how soon one goes."""
    pool: Name
    """The pool that carries it, a key of `pools`."""
    gpus: Annotated[int, Field(ge=1)] | None = None
    """GPUs per replica, in each of its nodes; 1 where nothing else is asked for. On a pool that
    slices its GPUs by time or by MPS, one slice counts as one."""
    nodes: Annotated[int, Field(ge=1, le=MOST_NODES)] = 1
    """Nodes that one replica spans; of each it takes every GPU, and `gpus` says how many that is.
    The GPUs of a node share each layer, the nodes share the layers among them."""
    share: GpuShare | None = None
    """A part of one GPU per replica instead, on a pool of `hami` or `hami-dra`."""
    mig: MigProfile | None = None
    """One MIG instance per replica instead, on a pool of `mig`, or of `dra` with MIG."""
    device: DeviceAsk | None = None
    """Devices by what they are, on a pool of `dra` or `hami-dra`."""
    context: Annotated[int, Field(ge=512)] | None = None
    """Longest request plus answer, in tokens. Without it the model's own longest, or what of it
    fits the GPUs; a model that is not in the catalog needs it."""
    concurrency: Annotated[int, Field(ge=1)] | None = None
    """Requests as long as the context that each replica must hold at once, with `prefill` each that
    answers; without it one. Without `context` it is the longest of which so many fit."""
    replicas: ReplicaSettings = ReplicaSettings()
    prefill: PrefillSettings | None = None
    """Replicas of their own that read the prompts, beside `replicas`, which then only answer;
    without it every replica does both."""
    rollout: Rollout | None = None
    """How a change replaces its replicas; without it they surge where the pool has room for one
    more beside the minimum replicas of all its models."""
    load: Loading = HubLoading()
    """Where its weights come from when a replica starts."""
    cache: Cache = NodeCache()
    """Where a replica keeps weights from the Hub and compiled graphs for its next start."""
    engine: EngineSettings = EngineSettings()
    """Which vLLM, and how it runs the model; nothing of it must be written."""
    bench: BenchSettings | None = None
    """A load test, run once by a Job; without it there is none."""

    @property
    def keeps_volumes(self) -> bool:
        """Return whether each replica has a volume that outlives its pod."""
        return isinstance(self.cache, VolumeCache)

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

    @model_validator(mode="after")
    def _one_shape(self) -> "ModelSettings":
        if self.nodes > 1 and self.asked_by not in {None, "gpus"}:
            raise ValueError(f"spans {self.nodes} nodes by {self.asked_by}; ask with `gpus`")
        if self.nodes > 1 and self.prefill is not None:
            raise ValueError(
                f"spans {self.nodes} nodes and has replicas for prefill; keep `nodes` or `prefill`"
            )
        if self.prefill is not None and self.device is not None and self.device.shared:
            raise ValueError("shares its devices among all replicas; leave out `prefill`")
        if self.prefill is not None and self.kind == "embedding":
            raise ValueError("an embedding model has nothing to decode; leave out `prefill`")
        return self

    @model_validator(mode="after")
    def _one_volume_each(self) -> "ModelSettings":
        if self.keeps_volumes and self.nodes > 1:
            raise ValueError(
                f"spans {self.nodes} nodes and keeps a cache volume, which is of one node at a "
                "time; keep `nodes` or `cache`"
            )
        if self.keeps_volumes and self.rollout == "surge":
            raise ValueError(
                "keeps a cache volume, which a new replica cannot have before the old one has "
                "ended; leave out `rollout`, or write in-place"
            )
        return self
