"""Whole GPUs, from the NVIDIA device plugin."""

from typing_extensions import override

from catalog.instance_types import InstanceType
from planning.sharing.device import Device
from planning.sharing.way import Way
from planning.specs.devices import GpuAsk, GpuGrant
from settings.models import ModelSettings

GPU_RESOURCE = "nvidia.com/gpu"
"""Source: NVIDIA/k8s-device-plugin, README.md."""


class Whole(Way):
    """A container gets GPUs of its own."""

    kind = "whole"
    manager = "device-plugin"
    asks = ("gpus",)
    example = "gpus: 1"
    silent = True
    in_status = True

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return its GPUs."""
        return whole_gpus(instance)

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return a limit on GPUs."""
        return GpuGrant(limits={GPU_RESOURCE: str(ask.devices)})


def whole_gpus(instance: InstanceType, slots: int = 1) -> tuple[Device, ...]:
    """Return the GPUs of a type as devices, each for so many replicas."""
    return tuple(
        Device(gpu=number, memory_mib=instance.gpu_memory_mib, slots=slots)
        for number in range(instance.gpus)
    )
