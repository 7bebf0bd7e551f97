"""The unbounded knapsack: how many of which instance types fill a limit of GPUs best."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

Item = tuple[int, Decimal]
"""GPUs, at least 1, and value of one."""


def best_fill(limit: int, items: Mapping[str, Item]) -> Iterator[str]:
    """Yield names, as often as each is taken, of most value in all within `limit` GPUs.

    Among equals the cheaper item wins, so that the order of `items` does not matter.
    """
    ranked = sorted(items.items(), key=lambda named: (named[1][1], named[0]))
    values = [Decimal(0)]
    last: list[str | None] = [None]
    for gpus in range(1, limit + 1):
        values.append(values[-1])
        last.append(None)
        for name, (size, value) in ranked:
            if size <= gpus and values[gpus - size] + value > values[gpus]:
                values[gpus], last[gpus] = values[gpus - size] + value, name
    gpus = limit
    while gpus:
        name = last[gpus]
        if name is not None:
            yield name
        gpus -= 1 if name is None else items[name][0]
