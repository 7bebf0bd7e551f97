"""How a pool hands out its GPUs: a closed set of ways, exactly one per node."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import DistinctSome, Setting

MIG_PROFILE_PATTERN = r"^[1-9]g\.[0-9]+gb$"
MigProfile = Annotated[str, Field(pattern=MIG_PROFILE_PATTERN)]
"""A MIG profile as NVIDIA names it: compute slices and memory, `1g.10gb`."""


class WholeSharing(Setting):
    """A container gets whole GPUs from the NVIDIA device plugin."""

    kind: Literal["whole"] = "whole"


class TimeSlicingSharing(Setting):
    """Containers take turns on a GPU; nothing keeps one from the memory of another."""

    kind: Literal["time-slicing"]
    replicas: Annotated[int, Field(ge=2, le=64)]
    """Containers per GPU; each is given an equal part of its memory to use."""


class MpsSharing(Setting):
    """Containers compute on a GPU at the same time, each held to an equal part of its memory."""

    kind: Literal["mps"]
    replicas: Annotated[int, Field(ge=2, le=48)]
    """Containers per GPU; CUDA MPS serves at most 48 clients."""


class MigSharing(Setting):
    """Every GPU of the pool is cut into instances with memory and multiprocessors of their own."""

    kind: Literal["mig"]
    profile: MigProfile | None = None
    """The one profile that every GPU is cut into, as often as it fits; or `layout`."""
    layout: Annotated[dict[MigProfile, Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] = (
        Field(default_factory=dict)
    )
    """Instances of each profile per GPU, `{1g.10gb: 3, 2g.20gb: 2}`; or `profile`."""
    strategy: Literal["single", "mixed"] | None = None
    """What a container asks for: `single` keeps `nvidia.com/gpu`, `mixed` names the profile. Left
    out, it is single for one `profile` and mixed for a `layout`."""

    @model_validator(mode="after")
    def _one_cut(self) -> "MigSharing":
        if (self.profile is None) == (not self.layout):
            raise ValueError("needs either profile or layout; write `profile: 1g.10gb`")
        if self.strategy == "single" and len(self.layout) > 1:
            raise ValueError("cannot be single with several profiles; use `strategy: mixed`")
        return self


class DraSharing(Setting):
    """Pods claim devices by what they are, from the NVIDIA DRA driver."""

    kind: Literal["dra"]
    dynamic_mig: bool = False
    """Whether the driver cuts a GPU into MIG instances as claims ask for them (alpha)."""
    extended_resource: bool = False
    """Whether models that ask for `gpus` do so by `nvidia.com/gpu`, which the driver's DeviceClass
    serves, instead of by claims."""
    monitor: bool = False
    """Whether a DCGM exporter of its own watches the pool through claims with admin access."""


class HamiSharing(Setting):
    """A container gets a share of a GPU's memory and cores, enforced by HAMi."""

    kind: Literal["hami"]
    splits: Annotated[int, Field(ge=2, le=100)] = 10
    """Most containers per GPU (`devicePlugin.deviceSplitCount`)."""


class HamiDraSharing(Setting):
    """A claim gets a share of a GPU's memory and cores, enforced by HAMi's DRA driver."""

    kind: Literal["hami-dra"]
    conversion_webhook: bool = False
    """Whether pods of other tools that ask for `nvidia.com/gpumem` are turned into claims, by a
    webhook that every pod of the cluster then needs."""


Sharing = Annotated[
    WholeSharing
    | TimeSlicingSharing
    | MpsSharing
    | MigSharing
    | DraSharing
    | HamiSharing
    | HamiDraSharing,
    Field(discriminator="kind"),
]
"""How a pool hands out its GPUs; exactly one way per node."""

InstanceNames = DistinctSome[str]
MOST_GPUS = 10_000
"""Beyond any pool; a slip of the keyboard is named here and not computed."""
