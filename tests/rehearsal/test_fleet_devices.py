"""The devices of DRA drivers, as data."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from catalog.mig import mig_profiles, place
from rehearsal.fleet.device_classes import device_classes
from rehearsal.fleet.gpu_devices import gpus_of
from rehearsal.fleet.hami_devices import hami_slices
from rehearsal.fleet.nvidia_devices import nvidia_slices
from rehearsal.fleet.resource_slices import Device, device_slices, slice_manifests, version

NVIDIA, HAMI = "gpu.nvidia.com", "hami-core-gpu.project-hami.io"
P4D, P5 = INSTANCE_TYPES["p4d.24xlarge"], INSTANCE_TYPES["p5.48xlarge"]
G6E = INSTANCE_TYPES["g6e.12xlarge"]


def test_a_whole_gpu_is_published_as_the_nvidia_driver_does() -> None:
    (content,) = nvidia_slices(gpus_of("n", P4D), {}, dynamic=False)
    devices = content["devices"]
    assert [device["name"] for device in devices] == [f"gpu-{minor}" for minor in range(8)]
    attributes = dict(devices[1]["attributes"])
    uuid = attributes.pop("uuid")["string"]
    assert uuid.startswith("GPU-")
    assert attributes == {
        "type": {"string": "gpu"},
        "productName": {"string": "NVIDIA A100-SXM4-40GB"},
        "brand": {"string": "Nvidia"},
        "architecture": {"string": "Ampere"},
        "cudaComputeCapability": {"version": "8.0.0"},
        "driverVersion": {"version": "580.159.3"},
        "cudaDriverVersion": {"version": "13.0.0"},
        "resource.kubernetes.io/pciBusID": {"string": "0000:10:1d.0"},
        "resource.kubernetes.io/pcieRoot": {"string": "pci0000:10"},
    }
    assert devices[1]["capacity"] == {"memory": {"value": "40960Mi"}}
    assert (
        uuid
        == nvidia_slices(gpus_of("n", P4D), {}, dynamic=False)[0]["devices"][1]["attributes"][
            "uuid"
        ]["string"]
    ), "the same in every run"


def test_mig_instances_made_beforehand_take_the_place_of_their_gpu() -> None:
    profiles = mig_profiles(P4D.gpu_name or "", P4D.gpu_memory_mib)
    cut = place(profiles, {"1g.5gb": 1, "3g.20gb": 1})
    assert cut is not None
    (content,) = nvidia_slices(gpus_of("n", P4D)[:2], {0: cut}, dynamic=True)
    names = [device["name"] for device in content["devices"]]
    assert names == ["gpu-0-mig-1g5gb-19-4", "gpu-0-mig-3g20gb-9-0", "gpu-1"]
    half = content["devices"][1]
    assert half["attributes"]["type"] == {"string": "mig"}
    assert half["attributes"]["profile"] == {"string": "3g.20gb"}
    assert half["attributes"]["parentUUID"]["string"].startswith("GPU-")
    assert half["attributes"]["uuid"]["string"].startswith("MIG-")
    assert half["capacity"] == {
        "multiprocessors": {"value": "42"},
        "copyEngines": {"value": "3"},
        "decoders": {"value": "2"},
        "encoders": {"value": "0"},
        "jpegEngines": {"value": "0"},
        "ofaEngines": {"value": "0"},
        "memory": {"value": "19968Mi"},
        **{f"memorySlice{number}": {"value": "1"} for number in range(4)},
    }


def test_a_gpu_to_be_cut_publishes_every_placement_over_shared_counters() -> None:
    counters, first, *others = nvidia_slices(gpus_of("n", P5), {}, dynamic=True)
    assert len(others) == 7
    assert len(counters["sharedCounters"]) == 8
    counter_set = counters["sharedCounters"][0]
    assert counter_set["name"] == "gpu-0-counter-set"
    assert counter_set["counters"]["multiprocessors"] == {"value": "132"}
    assert counter_set["counters"]["copy-engines"] == {"value": "8"}
    slices = {f"memory-slice-{number}" for number in range(8)}
    assert slices <= counter_set["counters"].keys()
    devices = {device["name"]: device for device in first["devices"]}
    assert list(devices) == sorted(devices)
    assert len(devices) == 1 + 7 + 4 + 3 + 2 + 1 + 1
    whole = devices["gpu-0"]["consumesCounters"]
    assert whole == [{"counterSet": "gpu-0-counter-set", "counters": counter_set["counters"]}]
    assert devices["gpu-0"]["capacity"]["memory"] == {"value": "81152Mi"}
    (consumed,) = devices["gpu-0-mig-2g20gb-14-2"]["consumesCounters"]
    taken = {name for name in consumed["counters"] if name.startswith("memory-slice")}
    assert taken == {"memory-slice-2", "memory-slice-3"}
    assert "memorySlice2" not in devices["gpu-0-mig-2g20gb-14-2"]["capacity"]


@pytest.mark.parametrize("instance", [P4D, G6E], ids=lambda found: found.name)
def test_a_gpu_that_cannot_be_cut_at_any_time_stays_whole(instance: Any) -> None:
    gpus = gpus_of("n", instance)
    assert nvidia_slices(gpus, {}, dynamic=True) == nvidia_slices(gpus, {}, dynamic=False)


def test_hamis_gpus_are_divided_by_memory_and_cores() -> None:
    (content,) = hami_slices(gpus_of("n", G6E))
    device = content["devices"][3]
    assert device["name"] == "hami-gpu-3"
    assert device["allowMultipleAllocations"] is True
    assert device["attributes"]["type"] == {"string": "hami-gpu"}
    assert device["attributes"]["minor"] == {"int": 3}
    assert device["attributes"]["pcieBusID"] == {"string": "0000:40:00.0"}
    assert device["attributes"]["resource.kubernetes.io/pcieRoot"] == {"string": "pci0000:40"}
    assert device["capacity"] == {
        "cores": {
            "value": "100",
            "requestPolicy": {
                "default": "100",
                "validRange": {"min": "0", "max": "100", "step": "1"},
            },
        },
        "memory": {
            "value": "46068Mi",
            "requestPolicy": {
                "default": "46068Mi",
                "validRange": {"min": "1Mi", "max": "46068Mi", "step": "1Mi"},
            },
        },
    }


def test_no_slice_is_longer_than_the_api_allows() -> None:
    plain = [{"name": f"gpu-{number}"} for number in range(130)]
    assert [len(one["devices"]) for one in device_slices(plain)] == [128, 2]
    counting: list[Device] = [{"name": "gpu", "consumesCounters": []} for _ in range(65)]
    assert [len(one["devices"]) for one in device_slices(counting)] == [64, 1]


def test_the_slices_of_a_pool_count_themselves_and_go_with_their_node() -> None:
    node = {"metadata": {"name": "n", "uid": "u"}}
    slices = slice_manifests(node, NVIDIA, [{"devices": []}, {"devices": []}], 3)
    assert [one["metadata"]["name"] for one in slices] == [f"n-{NVIDIA}-0", f"n-{NVIDIA}-1"]
    pool = {"name": "n", "generation": 3, "resourceSliceCount": 2}
    assert all(one["spec"]["pool"] == pool for one in slices)
    assert all(one["metadata"]["ownerReferences"][0]["uid"] == "u" for one in slices)


def test_the_classes_of_a_driver_select_its_kinds_of_devices() -> None:
    classes = {one["metadata"]["name"]: one["spec"] for one in device_classes([HAMI, NVIDIA])}
    assert classes.keys() == {NVIDIA, "mig.nvidia.com", HAMI}
    assert classes[NVIDIA] == {
        "selectors": [
            {
                "cel": {
                    "expression": "device.driver == 'gpu.nvidia.com' && "
                    "device.attributes['gpu.nvidia.com'].type == 'gpu'"
                }
            }
        ],
        "extendedResourceName": "nvidia.com/gpu",
    }
    assert "extendedResourceName" not in classes[HAMI]
    assert device_classes([]) == []


@pytest.mark.parametrize(
    ("text", "expected"), [("8.0", "8.0.0"), ("580.159.03", "580.159.3"), ("13.0", "13.0.0")]
)
def test_versions_have_three_numbers(text: str, expected: str) -> None:
    assert version(text) == expected
