"""What the GPU layer publishes on a node: labels, and resources that pods can ask for.

Sources: NVIDIA/k8s-device-plugin, docs of GPU feature discovery (labels); Project-HAMi/HAMi 2.10,
charts/hami/values.yaml (`resourceName`, `resourceMem`, `resourceCores`, `deviceSplitCount`).
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Final

from catalog.instance_types import InstanceType
from planning.releases import HAMI_NODE_LABEL
from rehearsal.fleet.api import Manifest
from rehearsal.fleet.quantities import quantity

GPU: Final = "nvidia.com/gpu"
GPU_MEMORY: Final = "nvidia.com/gpumem"
"""HAMi: MiB of GPU memory."""
GPU_CORES: Final = "nvidia.com/gpucores"
"""HAMi: percent of one GPU's multiprocessors."""

DEFAULT_SPLITS: Final = 10
"""Containers per GPU where the HAMi release sets no `devicePlugin.deviceSplitCount`."""

SIMULATED: Final = (
    (
        "GPU drivers, device plugins and feature discovery do not run: the fleet writes the labels "
        "and the extended resources that they would publish."
    ),
    (
        "HAMi counts GPU memory and cores per device in its own scheduler; the one here knows only "
        "their sums per node, and lets shares in that fit the sum but no single GPU."
    ),
    "HAMi's admission webhook does not run: pods are taken as the program wrote them.",
)


def is_hami(labels: Mapping[str, str]) -> bool:
    """Return whether HAMi hands out the GPUs of a node with these labels."""
    return HAMI_NODE_LABEL.items() <= labels.items()


def gpu_labels(instance: InstanceType) -> dict[str, str]:
    """Return the labels of GPU feature discovery; `gpu.product` carries the catalog's GPU name."""
    if instance.gpus == 0:
        return {}
    return {
        f"{GPU}.present": "true",
        f"{GPU}.product": f"NVIDIA-{(instance.gpu_name or '').upper()}",
        f"{GPU}.count": str(instance.gpus),
        f"{GPU}.memory": str(instance.gpu_memory_mib),
    }


def gpu_resources(
    instance: InstanceType, labels: Mapping[str, str], splits: int = DEFAULT_SPLITS
) -> dict[str, str]:
    """Return the extended resources of a node: whole GPUs, or what HAMi makes of them.

    HAMi publishes only `nvidia.com/gpu` (GPUs times splits) in the node's status; it keeps memory
    and cores of each device to its scheduler extender. The extender is not run here, so that the
    node carries their sums instead, and the profile `hami-scheduler` decides by these.
    """
    if instance.gpus == 0:
        return {}
    if not is_hami(labels):
        return {GPU: str(instance.gpus)}
    return {
        GPU: str(instance.gpus * splits),
        GPU_MEMORY: str(instance.gpus * instance.gpu_memory_mib),
        GPU_CORES: str(instance.gpus * 100),
    }


def gpu_requests(pod: Manifest) -> dict[str, Decimal]:
    """Return what the containers of `pod` ask for of GPUs."""
    total: dict[str, Decimal] = {}
    for container in pod["spec"]["containers"]:
        requests: dict[str, str] = container.get("resources", {}).get("requests", {})
        for key in {GPU, GPU_MEMORY, GPU_CORES} & requests.keys():
            total[key] = total.get(key, Decimal(0)) + quantity(requests[key])
    return total


def gpus_used(
    asked: Iterable[Mapping[str, Decimal]], labels: Mapping[str, str], instance: InstanceType | None
) -> int:
    """Return the GPUs that the requests `asked` on a node take.

    Of HAMi's GPUs it is the least number that holds the shares: the greater of memory over memory
    per GPU and cores over 100, rounded up. Which device a share is on only HAMi's scheduler knows,
    and that is not run here.
    """
    sums = {GPU: Decimal(0), GPU_MEMORY: Decimal(0), GPU_CORES: Decimal(0)}
    for requests in asked:
        for key in sums:
            sums[key] += requests.get(key, Decimal(0))
    if instance is None or instance.gpus == 0 or not is_hami(labels):
        return int(sums[GPU])
    filled = max(sums[GPU_MEMORY] / instance.gpu_memory_mib, sums[GPU_CORES] / 100)
    return int(filled.to_integral_value(ROUND_CEILING))
