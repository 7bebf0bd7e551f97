"""Shares of a GPU claimed from HAMi's DRA driver."""

from collections.abc import Iterator
from dataclasses import replace

from typing_extensions import override

from catalog.device_drivers import HAMI
from catalog.gpu_products import gpu_product
from catalog.instance_types import InstanceType
from planning.sharing.claim_refusals import refusals
from planning.sharing.claims import claim_ask, claim_grant
from planning.sharing.device import Device
from planning.sharing.hami import HAMI_NODE_LABEL, NO_DEVICE_PLUGIN_LABEL
from planning.sharing.way import Way
from planning.sharing.whole import whole_gpus
from planning.specs.devices import GpuAsk, GpuGrant
from settings.finding import Finding
from settings.models import ModelSettings

MOST_SHARES = 128
"""More replicas than any GPU has room for; the driver itself sets no limit."""


class HamiDra(Way):
    """A pod holds a claim on memory and multiprocessors of a GPU."""

    kind = "hami-dra"
    manager = "hami-dra"
    asks = ("gpus", "share", "device")
    example = "share: {memory_gib: 8, cores_percent: 30}"
    silent = False
    in_status = False

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return its GPUs with the memory that the driver reports, each divided as claims ask."""
        found = gpu_product(instance)
        memory_mib = found.memory_mib if found else instance.gpu_memory_mib
        gpus = whole_gpus(instance, MOST_SHARES)
        return tuple(replace(gpu, memory_mib=memory_mib) for gpu in gpus)

    @override
    def ask(self, model: ModelSettings, instance: InstanceType) -> GpuAsk:
        """Return a share of one GPU, devices by what they are, or whole ones."""
        return claim_ask(model, instance)

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return a claim of the driver's own; its webhook for other pods has no part in it."""
        return claim_grant(name, model, HAMI)

    @override
    def refusals(
        self, path: str, model: ModelSettings, instance: InstanceType
    ) -> Iterator[Finding]:
        """Yield why no device of that type will ever be what the model at `path` claims."""
        yield from refusals(path, model, instance, HAMI, divisible=True, cut=False)

    @override
    def further_labels(self) -> dict[str, str]:
        """Return the driver's own label, and the one that keeps the device plugin away."""
        return HAMI_NODE_LABEL | NO_DEVICE_PLUGIN_LABEL
