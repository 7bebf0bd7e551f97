"""What may be written for a managed node group."""

from typing import Any

import pytest

from settings.environment import PlatformSettings
from settings.managed_pool import ManagedPool
from settings.reading import read_environment
from tests.documents import config, platform

MAPPING_OR_NUMBER = "is no number of nodes; write a whole number, or `{min: 1, max: 4}`"
SCHEMA = "[settings/schema.json]"


def read(**changes: Any) -> ManagedPool:
    paths = {f"pools.l4.{key}": value for key, value in changes.items()}
    pool = PlatformSettings.model_validate(platform(paths)).pools["l4"]
    assert isinstance(pool, ManagedPool)
    return pool


@pytest.mark.parametrize(
    ("nodes", "expected"), [(2, (2, 2)), ({"min": 0, "max": 3}, (0, 3)), (100, (100, 100))]
)
def test_a_number_of_nodes_means_that_many_always(nodes: object, expected: tuple[int, int]):
    found = read(nodes=nodes).nodes
    assert (found.min, found.max) == expected
    assert ManagedPool.model_validate(read(nodes=nodes).model_dump()) == read(nodes=nodes)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("nodes", 0, "pools.l4.nodes: is 0; use at least 1"),
        ("nodes", 101, "pools.l4.nodes: is 101; use at most 100"),
        ("nodes", True, f"pools.l4.nodes: {MAPPING_OR_NUMBER}"),
        ("nodes", "two", f"pools.l4.nodes: {MAPPING_OR_NUMBER}"),
        ("nodes", [1, 2], f"pools.l4.nodes: {MAPPING_OR_NUMBER}"),
        ("nodes", {"min": 1}, "pools.l4.nodes.max: is missing; add it, it has no default"),
        (
            "nodes",
            {"min": 3, "max": 2},
            "pools.l4.nodes: max 2 is below min 3; raise max or lower min",
        ),
        (
            "reservation",
            {"id": "block-1"},
            (
                "pools.l4.reservation.id: is 'block-1'; write the id of a capacity reservation, "
                "cr-0123456789abcdef0"
            ),
        ),
        (
            "placement_group",
            "spread",
            "pools.l4.placement_group: is 'spread'; use 'cluster'",
        ),
        (
            "capacity",
            "reserved",
            "pools.l4.capacity: is 'reserved'; use 'spot', 'on-demand' or 'capacity-block'",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_stands(key: str, value: object, expected: str):
    found = read_environment("dev", config({f"pools.l4.{key}": value})).findings
    assert {str(finding) for finding in found} == {f"{expected} {SCHEMA}"}
