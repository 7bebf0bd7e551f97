"""Rules of GPU pools, message by message."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import refusals

LARGE = {"provisioner": "karpenter", "instances": ["g6e.12xlarge"], "gpu_limit": 3}

POOLS: list[tuple[dict[str, Any], str]] = [
    (
        {"pools.l40s.instances": ["g6e.3xlarge"]},
        (
            "pools.l40s.instances: g6e.3xlarge is not known; did you mean g6e.xlarge or "
            "g6e.8xlarge or g6e.4xlarge? [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.instances": ["nothing-like-it"]},
        (
            "pools.l40s.instances: nothing-like-it is not known; use a type of the catalog "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.instances": ["m7i.xlarge"]},
        (
            "pools.l40s.instances: m7i.xlarge has no whole NVIDIA GPU; use a GPU type, for "
            "example g6e.2xlarge [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.instances": ["g6f.xlarge"]},
        (
            "pools.l40s.instances: g6f.xlarge has no whole NVIDIA GPU; use a GPU type, for "
            "example g6e.2xlarge [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.instances": ["g5g.xlarge"]},
        (
            "pools.l40s.instances: g5g.xlarge is arm64, the platform's GPU nodes run amd64 "
            "images; use a type of another family, for example g6e.2xlarge "
            "[planning/node_images/al2023.py, GPU_AMI_TYPE]"
        ),
    ),
    (
        {"pools.l40s.instances": ["g7.2xlarge"]},
        (
            "pools.l40s.instances: g7.2xlarge: the driver of node image v20260714 finds no GPU "
            "of family g7; use a type of another family, for example g6e.2xlarge "
            "[catalog/eks.py, FAMILIES_WITHOUT_DRIVER]"
        ),
    ),
    (
        {"pools.l40s.instances": ["p5.48xlarge"]},
        (
            "pools.l40s.instances: p5.48xlarge has no on-demand price in us-west-2; use another"
            " type or region; what has no price cannot be planned "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l40s.instances": ["g6e.2xlarge", "g5.2xlarge"]},
        (
            "pools.l40s.instances: mixes different GPUs: g6e.2xlarge (l40s) and g5.2xlarge "
            "(a10g); make one pool per kind of GPU; a model is sized for one "
            "[catalog/instance_type_facts.py]"
        ),
    ),
    (
        {
            "pools.l40s.sharing": {"kind": "hami"},
            "models.chat.share": {"memory_gib": 24, "cores_percent": 50},
            "models.chat.replicas": {"min": 20, "max": 20},
        },
        (
            "pools.l40s.sharing: HAMi on a Karpenter pool: no node that Karpenter could start "
            "offers nvidia.com/gpumem, so it starts none; give it `static_nodes`, or use "
            "`provisioner: managed` with a fixed number of `nodes` [kubernetes-sigs/karpenter "
            "issue 2533: HAMi's memory and core resources are in no node's status]"
        ),
    ),
    (
        {"pools.l40s": LARGE, "models.chat": REMOVED},
        (
            "pools.l40s.gpu_limit: is 3, its smallest type has 4 GPUs; raise it to 4, or use a "
            "smaller type [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"pools.l4.instances": ["g6.2xlarge", "g6.12xlarge"]},
        (
            "pools.l4.instances: types with different numbers of GPUs (g6.2xlarge 1, "
            "g6.12xlarge 4): the node group would have no known size; use types with the same "
            "number of GPUs [catalog/instance_type_facts.py]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), POOLS, ids=[row[1].split(";")[0] for row in POOLS]
)
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_several_wrong_types_of_a_pool_are_all_named_and_its_models_stay_out_of_it():
    found = refusals({"pools.l40s.instances": ["g7.2xlarge", "x", "m7i.xlarge", "g6e.2xlarge"]})
    assert [line.split(":")[0] for line in found] == ["pools.l40s.instances"] * 3


def test_a_pool_called_models_is_no_model():
    pool = {"provisioner": "karpenter", "instances": ["g7.2xlarge"], "gpu_limit": 1}
    scale = {"min": 2, "max": 2}
    entry = {"model": "a/b", "pool": "l40s", "context": 512, "gpus": 4, "replicas": scale}
    changes = {"pools.models": pool, "models.models": entry}
    found = refusals(changes)
    assert [line.split(":")[0] for line in found] == [
        "models.chat.replicas.min",
        "pools.models.instances",
    ]
