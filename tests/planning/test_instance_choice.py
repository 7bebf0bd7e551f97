"""Families, and the instance types that they stand for."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from catalog.regions import ZONES
from planning.pools.instance_choice import LEAST_VCPU, gpu_families, instance_names
from planning.rules.families import family_rules
from settings.karpenter_pool import KarpenterPool
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

BY_FAMILY: dict[str, Any] = {"pools.l40s.instances": REMOVED, "pools.l40s.families": ["g6e"]}


def pool(gpu_limit: int = 8, **more: Any) -> KarpenterPool:
    return KarpenterPool(provisioner="karpenter", gpu_limit=gpu_limit, **more)


def test_a_family_is_its_types_from_2xlarge_up_to_the_limit():
    assert instance_names(pool(gpu_limit=4, families=("g6e",)), "us-west-2") == (
        "g6e.2xlarge",
        "g6e.4xlarge",
        "g6e.8xlarge",
        "g6e.12xlarge",
        "g6e.16xlarge",
        "g6e.24xlarge",
    )


def test_of_a_family_only_types_with_so_many_gpus_are_taken():
    names = instance_names(pool(families=("g6e",), gpus_per_node=4), "us-west-2")
    assert names == ("g6e.12xlarge", "g6e.24xlarge")


def test_two_families_with_one_gpu_follow_each_other():
    names = instance_names(pool(families=("gr6", "g6"), gpus_per_node=1), "us-west-2")
    assert names[:3] == ("gr6.4xlarge", "gr6.8xlarge", "g6.2xlarge")


def test_types_that_a_pool_names_are_taken_as_they_are():
    assert instance_names(pool(instances=("g6.xlarge", "x")), "us-west-2") == ("g6.xlarge", "x")


@pytest.mark.parametrize("region", ZONES)
@pytest.mark.parametrize("family", sorted({one.family for one in INSTANCE_TYPES.values()}))
def test_a_family_has_types_to_start_or_is_told_why_not(family: str, region: str):
    wanted = pool(gpu_limit=100, families=(family,))
    findings = list(family_rules("p", wanted, region))
    names = instance_names(wanted, region)
    assert bool(names) != bool(findings)
    for name in names:
        found = INSTANCE_TYPES[name]
        assert found.arch == "amd64"
        assert found.gpus
        assert found.vcpu >= LEAST_VCPU
        assert region in found.usd_per_hour


def test_the_families_with_gpus_are_known_by_name():
    assert {"g6e", "gr6", "p5"} <= {*gpu_families()}
    assert "m7i" not in gpu_families()


def test_plan_and_karpenter_have_the_same_types():
    plan = planned(BY_FAMILY)
    [spec], [summary, _] = plan.gpu_pools, plan.pools
    assert spec.instance_types == summary.instance_types
    assert len(spec.instance_types) == len(spec.gpus_per_node) == 7
    assert {line.item for line in plan.cost.lines if "l40s" in line.item} <= {
        f"pool l40s {name}" for name in spec.instance_types
    }


FAMILIES: list[tuple[dict[str, Any], str]] = [
    (
        {"pools.l40s.instances": REMOVED},
        (
            "pools.l40s.instances: is missing, and so is `families`: nothing could be started; "
            "name "
            "instance types, [g6e.2xlarge], or families, [g6e] [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.families": ["g6e"]},
        (
            "pools.l40s.families: stands beside `instances`: one list would hide the other; keep "
            "one "
            "of the two [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.gpus_per_node": 1},
        (
            "pools.l40s.gpus_per_node: is 1, but there are no `families` to choose types from; "
            "take it "
            "out; `instances` are taken as they are [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.families": ["g6ee"]},
        (
            "pools.l40s.families: g6ee is not known; did you mean g6e or g6 or gr6? "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.families": ["nothing"]},
        (
            "pools.l40s.families: nothing is not known; use a family such as g6e "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.families": ["g7"]},
        (
            "pools.l40s.families: g7.2xlarge: the driver of node image v20260714 finds no GPU of "
            "family g7; use a type of another family, for example g6e.2xlarge "
            "[catalog/eks.py, FAMILIES_WITHOUT_DRIVER]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.families": ["g6", "g6e"], "pools.l40s.gpus_per_node": 1},
        (
            "pools.l40s.families: mixes different GPUs: g6.2xlarge (l4) and g6e.2xlarge (l40s); "
            "make "
            "one pool per kind of GPU; a model is sized for one [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.gpus_per_node": 2},
        (
            "pools.l40s.gpus_per_node: is 2, but types of g6e have 1, 4, 8 GPUs; use one of these "
            "numbers, or leave it out [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {**BY_FAMILY, "pools.l40s.gpus_per_node": 4, "pools.l40s.gpu_limit": 3},
        (
            "pools.l40s.gpu_limit: is 3, the smallest type that may be started has 4 GPUs; raise "
            "it to "
            "4, or choose smaller types [catalog/instance_type_facts.py]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), FAMILIES, ids=[row[1].split(";")[0] for row in FAMILIES]
)
def test_a_wrong_choice_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]
