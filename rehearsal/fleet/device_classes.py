"""The DeviceClasses that the charts of DRA drivers bring; releases are not rendered here.

Sources: kubernetes-sigs/dra-driver-nvidia-gpu and Project-HAMi/HAMi-DRA, their charts'
templates/deviceclass*.yaml.
"""

from collections.abc import Iterable
from typing import Final

from planning.specs.base import DOMAIN
from rehearsal.api import Api, Manifest
from rehearsal.fleet import hami_devices, nvidia_devices
from rehearsal.fleet.resource_slices import API_VERSION
from rehearsal.hami.objects import GPU

DEVICE_CLASSES: Final = f"/apis/{API_VERSION}/deviceclasses"
OF_THE_FLEET: Final = {f"{DOMAIN}/rehearsal": "device-class"}
"""Label of those that the fleet made: it leaves all others alone."""


def device_classes(drivers: Iterable[str]) -> list[Manifest]:
    """Return the DeviceClasses of these drivers."""
    classes: list[Manifest] = []
    for driver in sorted(set(drivers)):
        if driver == nvidia_devices.DRIVER:
            # A plain request of GPUs is served by DRA too, on nodes without a device plugin.
            classes.append(_class("gpu.nvidia.com", driver, "gpu", extended_resource=GPU))
            classes.append(_class("mig.nvidia.com", driver, "mig"))
        else:
            classes.append(_class(hami_devices.DRIVER, driver, "hami-gpu"))
    return classes


def reconcile(api: Api, drivers: Iterable[str]) -> None:
    """Make the classes of the drivers that run now, and remove those of drivers that do not."""
    wanted = {one["metadata"]["name"]: one for one in device_classes(drivers)}
    existing = {one["metadata"]["name"]: one for one in api.list(DEVICE_CLASSES) or []}
    for name, manifest in wanted.items():
        if name not in existing:
            api.create(DEVICE_CLASSES, manifest)
    for name, found in existing.items():
        labels: dict[str, str] = found["metadata"].get("labels", {})
        if name not in wanted and OF_THE_FLEET.items() <= labels.items():
            api.delete(f"{DEVICE_CLASSES}/{name}")


def _class(name: str, driver: str, kind: str, extended_resource: str | None = None) -> Manifest:
    expression = f"device.driver == '{driver}' && device.attributes['{driver}'].type == '{kind}'"
    spec: Manifest = {"selectors": [{"cel": {"expression": expression}}]}
    if extended_resource is not None:
        spec["extendedResourceName"] = extended_resource
    return {
        "apiVersion": API_VERSION,
        "kind": "DeviceClass",
        "metadata": {"name": name, "labels": dict(OF_THE_FLEET)},
        "spec": spec,
    }
