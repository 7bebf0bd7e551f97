from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from planning.placing.placement import place
from planning.pools.facts import PoolFacts
from planning.sharing.device import Device, take, untouched
from planning.specs.devices import GpuAsk
from planning.specs.placement import PlannedNode
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.sharing import HamiSharing
from tests.planning.pool_facts import (
    BY_GPUS,
    HAMI,
    L40S_MIB,
    Models,
    karpenter,
    managed,
    model,
    pools,
    share,
)


@st.composite
def some_nodes(draw: st.DrawFn) -> dict[str, int]:
    """Return between how many nodes a managed pool is kept."""
    least = draw(st.integers(0, 3))
    return {"min": least, "max": draw(st.integers(max(least, 1), 4))}


@st.composite
def some_pools(draw: st.DrawFn) -> dict[str, PoolFacts]:
    """Return a Karpenter pool `k`, a managed pool `m` and a shared pool `s`."""
    sizes = draw(st.lists(st.sampled_from([*BY_GPUS]), min_size=1, unique=True))
    return pools(
        k=karpenter(*sizes, gpu_limit=draw(st.integers(1, 20))),
        m=managed(draw(st.sampled_from([*BY_GPUS])), draw(some_nodes())),
        s=managed(draw(st.sampled_from([1, 4])), draw(st.integers(1, 3)), sharing=HAMI),
    )


@st.composite
def some_models(draw: st.DrawFn) -> Models:
    """Return up to eight models on these pools, whether they fit or not."""
    models: Models = []
    for index in range(draw(st.integers(0, 8))):
        pool, replicas = draw(st.sampled_from("kms")), draw(st.integers(1, 5))
        if pool == "s":
            part = share(draw(st.integers(1, 50)), draw(st.integers(1, 100)))
            models.append((f"m{index}", model(pool, replicas, share=part)))
        else:
            models.append((f"m{index}", model(pool, replicas, gpus=draw(st.integers(1, 8)))))
    return models


def carried(node: PlannedNode, models: Models, pool: PoolFacts) -> list[GpuAsk]:
    asks = {name: pool.ask(found) for name, found in models if found.pool == pool.name}
    return [asks[name] for name in node.replicas]


@given(some_models(), some_pools())
@settings(max_examples=150, deadline=None)
def test_no_node_carries_more_than_it_has_and_no_pool_is_beyond_its_limit(
    models: Models, facts: dict[str, PoolFacts]
):
    placement = place(models, facts)
    for node in placement.nodes:
        pool = facts[node.pool]
        asks, sharing = carried(node, models, pool), pool.settings.sharing
        assert node.gpus_used <= node.gpus
        if isinstance(sharing, HamiSharing):
            assert sum(ask.memory_mib or 0 for ask in asks) <= node.gpus * L40S_MIB
            assert sum(ask.cores_percent or 0 for ask in asks) <= node.gpus * 100
            assert len(asks) <= node.gpus * sharing.splits
            assert bool(asks) == bool(node.gpus_used)
        else:
            assert sum(ask.devices for ask in asks) == node.gpus_used
    for name, pool in facts.items():
        own = [node for node in placement.nodes if node.pool == name]
        assert sum(node.gpus for node in own) <= pool.gpus_limit
        if isinstance(pool.settings, ManagedPool):
            assert pool.settings.nodes.min <= len(own) <= pool.settings.nodes.max
            assert all(node.replicas for node in own[pool.settings.nodes.min :])
        else:
            assert all(node.replicas for node in own)


@given(some_models(), some_pools())
@settings(max_examples=100, deadline=None)
def test_what_found_no_room_would_find_none_now(models: Models, facts: dict[str, PoolFacts]):
    placement = place(models, facts)
    for (_, found), service in zip(models, placement.services, strict=True):
        own = [node for node in placement.nodes if node.pool == found.pool]
        assert service.placed == sum(node.replicas.count(service.name) for node in own)
        assert service.placed <= service.wanted == found.replicas.min
        if service.placed < service.wanted and found.share is None:
            assert all(node.gpus - node.gpus_used < (found.gpus or 1) for node in own)
        pool = facts[found.pool].settings
        if service.placed < service.wanted and isinstance(pool, ManagedPool):
            full = len(own) == pool.nodes.max
            assert full or facts[service.pool].first.gpus < (found.gpus or 1)
        if service.placed < service.wanted and isinstance(pool, KarpenterPool):
            left = pool.gpu_limit - sum(node.gpus for node in own)
            sizes = [found.gpus for found in facts[service.pool].types]
            # An open node counts as the largest type it may become, so a limit may stay unused.
            assert left < max(sizes) or max(sizes) < (found.gpus or 1)


@given(some_models(), some_pools())
@settings(max_examples=60, deadline=None)
def test_the_same_environment_is_placed_the_same_whatever_the_order_of_its_pools(
    models: Models, facts: dict[str, PoolFacts]
):
    placement = place(models, facts)
    assert place(models, facts) == placement
    turned = place(models, dict(reversed(facts.items())))
    assert turned.services == placement.services
    assert {node.name: node for node in turned.nodes} == {n.name: n for n in placement.nodes}
    by_pool = sorted(models, key=lambda named: named[1].pool)
    assert place(by_pool, facts).nodes == placement.nodes


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 100)), max_size=12), st.integers(1, 4))
def test_a_shared_device_never_gives_more_memory_cores_or_splits_than_it_has(
    asks: list[tuple[int, int]], splits: int
):
    device = Device(gpu=0, memory_mib=L40S_MIB, slots=splits)
    room, taken = untouched((device,)), Counter[str]()
    for gib, percent in asks:
        ask = GpuAsk(devices=1, memory_mib=gib * 1024, cores_percent=percent)
        if found := take((device,), room, ask):
            room = found[0]
            taken += Counter(memory=gib * 1024, cores=percent, splits=1)
    (left,) = room
    assert taken["memory"] + left.memory_mib == L40S_MIB
    assert taken["cores"] + left.cores_percent == 100
    assert taken["splits"] + left.slots == splits
    assert min(left.memory_mib, left.cores_percent, left.slots) >= 0
