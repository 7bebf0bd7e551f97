from time import perf_counter
from typing import Any

import pytest

from planning.planner import plan
from settings.environment import Environment
from settings.reading import read_environment
from tests.documents import config

LARGE = {"provisioner": "managed", "instances": ["g6e.48xlarge"], "nodes": 100}
POOLS: dict[str, dict[str, Any]] = {
    "karpenter": {"provisioner": "karpenter", "instances": ["g6e.2xlarge"], "gpu_limit": 800},
    "managed": LARGE,
    "shared": LARGE | {"sharing": {"kind": "hami"}},
}
ASKS = {"shared": {"share": {"memory_gib": 40, "cores_percent": 90}}}


def environment(shape: str, count: int) -> Environment:
    """Return an environment of `count` models on one pool with room for 800."""
    entry = {"model": "a/b", "pool": "p", "context": 4096, **ASKS.get(shape, {})}
    models = {f"m{index}": entry for index in range(count)}
    budget = {"gpus": 800, "usd_per_month": 10**9}
    reading = read_environment(
        "dev", config({"pools": {"p": POOLS[shape]}, "models": models, "budget": budget})
    )
    assert reading.environment is not None
    return reading.environment


def seconds(shape: str, count: int) -> float:
    """Return the shortest of three plans: what disturbs a plan only ever makes it longer."""
    found = environment(shape, count)

    def once() -> float:
        start = perf_counter()
        plan(found)
        return perf_counter() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("shape", POOLS)
def test_ten_times_the_models_take_about_ten_times_as_long(shape: str):
    assert seconds(shape, 800) / seconds(shape, 80) < 40
