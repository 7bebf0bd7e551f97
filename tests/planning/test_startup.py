"""The budget of a start follows from the weights and from how fast they can be read."""

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.models.startup import LEAST_SECONDS, Source, startup_seconds
from tests.planning.planned import planned

GB = 10**9


def seconds(gigabytes: float, *types: str) -> int:
    return startup_seconds(gigabytes * GB, [INSTANCE_TYPES[name] for name in types])


def test_a_small_model_has_as_long_as_the_engine_itself_would_wait():
    assert seconds(1, "g6e.2xlarge") == seconds(16, "g6e.2xlarge") == LEAST_SECONDS == 600


def test_a_large_model_has_time_to_come_over_the_network_and_from_the_disk():
    # 470 GB at 0.25 GB/s, once more at 1 GB/s, then 80 + 60 + 120 s; whole tries of the probe.
    assert seconds(470, "p5.48xlarge") == 1880 + 470 + 260


def test_the_slowest_network_of_the_pool_counts():
    # g5g.xlarge: 1.25 Gbit/s, and no disks of its own.
    slow = 100 / 0.125 + 100 / 0.125 + 260
    assert seconds(100, "p5.48xlarge", "g5g.xlarge") == pytest.approx(slow, abs=10)


def test_where_the_weights_come_from_decides_how_long_they_take():
    def transfer(source: Source) -> int:
        found = startup_seconds(1000 * GB, [INSTANCE_TYPES["p5.48xlarge"]], source)
        return found - 260

    assert transfer("s3") == 500
    assert transfer("copy") == 1000
    assert transfer("hub") == 4000 + 1000
    assert transfer("shared-files") == 8000


def test_a_streamer_is_held_to_its_part_of_a_slow_network():
    # 5 Gbit/s of g6e.2xlarge: 0.625 GB/s.
    found = startup_seconds(500 * GB, [INSTANCE_TYPES["g6e.2xlarge"]], "s3")
    assert found == 500 / (0.8 * 0.625) + 260


def test_more_weights_never_have_less_time():
    budgets = [seconds(size, "g6e.12xlarge") for size in range(0, 1000, 10)]
    assert budgets == sorted(budgets)
    assert all(budget % 10 == 0 for budget in budgets)


def test_the_plan_counts_the_weights_of_all_gpus_of_a_replica():
    changes = {"models.chat": {"model": "Qwen/Qwen3-32B", "pool": "l40s", "gpus": 4}}
    assert planned(changes).models[0].startup_seconds == 600
    changes = {
        "pools.l40s.instances": ["p5.48xlarge"],
        "models.chat": {"model": "Qwen/Qwen3-235B-A22B", "pool": "l40s", "gpus": 8},
        "budget.usd_per_month": 10**6,
    }
    assert planned(changes, "us-east-1").models[0].startup_seconds == pytest.approx(2620, abs=20)


def test_an_unknown_model_may_fill_its_gpus():
    changes = {"models.chat.model": "a/b", "models.chat.gpus": 4}
    # 4 x 45,776 MiB on g6e.12xlarge.
    assert planned(changes).models[0].startup_seconds == 1220
