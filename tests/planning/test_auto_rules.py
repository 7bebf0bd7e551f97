"""Rules of EKS Auto Mode and its pools, message by message."""

from typing import Any

import pytest

from catalog.auto_mode import AUTO_MODE_FAMILIES
from catalog.instance_types import INSTANCE_TYPES
from settings.auto_pool import AutoPool
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

LIFE = "[Amazon EKS User Guide, automode and create-node-pool]"
INSTANCES = "[Amazon EKS User Guide, automode-learn-instances]"
RESERVATIONS = "[Amazon EKS User Guide, auto-odcr]"
ACCELERATED = "[Amazon EKS User Guide, auto-accelerated]"
CLAIMS = "[Amazon EKS User Guide, device-management-nvidia-dra-device-plugin]"
WHOLE = "leave it out for whole GPUs, or use `provisioner: managed`"
NO_CLAIMS = (
    "Auto Mode supports no claims, and a DRA driver beside its own device plugin would hand out "
    "each GPU a second time"
)
NO_CONFIGURATION = (
    "Auto Mode's device plugin is part of the node and takes no configuration of ours, neither for "
    "slices nor for MIG"
)
NO_HAMI = (
    "Auto Mode's device plugin cannot be turned off, and HAMi's beside it would hand out each GPU "
    "a second time"
)

SHARING: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "dra"}, NO_CLAIMS, CLAIMS),
    ({"kind": "hami-dra"}, NO_CLAIMS, CLAIMS),
    ({"kind": "hami"}, NO_HAMI, ACCELERATED),
    ({"kind": "time-slicing", "replicas": 4}, NO_CONFIGURATION, ACCELERATED),
    ({"kind": "mps", "replicas": 4}, NO_CONFIGURATION, ACCELERATED),
    ({"kind": "mig", "profile": "1g.10gb"}, NO_CONFIGURATION, ACCELERATED),
]

RULES: list[tuple[dict[str, Any], str]] = [
    (
        {
            "pools.more": {
                "provisioner": "karpenter",
                "instances": ["g6.2xlarge"],
                "gpu_limit": 1,
            },
            "budget.gpus": 10,
        },
        (
            "pools.l40s.provisioner: is auto, and that of pool 'more' karpenter: with Auto Mode "
            "EKS brings nodepools.karpenter.sh and nodeclaims.karpenter.sh, which Karpenter's own "
            "chart can then not install, nor keep at its release; use one of the two for all "
            "pools; `managed` goes with both [Amazon EKS User Guide, automode-learn-instances; "
            "catalog/auto_mode.py, OWN_DEFINITIONS]"
        ),
    ),
    (
        {"pools.l40s.capacity": ["reserved", "on-demand"]},
        (
            "pools.l40s.reservations: is empty, but `capacity` has reserved: a node is reserved "
            "only from a reservation that is named; name the reservations, cr-…, or take reserved "
            f"out of `capacity`: open ones are used by on-demand nodes anyway {RESERVATIONS}"
        ),
    ),
    (
        {"pools.l40s.reservations": ["cr-1", "cr-2"]},
        (
            "pools.l40s.capacity: lacks reserved: cr-1, cr-2 would be paid and not used; add "
            f"reserved to `capacity`, or take out `reservations` {RESERVATIONS}"
        ),
    ),
    (
        {"pools.l40s.expire_after_hours": 500, "pools.l40s.termination_grace_minutes": 241},
        (
            "pools.l40s.expire_after_hours: is 500, with 241 minutes of grace more than the 504 "
            "hours, 21 days, that a node of Auto Mode may live; use at most 499, or less grace "
            f"{LIFE}"
        ),
    ),
    (
        {"pools.l40s.zones": ["us-west-2d"]},
        (
            "pools.l40s.zones: us-west-2d has no subnet of this network; use some of us-west-2a, "
            "us-west-2b, or add zones to `network` [karpenter.sh/docs/concepts/nodeclasses]"
        ),
    ),
    (
        {"pools.l40s.labels": {"eks.amazonaws.com/compute-type": "auto"}},
        (
            "pools.l40s.labels: eks.amazonaws.com/compute-type is set by its owner, not by a pool; "
            "use a key of your own, team or example.com/team "
            "[planning/rules/karpenter.py, RESERVED_DOMAINS]"
        ),
    ),
    (
        {"pools.l40s.instances": REMOVED},
        (
            "pools.l40s.instances: is missing, and so is `families`: nothing could be started; "
            "name instance types, [g6e.2xlarge], or families, [g6e] "
            "[catalog/instance_type_facts.py]"
        ),
    ),
]


def auto(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the pool of whole GPUs from Auto Mode, beside one of HAMi that is a node group."""
    pool = {"provisioner": "auto", "instances": ["g6e.2xlarge"], "gpu_limit": 8}
    return {"pools.l40s": pool, **(changes or {})}


@pytest.mark.parametrize(("changes", "expected"), RULES, ids=[next(iter(row[0])) for row in RULES])
def test_a_broken_rule_is_named_with_path_fix_and_source(changes: dict[str, Any], expected: str):
    assert refusals(auto(changes)) == [expected]


@pytest.mark.parametrize(("sharing", "why", "source"), SHARING, ids=[s[0]["kind"] for s in SHARING])
def test_nodes_of_auto_mode_hand_out_whole_gpus_and_nothing_else(
    sharing: dict[str, Any], why: str, source: str
):
    expected = f"pools.l40s.sharing: is {sharing['kind']}: {why}; {WHOLE} {source}"
    assert expected in refusals(auto({"pools.l40s.sharing": sharing}))


def test_a_family_that_auto_mode_does_not_start_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("planning.rules.auto_mode.AUTO_MODE_FAMILIES", AUTO_MODE_FAMILIES - {"g6e"})
    rest = (
        "EKS Auto Mode starts no type of family g6e; use a type of another family, for example "
        f"g6e.2xlarge, or another `provisioner` {INSTANCES}"
    )
    assert refusals(auto()) == [f"pools.l40s.instances: g6e.2xlarge: {rest}"]
    of_family = {"pools.l40s.instances": REMOVED, "pools.l40s.families": ["g6e"]}
    assert refusals(auto(of_family)) == [f"pools.l40s.families: g6e.2xlarge: {rest}"]


def test_every_family_with_gpus_but_one_is_started():
    families = {found.family for found in INSTANCE_TYPES.values() if found.gpus}
    assert families - AUTO_MODE_FAMILIES == {"g7"}


def test_a_pool_limit_below_its_smallest_type_is_refused_as_for_any_other():
    found = refusals(auto({"pools.l40s.instances": ["g6e.12xlarge"], "pools.l40s.gpu_limit": 2}))
    assert found[0] == (
        "pools.l40s.gpu_limit: is 2, its smallest type has 4 GPUs; raise it to 4, or use a smaller "
        "type [catalog/instance_type_facts.py]"
    )


def test_a_node_lives_two_weeks_unless_asked_and_three_less_its_grace_at_most():
    assert (
        AutoPool.model_validate({"provisioner": "auto", "gpu_limit": 1}).expire_after_hours == 336
    )
    [spec] = planned(auto({"pools.l40s.expire_after_hours": 503})).auto_pools
    assert spec.expire_after_hours == 503
