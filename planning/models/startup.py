"""How long a replica may take from its container's start until it serves."""

from collections.abc import Iterable
from math import ceil
from typing import Literal

from catalog.instance_types import InstanceType

Source = Literal["hub", "s3", "copy", "shared-files"]
"""Where weights come from, `load.kind` of the settings."""

HUB_BYTES_PER_SECOND = 250e6
"""What a download from the Hugging Face Hub is counted with, however fast the network; inferred."""
FILES_BYTES_PER_SECOND = 125e6
"""FSx for Lustre at its smallest: 125 MB/s for a TiB. Source: settings/storage.py."""
S3_BYTES_PER_SECOND = 2e9
"""A streamer read 10.4 GB in 5.0 s. Source: EKS user guide, ml-inference-load-serve-model."""
S3_PART_OF_NETWORK = 0.8
"""That measurement's part of the 20 Gbit/s of its g6e.4xlarge."""
NVME_BYTES_PER_SECOND = 1e9
"""Of the instance's own disks together, at least; inferred from what a streamer read in 5 s."""
EBS_BYTES_PER_SECOND = 125e6
"""Of a gp3 volume without more throughput bought. Source: EBS user guide, gp3."""
BYTES_PER_GBIT = 1e9 / 8
COMPILE_SECONDS = 80
"""torch.compile of a model of 640 GB without a cache. Source: EKS user guide,
ml-inference-fast-model-loading."""
COMPILED_SECONDS = 6
"""The same with its graphs on a disk; not counted on, since the first start has none."""
GRAPHS_SECONDS = 60
MARGIN_SECONDS = 120
LEAST_SECONDS = 600
"""vLLM's own patience with its engine. Source: vLLM 0.33.0, VLLM_ENGINE_READY_TIMEOUT_S."""
STEP_SECONDS = 10
"""The period of the start-up probe."""


def startup_seconds(
    weight_bytes: float,
    types: Iterable[InstanceType],
    source: Source = "hub",
    *,
    on_volume: bool = False,
) -> int:
    """Return the budget: transfer, compile, capture and a margin, on the slowest type.

    Args:
        weight_bytes: Weights of all GPUs of one replica.
        types: Instance types that it may run on.
        source: Where the weights come from. A copy to the node's disk is made before the container
            starts, and so is not counted.
        on_volume: Whether what is downloaded lies on a volume and not on the node's disk. That it
            lies there already is not counted on: the first start finds an empty one.
    """
    slowest = max(
        weight_bytes * _seconds_per_byte(found, source, on_volume=on_volume) for found in types
    )
    needed = slowest + COMPILE_SECONDS + GRAPHS_SECONDS + MARGIN_SECONDS
    return max(LEAST_SECONDS, ceil(needed / STEP_SECONDS) * STEP_SECONDS)


def _seconds_per_byte(found: InstanceType, source: Source, *, on_volume: bool) -> float:
    disk = NVME_BYTES_PER_SECOND if found.nvme_gb else EBS_BYTES_PER_SECOND
    network = found.network_gbps * BYTES_PER_GBIT
    match source:
        case "hub":
            # Written to the disk first, then read from it.
            kept = EBS_BYTES_PER_SECOND if on_volume else disk
            return 1 / min(HUB_BYTES_PER_SECOND, network, kept) + 1 / kept
        case "s3":
            return 1 / min(S3_BYTES_PER_SECOND, S3_PART_OF_NETWORK * network)
        case "copy":
            return 1 / disk
        case "shared-files":
            return 1 / min(FILES_BYTES_PER_SECOND, network)
