"""Several examples of docs/examples as one environment, each on pools of its own."""

from collections.abc import Iterable
from functools import cache, reduce
from typing import Any

from rehearsal.layout import REPOSITORY
from settings.environment import PLATFORM_KEY
from settings.files import read_config

EXAMPLES = REPOSITORY / "docs" / "examples"
ADDED = ("gpus", "usd_per_month")
"""What of the budgets adds up."""


def together(examples: Iterable[str]) -> dict[str, Any]:
    """Return the `config:` of one environment that holds the pools and models of the examples.

    Raises:
        ValueError: two of them say different things of what a cluster has once.
    """
    configs = [_renamed(example) for example in examples]
    budgets = [config[PLATFORM_KEY].pop("budget") for config in configs]
    found = reduce(_merged, configs)
    sums = {key: sum(budget[key] for budget in budgets) for key in ADDED}
    found[PLATFORM_KEY]["budget"] = budgets[0] | sums
    return found


@cache
def own_names(example: str, key: str) -> tuple[str, ...]:
    """Return how the `pools` or the `models` of an example are named in `together`, in order."""
    return tuple(_renamed(example)[PLATFORM_KEY][key])


def _renamed(example: str) -> dict[str, Any]:
    """Return the `config:` of an example, its pools and models named after it."""
    config = read_config(EXAMPLES / f"{example}.yaml")
    platform = config[PLATFORM_KEY]
    for key in ("pools", "models"):
        platform[key] = {f"{example}-{name}": entry for name, entry in platform[key].items()}
    for entry in platform["models"].values():
        entry["pool"] = f"{example}-{entry['pool']}"
    return config


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = one | other
    for key in one.keys() & other.keys():
        if isinstance(one[key], dict):
            found[key] = _merged(one[key], other[key])
        elif one[key] != other[key]:
            raise ValueError(f"{key} is {one[key]} in one example and {other[key]} in another")
    return found
