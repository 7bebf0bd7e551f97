"""The devices of HAMi's DRA driver: GPUs that several claims divide by memory and cores.

Source: Project-HAMi/k8s-dra-driver v0.1.0, cmd/hami-kubelet-plugin/hami_core.go.
"""

from collections.abc import Sequence
from typing import Final

from rehearsal.fleet.gpu_devices import Gpu
from rehearsal.fleet.resource_slices import (
    Content,
    Device,
    device_slices,
    gpu_attributes,
    mebibytes,
)

DRIVER: Final = "hami-core-gpu.project-hami.io"
WHOLE: Final = "100"
"""All multiprocessors of a GPU, in percent."""


def hami_slices(gpus: Sequence[Gpu]) -> list[Content]:
    """Return what the slices of a node's pool hold."""
    return device_slices([_device(gpu) for gpu in gpus])


def _device(gpu: Gpu) -> Device:
    memory = mebibytes(gpu.product.memory_mib)
    attributes = {
        "type": {"string": "hami-gpu"},
        "uuid": {"string": gpu.uuid},
        "minor": {"int": gpu.minor},
        "pcieBusID": {"string": gpu.pci_address},
    }
    return {
        "name": f"hami-gpu-{gpu.minor}",
        "allowMultipleAllocations": True,
        "attributes": attributes | gpu_attributes(gpu),
        "capacity": {
            "cores": _divisible(WHOLE, least="0", step="1"),
            "memory": _divisible(memory, least="1Mi", step="1Mi"),
        },
    }


def _divisible(all_of_it: str, *, least: str, step: str) -> Device:
    """Return a capacity of which a claim takes a part; one that names none takes all of it."""
    valid = {"min": least, "max": all_of_it, "step": step}
    return {"value": all_of_it, "requestPolicy": {"default": all_of_it, "validRange": valid}}
