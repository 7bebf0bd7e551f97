"""GPUs as an engine sees them: memory that CUDA reports, which is less than what EC2 states.

Every number was read on 2026-11-21 at the source beside it. Where no log of that GPU was found, it
is EC2's figure times the share that a GPU of the same generation reports, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

MIB_PER_GIB: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One kind of GPU."""

    name: str
    """Name here, and on the command line."""
    ec2_name: str
    """Value of the label `karpenter.k8s.aws/instance-gpu-name`."""
    ec2_memory_mib: int
    """Memory as EC2 states it, in MiB; with `ec2_name` it says which instance types carry it."""
    visible_gib: float
    """`torch.cuda.get_device_properties(0).total_memory`, in GiB."""
    compute_capability: float
    """Of CUDA; from 8.9 on the GPU computes in FP8, and 10.x is Blackwell for data centres."""
    nvlink: bool
    """Whether the GPUs of its instances reach each other over NVLink."""
    source: str
    """Where `visible_gib` was read."""


_AMPERE: Final = "EC2's figure x 0.983, as of the A10G"

GPUS: Final[Mapping[str, Gpu]] = MappingProxyType(
    {
        found.name: found
        for found in (
            Gpu(
                name="T4",
                ec2_name="t4",
                ec2_memory_mib=16384,
                visible_gib=14.56,
                compute_capability=7.5,
                nvlink=False,
                source="inferred: nvidia-smi's 15360 MiB less what the driver keeps with ECC",
            ),
            Gpu(
                name="A10G",
                ec2_name="a10g",
                ec2_memory_mib=22888,
                visible_gib=21.98,
                compute_capability=8.6,
                nvlink=False,
                source="vllm-project/vllm issue 9367, a g5.2xlarge",
            ),
            Gpu(
                name="L4",
                ec2_name="l4",
                ec2_memory_mib=22888,
                visible_gib=21.98,
                compute_capability=8.9,
                nvlink=False,
                source=_AMPERE,
            ),
            Gpu(
                name="L40S",
                ec2_name="l40s",
                ec2_memory_mib=45776,
                visible_gib=44.42,
                compute_capability=8.9,
                nvlink=False,
                source="vllm-project/vllm issue 15815, `total_gpu_memory (44.42GiB)`",
            ),
            Gpu(
                name="A100-40GB",
                ec2_name="a100",
                ec2_memory_mib=40960,
                visible_gib=39.39,
                compute_capability=8.0,
                nvlink=True,
                source="EC2's figure x 0.985, as of the A100-80GB, rounded down",
            ),
            Gpu(
                name="A100-80GB",
                ec2_name="a100",
                ec2_memory_mib=81920,
                visible_gib=79.32,
                compute_capability=8.0,
                nvlink=True,
                source="vllm-project/vllm-omni issue 276, `0.49/79.32 GiB`",
            ),
            Gpu(
                name="H100",
                ec2_name="h100",
                ec2_memory_mib=81920,
                visible_gib=79.22,
                compute_capability=9.0,
                nvlink=True,
                source="vllm-project/vllm pull request 10511, `total_gpu_memory 79.22GiB`",
            ),
            Gpu(
                name="H200",
                ec2_name="h200",
                ec2_memory_mib=144384,
                visible_gib=139.72,
                compute_capability=9.0,
                nvlink=True,
                source="vllm-project/vllm issue 13074: the four terms of an H20 with the same "
                "141 GB, at a utilisation of 1.0, summed up",
            ),
            Gpu(
                name="B200",
                ec2_name="b200",
                ec2_memory_mib=183359,
                visible_gib=178.35,
                compute_capability=10.0,
                nvlink=True,
                source="vllm-project/vllm issue 57936, 164.08 GiB at 0.92",
            ),
            Gpu(
                name="GB200",
                ec2_name="gb200",
                ec2_memory_mib=189471,
                visible_gib=184.0,
                compute_capability=10.0,
                nvlink=True,
                source="inferred: 186 GB of HBM3e, of which 183 to 185 GiB are visible",
            ),
            Gpu(
                name="B300",
                ec2_name="b300",
                ec2_memory_mib=275040,
                visible_gib=267.5,
                compute_capability=10.3,
                nvlink=True,
                source="EC2's figure x 0.996, as of the B200",
            ),
            Gpu(
                name="RTX-PRO-4500",
                ec2_name="rtx-pro-4500",
                ec2_memory_mib=32768,
                visible_gib=31.38,
                compute_capability=12.0,
                nvlink=False,
                source="vllm-project/vllm pull request 51590, 33689829376 bytes",
            ),
            Gpu(
                name="RTX-PRO-6000",
                ec2_name="rtx-pro-server-6000",
                ec2_memory_mib=98304,
                visible_gib=94.1,
                compute_capability=12.0,
                nvlink=False,
                source="EC2's figure x 0.981, as of the RTX PRO 4500",
            ),
        )
    }
)
"""Every GPU of the catalog's instance types that vLLM runs on, and the GB200."""


def gpus_called(name: str) -> tuple[Gpu, ...]:
    """Return the GPUs with this name, here or on EC2, case and separators aside.

    A name of EC2 may be that of two: `a100`.
    """
    wanted = _plain(name)
    exact = tuple(gpu for gpu in GPUS.values() if _plain(gpu.name) == wanted)
    return exact or tuple(gpu for gpu in GPUS.values() if _plain(gpu.ec2_name) == wanted)


def nearest_gpus(name: str) -> tuple[str, ...]:
    """Return up to three names that look like `name`, best first, for an error's fix."""
    by_name = {_plain(gpu.name): gpu.name for gpu in GPUS.values()}
    close = get_close_matches(_plain(name), by_name, n=3, cutoff=0.4)
    return tuple(by_name[match] for match in close)


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
