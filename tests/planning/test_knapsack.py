from collections import Counter
from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from planning.placing.knapsack import Item, best_fill

ITEMS = st.dictionaries(
    st.sampled_from("abc"),
    st.tuples(st.integers(1, 5), st.decimals("0.1", "9", places=1)),
    min_size=1,
    max_size=3,
)


def filled(limit: int, items: dict[str, Item]) -> tuple[int, Decimal]:
    """Return the GPUs and the value of the best fill."""
    picks = Counter(best_fill(limit, items))
    return (
        sum(items[name][0] * count for name, count in picks.items()),
        sum((items[name][1] * count for name, count in picks.items()), Decimal(0)),
    )


def by_force(limit: int, items: dict[str, Item]) -> Decimal:
    """Return the best value of all fills there are."""
    counts = product(*(range(limit // size + 1) for size, _ in items.values()))
    values = [*items.values()]
    return max(
        sum((n * value for n, (_, value) in zip(some, values, strict=True)), Decimal(0))
        for some in counts
        if sum(n * size for n, (size, _) in zip(some, values, strict=True)) <= limit
    )


@given(st.integers(0, 12), ITEMS)
@settings(max_examples=80, deadline=None)
def test_no_fill_is_better_and_none_is_beyond_the_limit(limit: int, items: dict[str, Item]):
    gpus, value = filled(limit, items)
    assert gpus <= limit
    assert value == by_force(limit, items)


@given(st.integers(0, 40), ITEMS)
@settings(max_examples=50, deadline=None)
def test_a_larger_limit_is_never_worth_less(limit: int, items: dict[str, Item]):
    assert filled(limit + 1, items)[1] >= filled(limit, items)[1]


@given(st.integers(0, 20), ITEMS)
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_items_does_not_matter(limit: int, items: dict[str, Item]):
    backwards = dict(reversed(items.items()))
    assert Counter(best_fill(limit, items)) == Counter(best_fill(limit, backwards))


def test_nothing_fits_a_limit_below_the_smallest_item():
    assert list(best_fill(3, {"a": (4, Decimal(1))})) == []
    assert list(best_fill(0, {"a": (1, Decimal(1))})) == []
