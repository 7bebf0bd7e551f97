"""The courses that a scheduler may take through a pool of equal nodes, equal ones walked once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from planning.sharing.device import Devices, Room, take, take_any, untouched
from planning.specs.devices import GpuAsk

State = tuple[tuple[int, ...], tuple[int, ...]]
"""How many replicas of each ask have not come yet, and the rooms of the nodes, by number."""


@dataclass(frozen=True)
class Found:
    """What a walk came upon."""

    placed: bool
    """Whether some course places every replica."""
    stuck: bool
    """Whether some course leaves one waiting."""
    exhausted: bool
    """Whether there is no other course."""


@dataclass
class Walk:
    """One question: these devices on so many nodes, these asks, in this order or in any."""

    devices: Devices
    nodes: int
    asks: tuple[GpuAsk, ...]
    """Different ones."""
    ranks: tuple[int, ...]
    """Replicas with a higher rank come before those with a lower one; equal ones in any order."""
    first_device: bool
    """Whether a node gives the first devices with room; else any of them."""
    _rooms: list[Room] = field(default_factory=list[Room])
    _numbers: dict[Room, int] = field(default_factory=dict[Room, int])
    _next: dict[tuple[int, int], tuple[int, ...]] = field(
        default_factory=dict[tuple[int, int], tuple[int, ...]]
    )

    def go(self, counts: Counter[GpuAsk], most_states: int, *, to_the_end: bool) -> Found:
        """Walk until one course is left stuck (or, with `to_the_end`, one places everything)."""
        start = (tuple(counts[ask] for ask in self.asks), (self._number(self._fresh),) * self.nodes)
        seen: set[State] = set()
        stack: list[State] = [start]
        placed, stuck = False, False
        while stack and len(seen) < most_states:
            state = stack.pop()
            if state in seen:
                continue
            seen.add(state)
            waiting = self._stuck(state)
            placed = placed or not (waiting or any(state[0]))
            stuck = stuck or waiting
            if placed if to_the_end else stuck:
                break
            if not waiting:
                stack += self._steps(state, large_last=to_the_end)
        return Found(placed, stuck, exhausted=not stack)

    @property
    def _fresh(self) -> Room:
        return untouched(self.devices)

    def _stuck(self, state: State) -> bool:
        """Return whether an ask finds room on no node; room only shrinks, so it waits for good."""
        remaining, rooms = state
        different = set(rooms)
        return any(
            count and not any(self._after(room, ask) for room in different)
            for ask, count in enumerate(remaining)
        )

    def _steps(self, state: State, *, large_last: bool) -> list[State]:
        """Return the states after one more replica; the last one is walked first."""
        remaining, rooms = state
        left = [ask for ask, count in enumerate(remaining) if count]
        first = max((self.ranks[ask] for ask in left), default=0)
        coming = [ask for ask in left if self.ranks[ask] == first]
        steps = [
            (self._left(room), _less(remaining, ask), _changed(rooms, room, after))
            for ask in coming
            for room in set(rooms)
            for after in self._after(room, ask)
        ]
        # Into the fullest node last, and so first off the stack, when a full packing is sought.
        steps.sort(key=lambda step: step[0], reverse=large_last)
        return [(counts, nodes) for _, counts, nodes in steps]

    def _left(self, room: int) -> int:
        return sum(left.memory_mib for left in self._rooms[room])

    def _after(self, room: int, ask: int) -> tuple[int, ...]:
        key = (room, ask)
        if key not in self._next:
            self._next[key] = tuple({self._number(found): None for found in self._taken(*key)})
        return self._next[key]

    def _taken(self, room: int, ask: int) -> Iterator[Room]:
        devices, found = self.devices, self._rooms[room]
        if self.first_device:
            taken = take(devices, found, self.asks[ask])
            yield from [taken[0]] if taken else []
        else:
            yield from take_any(devices, found, self.asks[ask])

    def _number(self, room: Room) -> int:
        if room not in self._numbers:
            self._numbers[room] = len(self._rooms)
            self._rooms.append(room)
        return self._numbers[room]


def _less(remaining: tuple[int, ...], ask: int) -> tuple[int, ...]:
    return (*remaining[:ask], remaining[ask] - 1, *remaining[ask + 1 :])


def _changed(rooms: tuple[int, ...], room: int, after: int) -> tuple[int, ...]:
    index = rooms.index(room)
    return tuple(sorted((*rooms[:index], after, *rooms[index + 1 :])))
