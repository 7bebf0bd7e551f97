"""HAMi's words on objects: the devices that a node registers, and the shares that a pod was given.

Source: Project-HAMi/HAMi v2.10.0, pkg/util/types.go, pkg/device/devices.go and
docs/develop/protocol.md; charts/hami/values.yaml for the names of resources.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Manifest = Mapping[str, Any]
"""A Kubernetes object as JSON."""

GPU: Final = "nvidia.com/gpu"
"""GPUs of which a container wants a share."""
GPU_MEMORY: Final = "nvidia.com/gpumem"
"""MiB of the memory of each of them."""
GPU_MEMORY_PERCENT: Final = "nvidia.com/gpumem-percentage"
"""The same in percent."""
GPU_CORES: Final = "nvidia.com/gpucores"
"""Percent of the multiprocessors of each of them."""
RESOURCES: Final = (GPU, GPU_MEMORY, GPU_CORES, GPU_MEMORY_PERCENT)
"""What HAMi's scheduler leaves to its extender."""

SCHEDULER: Final = "hami-scheduler"
NODE_LABEL: Final = "gpu=on"
"""Selects the nodes that HAMi's device plugin runs on."""

REGISTER: Final = "hami.io/node-nvidia-register"
"""Annotation of a node: its devices."""
NODE: Final = "hami.io/vgpu-node"
"""Annotation of a pod: the node that its shares are on, also before it is bound."""
TIME: Final = "hami.io/vgpu-time"
"""When that was decided, in seconds since the epoch."""
TO_ALLOCATE: Final = "hami.io/vgpu-devices-to-allocate"
ALLOCATED: Final = "hami.io/vgpu-devices-allocated"
"""Annotation of a pod: its shares."""

VENDOR: Final = "NVIDIA"


@dataclass(frozen=True, kw_only=True)
class Device:
    """A GPU that a node registers."""

    id: str
    splits: int
    """Most containers."""
    memory_mib: int
    cores_percent: int = 100
    healthy: bool = True


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one container was given of one GPU."""

    device: str
    """Its id."""
    memory_mib: int
    cores_percent: int


Shares = tuple[Share, ...]
"""What one container was given."""


def devices_of(node: str, gpus: int, memory_mib: int, splits: int) -> tuple[Device, ...]:
    """Return the GPUs of the node called `node`; their ids are the same in every run."""
    prefix = hashlib.sha256(node.encode()).hexdigest()[:8]
    return tuple(
        Device(id=f"GPU-{prefix}-{number}", splits=splits, memory_mib=memory_mib)
        for number in range(gpus)
    )


def registration(devices: Sequence[Device], product: str) -> dict[str, str]:
    """Return the annotation by which HAMi's device plugin registers the GPUs of a node."""
    register = [
        {
            "id": device.id,
            "index": index,
            "count": device.splits,
            "devmem": device.memory_mib,
            "devcore": device.cores_percent,
            "type": f"{VENDOR}-{product}",
            "numa": 0,
            "mode": "hami-core",
            "health": device.healthy,
        }
        for index, device in enumerate(devices)
    ]
    return {REGISTER: json.dumps(register)}


def registered(node: Manifest) -> tuple[Device, ...]:
    """Return the devices that a node registered; none where HAMi's device plugin does not run."""
    written: list[Manifest] = json.loads(annotations(node).get(REGISTER, "[]"))
    return tuple(
        Device(
            id=one["id"],
            splits=one["count"],
            memory_mib=one["devmem"],
            cores_percent=one["devcore"],
            healthy=one.get("health", False),
        )
        for one in written
    )


def decision(node: str, containers: Iterable[Shares], seconds: int) -> dict[str, str]:
    """Return the annotations of a pod whose containers get `containers` on `node`."""
    text = "".join(f"{''.join(map(_written, shares))};" for shares in containers)
    return {NODE: node, TIME: str(seconds), TO_ALLOCATE: text, ALLOCATED: text}


def shares_of(pod: Manifest) -> Shares:
    """Return the shares that HAMi wrote on a pod, of all its containers."""
    text = annotations(pod).get(ALLOCATED, "")
    found = [one for container in text.split(";") for one in container.split(":") if one]
    return tuple(map(_read, found))


def hami_devices(pod: Manifest) -> tuple[str, ...]:
    """Return the ids of the GPUs that `pod` has shares of, sorted, each once."""
    return tuple(sorted({share.device for share in shares_of(pod)}))


def hami_gpus_used(pods: Iterable[Manifest]) -> int:
    """Return how many GPUs the pods of one node have shares of."""
    return len({device for pod in pods for device in hami_devices(pod)})


def annotations(found: Manifest) -> dict[str, str]:
    """Return the annotations of an object."""
    return found["metadata"].get("annotations") or {}


def _written(share: Share) -> str:
    return f"{share.device},{VENDOR},{share.memory_mib},{share.cores_percent}:"


def _read(text: str) -> Share:
    device, _vendor, memory, cores = text.split(",")
    return Share(device=device, memory_mib=int(memory), cores_percent=int(cores))
