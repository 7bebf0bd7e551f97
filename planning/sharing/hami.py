"""Shares of a GPU from HAMi's scheduler and device plugin."""

from typing_extensions import override

from catalog.instance_types import InstanceType
from planning.sharing.device import Device
from planning.sharing.way import MIB_PER_GIB, Way
from planning.sharing.whole import GPU_RESOURCE, whole_gpus
from planning.specs.devices import GpuAsk, GpuGrant
from settings.models import ModelSettings
from settings.sharing import HamiSharing

MEMORY_RESOURCE = "nvidia.com/gpumem"
"""MiB of each GPU. Source: HAMi chart 2.10.0, resourceMem."""
CORES_RESOURCE = "nvidia.com/gpucores"
"""Percent of each GPU's multiprocessors. Source: HAMi chart 2.10.0, resourceCores."""
SCHEDULER = "hami-scheduler"
"""Source: HAMi chart 2.10.0, schedulerName."""
HAMI_NODE_LABEL = {"gpu": "on"}
"""Nodes whose GPUs HAMi hands out. Source: HAMi chart 2.10.0, devicePlugin.nvidiaNodeSelector."""
NO_DEVICE_PLUGIN_LABEL = {"nvidia.com/gpu.deploy.device-plugin": "false"}
"""Keeps the GPU Operator's device plugin off a node, so that one device is never published twice.
Source: NVIDIA/gpu-operator controllers/state_manager.go, which leaves a label that is set alone."""


def share_ask(model: ModelSettings) -> GpuAsk:
    """Return the ask of a model for a share of one GPU, or for whole ones."""
    if model.share is None:
        return GpuAsk(devices=model.gpus or 1)
    return GpuAsk(
        devices=1,
        memory_mib=model.share.memory_gib * MIB_PER_GIB,
        cores_percent=model.share.cores_percent,
    )


class Hami(Way):
    """A container gets memory and multiprocessors of a GPU, enforced by a library inside it."""

    kind = "hami"
    manager = "hami"
    asks = ("gpus", "share")
    example = "share: {memory_gib: 8, cores_percent: 30}"
    silent = False
    in_status = False
    first_device = False

    def __init__(self, settings: HamiSharing) -> None:
        """Share as the settings say."""
        super().__init__(settings)
        self.splits = settings.splits

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return its GPUs, each for at most `splits` containers."""
        return whole_gpus(instance, self.splits)

    @override
    def ask(self, model: ModelSettings, instance: InstanceType) -> GpuAsk:
        """Return a share of one GPU, or whole ones."""
        return share_ask(model)

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return limits for HAMi's scheduler; without memory and cores it gives whole GPUs."""
        limits = {GPU_RESOURCE: str(ask.devices)}
        if ask.memory_mib is not None:
            limits[MEMORY_RESOURCE] = str(ask.memory_mib)
        if ask.cores_percent is not None:
            limits[CORES_RESOURCE] = str(ask.cores_percent)
        return GpuGrant(limits=limits, scheduler_name=SCHEDULER)

    @override
    def further_labels(self) -> dict[str, str]:
        """Return HAMi's own label, and the one that keeps another device plugin away."""
        return HAMI_NODE_LABEL | NO_DEVICE_PLUGIN_LABEL
