"""What a model asks of the GPUs of its pool, in the terms of the pool's way of sharing."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Setting
from settings.sharing import MigProfile

AskKind = Literal["gpus", "share", "mig", "device"]
"""The terms in which a model may ask for GPUs."""
Devices = Annotated[int, Field(ge=1, le=32)]
"""Devices of one claim; the API allows 32."""


class GpuShare(Setting):
    """A part of one GPU, on a pool that shares its GPUs."""

    memory_gib: Annotated[int, Field(ge=1)]
    """GPU memory, in GiB."""
    cores_percent: Annotated[int, Field(ge=1, le=100)]
    """Part of the GPU's streaming multiprocessors, in percent."""


class DeviceSelector(Setting):
    """Which devices will do; everything that is said must hold."""

    product: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Part of the product name as the driver publishes it, case aside: `H100`."""
    architecture: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    """`Ampere`, `Ada Lovelace`, `Hopper`, `Blackwell`."""
    min_memory_gib: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Least memory of a device, in GiB."""
    min_compute_capability: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$")] | None = None
    """Least CUDA compute capability, in quotes: `"9.0"`."""
    cel: Annotated[str, Field(min_length=1, max_length=10_240)] | None = None
    """A CEL expression of your own over `device`, for what the other fields cannot say; at most
    10 KiB."""


class DeviceAlternative(DeviceSelector):
    """One of several asks, of which the first that can be had is taken."""

    count: Devices = 1
    """Devices, all of one node."""
    share: GpuShare | None = None
    """A part of each device, where the driver can divide it; without it, whole devices."""
    mig: MigProfile | None = None
    """A MIG instance instead of a GPU, on a pool of `dra` with `dynamic_mig`."""

    @model_validator(mode="after")
    def _share_or_instance(self) -> "DeviceAlternative":
        if self.share is not None and self.mig is not None:
            raise ValueError("asks for a share and for a MIG instance; keep one of them")
        return self


class DeviceAsk(DeviceAlternative):
    """Devices claimed by what they are, on a pool whose GPUs a DRA driver hands out."""

    all: bool = False
    """Every device of the node that the selectors take, instead of `count`."""
    same: Literal["pcieRoot", "productName"] | None = None
    """Attribute that all devices of the claim must have in common."""
    alternatives: Annotated[tuple[DeviceAlternative, ...], Field(strict=False, max_length=7)] = ()
    """Asks to try after this one, best first; Kubernetes takes at most 8 in all."""
    shared: bool = False
    """Whether all replicas of the model hold one claim together, and so the same devices."""

    @model_validator(mode="after")
    def _all_or_counted(self) -> "DeviceAsk":
        if self.all and self.count != 1:
            raise ValueError("asks for all devices and for a count; keep one of them")
        return self
