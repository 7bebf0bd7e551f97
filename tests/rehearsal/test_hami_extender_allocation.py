"""HAMi's accounting: per GPU, in HAMi's order, with HAMi's words for a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.hami.allocation import Asked, Decision, Node, Unfit, decide, place, usage
from rehearsal.hami.objects import Device, Share
from rehearsal.hami.requests import Policy, Request

GIB = 1024


def gpus(number: int, *, memory_gib: int = 24, splits: int = 10) -> tuple[Device, ...]:
    return tuple(
        Device(id=f"g{index}", splits=splits, memory_mib=memory_gib * GIB)
        for index in range(number)
    )


def asks(memory_gib: int, cores: int = 30, *, number: int = 1) -> Request:
    return Request(
        gpus=number, memory_mib=memory_gib * GIB, memory_percent=100, cores_percent=cores
    )


WHOLE = Request(gpus=1, memory_mib=None, memory_percent=100, cores_percent=100)


def filled(node: Node, *requests: Request, policy: Policy = "binpack") -> list[str]:
    """Return the GPU, or the refusal, of each of some pods, one after the other."""
    found, taken = list[str](), list[Share]()
    for request in requests:
        result = place([request], usage([one.device for one in node], taken), policy)
        if isinstance(result, Unfit):
            found.append(result.reason)
        else:
            taken.extend(result[0])
            found.append("+".join(share.device for share in result[0]))
    return found


@pytest.mark.parametrize(
    ("policy", "requests", "expected"),
    [
        ("binpack", [asks(12), asks(12)], ["g1", "g1"]),
        ("spread", [asks(12), asks(12)], ["g1", "g0"]),
        ("binpack", [asks(16)] * 3, ["g1", "g0", "2/2 CardInsufficientMemory"]),
        ("spread", [asks(12), asks(12), asks(24)], ["g1", "g0", "2/2 CardInsufficientMemory"]),
        ("binpack", [asks(12), asks(12), asks(24)], ["g1", "g1", "g0"]),
        ("binpack", [asks(1, 60)] * 3, ["g1", "g0", "2/2 CardInsufficientCore"]),
        ("binpack", [asks(4), WHOLE, WHOLE], ["g1", "g0", "2/2 CardInsufficientMemory"]),
        ("binpack", [asks(4), asks(4, number=2)], ["g1", "g1+g0"]),
        ("binpack", [asks(4, number=3)], ["NodeInsufficientDevice"]),
    ],
)
def test_pods_get_the_gpus_that_hami_would_give_them(
    policy: Policy, requests: list[Request], expected: list[str]
):
    assert filled(usage(gpus(2), []), *requests, policy=policy) == expected


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([asks(1, 0)] * 3, "1/1 CardTimeSlicingExhausted"),
        ([asks(1, 0), asks(1, 100)], "1/1 ExclusiveDeviceAllocateConflict"),
        ([asks(1, 100), asks(1, 0)], "1/1 CardComputeUnitsExhausted"),
    ],
)
def test_a_gpu_with_memory_to_spare_may_still_be_full(requests: list[Request], reason: str):
    assert filled(usage(gpus(1, splits=2), []), *requests)[-1] == reason


def test_a_refusal_counts_the_gpus_by_reason_and_says_when_some_but_too_few_had_room():
    taken = [
        Share(device="g0", memory_mib=20 * GIB, cores_percent=0),
        Share(device="g1", memory_mib=GIB, cores_percent=90),
    ]
    result = place([asks(8, number=2)], usage(gpus(3), taken), "binpack")
    assert result == Unfit(
        "1/3 AllocatedCardsInsufficientRequest, 1/3 CardInsufficientCore, "
        "1/3 CardInsufficientMemory"
    )


def test_a_gpu_that_is_ill_takes_nobody():
    (ill,) = gpus(1)
    device = Device(id=ill.id, splits=10, memory_mib=ill.memory_mib, healthy=False)
    assert place([asks(1)], usage([device], []), "binpack") == Unfit("1/1 CardNotHealth")


@pytest.mark.parametrize(("policy", "expected"), [("binpack", "used"), ("spread", "free")])
def test_the_node_is_the_fullest_or_the_emptiest_with_room(policy: Policy, expected: str):
    nodes = {
        "full": usage(gpus(1), [Share(device="g0", memory_mib=23 * GIB, cores_percent=0)]),
        "used": usage(gpus(1), [Share(device="g0", memory_mib=8 * GIB, cores_percent=0)]),
        "free": usage(gpus(1), []),
    }
    found = decide([asks(4)], nodes, policy, "binpack")
    assert isinstance(found, Decision)
    assert found.node == expected


SIZES = st.builds(asks, st.integers(1, 24), st.integers(0, 100), number=st.integers(1, 2))


@given(st.lists(st.lists(SIZES, min_size=1, max_size=3), max_size=12), st.sampled_from(("b", "s")))
def test_no_gpu_ever_gives_more_than_it_has(pods: list[Asked], letter: str):
    policy: Policy = "binpack" if letter == "b" else "spread"
    devices, taken = gpus(3, splits=4), list[Share]()
    for asked in pods:
        result = place(asked, usage(devices, taken), policy)
        if not isinstance(result, Unfit):
            taken.extend(share for shares in result for share in shares)
    for one in usage(devices, taken):
        assert one.containers <= one.device.splits
        assert one.memory_mib <= one.device.memory_mib
        assert one.cores_percent <= one.device.cores_percent
