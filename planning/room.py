"""How much of nodes and devices is left, found without looking at all of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heappop, heappush

from planning.specs.models import GpuAsk

Heap = list[tuple[int, int]]


@dataclass
class Room:
    """Nodes by their free GPUs: few numbers, so that finding a node costs O(log nodes)."""

    emptiest_first: bool
    """Whether the node with the fewest replicas comes first; else the first node does."""
    _nodes: dict[int, Heap] = field(default_factory=lambda: defaultdict[int, Heap](list))
    """Free GPUs to the nodes that have them, as (replicas or 0, index)."""

    def add(self, index: int, gpus: int, *, replicas: int = 0) -> None:
        """Add a node with so many free GPUs."""
        heappush(self._nodes[gpus], (replicas if self.emptiest_first else 0, index))

    def take(self, gpus: int) -> int | None:
        """Take GPUs of one node and return its index; None where no node has so many."""
        fits = [free for free, nodes in self._nodes.items() if nodes and free >= gpus]
        if not fits:
            return None
        free = min(fits, key=lambda free: self._nodes[free][0])
        replicas, index = heappop(self._nodes[free])
        self.add(index, free - gpus, replicas=replicas + 1)
        return index


@dataclass
class SharedDevice:
    """What is left of a GPU that replicas share."""

    memory_mib: int
    slots: int
    """Replicas that it may still carry."""
    cores_percent: int = 100

    def fits(self, ask: GpuAsk) -> bool:
        """Return whether a replica finds room."""
        memory_mib, cores_percent = self._parts(ask)
        return (
            self.slots > 0 and memory_mib <= self.memory_mib and cores_percent <= self.cores_percent
        )

    def take(self, ask: GpuAsk) -> None:
        """Give a replica that fits its part."""
        memory_mib, cores_percent = self._parts(ask)
        self.memory_mib -= memory_mib
        self.cores_percent -= cores_percent
        self.slots -= 1

    def _parts(self, ask: GpuAsk) -> tuple[int, int]:
        return ask.memory_mib or self.memory_mib, ask.cores_percent or 100
