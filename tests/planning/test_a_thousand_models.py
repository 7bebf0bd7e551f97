"""One entry more, in an environment of a thousand."""

from typing import Any

from planning.plan import Plan
from tests.planning.planned import planned

ROOMY = {
    "pools.shared": {
        "provisioner": "managed",
        "instances": ["g6e.48xlarge"],
        "nodes": 80,
        "sharing": {"kind": "hami"},
    },
    "budget": {"gpus": 700, "usd_per_month": 10**8},
}


def environment(models: int) -> Plan:
    """Return the plan of so many models, two on a GPU of a pool with room for 1,280."""
    entry = {"model": "a/b", "revision": "0" * 40, "pool": "shared", "context": 4096}
    share = {"share": {"memory_gib": 20, "cores_percent": 40}}
    changes: dict[str, Any] = {f"models.m{index}": entry | share for index in range(models)}
    return planned(ROOMY | changes)


def test_the_thousandth_model_changes_nothing_of_the_other_999():
    before, after = environment(997), environment(998)
    assert (len(before.models), len(after.models)) == (999, 1000)
    old = {spec.name: spec for spec in before.models}
    assert {spec.name: spec for spec in after.models if spec.name in old} == old
    routes = {route.name: route for route in before.routes}
    assert {route.name: route for route in after.routes if route.name in routes} == routes
    kept = {"models", "routes", "gateway", "placement", "rolls", "packing", "pools", "cost", "fits"}
    changed = {"warnings"} | kept
    assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
