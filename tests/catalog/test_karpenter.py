"""Karpenter's releases."""

import pytest

from catalog.charts import KARPENTER
from catalog.eks import BROKEN_NODE_IMAGES, KUBERNETES_VERSIONS, NODE_IMAGE_RELEASE
from catalog.karpenter import (
    KARPENTER_RELEASES,
    LONG_TERM_RELEASE,
    OLDEST_MINOR_FOR,
    READ,
    KarpenterRelease,
    knows_kubernetes,
)


@pytest.mark.parametrize("release", KARPENTER_RELEASES.values(), ids=KARPENTER_RELEASES)
def test_a_release_has_a_source_and_ends_after_it_began(release: KarpenterRelease):
    assert release.source
    assert release.released <= READ
    assert release.supported_until is None or release.supported_until >= release.released


def test_the_releases_are_listed_newest_first():
    days = [release.released for release in KARPENTER_RELEASES.values()]
    assert days == sorted(days, reverse=True)


def test_the_default_is_the_long_term_release_that_the_chart_pins():
    assert LONG_TERM_RELEASE.version == KARPENTER.version
    assert LONG_TERM_RELEASE.long_term
    assert LONG_TERM_RELEASE.supported_until
    assert LONG_TERM_RELEASE.supported_until > READ
    assert [one.version for one in KARPENTER_RELEASES.values() if one.long_term] == ["1.14.1"]


def test_only_1_15_reboots_and_knows_devices():
    able = {
        version: (release.reboots, release.device_templates)
        for version, release in KARPENTER_RELEASES.items()
    }
    assert able == {"1.15.0": (True, True), "1.14.1": (False, False), "1.13.1": (False, False)}


def test_every_release_knows_every_kubernetes_minor_on_offer():
    for minor in KUBERNETES_VERSIONS:
        for version in KARPENTER_RELEASES:
            assert knows_kubernetes(version, minor)


@pytest.mark.parametrize(
    ("version", "kubernetes", "known"),
    [
        ("1.12.9", "1.36", False),
        ("1.13.0", "1.36", True),
        ("1.9.0", "1.36", False),
        ("1.9.0", "1.35", True),
        ("1.8.9", "1.35", False),
        ("1.6.0", "1.34", True),
        ("2.0.0", "1.36", True),
        ("0.37.0", "1.34", False),
        ("1.1.0", "1.99", True),
    ],
)
def test_minors_are_compared_as_numbers(version: str, kubernetes: str, *, known: bool):
    assert knows_kubernetes(version, kubernetes) is known


def test_the_node_image_that_is_pinned_is_not_broken():
    assert NODE_IMAGE_RELEASE not in BROKEN_NODE_IMAGES


def test_of_every_kubernetes_minor_the_oldest_karpenter_is_known():
    assert OLDEST_MINOR_FOR.keys() >= KUBERNETES_VERSIONS.keys()
