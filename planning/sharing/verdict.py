"""Whether replicas find room wherever the scheduler puts them, larger asks first.

About a pool of a fixed number of equal nodes. Priorities see to it that of replicas which wait
together the larger ask goes first. First a bound that needs no search: a replica is only left
waiting when every node is blocked for it, and blocking takes more than the others have. Where that
proves nothing, the possible courses are walked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from planning.sharing.device import Devices, take, untouched
from planning.sharing.walk import Walk
from planning.specs.devices import GpuAsk

MOST_STATES = 8_000
"""States that are walked through before the question is left open."""


class Verdict(StrEnum):
    """What can be said of a pool before anything is started."""

    FITS = "fits"
    """Every replica finds room."""
    DEPENDS = "depends on order"
    """Some course leaves a replica waiting, or none could be ruled out."""
    DOES_NOT_FIT = "does not fit"
    """Whatever the course, a replica waits."""


@dataclass(frozen=True)
class Judgement:
    """A verdict, and the asks that may be left waiting."""

    verdict: Verdict
    waiting: frozenset[GpuAsk] = frozenset()


@dataclass(frozen=True)
class Question:
    """Replicas on a pool."""

    devices: Devices
    """Of each node."""
    nodes: int
    asks: Sequence[GpuAsk]
    """One per replica."""
    ranks: dict[GpuAsk, int]
    """Of each ask; of replicas that wait together, a higher one goes first."""
    first_device: bool
    """Whether a node gives the first devices with room; else any of them."""


def judge(question: Question) -> Judgement:
    """Return what can be said of replicas on a pool."""
    devices, nodes, counts = question.devices, question.nodes, Counter(question.asks)
    if hopeless := _hopeless(devices, nodes, counts):
        return Judgement(Verdict.DOES_NOT_FIT, hopeless)
    blockable = frozenset(
        ask for ask in counts if _can_be_blocked(devices, nodes, ask, _before(question, ask))
    )
    return _walked(question, counts, blockable) if blockable else Judgement(Verdict.FITS)


def _before(question: Question, ask: GpuAsk) -> Counter[GpuAsk]:
    """Return the other replicas that may come before one of `ask`."""
    rank = question.ranks[ask]
    others = Counter(one for one in question.asks if question.ranks[one] >= rank)
    return others - Counter([ask])


def _walked(question: Question, counts: Counter[GpuAsk], blockable: frozenset[GpuAsk]) -> Judgement:
    asks = tuple(sorted(counts, key=lambda ask: question.ranks[ask]))
    walk = Walk(
        devices=question.devices,
        nodes=question.nodes,
        asks=asks,
        ranks=tuple(question.ranks[ask] for ask in asks),
        first_device=question.first_device,
    )
    best = walk.go(counts, MOST_STATES, to_the_end=True)
    worst = walk.go(counts, MOST_STATES, to_the_end=False)
    if not best.placed and best.exhausted:
        return Judgement(Verdict.DOES_NOT_FIT, blockable)
    if not worst.stuck and worst.exhausted:
        return Judgement(Verdict.FITS)
    return Judgement(Verdict.DEPENDS, blockable)


def _hopeless(devices: Devices, nodes: int, counts: Counter[GpuAsk]) -> frozenset[GpuAsk]:
    """Return asks of which a replica waits for sure: too large for a node, or too many in all."""
    if any(ask.alternatives for ask in counts):
        return frozenset()
    too_large = [ask for ask in counts if take(devices, untouched(devices), ask) is None]
    if too_large or any(device.blocks for device in devices):
        return frozenset(too_large)
    return frozenset(
        ask
        for profile in {device.profile for device in devices}
        for ask in _too_many(profile, devices * nodes, counts)
    )


def _too_many(profile: str | None, devices: Devices, counts: Counter[GpuAsk]) -> Sequence[GpuAsk]:
    """Return all asks for devices of a profile, where together they ask for more than there is."""
    alike = [device for device in devices if device.profile == profile]
    asks = [ask for ask in counts if ask.profile == profile]
    has_mib, has_percent = sum(device.memory_mib for device in alike), len(alike) * 100
    each = alike[0].memory_mib
    mib = sum(ask.devices * (ask.memory_mib or each) * counts[ask] for ask in asks)
    percent = sum(ask.devices * _percent(ask) * counts[ask] for ask in asks)
    return asks if mib > has_mib or percent > has_percent else ()


def _percent(ask: GpuAsk) -> int:
    return 100 if ask.memory_mib is None else ask.cores_percent or 0


def _can_be_blocked(devices: Devices, nodes: int, ask: GpuAsk, others: Counter[GpuAsk]) -> bool:
    """Return whether the others could leave no node with room for one of `ask`.

    Each blocked device needs others on it that together take what is left beside `ask`, in memory,
    in cores or in slots. An other counts with the largest of its three parts of that, so that the
    sum is never less than what it can block.
    """
    if ask.alternatives or any(device.blocks for device in devices):
        return True
    alike = [device for device in devices if device.profile == ask.profile]
    needed = nodes * (len(alike) - ask.devices + 1)
    blocked = sum(
        count * other.devices * _blocks(alike[0].memory_mib, alike[0].slots, ask, other)
        for other, count in others.items()
        if other.profile == ask.profile or other.alternatives
    )
    return blocked >= needed


def _blocks(memory_mib: int, slots: int, ask: GpuAsk, other: GpuAsk) -> float:
    """Return how much of a device `other` blocks for `ask`; 1 is all of it."""
    if ask.memory_mib is None or other.memory_mib is None or other.alternatives:
        return 1.0
    return max(
        other.memory_mib / (memory_mib - ask.memory_mib + 1),
        (other.cores_percent or 0) / (100 - (ask.cores_percent or 0) + 1),
        1 / slots,
    )
