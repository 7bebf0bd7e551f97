"""Every example environment plans, and warns of nothing but what its way brings with it."""

from pathlib import Path

import pytest

from planning.plan import Plan
from planning.planner import plan_config
from planning.sharing.ways import WAYS
from settings.files import read_config
from tests.documents import REPOSITORY

EXAMPLES = sorted((REPOSITORY / "docs" / "examples").glob("*.yaml"))
KINDS = {*WAYS}
NAMED = [path for path in EXAMPLES if path.stem in KINDS]
"""Those of a single way; others show several things at once."""
SCHEMA_LINE = "# yaml-language-server: $schema=../../settings/schema.json"
INHERENT = {
    "auto-mode": {
        *("pools", "pools.auto-l4.provisioner", "pools.auto-l4.expire_after_hours"),
        "pools.auto-l4.gpu_limit",
    },
    "bottlerocket": {
        *("pools.whole-l4.gpu_limit", "pools.sliced-l4.sharing", "pools.claimed-l4.nodes"),
    },
    "dra": {"pools.claimed-l4.nodes", "pools.claimed-node.nodes"},
    "hami": {"pools.shared-l4.nodes"},
    "hami-dra": {"pools.divided-l4.nodes"},
    "mig": {"pools.cut-rtx.nodes"},
    "packing": {"pools.shared.nodes"},
    "static-pool": {"pools.shared-l4.static_nodes"},
    "time-slicing": {"pools.sliced-l4.sharing"},
    "mps": {"pools.sliced-l4.provisioner"},
    "two-nodes": {"pools.h100-pair.nodes", "models.deepseek-r1.engine.image"},
    "ubuntu": {
        *("pools.whole-l4.nodes", "pools.whole-l4.image.ami"),
        *("pools.claimed-l4.nodes", "pools.claimed-l4.image.ami"),
    },
}
"""Warnings, by example and path, that come with the way, or with a pool that is full."""


MOST_USD = {"two-nodes": 90_000, "static-pool": 11_000}
"""Per month, where a model that spans nodes wants large ones, and two nodes run all month."""


def plan_of(path: Path) -> Plan:
    return plan_config(path.stem, read_config(path))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_plans_and_every_replica_has_its_place(path: Path):
    plan = plan_of(path)
    assert {warning.path for warning in plan.warnings} <= INHERENT.get(path.stem, set())
    assert all(service.placed == service.wanted for service in plan.placement.services)
    assert plan.cost.ceiling_usd_per_month < MOST_USD.get(path.stem, 10_000)


@pytest.mark.parametrize("path", NAMED, ids=lambda path: path.stem)
def test_an_example_shows_the_way_that_it_is_named_after(path: Path):
    assert path.stem in {pool.sharing for pool in plan_of(path).pools}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_tells_editors_its_schema(path: Path):
    assert path.read_text("utf-8").splitlines()[0] == SCHEMA_LINE


def test_the_ways_of_the_device_plugin_have_an_example_each():
    assert {path.stem for path in EXAMPLES} >= {"whole", "time-slicing", "mps", "mig"}
