"""Releases of images: which one a pool means, that it is pinned, and that it is whole."""

from typing import Any

import pytest

from tests.planning.planned import planned, refusals
from tests.planning.test_node_image_rules import PINNED, WHOLE, bottlerocket
from tests.planning.test_plugin_ways import managed

NODE_CLASSES = "[karpenter.sh/docs/concepts/nodeclasses]"
CHANGELOG = "[awslabs/amazon-eks-ami: CHANGELOG.md]"
COMMIT = (
    ", and a managed node group takes a release of Bottlerocket only with the commit it was made "
    "of, which AWS alone tells; ask aws ssm get-parameter --name "
    "/aws/service/bottlerocket/aws-k8s-1.36-nvidia/x86_64/{0}/image_version, and write its answer, "
    "{0}-<8 digits> [cloudposse/terraform-aws-eks-node-group issue 209]"
)

RULES: dict[str, tuple[dict[str, Any], str]] = {
    "an alias beside an image": (
        {"pools.l40s.ami": "al2023@v20260714", "pools.l40s.image": {"kind": "al2023"}},
        (
            "pools.l40s.ami: is al2023@v20260714, beside `image`: each of the two says what nodes "
            "start from; leave it out, and write the `release` in `image` "
            "[settings/karpenter_pool.py]"
        ),
    ),
    "the latest Bottlerocket": (
        {"pools.l40s.ami": "bottlerocket@latest"},
        (
            "pools.l40s.ami: bottlerocket@latest replaces every node of the pool at each release "
            "of the image, with another driver and kernel; pin a release, bottlerocket@v1.64.0, "
            f"and move it in dev first {NODE_CLASSES}"
        ),
    ),
    "an alias without a date": (
        {"pools.l40s.ami": "al2023@2026"},
        (
            "pools.l40s.ami: al2023@2026 is no release of Amazon Linux 2023; use al2023@v20260714, "
            f"or leave it out {CHANGELOG}"
        ),
    ),
    "the latest Amazon Linux": (
        {"pools.l40s.image": {"kind": "al2023", "release": "latest"}},
        (
            "pools.l40s.image.release: latest is no release of Amazon Linux 2023; use v20260714, "
            f"or leave it out {CHANGELOG}"
        ),
    ),
    "a Karpenter release in a managed group": (
        {"pools.l4.image": {"kind": "al2023", "release": "v20260714"}},
        (
            "pools.l4.image.release: v20260714 is no release of Amazon Linux 2023 that a managed "
            f"node group of 1.36 has; use 1.36.2-20260714, or leave it out {CHANGELOG}"
        ),
    ),
    "a broken image in a managed group": (
        {"pools.l4.image": {"kind": "al2023", "release": "1.36.3-20260818"}},
        (
            "pools.l4.image.release: 1.36.3-20260818: its container toolkit 1.20.0 breaks pods "
            "that mount /etc/nvidia read-only, the device plugin first; use 1.36.2-20260714 "
            "[catalog/eks.py, BROKEN_NODE_IMAGES]"
        ),
    ),
    "no release of Bottlerocket by that name": (
        {"pools.l40s.image": {"kind": "bottlerocket", "release": "1.64"}},
        (
            "pools.l40s.image.release: 1.64 is no release of Bottlerocket that Karpenter finds by "
            f"its name; use 1.64.0, or leave it out {NODE_CLASSES}"
        ),
    ),
    "Bottlerocket before its image of the minor": (
        {"pools.l40s.ami": "bottlerocket@v1.60.0"},
        (
            "pools.l40s.ami: Bottlerocket 1.60.0 has no image for Kubernetes 1.36, which came with "
            "1.61.0; use 1.64.0 [catalog/bottlerocket.py, OLDEST_FOR_MINOR]"
        ),
    ),
    "a managed Bottlerocket without a release": (
        managed(WHOLE) | bottlerocket(None),
        "pools.l4.image.release: is not said" + COMMIT.format("1.64.0"),
    ),
    "a managed Bottlerocket without its commit": (
        managed(WHOLE) | bottlerocket("1.63.0"),
        "pools.l4.image.release: is 1.63.0" + COMMIT.format("1.63.0"),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), RULES.values(), ids=[*RULES])
def test_a_release_that_cannot_be_meant_is_refused_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_a_release_of_amazon_linux_may_be_named_by_either_supply():
    plan = planned(
        {
            "pools.l40s.image": {"kind": "al2023", "release": "v20260601"},
            "pools.l4.image": {"kind": "al2023", "release": "1.36.1-20260601"},
        }
    )
    assert plan.gpu_pools[0].ami_alias == "al2023@v20260601"
    assert plan.managed_gpu_nodes[0].release_version == "1.36.1-20260601"
    folder = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/nvidia/"
    parameter = f"{folder}amazon-eks-node-al2023-x86_64-nvidia-1.36-v20260601/image_id"
    found = {found.path: (found.problem, found.fix) for found in plan.warnings}
    rest = "not every release exists for every Kubernetes minor"
    fix = f"ask before `up`: aws ssm get-parameter --name {parameter}"
    assert found["pools.l40s.image.release"] == (
        f"v20260601 is not the release that this program was tested with, v20260714; {rest}",
        fix,
    )
    assert found["pools.l4.image.release"] == (
        (
            "1.36.1-20260601 is not the release that this program was tested with, "
            f"1.36.2-20260714; {rest}"
        ),
        fix,
    )


def test_an_alias_of_bottlerocket_is_an_image_too():
    plan = planned({"pools.l40s.ami": "bottlerocket@v1.65.0"})
    [pool] = plan.gpu_pools
    assert pool.ami_alias == "bottlerocket@v1.65.0"
    [found] = [found for found in plan.warnings if found.path == "pools.l40s.ami"]
    assert str(found) == (
        "pools.l40s.ami: Bottlerocket 1.65.0 is not the release that this program was tested with, "
        "Bottlerocket 1.64.0; not every release exists for every Kubernetes minor; ask before "
        "`up`: aws ssm get-parameter --name "
        "/aws/service/bottlerocket/aws-k8s-1.36-nvidia/x86_64/1.65.0/image_id "
        "[karpenter.sh/docs/concepts/nodeclasses]"
    )


def test_the_releases_that_this_program_was_tested_with_are_no_warning():
    plan = planned(managed(WHOLE) | bottlerocket(PINNED) | {"pools.l40s.ami": "al2023@v20260714"})
    about = ("pools.l40s.ami", "pools.l4.image.release")
    assert [found for found in plan.warnings if found.path in about] == []
