"""How much of nodes is left, found without looking at all of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from heapq import heappop, heappush

Heap = list[tuple[int, int]]


@dataclass
class EmptiestFirst:
    """Nodes by their free devices: few numbers, so that finding a node costs O(log nodes)."""

    _nodes: dict[int, Heap] = field(default_factory=lambda: defaultdict[int, Heap](list))
    """Free devices to the nodes that have them, as (replicas, index)."""

    def add(self, index: int, devices: int, *, replicas: int = 0) -> None:
        """Add a node with so many free devices."""
        heappush(self._nodes[devices], (replicas, index))

    def take(self, devices: int) -> int | None:
        """Take devices of the node with the fewest replicas; None where no node has so many."""
        fits = [free for free, nodes in self._nodes.items() if nodes and free >= devices]
        if not fits:
            return None
        free = min(fits, key=lambda free: self._nodes[free][0])
        replicas, index = heappop(self._nodes[free])
        self.add(index, free - devices, replicas=replicas + 1)
        return index
