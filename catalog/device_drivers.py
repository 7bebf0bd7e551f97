"""What DRA drivers publish of a GPU, by which claims select it, and what Karpenter knows of that.

Sources: kubernetes-sigs/dra-driver-nvidia-gpu 0.4.1, site/content/docs/reference/
resourceslice-attributes.md and its chart's DeviceClasses; Project-HAMi/k8s-dra-driver v0.1.0,
cmd/hami-kubelet-plugin/hami_core.go; karpenter.sh v1.15, tasks/dra.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

STANDARD_DOMAIN: Final = "resource.kubernetes.io"
"""Domain of attributes that mean the same whichever driver publishes them."""


@dataclass(frozen=True, kw_only=True)
class DeviceDriver:
    """A DRA driver, and the words of its devices."""

    name: str
    """Name of the driver, of the DeviceClass of its GPUs, and domain of its own words."""
    gpu_type: str
    """Value of the attribute `type` on a whole GPU."""
    attributes: frozenset[str]
    """Of its own domain."""
    standard_attributes: frozenset[str]
    """Of the domain that all drivers share."""
    capacities: frozenset[str]
    """Of its own domain."""

    @property
    def domains(self) -> Mapping[str, frozenset[str]]:
        """Return the attributes by domain."""
        return {self.name: self.attributes, STANDARD_DOMAIN: self.standard_attributes}


NVIDIA: Final = DeviceDriver(
    name="gpu.nvidia.com",
    gpu_type="gpu",
    attributes=frozenset(
        {
            "type",
            "uuid",
            "productName",
            "brand",
            "architecture",
            "cudaComputeCapability",
            "driverVersion",
            "cudaDriverVersion",
            "addressingMode",
            "profile",
            "parentUUID",
        }
    ),
    standard_attributes=frozenset({"pciBusID", "pcieRoot"}),
    capacities=frozenset(
        {
            "memory",
            "multiprocessors",
            "copyEngines",
            "decoders",
            "encoders",
            "jpegEngines",
            "ofaEngines",
        }
    ),
)
HAMI: Final = DeviceDriver(
    name="hami-core-gpu.project-hami.io",
    gpu_type="hami-gpu",
    attributes=frozenset(
        {
            "type",
            "uuid",
            "minor",
            "productName",
            "brand",
            "architecture",
            "cudaComputeCapability",
            "driverVersion",
            "cudaDriverVersion",
            "pcieBusID",
        }
    ),
    standard_attributes=frozenset({"pcieRoot"}),
    capacities=frozenset({"cores", "memory"}),
)
MIG_CLASS: Final = "mig.nvidia.com"
"""DeviceClass of NVIDIA's driver for MIG instances; its domain is the driver's."""

KARPENTER_FAMILIES: Final = frozenset(
    {
        *("g4dn", "g5", "g5g", "g6", "g6e", "g6f", "gr6", "gr6f"),
        *("p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"),
    }
)
"""Families whose devices Karpenter 1.15 foresees, of NVIDIA's driver alone."""
KARPENTER_ATTRIBUTES: Final = frozenset(
    {"type", "productName", "brand", "architecture", "cudaComputeCapability"}
)
"""Of those devices, the attributes that a selector may ask about."""
KARPENTER_CAPACITIES: Final = frozenset({"memory"})
"""And the capacities."""
KARPENTER_SAME: Final = frozenset({"driverVersion", "cudaDriverVersion", "pcieRoot"})
"""What devices of one claim may have in common there."""
