"""What the containers of a pod ask of HAMi.

Source: Project-HAMi/HAMi v2.10.0, pkg/device/nvidia/device.go (GenerateResourceRequests) and
pkg/scheduler/webhook.go (the defaults).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from rehearsal.hami.objects import (
    GPU,
    GPU_CORES,
    GPU_MEMORY,
    GPU_MEMORY_PERCENT,
    Device,
    Manifest,
    annotations,
)
from rehearsal.quantities import quantity

Policy = Literal["binpack", "spread"]
POLICIES: Final = ("binpack", "spread")
NODE_POLICY: Final = "hami.io/node-scheduler-policy"
GPU_POLICY: Final = "hami.io/gpu-scheduler-policy"
"""Annotations of a pod that overrule the policy of the release."""
WHOLE: Final = 100

NOT_PLAYED: Final = (
    "nvidia.com/use-gpuuuid",
    "nvidia.com/nouse-gpuuuid",
    "nvidia.com/use-gputype",
    "nvidia.com/nouse-gputype",
    "nvidia.com/numa-bind",
    "nvidia.com/vgpu-mode",
)
"""Annotations of a pod that change HAMi's choice, and that the stand-in does not know."""


class NotPlayedError(Exception):
    """A pod asks for something of HAMi that the stand-in does not play."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one container asks for."""

    gpus: int
    memory_mib: int | None
    """Of each GPU; None where it is asked for in percent."""
    memory_percent: int
    cores_percent: int

    def memory_of(self, device: Device) -> int:
        """Return the memory that it takes of `device`, in MiB."""
        if self.memory_mib is not None:
            return self.memory_mib
        return device.memory_mib * self.memory_percent // WHOLE


def requests_of(pod: Manifest) -> tuple[Request | None, ...]:
    """Return what each container asks for, init containers first; None where it wants no GPU.

    Raises:
        NotPlayedError: the pod has an annotation, or an init container, that is not played.
    """
    if unknown := [name for name in NOT_PLAYED if name in annotations(pod)]:
        raise NotPlayedError(f"{', '.join(unknown)}: the rehearsal's HAMi does not know this")
    first = [_request(one) for one in pod["spec"].get("initContainers") or ()]
    if any(first):
        raise NotPlayedError("an init container asks for a GPU: the rehearsal does not count that")
    return (*first, *(_request(one) for one in pod["spec"]["containers"]))


def policy_of(pod: Manifest, annotation: str, default: Policy) -> Policy:
    """Return the policy that `annotation` of a pod asks for.

    Raises:
        NotPlayedError: it is one of HAMi's others.
    """
    asked = annotations(pod).get(annotation, default).strip()
    if asked not in POLICIES:
        raise NotPlayedError(f"{annotation}: {asked}: the rehearsal plays {' and '.join(POLICIES)}")
    return asked


def _request(container: Manifest) -> Request | None:
    resources: Mapping[str, Mapping[str, str]] = container.get("resources") or {}
    written = {**(resources.get("requests") or {}), **(resources.get("limits") or {})}
    amounts = {name: quantity(amount) for name, amount in written.items()}
    asked = {GPU, GPU_MEMORY, GPU_MEMORY_PERCENT, GPU_CORES} & amounts.keys()
    gpus = int(amounts.get(GPU, Decimal(1))) if asked else 0
    if not gpus:
        return None
    percent = int(amounts.get(GPU_MEMORY_PERCENT, Decimal(WHOLE)))
    memory = int(amounts.get(GPU_MEMORY, Decimal(0)))
    # Without a word of memory the webhook gives the GPUs whole: all cores, nobody beside it.
    whole = not memory and percent == WHOLE
    cores = int(amounts.get(GPU_CORES, Decimal(WHOLE if whole else 0)))
    return Request(
        gpus=gpus,
        memory_mib=memory or None,
        memory_percent=percent,
        cores_percent=min(cores, WHOLE),
    )
