"""Rules between a model and its pool, message by message."""

from typing import Any

import pytest

from tests.planning.planned import planned, refusals

MANAGED = {"provisioner": "managed", "instances": ["g6e.2xlarge"], "nodes": 1}

MODELS: list[tuple[dict[str, Any], str]] = [
    (
        {"models.chat.pool": "h100"},
        (
            "models.chat.pool: there is no pool 'h100'; use one of l40s, l4, or add it under "
            "`pools` [settings/models.py]"
        ),
    ),
    (
        {"models.tiny.pool": "l40s"},
        (
            "models.tiny.share: pool 'l40s' hands out its GPUs by `whole`, which knows no `share`; "
            "ask with `gpus: 1`, or use a pool of hami or hami-dra [settings/sharing.py]"
        ),
    ),
    (
        {"models.chat.pool": "l4"},
        (
            "models.chat: does not say what it takes of pool 'l4', which hands out its GPUs by "
            "`hami`; ask with `share: {memory_gib: 8, cores_percent: 30}`, or use a pool of whole "
            "GPUs [settings/sharing.py]"
        ),
    ),
    (
        {"models.tiny.share.memory_gib": 23},
        (
            "models.tiny.share.memory_gib: 23 GiB is more than one l4 has (22 GiB); ask for at "
            "most 22, or for whole GPUs on another pool [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"models.chat.gpus": 5},
        (
            "models.chat.gpus: 5 GPUs per replica, but no instance of pool 'l40s' has more than"
            " 4 (g6e.2xlarge, g6e.12xlarge); use at most 4, or add a larger type to "
            "pools.l40s.instances [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"models.chat.replicas.max": 9},
        (
            "models.chat.replicas.max: 9 replicas of 1 GPU, but pool 'l40s' with its 8 GPUs has"
            " room for 8; lower it to 8, or raise pools.l40s.gpu_limit [settings/sharing.py]"
        ),
    ),
    (
        {
            "models.chat.model": "a/b",
            "models.chat.gpus": 3,
            "models.chat.replicas.max": 3,
            "pools.l40s.gpu_limit": 9,
            "budget.gpus": 10,
        },
        (
            "models.chat.replicas.max: 3 replicas of 3 GPUs, but pool 'l40s' with its 9 GPUs "
            "has room for 2; lower it to 2, or raise pools.l40s.gpu_limit [settings/sharing.py]"
        ),
    ),
    (
        {"models.chat.gpus": 4, "pools.l40s.gpu_limit": 2},
        (
            "models.chat.replicas.max: 1 replica of 4 GPUs, but pool 'l40s' with its 2 GPUs has"
            " room for 0; ask for fewer GPUs per replica, or raise pools.l40s.gpu_limit "
            "[settings/sharing.py]"
        ),
    ),
    (
        {"models.chat.replicas.max": 2, "pools.l40s": MANAGED},
        (
            "models.chat.replicas.max: 2 replicas of 1 GPU, but pool 'l40s' with its 1 GPU has "
            "room for 1; lower it to 1, or raise pools.l40s.nodes [settings/sharing.py]"
        ),
    ),
    (
        {"models.tiny.replicas.max": 4},
        (
            "models.tiny.replicas.max: 4 replicas of this share, but pool 'l4' with its 1 GPU "
            "has room for 3; lower it to 3, or raise pools.l4.nodes [settings/sharing.py]"
        ),
    ),
    (
        {"models.tiny.replicas.max": 3, "pools.l4.sharing.splits": 2},
        (
            "models.tiny.replicas.max: 3 replicas of this share, but pool 'l4' with its 1 GPU "
            "has room for 2; lower it to 2, or raise pools.l4.nodes [settings/sharing.py]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), MODELS, ids=[row[1].split(";")[0] for row in MODELS]
)
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_the_most_that_fits_is_accepted():
    accepted = planned(
        {
            "models.chat.replicas.max": 8,
            "models.tiny.replicas.max": 3,
            "models.tiny.share": {"memory_gib": 7, "cores_percent": 33},
        }
    )
    assert [model.scaler.max_replicas for model in accepted.models] == [8, 3]
