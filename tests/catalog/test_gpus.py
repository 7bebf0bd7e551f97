"""GPUs as an engine sees them, and the releases that share their memory out."""

import pytest

from catalog.gpus import GPUS, gpus_called, nearest_gpus
from catalog.instance_types import INSTANCE_TYPES
from catalog.vllm_memory import NEWEST_READ, RELEASES, parse_version, release_of

WITHOUT_VLLM = {"t4g"}
"""An arm64 GPU of compute capability 7.5, for which vLLM publishes no image."""


def test_every_gpu_of_the_instance_types_is_known_by_its_memory():
    carried = {
        (kind.gpu_name, kind.gpu_memory_mib)
        for kind in INSTANCE_TYPES.values()
        if kind.gpus and kind.gpu_name not in WITHOUT_VLLM
    }
    known = {(gpu.ec2_name, gpu.ec2_memory_mib) for gpu in GPUS.values()}
    assert known - carried == {("gb200", 189471)}
    assert carried <= known


def test_an_engine_sees_a_little_less_than_ec2_states():
    for gpu in GPUS.values():
        assert 0.9 <= gpu.visible_gib * 1024 / gpu.ec2_memory_mib < 1, gpu.name
        assert gpu.source


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("H100", ["H100"]),
        ("h100", ["H100"]),
        ("a100", ["A100-40GB", "A100-80GB"]),
        ("A100 80GB", ["A100-80GB"]),
        ("rtx-pro-server-6000", ["RTX-PRO-6000"]),
        ("V100", []),
    ],
)
def test_a_gpu_is_found_by_either_name(name: str, found: list[str]):
    assert [gpu.name for gpu in gpus_called(name)] == found


def test_a_misspelt_gpu_has_neighbours():
    assert nearest_gpus("H101")[:2] == ("H100", "H200")
    assert nearest_gpus("zzzzzz") == ()


def test_releases_are_in_order_and_only_change_what_they_name():
    assert [release.since for release in RELEASES] == sorted({r.since for r in RELEASES})
    assert release_of("0.19.1").utilisation == 0.9
    assert release_of("0.20.0").utilisation == 0.92
    assert not release_of("0.10.2").graphs_counted
    assert release_of("0.10.2").collectives_counted
    assert not release_of("0.11.0").collectives_counted
    assert release_of("1.0.0") is RELEASES[-1]
    assert release_of(NEWEST_READ) is RELEASES[-1]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.33.0", (0, 33, 0)),
        ("v0.9.2", (0, 9, 2)),
        ("0.11", (0, 11, 0)),
        ("0.8.5.post1", (0, 8, 5)),
    ],
)
def test_a_version_is_read_in_its_forms(text: str, numbers: tuple[int, int, int]):
    assert parse_version(text) == numbers


@pytest.mark.parametrize("text", ["latest", "nightly", "0.x", "", "0.33.0rc1"])
def test_what_is_no_version_is_refused(text: str):
    with pytest.raises(ValueError, match=r"is no release of vLLM; write it as 0\.33\.0"):
        parse_version(text)
