import pytest

from catalog.engine_flags import VERSIONS
from catalog.engine_releases import (
    ADVISORIES,
    FLOOR,
    PINNED,
    SELECTABLE,
    advisories,
    engine_image,
    release_number,
)
from catalog.images import VLLM


def test_the_pinned_release_is_the_newest_that_can_be_chosen():
    assert (SELECTABLE[0], SELECTABLE[-1]) == (FLOOR, PINNED)
    assert set(SELECTABLE) <= set(VERSIONS)
    assert engine_image(PINNED) is VLLM


def test_an_older_release_is_its_own_tag_of_the_same_image():
    image = engine_image("0.28.0")
    assert image.reference == "docker.io/vllm/vllm-openai:v0.28.0"
    assert image.source == "PyPI: vllm 0.28.0; images carry the release's tag"


def test_an_image_below_the_floor_is_refused_with_those_that_can_be_chosen():
    with pytest.raises(KeyError, match=r"vLLM 0\.18\.1 cannot be chosen; use one of 0\.19\.1, "):
        engine_image("0.18.1")


def test_releases_compare_by_number():
    assert release_number("0.9.2") < release_number("0.19.1") < release_number("0.33.0")


@pytest.mark.parametrize(
    ("version", "open_holes"),
    [
        ("0.33.0", []),
        ("0.19.1", []),
        ("0.19.0", ["CVE-2026-9540"]),
        ("0.18.1", ["GHSA-3mwp-wvh9-7528", "CVE-2026-9540"]),
        ("0.17.1", ["CVE-2026-27893", "GHSA-3mwp-wvh9-7528", "CVE-2026-9540"]),
    ],
)
def test_the_known_holes_of_a_release_are_named(version: str, open_holes: list[str]):
    assert [hole.name for hole in advisories(version)] == open_holes


def test_every_hole_has_a_source_and_an_end_and_the_floor_has_none():
    for hole in ADVISORIES:
        assert hole.source
        assert hole.fixed or hole.last
    assert all(not advisories(version) for version in SELECTABLE)
