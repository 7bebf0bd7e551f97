"""What may be written for the image of a pool's nodes."""

from typing import Any

import pytest

from settings.environment import PlatformSettings
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.node_image import Al2023Image
from settings.reading import read_environment
from tests.documents import config, platform

SCHEMA = "[settings/schema.json]"
AMI = "ami-0123456789abcdef0"


def test_without_a_word_nodes_are_amazon_linux_of_the_catalog():
    pools = PlatformSettings.model_validate(platform()).pools.values()
    for pool in pools:
        assert isinstance(pool, KarpenterPool | ManagedPool)
        assert pool.image == Al2023Image(release=None)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (
            {"kind": "bottlerocket", "relase": "1.64.0"},
            "pools.l4.image.relase: is not a known key; did you mean `release`?",
        ),
        (
            {"kind": "ubuntu", "ami": AMI},
            "pools.l4.image.release: is missing; add it, it has no default",
        ),
        (
            {"kind": "ubuntu", "release": "24.04"},
            "pools.l4.image.ami: is missing; add it, it has no default",
        ),
        (
            {"kind": "ubuntu", "release": "24.04", "ami": "ubuntu-eks"},
            "pools.l4.image.ami: is 'ubuntu-eks'; write the id of an image, ami-0123456789abcdef0",
        ),
    ],
)
def test_a_slip_is_named_with_what_would_be_right(image: dict[str, Any], expected: str):
    reading = read_environment("dev", config({"pools.l4.image": image}))
    [found] = [str(found) for found in reading.findings]
    assert found == f"{expected} {SCHEMA}"


def test_eks_auto_mode_chooses_its_image_itself():
    changes = {"pools.l40s.provisioner": "auto", "pools.l40s.image": {"kind": "bottlerocket"}}
    reading = read_environment("dev", config(changes))
    assert [found.path for found in reading.findings] == ["pools.l40s.image"]
