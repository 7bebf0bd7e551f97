"""What a GPU can be cut into, and whether a layout finds its places."""

from itertools import combinations_with_replacement

import pytest

from catalog.gpu_products import GPU_PRODUCTS, gpu_product
from catalog.gpu_topology import PCI_ADDRESSES, pci_addresses, pcie_roots
from catalog.instance_types import INSTANCE_TYPES
from catalog.mig import (
    MIG_PROFILES,
    MigProfile,
    find_profile,
    fits_one_gpu,
    mig_profiles,
    nearest_profiles,
    place,
)

A100, H100, RTX = ("a100", 40960), ("h100", 81920), ("rtx-pro-server-6000", 98304)
ENGINES = ("multiprocessors", "copy_engines", "decoders", "encoders", "jpeg_engines", "memory_mib")


def test_exactly_the_gpus_that_can_be_cut_have_profiles() -> None:
    assert MIG_PROFILES.keys() == {key for key, found in GPU_PRODUCTS.items() if found.mig}
    assert mig_profiles("l40s", 45776) == ()


@pytest.mark.parametrize("key", MIG_PROFILES, ids=str)
def test_no_instance_takes_more_than_its_gpu_has(key: tuple[str, int]) -> None:
    profiles, product = MIG_PROFILES[key], GPU_PRODUCTS[key]
    whole = profiles[-1]
    assert whole.starts == (0,)
    assert whole.memory_mib <= product.memory_mib
    assert whole.multiprocessors <= product.multiprocessors
    for profile in profiles:
        assert max(profile.starts) + profile.memory_slices <= whole.memory_slices
        assert place(profiles, {profile.name: profile.most}) is not None
        assert place(profiles, {profile.name: profile.most + 1}) is None


@pytest.mark.parametrize("key", MIG_PROFILES, ids=str)
def test_what_finds_its_places_also_finds_its_engines(key: tuple[str, int]) -> None:
    profiles = MIG_PROFILES[key]
    whole = profiles[-1]
    for number in range(1, 5):
        for chosen in combinations_with_replacement(profiles, number):
            if fits_one_gpu(profiles, counted(chosen)):
                for engine in ENGINES:
                    asked = sum(getattr(profile, engine) for profile in chosen)
                    assert asked <= getattr(whole, engine), (chosen, engine)


def counted(chosen: tuple[MigProfile, ...]) -> dict[str, int]:
    names = [profile.name for profile in chosen]
    return {name: names.count(name) for name in names}


@pytest.mark.parametrize(
    ("key", "layout", "starts"),
    [
        (H100, {"1g.10gb": 3, "2g.20gb": 2}, [0, 2, 4, 5, 6]),
        (H100, {"3g.40gb": 1, "4g.40gb": 1}, [0, 4]),
        (H100, {"3g.40gb": 1, "2g.20gb": 2}, [0, 2, 4]),
        (H100, {"1g.20gb": 1, "1g.10gb": 6}, [0, 1, 2, 3, 4, 5, 6]),
        (A100, {"1g.5gb": 7}, [0, 1, 2, 3, 4, 5, 6]),
        (RTX, {"1g.24gb": 2, "2g.48gb": 1}, [0, 6, 9]),
    ],
    ids=str,
)
def test_a_layout_that_fits_is_placed(
    key: tuple[str, int], layout: dict[str, int], starts: list[int]
) -> None:
    placed = place(MIG_PROFILES[key], layout)
    assert placed is not None
    assert [start for _, start in placed] == starts
    assert counted(tuple(profile for profile, _ in placed)) == layout


@pytest.mark.parametrize(
    ("key", "layout"),
    [
        (H100, {"4g.40gb": 2}),
        (H100, {"2g.20gb": 4}),
        (H100, {"3g.40gb": 2, "1g.10gb": 1}),
        (H100, {"1g.20gb": 4, "1g.10gb": 1}),
        (H100, {"1g.5gb": 1}),
        (RTX, {"1g.24gb": 3, "2g.48gb": 1}),
    ],
    ids=str,
)
def test_a_layout_that_does_not_fit_or_does_not_exist_is_refused(
    key: tuple[str, int], layout: dict[str, int]
) -> None:
    assert not fits_one_gpu(MIG_PROFILES[key], layout)


def test_profiles_are_found_by_name_and_an_unknown_one_has_neighbours() -> None:
    found = find_profile(*H100, "1g.10gb")
    assert found is not None
    assert (found.profile_id, found.memory_mib, found.compute_slices, found.most) == (
        19,
        9984,
        1,
        7,
    )
    assert find_profile(*H100, "1g.5gb") is None
    assert nearest_profiles(*H100, "1g.5gb")[:2] == ("1g.10gb", "1g.20gb")
    assert nearest_profiles("l40s", 45776, "1g.5gb") == ()


def test_every_gpu_of_an_instance_type_is_known() -> None:
    for instance in INSTANCE_TYPES.values():
        product = gpu_product(instance)
        assert (product is None) == (instance.gpus == 0)
    assert set(GPU_PRODUCTS) == {
        (one.gpu_name, one.gpu_memory_mib) for one in INSTANCE_TYPES.values() if one.gpus
    }


def test_mig_is_switched_without_a_reset_from_hopper_on() -> None:
    toggles = {found.product for found in GPU_PRODUCTS.values() if found.mig_at_any_time}
    assert "NVIDIA H100 80GB HBM3" in toggles
    assert "NVIDIA A100-SXM4-40GB" not in toggles
    assert "NVIDIA L40S" not in toggles


def test_published_layouts_have_an_address_per_gpu_and_others_a_root_per_gpu() -> None:
    for instance in INSTANCE_TYPES.values():
        addresses = pci_addresses(instance)
        assert len(set(addresses)) == instance.gpus, instance.name
        if instance.name not in PCI_ADDRESSES:
            assert len(set(pcie_roots(instance))) == instance.gpus
    pairs = pcie_roots(INSTANCE_TYPES["p4d.24xlarge"])
    assert pairs[:3] == ("pci0000:10", "pci0000:10", "pci0000:20")
    assert set(pcie_roots(INSTANCE_TYPES["g5.48xlarge"])) == {"pci0000:00"}
