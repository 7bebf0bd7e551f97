"""How `plan()` grows with the number of models."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from benchmarks.results import PlanScale
from planning.planner import plan
from settings.environment import PLATFORM_KEY, REGION_KEY, Environment
from settings.reading import read_environment

SIZES: Final = (1, 10, 100, 1000)
INSTANCE: Final = "g6e.2xlarge"
"""One L40S."""
USD_PER_MODEL: Final = 10_000
"""More than a node of `INSTANCE` costs in a month, with its share of the rest."""
USD_AROUND: Final = 10_000
"""More than the environment costs without a model."""


def environment_of(models: int) -> Environment:
    """Return a valid environment with so many models, each on a GPU of its own."""
    model = {"model": "Qwen/Qwen3-8B", "pool": "l40s", "gpus": 1, "context": 32768}
    platform: dict[str, Any] = {
        "template": "dev",
        "cluster": {"admins": ["arn:aws:iam::111122223333:role/platform"]},
        "pools": {
            "l40s": {"provisioner": "karpenter", "instances": [INSTANCE], "gpu_limit": models}
        },
        "models": {f"model-{number}": model for number in range(models)},
        "budget": {"gpus": models, "usd_per_month": USD_AROUND + USD_PER_MODEL * models},
    }
    reading = read_environment("bench", {REGION_KEY: "us-west-2", PLATFORM_KEY: platform})
    if reading.environment is None:
        raise ValueError("; ".join(str(finding) for finding in reading.findings))
    return reading.environment


def plan_scales(runs: int, sizes: Sequence[int] = SIZES) -> tuple[PlanScale, ...]:
    """Return the medians of `runs` rounds through all sizes, the smallest first."""
    environments = {size: environment_of(size) for size in sizes}
    plan(environments[sizes[0]])  # what the first call alone has to load is no part of it
    rounds = [{size: _seconds(environments[size]) for size in sizes} for _ in range(runs)]
    return tuple(_scale(size, rounds, sizes[0]) for size in sizes)


def _seconds(environment: Environment) -> float:
    begun = time.perf_counter()
    plan(environment)
    return time.perf_counter() - begun


def _scale(size: int, rounds: Sequence[dict[int, float]], smallest: int) -> PlanScale:
    seconds = median(measured[size] for measured in rounds)
    return PlanScale(
        models=size,
        milliseconds=1e3 * seconds,
        microseconds_per_model=1e6 * seconds / size,
        ratio=median(measured[size] / measured[smallest] for measured in rounds),
    )
