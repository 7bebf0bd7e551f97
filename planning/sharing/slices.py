"""Slices of a GPU from the NVIDIA device plugin: containers share it by time or by CUDA MPS."""

from collections.abc import Iterator
from typing import ClassVar

from typing_extensions import override

from catalog.instance_types import InstanceType
from planning.sharing.device import Device
from planning.sharing.way import Way
from planning.sharing.whole import GPU_RESOURCE
from planning.specs.base import PLUGIN_CONFIG_LABEL
from planning.specs.devices import GpuAsk, GpuGrant
from settings.finding import Finding
from settings.models import ModelSettings
from settings.sharing import MpsSharing, TimeSlicingSharing

USABLE_PART = 0.9
"""Part of a slice that an engine may fill: its neighbours' CUDA contexts take of the same memory.

An engine counts its part of the memory that CUDA calls total. That is the whole GPU's under MPS
too: the limit of a client shows in what is free, not in the total.
Sources: vLLM 0.33.0, `--gpu-memory-utilization`; NVIDIA/k8s-device-plugin issue 764.
"""
REQUEST_SOURCE = (
    "NVIDIA/cloud-native-docs: gpu-operator/gpu-sharing.rst; NVIDIA/k8s-device-plugin v0.19.3: "
    "internal/rm/rm.go"
)


class Slices(Way):
    """A container gets one of several equal slices; the node counts slices as GPUs."""

    manager = "device-plugin"
    asks = ("gpus",)
    example = "gpus: 1"
    silent = True
    device = "slice"
    in_status = True
    mechanism: ClassVar[str]
    """Key of the way in the device plugin's configuration."""

    def __init__(self, settings: TimeSlicingSharing | MpsSharing) -> None:
        """Slice as the settings say."""
        super().__init__(settings)
        self.replicas = settings.replicas

    @property
    def config_key(self) -> str:
        """Return the key of the device plugin's configuration that slices so."""
        return f"{self.kind}-{self.replicas}"

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return the slices of its GPUs, each with an equal part of the memory."""
        memory_mib = instance.gpu_memory_mib // self.replicas
        return tuple(
            Device(gpu=number, memory_mib=memory_mib)
            for _ in range(self.replicas)
            for number in range(instance.gpus)
        )

    @override
    def refusals(
        self, path: str, model: ModelSettings, instance: InstanceType
    ) -> Iterator[Finding]:
        """Yield why more than one slice cannot be had: the device plugin refuses such a pod."""
        if (model.gpus or 1) > 1:
            yield Finding(
                path=f"{path}.gpus",
                problem=f"is {model.gpus}, but further slices give a replica neither more memory "
                "nor more compute of a GPU, and the device plugin turns its pod away",
                fix="use `gpus: 1`, with fewer slices per GPU (`sharing.replicas` of the pool) for "
                "a larger part, or a pool of whole GPUs",
                source=REQUEST_SOURCE,
            )

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return a limit of one slice, and the part of the GPU that the engine may fill."""
        return GpuGrant(
            limits={GPU_RESOURCE: str(ask.devices)},
            memory_utilization=round(USABLE_PART / self.replicas, 3),
        )

    @override
    def further_labels(self) -> dict[str, str]:
        """Return the label by which the device plugin finds its configuration."""
        return {PLUGIN_CONFIG_LABEL: self.config_key}


class TimeSlicing(Slices):
    """Containers take turns; nothing keeps one from the memory of another."""

    kind = "time-slicing"
    mechanism = "timeSlicing"


class Mps(Slices):
    """Containers compute at the same time, each held to its part of the memory."""

    kind = "mps"
    mechanism = "mps"

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return what every slice has; the daemon of MPS and its clients share one `/dev/shm`.

        Source: NVIDIA/k8s-device-plugin, internal/plugin/mps.go, which mounts it.
        """
        grant = super().grant(name, model, ask)
        return grant.model_copy(update={"brings_shared_memory": True})
