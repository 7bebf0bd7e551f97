"""What works with Karpenter but will surprise."""

from typing import Any

import pytest

from tests.planning.planned import planned

WARNINGS: list[tuple[dict[str, Any], str]] = [
    (
        {"karpenter": {"version": "1.15.0"}},
        (
            "karpenter.version: support of 1.15.0 ends with the next minor; plan the next "
            "upgrade, or "
            "use the long-term 1.14.1, supported until 2027-07-31 "
            "[aws/karpenter-provider-aws: SUPPORT.md]"
        ),
    ),
    (
        {"karpenter": {"version": "1.13.1"}},
        (
            "karpenter.version: support of 1.13.1 ended on 2026-07-11; plan the next upgrade, or "
            "use "
            "the long-term 1.14.1, supported until 2027-07-31 "
            "[aws/karpenter-provider-aws: SUPPORT.md]"
        ),
    ),
    (
        {
            "pools.l40s.disruption": [
                {"nodes": "50%", "reasons": ["Empty"]},
                {"nodes": "0", "schedule": "0 6 * * *", "duration_hours": 14},
            ]
        },
        (
            "pools.l40s.disruption: has no budget that always holds for Drifted: a new image or "
            "label "
            "would replace every node at once outside of the schedules; add "
            '`{nodes: "1", reasons: [Drifted]}`; the smallest active budget counts '
            "[karpenter.sh/docs/concepts/nodepools]"
        ),
    ),
    (
        {"pools.l40s.expire_after_hours": 720},
        (
            "pools.l40s.expire_after_hours: ends each node after 720 hours, whatever `disruption` "
            "and "
            "the models' PodDisruptionBudgets say; leave it out, and renew nodes by moving `ami` "
            "in a "
            "window of `disruption` [karpenter.sh/docs/concepts/disruption]"
        ),
    ),
    (
        {"pools.l40s.capacity": ["reserved"], "pools.l40s.reservations": ["cr-1"]},
        (
            "pools.l40s.reservations: are billed for as long as they exist, used or not: the "
            "floor of "
            "the plan counts only the nodes that minimum replicas need; keep replicas on them, or "
            "cancel those that stay empty [karpenter.sh/docs/tasks/odcrs]"
        ),
    ),
    (
        {"pools.l40s.ami": "al2023@v20260601"},
        (
            "pools.l40s.ami: al2023@v20260601 is not the release that this program was tested "
            "with, "
            "al2023@v20260714; not every release exists for every Kubernetes minor; ask before "
            "`up`: "
            "aws ssm get-parameter --name "
            "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/"
            "nvidia/amazon-eks-node-al2023-x86_64-nvidia-1.36-v20260601/image_id "
            "[karpenter.sh/docs/concepts/nodeclasses]"
        ),
    ),
]


def warned(changes: dict[str, Any]) -> list[str]:
    """Return the warnings that the changes add."""
    before = planned().warnings
    return [str(found) for found in planned(changes).warnings if found not in before]


@pytest.mark.parametrize(
    ("changes", "expected"), WARNINGS, ids=[row[1].split(";")[0] for row in WARNINGS]
)
def test_a_surprise_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert warned(changes) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {"karpenter": {"version": "1.14.1"}},
        {"pools.l40s.ami": "al2023@v20260714"},
        {"pools.l40s.disruption": [{"nodes": "1"}]},
        {"pools.l40s.weight": 10, "pools.l40s.zones": ["us-west-2a"]},
    ],
    ids=["long-term", "image of the catalog", "budget for everything", "weight and zones"],
)
def test_what_does_not_surprise_is_not_minded(changes: dict[str, Any]):
    assert warned(changes) == []
