"""Whatever the pools and models: a surge never needs what its pool may not have."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from planning.placing.placement import place
from planning.placing.roll_peak import roll_peaks
from planning.pools.facts import PoolFacts
from planning.sharing.device import Room, take, untouched
from settings.managed_pool import ManagedPool
from tests.planning.pool_facts import Models
from tests.planning.test_placement_properties import some_models, some_pools


def scattered(
    models: Models, pool: PoolFacts, nodes: int, pick: Callable[[list[int]], int]
) -> list[Room] | None:
    """Return what replicas leave that come largest first, each to any node with room."""
    asks = [pool.ask(found) for _, found in models for _ in range(found.replicas.min)]
    rooms = [untouched(pool.devices)] * nodes
    for ask in sorted(asks, key=pool.weight, reverse=True):
        fits = [index for index in range(nodes) if take(pool.devices, rooms[index], ask)]
        if not fits:
            return None
        index = pick(fits)
        found = take(pool.devices, rooms[index], ask)
        rooms[index] = found[0] if found else rooms[index]
    return rooms


@given(some_models(), some_pools())
@settings(max_examples=100, deadline=None)
def test_the_peak_is_never_beyond_the_pool(models: Models, facts: dict[str, PoolFacts]):
    found = roll_peaks(dict(models), facts, place(models, facts))
    for name, model in models:
        peak = found[name]
        assert peak.gpus_floor <= peak.gpus_peak <= facts[model.pool].gpus_limit
        if peak.rollout == "in-place":
            assert (peak.gpus_peak, peak.new_node) == (peak.gpus_floor, None)


@given(some_models(), some_pools(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_surge_finds_room_wherever_the_others_have_come_to_lie(
    models: Models, facts: dict[str, PoolFacts], data: st.DataObject
):
    found = roll_peaks(dict(models), facts, place(models, facts))
    for pool in (facts["m"], facts["s"]):
        nodes = pool.settings.nodes.max if isinstance(pool.settings, ManagedPool) else 0
        own = [(name, model) for name, model in models if model.pool == pool.name]
        surging = [model for name, model in own if found[name].rollout == "surge"]
        rooms = scattered(own, pool, nodes, lambda fits: data.draw(st.sampled_from(fits)))
        for model in surging:
            assert rooms is not None
            assert any(take(pool.devices, room, pool.ask(model)) for room in rooms)


@given(some_models(), some_pools())
@settings(max_examples=60, deadline=None)
def test_a_further_neighbour_never_turns_an_in_place_roll_into_a_surge(
    models: Models, facts: dict[str, PoolFacts]
):
    fewer = models[:-1]
    before = roll_peaks(dict(fewer), facts, place(fewer, facts))
    now = roll_peaks(dict(models), facts, place(models, facts))
    for name, model in fewer:
        if model.pool != "k" and before[name].rollout == "in-place":
            assert now[name].rollout == "in-place"
