"""The devices that DRA drivers publish, as data: one pool per node, named after it.

A device is one item of `spec.devices` of a ResourceSlice (resource.k8s.io/v1).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from catalog.gpu_products import BRAND, CUDA_DRIVER_VERSION, DRIVER_VERSION
from rehearsal.api import Manifest
from rehearsal.fleet.gpu_devices import Gpu

API_VERSION: Final = "resource.k8s.io/v1"
RESOURCE_SLICES: Final = f"/apis/{API_VERSION}/resourceslices"
MOST_DEVICES: Final = 128
"""Devices of one slice. Source: Kubernetes 1.36, resource.k8s.io/v1, ResourceSliceMaxDevices."""
MOST_COUNTING_DEVICES: Final = 64
"""The same where devices consume counters: ResourceSliceMaxDevicesWithAdvancedFeatures."""
MOST_COUNTER_SETS: Final = 8
"""Counter sets of one slice, which holds nothing else: ResourceSliceMaxCounterSets."""
PCIE_ROOT: Final = "resource.kubernetes.io/pcieRoot"

T = TypeVar("T")
Device = dict[str, Any]
Content = Mapping[str, Any]
"""What one slice holds beside its pool: `devices`, or `sharedCounters`."""


def device_slices(devices: Sequence[Device]) -> list[Content]:
    """Return devices as the content of slices, as few as the API allows."""
    counting = any("consumesCounters" in device for device in devices)
    most = MOST_COUNTING_DEVICES if counting else MOST_DEVICES
    return [{"devices": some} for some in _batches(devices, most)]


def counter_slices(counter_sets: Sequence[Mapping[str, Any]]) -> list[Content]:
    """Return counter sets as the content of slices: since 1.35 in slices of their own."""
    return [{"sharedCounters": some} for some in _batches(counter_sets, MOST_COUNTER_SETS)]


def slice_manifests(
    node: Manifest, driver: str, contents: Sequence[Content], generation: int
) -> list[Manifest]:
    """Return the ResourceSlices of a node's pool; they go with the node.

    Args:
        node: The node as the API server has it.
        driver: The DRA driver's name.
        contents: What each of its slices holds.
        generation: Of the pool: the scheduler takes the newest, once it is complete.
    """
    name, uid = node["metadata"]["name"], node["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid, "controller": True}
    pool = {"name": name, "generation": generation, "resourceSliceCount": len(contents)}
    return [
        {
            "apiVersion": API_VERSION,
            "kind": "ResourceSlice",
            "metadata": {"name": f"{name}-{driver}-{number}", "ownerReferences": [owner]},
            "spec": {"driver": driver, "nodeName": name, "pool": pool, **content},
        }
        for number, content in enumerate(contents)
    ]


def gpu_attributes(gpu: Gpu) -> Device:
    """Return the attributes that every driver publishes of a GPU, in its own domain."""
    product = gpu.product
    return {
        "productName": {"string": product.product},
        "brand": {"string": BRAND},
        "architecture": {"string": product.architecture},
        "cudaComputeCapability": {"version": version(product.compute_capability)},
        "driverVersion": {"version": version(DRIVER_VERSION)},
        "cudaDriverVersion": {"version": version(CUDA_DRIVER_VERSION)},
        PCIE_ROOT: {"string": gpu.pcie_root},
    }


def version(text: str) -> str:
    """Return a version with the three numbers that the API wants: `580.159.3` for 580.159.03."""
    numbers = [str(int(number)) for number in text.split(".")]
    return ".".join([*numbers, "0", "0"][:3])


def mebibytes(amount: int) -> str:
    """Return a quantity of MiB."""
    return f"{amount}Mi"


def quantities(amounts: Iterable[tuple[str, str]]) -> Device:
    """Return capacities, or counters, by name."""
    return {name: {"value": value} for name, value in amounts}


def _batches(items: Sequence[T], most: int) -> Iterator[list[T]]:
    for first in range(0, len(items), most):
        yield list(items[first : first + most])
