"""What is said of a pool holds for every course that a scheduler may take."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from planning.sharing.device import Device, Devices, take, take_any, untouched
from planning.sharing.verdict import Question, Verdict, judge
from planning.specs.devices import GpuAsk

GIB = 1024
L4_MIB = 24 * GIB
COURSES = 25
"""Random courses of each question."""


def gpus(count: int, slots: int = 1) -> Devices:
    return tuple(Device(gpu=number, memory_mib=L4_MIB, slots=slots) for number in range(count))


def share(gib: int, percent: int) -> GpuAsk:
    return GpuAsk(devices=1, memory_mib=gib * GIB, cores_percent=percent)


def rank(ask: GpuAsk) -> int:
    if ask.memory_mib is None:
        return ask.devices * 1000
    return max(ask.memory_mib * 1000 // L4_MIB, (ask.cores_percent or 0) * 10)


def question(
    devices: Devices, nodes: int, asks: list[GpuAsk], *, first_device: bool = True
) -> Question:
    return Question(devices, nodes, asks, {ask: rank(ask) for ask in asks}, first_device)


def left_waiting(asked: Question, random: Random) -> list[GpuAsk]:
    """Return who waits after one course: larger asks first, else as chance has it."""
    rooms = [untouched(asked.devices)] * asked.nodes
    coming = [*asked.asks]
    random.shuffle(coming)
    coming.sort(key=lambda ask: asked.ranks[ask], reverse=True)
    waiting: list[GpuAsk] = []
    for ask in coming:
        choices = [
            (node, after)
            for node, room in enumerate(rooms)
            for after in (
                [found[0] for found in [take(asked.devices, room, ask)] if found]
                if asked.first_device
                else take_any(asked.devices, room, ask)
            )
        ]
        if choices:
            node, after = random.choice(choices)
            rooms[node] = after
        else:
            waiting.append(ask)
    return waiting


WHOLE = st.integers(1, 4).map(lambda count: GpuAsk(devices=count))
SHARES = st.builds(share, st.integers(2, 24), st.sampled_from([10, 30, 50, 90]))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kinds = draw(st.lists(draw(st.sampled_from([WHOLE, SHARES])), min_size=1, max_size=4))
    asks = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=14))
    slots = 1 if asks[0].memory_mib is None else draw(st.integers(2, 10))
    devices = gpus(draw(st.integers(1, 4)), slots)
    return question(devices, draw(st.integers(1, 3)), asks, first_device=draw(st.booleans()))


@given(questions(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_what_fits_always_fits_and_what_does_not_never_does(asked: Question, random: Random):
    judged = judge(asked)
    courses = [left_waiting(asked, random) for _ in range(COURSES)]
    if judged.verdict == Verdict.FITS:
        assert not any(courses)
        assert not judged.waiting
    elif judged.verdict == Verdict.DOES_NOT_FIT:
        assert all(courses)
    else:
        assert {ask for waiting in courses for ask in waiting} <= judged.waiting


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 4), st.integers(1, 30))
@settings(max_examples=150, deadline=None)
def test_equal_asks_fit_exactly_as_often_as_a_node_holds_them(
    count: int, nodes: int, size: int, replicas: int
):
    asks = [GpuAsk(devices=size)] * replicas
    fits = replicas <= nodes * (count // size)
    verdict = judge(question(gpus(count), nodes, asks)).verdict
    assert verdict == (Verdict.FITS if fits else Verdict.DOES_NOT_FIT)


def test_powers_of_two_fill_nodes_to_the_last_gpu_when_the_larger_goes_first():
    asks = [GpuAsk(devices=size) for size in (8, 4, 4, 2, 2, 2, 1, 1)]
    assert judge(question(gpus(8), 3, asks)).verdict == Verdict.FITS
    one_more = [*asks, GpuAsk(devices=1)]
    assert judge(question(gpus(8), 3, one_more)).verdict == Verdict.DOES_NOT_FIT


def test_where_it_depends_the_replicas_that_may_wait_are_named():
    # Two nodes of one GPU: 12 beside 12 leaves a GPU for 8 + 8 + 8, 12 beside 8 does not.
    asks = [share(12, 10), share(12, 10), share(8, 10), share(8, 10), share(8, 10)]
    judged = judge(question(gpus(1, slots=10), 2, asks))
    assert judged.verdict == Verdict.DEPENDS
    assert judged.waiting == {share(8, 10)}


def test_an_ask_larger_than_any_node_is_the_one_that_waits():
    judged = judge(question(gpus(4), 2, [GpuAsk(devices=8), GpuAsk(devices=1)]))
    assert judged.verdict == Verdict.DOES_NOT_FIT
    assert judged.waiting == {GpuAsk(devices=8)}


def test_slots_bind_where_memory_and_cores_do_not():
    asks = [share(1, 1)] * 4
    assert judge(question(gpus(1, slots=4), 1, asks)).verdict == Verdict.FITS
    assert judge(question(gpus(1, slots=3), 1, asks)).verdict == Verdict.DOES_NOT_FIT


def test_mig_instances_of_one_profile_do_not_serve_another():
    cut = tuple(
        Device(gpu=0, memory_mib=gib * GIB, profile=name)
        for name, gib in (("3g.40gb", 40), ("1g.10gb", 10), ("1g.10gb", 10))
    )
    small, large = (GpuAsk(devices=1, profile=name) for name in ("1g.10gb", "3g.40gb"))
    ranks = {small: 125, large: 500}
    fits = Question(cut, 2, [small] * 4 + [large] * 2, ranks, first_device=True)
    assert judge(fits).verdict == Verdict.FITS
    more = Question(cut, 2, [small] * 5, ranks, first_device=True)
    assert judge(more).verdict == Verdict.DOES_NOT_FIT
    assert judge(more).waiting == {small}


def test_an_instance_cut_on_demand_takes_its_part_of_the_gpu_from_the_others():
    whole = Device(gpu=0, memory_mib=80 * GIB, blocks=frozenset(range(8)))
    halves = tuple(
        Device(
            gpu=0, memory_mib=40 * GIB, profile="3g.40gb", blocks=frozenset(range(start, start + 4))
        )
        for start in (0, 4)
    )
    half = GpuAsk(devices=1, profile="3g.40gb")
    ranks = {half: 500, GpuAsk(devices=1): 1000}
    two = Question((whole, *halves), 1, [half] * 2, ranks, first_device=True)
    assert judge(two).verdict == Verdict.FITS
    both = Question((whole, *halves), 1, [half, GpuAsk(devices=1)], ranks, first_device=True)
    assert judge(both).verdict == Verdict.DOES_NOT_FIT
    assert half in judge(both).waiting


def test_an_alternative_is_taken_where_the_first_choice_is_gone():
    asks = [GpuAsk(devices=2, alternatives=(GpuAsk(devices=1),))] * 2
    ranks = {asks[0]: 2000}
    assert judge(Question(gpus(3), 1, asks, ranks, first_device=True)).verdict == Verdict.FITS
