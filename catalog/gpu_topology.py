"""Where the GPUs of an instance type sit on PCI Express.

Source: aws/aws-ofi-nccl, topology/*.xml (2026-11-21), which AWS hands to NCCL. Other types have no
published layout: each of their GPUs is taken to have a root complex of its own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.instance_types import InstanceType

_PAIRED: Final = tuple(
    f"0000:{bus}:{device}.0" for bus in ("10", "20", "90", "a0") for device in ("1c", "1d")
)
"""Two GPUs and a network card behind each switch."""

PCI_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "g5.48xlarge": tuple(f"0000:00:{device:02x}.0" for device in range(0x16, 0x1E)),
        "p4d.24xlarge": _PAIRED,
        "p4de.24xlarge": _PAIRED,
        "p5.48xlarge": tuple(
            f"0000:{bus}:00.0" for bus in ("4f", "60", "70", "80", "90", "a0", "b0", "c0")
        ),
    }
)
"""PCI addresses of the GPUs, by instance type, where AWS has published them."""


def pci_addresses(instance: InstanceType) -> tuple[str, ...]:
    """Return the PCI address of each GPU, in the order in which the driver numbers them."""
    one_bus_each = (f"0000:{(number + 1) << 4:02x}:00.0" for number in range(instance.gpus))
    return PCI_ADDRESSES.get(instance.name) or tuple(one_bus_each)


def pcie_roots(instance: InstanceType) -> tuple[str, ...]:
    """Return the PCIe root of each GPU: those with the same one share a way to the host."""
    return tuple(f"pci{address.rsplit(':', 1)[0]}" for address in pci_addresses(instance))
