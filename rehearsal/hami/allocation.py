"""Which GPUs the containers of a pod get, counted per GPU, in HAMi's order and words.

Source: Project-HAMi/HAMi v2.10.0, pkg/scheduler/score.go, pkg/scheduler/policy and
pkg/device/nvidia/device.go (Fit).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from rehearsal.hami.objects import Device, Share, Shares
from rehearsal.hami.requests import Policy, Request

WHOLE_CORES: Final = 100

Asked = Sequence[Request | None]
"""What each container of a pod asks for."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A GPU and what is taken of it."""

    device: Device
    containers: int = 0
    memory_mib: int = 0
    cores_percent: int = 0

    def plus(self, share: Share) -> "Usage":
        """Return the usage with one more share."""
        return replace(
            self,
            containers=self.containers + 1,
            memory_mib=self.memory_mib + share.memory_mib,
            cores_percent=self.cores_percent + share.cores_percent,
        )

    def problem(self, asked: Request) -> str | None:
        """Return why the GPU has no room for a container, in HAMi's words; None if it has."""
        device, cores = self.device, asked.cores_percent
        refusals = {
            "CardNotHealth": not device.healthy,
            "CardTimeSlicingExhausted": self.containers >= device.splits,
            "CardInsufficientMemory": (
                self.memory_mib + asked.memory_of(device) > device.memory_mib
            ),
            "CardInsufficientCore": self.cores_percent + cores > device.cores_percent,
            "ExclusiveDeviceAllocateConflict": (
                cores == WHOLE_CORES == device.cores_percent and self.containers > 0
            ),
            "CardComputeUnitsExhausted": not cores and self.cores_percent == device.cores_percent,
        }
        return next((word for word, holds in refusals.items() if holds), None)


Node = tuple[Usage, ...]
"""The GPUs of a node, in the order in which it registers them."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The node for a pod, and the shares of each of its containers."""

    node: str
    containers: tuple[Shares, ...]


@dataclass(frozen=True)
class Unfit:
    """No room."""

    reason: str
    """In HAMi's words, such as `2/2 CardInsufficientMemory`."""


def usage(devices: Iterable[Device], taken: Iterable[Share]) -> Node:
    """Return the GPUs of a node on which the shares `taken` are."""
    found = {device.id: Usage(device=device) for device in devices}
    for share in taken:
        if share.device in found:
            found[share.device] = found[share.device].plus(share)
    return tuple(found.values())


def decide(
    asked: Asked, nodes: Mapping[str, Node], node_policy: Policy, gpu_policy: Policy
) -> Decision | Mapping[str, Unfit]:
    """Return where a pod goes, or why it fits on none of `nodes`, by node.

    Of the nodes with room it is the fullest (`binpack`) or the emptiest (`spread`); of equal ones
    the first by name, where HAMi leaves it to chance.
    """
    results = {name: place(asked, node, gpu_policy) for name, node in sorted(nodes.items())}
    found = {name: one for name, one in results.items() if not isinstance(one, Unfit)}
    if not found:
        return {name: one for name, one in results.items() if isinstance(one, Unfit)}
    choose = max if node_policy == "binpack" else min
    name = choose(found, key=lambda name: fullness(nodes[name]))
    return Decision(node=name, containers=found[name])


def place(asked: Asked, node: Node, policy: Policy) -> tuple[Shares, ...] | Unfit:
    """Return the shares of each container of a pod on `node`, or why there is no room."""
    usages, containers = list(node), list[Shares]()
    for request in asked:
        # HAMi sorts the list that it sorted before, and looks at it from its end.
        usages.sort(key=lambda one: fullness([one]), reverse=policy == "spread")
        shares = _shares(request, usages) if request else ()
        if isinstance(shares, Unfit):
            return shares
        by_device = {share.device: share for share in shares}
        usages = [
            one.plus(by_device[one.device.id]) if one.device.id in by_device else one
            for one in usages
        ]
        containers.append(shares)
    return tuple(containers)


def fullness(usages: Sequence[Usage]) -> Fraction:
    """Return HAMi's score of GPUs: their taken parts of containers, cores and memory, added up."""
    devices = [one.device for one in usages]
    return (
        Fraction(sum(one.containers for one in usages), sum(one.splits for one in devices))
        + Fraction(
            sum(one.cores_percent for one in usages), sum(one.cores_percent for one in devices)
        )
        + Fraction(sum(one.memory_mib for one in usages), sum(one.memory_mib for one in devices))
    )


def _shares(request: Request, usages: Sequence[Usage]) -> Shares | Unfit:
    """Return the shares of one container: of the last of `usages` that have room."""
    if request.gpus > len(usages):
        return Unfit("NodeInsufficientDevice")
    problems: Counter[str] = Counter()
    shares = list[Share]()
    for one in reversed(usages):
        if problem := one.problem(request):
            problems[problem] += 1
            continue
        shares.append(
            Share(
                device=one.device.id,
                memory_mib=request.memory_of(one.device),
                cores_percent=request.cores_percent,
            )
        )
        if len(shares) == request.gpus:
            return tuple(shares)
    if shares:
        problems["AllocatedCardsInsufficientRequest"] = len(shares)
    counted = [f"{number}/{len(usages)} {name}" for name, number in sorted(problems.items())]
    return Unfit(", ".join(counted))
