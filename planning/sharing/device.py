"""What a node hands out and what is left of it, in terms that every way of sharing has."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planning.specs.devices import GpuAsk


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What is left of a device."""

    memory_mib: int
    cores_percent: int
    slots: int


NOTHING = Left(memory_mib=0, cores_percent=0, slots=0)


@dataclass(frozen=True, kw_only=True)
class Device:
    """A GPU, or a part of one, that a node publishes."""

    gpu: int
    """Number of the GPU in its node."""
    memory_mib: int
    slots: int = 1
    """Most replicas that divide it; 1 for what one replica takes as a whole."""
    profile: str | None = None
    """MIG profile."""
    blocks: frozenset[int] = frozenset()
    """Memory slices of the GPU that it occupies; of two devices that overlap only one is had."""

    @property
    def untouched(self) -> Left:
        """Return what is left while nobody has any of it."""
        return Left(memory_mib=self.memory_mib, cores_percent=100, slots=self.slots)


Devices = tuple[Device, ...]
"""What a node publishes, in the order of its driver."""
Room = tuple[Left, ...]
"""What is left of each."""
Taken = tuple[int, ...]
"""Indexes of the devices that a replica got."""


def untouched(devices: Devices) -> Room:
    """Return the room of a node that carries nothing."""
    return tuple(device.untouched for device in devices)


def take(devices: Devices, room: Room, ask: GpuAsk) -> tuple[Room, Taken] | None:
    """Give a replica the first devices with room, as the scheduler's allocator does.

    Returns:
        What is left and which devices it got; None where it finds no room.
    """
    for one in (ask, *ask.alternatives):
        found = _take(devices, room, one)
        if found:
            return found
    return None


def take_any(devices: Devices, room: Room, ask: GpuAsk) -> Iterator[Room]:
    """Yield what may be left where a scheduler gives any of the devices with room.

    An ask for several devices is given the first ones: on a pool that divides its devices it is for
    whole ones, which are alike.
    """
    if ask.devices > 1 or ask.alternatives:
        found = take(devices, room, ask)
        yield from [found[0]] if found else []
        return
    given: set[tuple[Device, Left]] = set()
    for index, (device, left) in enumerate(zip(devices, room, strict=True)):
        alike = (replace(device, gpu=0), left)
        if alike not in given and _fits(devices, list(room), index, ask):
            given.add(alike)
            yield (*room[:index], _rest(left, ask), *room[index + 1 :])


def gpus_touched(devices: Devices, room: Room) -> int:
    """Return how many GPUs carry something."""
    pairs = zip(devices, room, strict=True)
    return len({device.gpu for device, left in pairs if left != device.untouched})


def memory_of(ask: GpuAsk, devices: Devices) -> int:
    """Return the GPU memory that a replica may use, of all its devices together, in MiB."""
    alike = [device.memory_mib for device in devices if device.profile == ask.profile]
    each = ask.memory_mib or max(alike, default=0)
    return ask.devices * each


def weight_of(ask: GpuAsk, devices: Devices, gpu_memory_mib: int) -> int:
    """Return what a replica takes in thousandths of a GPU: of memory or cores, what is more."""
    by_memory = memory_of(ask, devices) * 1000 // gpu_memory_mib
    return max(by_memory, ask.devices * (ask.cores_percent or 0) * 10)


def _take(devices: Devices, room: Room, ask: GpuAsk) -> tuple[Room, Taken] | None:
    after, taken = list(room), list[int]()
    for index in range(len(devices)):
        if _fits(devices, after, index, ask):
            after[index] = _rest(after[index], ask)
            taken.append(index)
            if len(taken) == ask.devices:
                return tuple(after), tuple(taken)
    return None


def _fits(devices: Devices, room: list[Left], index: int, ask: GpuAsk) -> bool:
    device, left = devices[index], room[index]
    if left.slots == 0 or device.profile != ask.profile:
        return False
    if device.blocks and _overlapped(devices, room, device):
        return False
    if ask.memory_mib is None:
        return left == device.untouched
    return ask.memory_mib <= left.memory_mib and (ask.cores_percent or 0) <= left.cores_percent


def _overlapped(devices: Devices, room: list[Left], device: Device) -> bool:
    return any(
        left.slots == 0 and other.gpu == device.gpu and other.blocks & device.blocks
        for other, left in zip(devices, room, strict=True)
    )


def _rest(left: Left, ask: GpuAsk) -> Left:
    if ask.memory_mib is None:
        return NOTHING
    return Left(
        memory_mib=left.memory_mib - ask.memory_mib,
        cores_percent=left.cores_percent - (ask.cores_percent or 0),
        slots=left.slots - 1,
    )
