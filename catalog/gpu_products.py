"""GPUs as NVIDIA's driver names and measures them, which is how device plugins publish them.

Sources, read on 2026-11-21: the table that `nvidia-smi` prints on each of them (product, memory);
NVIDIA's architecture white papers and `torch.cuda.get_device_properties` (multiprocessors);
developer.nvidia.com/cuda-gpus (compute capability); NVIDIA/go-nvlib, pkg/nvlib/device/device.go
(words for brand and architecture).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from catalog.instance_types import InstanceType

DRIVER_VERSION: Final = "580.159.03"
"""Source: awslabs/amazon-eks-ami, CHANGELOG.md, the release that `catalog.eks` pins."""
CUDA_DRIVER_VERSION: Final = "13.0"
"""Most recent CUDA that this driver serves. Source: docs.nvidia.com/cuda, release notes."""
BRAND: Final = "Nvidia"
"""Of every GPU for data centres, by a driver of today."""


@dataclass(frozen=True, kw_only=True)
class GpuProduct:
    """One GPU."""

    name: str
    """Value of the label `karpenter.k8s.aws/instance-gpu-name`."""
    ec2_memory_mib: int
    """Memory as EC2 states it, in MiB: two GPUs are called `a100`."""
    product: str
    """Product name of NVML."""
    architecture: str
    compute_capability: str
    """Of CUDA."""
    memory_mib: int
    """Memory as the driver reports it, in MiB."""
    multiprocessors: int
    """Streaming multiprocessors."""
    mig: bool = False
    """Whether it can be cut into MIG instances; `catalog.mig` says how."""

    @property
    def mig_at_any_time(self) -> bool:
        """Return whether MIG is switched on without a reset of the GPU: from Hopper on.

        Source: kubernetes-sigs/dra-driver-nvidia-gpu, cmd/gpu-kubelet-plugin/nvlib.go.
        """
        return self.mig and self.architecture != "Ampere"


_TABLE: Final = """
t4 16384 | Tesla T4 | Turing | 7.5 | 15360 | 40
t4g 16384 | NVIDIA T4G | Turing | 7.5 | 15360 | 40
a10g 22888 | NVIDIA A10G | Ampere | 8.6 | 23028 | 80
l4 22888 | NVIDIA L4 | Ada Lovelace | 8.9 | 23034 | 58
l40s 45776 | NVIDIA L40S | Ada Lovelace | 8.9 | 46068 | 142
a100 40960 | NVIDIA A100-SXM4-40GB | Ampere | 8.0 | 40960 | 108 | mig
a100 81920 | NVIDIA A100-SXM4-80GB | Ampere | 8.0 | 81920 | 108 | mig
h100 81920 | NVIDIA H100 80GB HBM3 | Hopper | 9.0 | 81559 | 132 | mig
h200 144384 | NVIDIA H200 | Hopper | 9.0 | 143771 | 132 | mig
b200 183359 | NVIDIA B200 | Blackwell | 10.0 | 183359 | 148 | mig
b300 275040 | NVIDIA B300 SXM6 AC | Blackwell | 10.3 | 275040 | 148 | mig
rtx-pro-4500 32768 | NVIDIA RTX PRO 4500 Blackwell Server Edition | Blackwell | 12.0 | 32623 | 82 | mig
rtx-pro-server-6000 98304 | NVIDIA RTX PRO 6000 Blackwell Server Edition | Blackwell | 12.0 | 97887 | 188 | mig
"""  # noqa: E501 - a row is a GPU


def _gpu_product(row: str) -> GpuProduct:
    named, product, architecture, capability, memory, multiprocessors, *mig = row.split(" | ")
    name, ec2_memory = named.split()
    return GpuProduct(
        name=name,
        ec2_memory_mib=int(ec2_memory),
        product=product,
        architecture=architecture,
        compute_capability=capability,
        memory_mib=int(memory),
        multiprocessors=int(multiprocessors),
        mig=mig == ["mig"],
    )


GPU_PRODUCTS: Final[Mapping[tuple[str, int], GpuProduct]] = MappingProxyType(
    {
        (found.name, found.ec2_memory_mib): found
        for found in map(_gpu_product, _TABLE.strip().splitlines())
    }
)
"""Every GPU of the catalog's instance types, by its name and memory on EC2."""


def gpu_product(instance: InstanceType) -> GpuProduct | None:
    """Return the GPU of an instance type; None where it holds none, or a fraction of one."""
    if instance.gpus == 0 or instance.gpu_name is None:
        return None
    return GPU_PRODUCTS[instance.gpu_name, instance.gpu_memory_mib]
