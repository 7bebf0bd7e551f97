"""Devices claimed by what they are, from the NVIDIA DRA driver."""

from collections.abc import Iterator

from typing_extensions import override

from catalog.device_drivers import NVIDIA
from catalog.instance_types import InstanceType
from planning.sharing.claim_refusals import refusals
from planning.sharing.claims import claim_ask, claim_grant
from planning.sharing.device import Device
from planning.sharing.hami import NO_DEVICE_PLUGIN_LABEL
from planning.sharing.mig import partitions
from planning.sharing.way import Way
from planning.sharing.whole import GPU_RESOURCE, whole_gpus
from planning.specs.base import NO_EXPORTER_LABEL, NO_MIG_MANAGER_LABEL
from planning.specs.devices import GpuAsk, GpuGrant
from settings.finding import Finding
from settings.models import ModelSettings
from settings.sharing import DraSharing


class Dra(Way):
    """A pod holds a claim on whole GPUs or MIG instances."""

    kind = "dra"
    manager = "nvidia-dra"
    asks = ("gpus", "mig", "device")
    example = "gpus: 1"
    silent = True
    in_status = False

    def __init__(self, settings: DraSharing) -> None:
        """Claim as the settings say."""
        super().__init__(settings)
        self.settings = settings

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return its GPUs, and with dynamic MIG every instance that one could be cut into."""
        if self.settings.dynamic_mig:
            return partitions(instance)
        return whole_gpus(instance)

    @override
    def ask(self, model: ModelSettings, instance: InstanceType) -> GpuAsk:
        """Return a count of GPUs, or MIG instances."""
        return claim_ask(model, instance)

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return the claim, or the extended resource that the DeviceClass serves."""
        plain = model.mig is None and model.device is None
        if plain and self.settings.extended_resource:
            return GpuGrant(limits={GPU_RESOURCE: str(ask.devices)})
        return claim_grant(name, model, NVIDIA)

    @override
    def refusals(
        self, path: str, model: ModelSettings, instance: InstanceType
    ) -> Iterator[Finding]:
        """Yield why no device of that type will ever be what the model at `path` claims."""
        cut = self.settings.dynamic_mig
        yield from refusals(path, model, instance, NVIDIA, divisible=False, cut=cut)

    @override
    def further_labels(self) -> dict[str, str]:
        """Return what keeps agents of the GPU Operator away whose work another one does."""
        others = {
            NO_EXPORTER_LABEL: self.settings.monitor,
            NO_MIG_MANAGER_LABEL: self.settings.dynamic_mig,
        }
        return NO_DEVICE_PLUGIN_LABEL | {label: "false" for label, done in others.items() if done}
