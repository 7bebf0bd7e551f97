"""Claims on DRA devices, written from what a model asks for."""

from dataclasses import replace

from catalog.device_drivers import MIG_CLASS, STANDARD_DOMAIN, DeviceDriver
from catalog.instance_types import InstanceType
from planning.sharing.cel import equals, selectors
from planning.sharing.slices import USABLE_PART
from planning.sharing.way import MIB_PER_GIB
from planning.specs.devices import ClaimSpec, DeviceRequestSpec, GpuAsk, GpuGrant
from settings.devices import DeviceAlternative, DeviceAsk
from settings.models import ModelSettings

Named = tuple[str, DeviceAlternative]


def asked_device(model: ModelSettings) -> DeviceAsk:
    """Return what a model asks for as devices, in whichever of the terms it says it."""
    if model.device is not None:
        return model.device
    if model.mig is not None:
        return DeviceAsk(mig=model.mig)
    if model.share is not None:
        return DeviceAsk(share=model.share)
    return DeviceAsk(count=model.gpus or 1)


def choices(path: str, model: ModelSettings) -> tuple[Named, ...]:
    """Return the first ask and its alternatives, best first, each with its place below `path`."""
    device = asked_device(model)
    others = enumerate(device.alternatives)
    return (
        (f"{path}.device" if model.device else path, device),
        *((f"{path}.device.alternatives.{number}", other) for number, other in others),
    )


def claim_ask(model: ModelSettings, instance: InstanceType) -> GpuAsk:
    """Return what a replica takes of a node of that type."""
    device = asked_device(model)
    first = _ask(device, instance.gpus if device.all else device.count)
    others = tuple(_ask(other, other.count) for other in device.alternatives)
    return replace(first, shared=device.shared, alternatives=others)


def claim_grant(name: str, model: ModelSettings, driver: DeviceDriver) -> GpuGrant:
    """Return the claim of the model called `name`.

    Replicas that hold one claim together divide its memory, which nothing else keeps apart.
    """
    device = asked_device(model)
    part = round(USABLE_PART / model.replicas.max, 3) if device.shared else None
    return GpuGrant(claim=_claim(name, device, driver), memory_utilization=part)


def _claim(name: str, device: DeviceAsk, driver: DeviceDriver) -> ClaimSpec:
    asks = (device, *device.alternatives)
    divided = any(one.share and one.count > 1 for one in asks)
    common = {
        "pcieRoot": f"{STANDARD_DOMAIN}/pcieRoot",
        "productName": f"{driver.name}/productName",
    }
    return ClaimSpec(
        model=name,
        shared=device.shared,
        requests=tuple(_request(one, driver) for one in asks),
        match_attribute=common[device.same] if device.same else None,
        # Else several shares of one claim may come to lie on one GPU.
        distinct_attribute=f"{driver.name}/uuid" if divided else None,
    )


def _ask(asked: DeviceAlternative, count: int) -> GpuAsk:
    share = asked.share
    return GpuAsk(
        devices=count,
        memory_mib=share.memory_gib * MIB_PER_GIB if share else None,
        cores_percent=share.cores_percent if share else None,
        profile=asked.mig,
    )


def _request(asked: DeviceAlternative, driver: DeviceDriver) -> DeviceRequestSpec:
    everything = isinstance(asked, DeviceAsk) and asked.all
    share, profile = asked.share, asked.mig
    chosen = (equals(driver.name, "profile", profile),) if profile else ()
    return DeviceRequestSpec(
        device_class=MIG_CLASS if profile else driver.name,
        count=None if everything else asked.count,
        selectors=(*chosen, *selectors(asked, driver.name)),
        capacity=(
            {"memory": f"{share.memory_gib}Gi", "cores": str(share.cores_percent)} if share else {}
        ),
    )
