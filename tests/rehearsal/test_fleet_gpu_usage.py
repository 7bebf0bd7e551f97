"""What pods hold through claims, and the GPUs in use, as data."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from planning.specs.base import DEVICE_MANAGER_LABEL, MODEL_LABEL
from rehearsal.fleet.claims import HeldDevice
from rehearsal.fleet.gpu_usage import gpu_of, gpus_used
from rehearsal.fleet.observation import observation

NVIDIA, HAMI = "gpu.nvidia.com", "hami-core-gpu.project-hami.io"
P5, G6E = INSTANCE_TYPES["p5.48xlarge"], INSTANCE_TYPES["g6e.12xlarge"]


def node(allocatable: dict[str, str], instance: str = "g6e.12xlarge") -> dict[str, Any]:
    labels = {
        "node.kubernetes.io/instance-type": instance,
        DEVICE_MANAGER_LABEL: "device-plugin",
    }
    return {
        "metadata": {"name": "n", "labels": labels},
        "status": {"allocatable": allocatable},
    }


def pod(**requests: str) -> dict[str, Any]:
    named = {f"nvidia.com/{key.replace('_', '-')}": amount for key, amount in requests.items()}
    spec = {"nodeName": "n", "containers": [{"resources": {"requests": named}}]}
    return {"metadata": {"name": "p", "uid": "p", "labels": {MODEL_LABEL: "m"}}, "spec": spec}


@pytest.mark.parametrize(
    ("allocatable", "pods", "used"),
    [
        ({"nvidia.com/gpu": "4"}, [pod(gpu="1"), pod(gpu="2")], 3),
        ({"nvidia.com/gpu": "16"}, [pod(gpu="1")], 1),
        ({"nvidia.com/gpu": "16"}, [pod(gpu="1")] * 5, 2),
        ({"nvidia.com/mig-a": "12", "nvidia.com/mig-b": "8"}, [pod(mig_b="1")] * 3, 2),
        ({"nvidia.com/mig-a": "12"}, [pod(mig_a="1")] * 3 + [pod(gone="1")], 1),
        ({}, [pod(gpu="1")], 0),
    ],
)
def test_slices_and_instances_count_as_the_least_gpus_that_have_them(
    allocatable: dict[str, str], pods: list[dict[str, Any]], used: int
) -> None:
    assert gpus_used(node(allocatable), G6E, pods, []) == used


def test_devices_of_claims_count_as_their_gpus_and_looking_takes_nothing() -> None:
    names = ("gpu-0-mig-1g10gb-19-0", "gpu-0-mig-1g10gb-19-1", "gpu-3", "hami-gpu-3")
    held = [HeldDevice(driver=NVIDIA, pool="n", device=name) for name in names]
    watched = HeldDevice(driver=NVIDIA, pool="n", device="gpu-2", admin=True)
    assert gpus_used(node({}), P5, [], [*held, watched]) == 2
    assert [gpu_of(one) for one in held] == ["0", "0", "3", "3"]


def claim(name: str, *results: dict[str, Any]) -> dict[str, Any]:
    status = {"allocation": {"devices": {"results": [*results]}}}
    return {"metadata": {"name": name, "namespace": "default"}, "status": status}


def test_a_pod_tells_the_devices_of_all_its_claims() -> None:
    shared = {
        "driver": HAMI,
        "pool": "n",
        "device": "hami-gpu-1",
        "request": "gpu",
        "shareID": "s",
        "consumedCapacity": {"memory": "8Gi"},
    }
    plain = {"driver": NVIDIA, "pool": "n", "device": "gpu-2", "request": "gpu"}
    claims = [
        claim("made", shared),
        claim("named", plain),
        claim("bridged", plain | {"device": "gpu-3"}),
    ]
    holder = pod()
    holder["spec"]["resourceClaims"] = [
        {"name": "a", "resourceClaimTemplateName": "t"},
        {"name": "b", "resourceClaimName": "named"},
        {"name": "c", "resourceClaimName": "not-there"},
    ]
    holder["status"] = {
        "resourceClaimStatuses": [{"name": "a", "resourceClaimName": "made"}],
        "extendedResourceClaimStatus": {"resourceClaimName": "bridged"},
    }
    seen = observation(nodes=[node({})], deployments=[], pods=[holder], events=[], claims=claims)
    (found,) = seen.pods
    assert [one.device for one in found.devices] == ["gpu-2", "hami-gpu-1", "gpu-3"]
    assert found.devices[1].share_id == "s"
    assert found.devices[1].consumed == {"memory": "8Gi"}
    assert seen.nodes[0].gpus_used == 3
