"""What nodes and pods say to HAMi, and what HAMi writes on them."""

import json
from typing import Any

import pytest

from planning.sharing import hami, whole
from rehearsal.hami.objects import (
    GPU,
    GPU_CORES,
    GPU_MEMORY,
    NODE_LABEL,
    REGISTER,
    SCHEDULER,
    Share,
    decision,
    devices_of,
    hami_devices,
    hami_gpus_used,
    registered,
    registration,
    shares_of,
)
from rehearsal.hami.requests import NotPlayedError, policy_of, requests_of


def pod(name: str, limits: dict[str, str], **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "models", "uid": name, "annotations": annotations},
        "spec": {"containers": [{"resources": {"limits": limits}}]},
    }


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"nvidia.com/gpu": "2"}, (2, None, 100, 100)),
        ({"nvidia.com/gpu": "1", "nvidia.com/gpumem": "4096"}, (1, 4096, 100, 0)),
        ({"nvidia.com/gpumem": "4096", "nvidia.com/gpucores": "30"}, (1, 4096, 100, 30)),
        ({"nvidia.com/gpumem-percentage": "50"}, (1, None, 50, 0)),
        ({"nvidia.com/gpucores": "30"}, (1, None, 100, 30)),
    ],
)
def test_what_a_pod_leaves_out_is_what_hami_s_webhook_would_have_written(
    limits: dict[str, str], expected: tuple[Any, ...]
):
    (asked,) = requests_of(pod("a", limits))
    assert asked is not None
    found = (asked.gpus, asked.memory_mib, asked.memory_percent, asked.cores_percent)
    assert found == expected


def test_containers_without_a_gpu_keep_their_place():
    both = pod("a", {"nvidia.com/gpumem": "1024"})
    both["spec"]["initContainers"] = [{"name": "first"}]
    both["spec"]["containers"].append({"resources": {"limits": {"cpu": "1"}}})
    assert [one is not None for one in requests_of(both)] == [False, True, False]


def test_what_the_stand_in_does_not_know_is_refused_by_name():
    chosen = pod("a", {"nvidia.com/gpu": "1"}, **{"nvidia.com/use-gputype": "L4"})
    with pytest.raises(NotPlayedError) as refused:
        requests_of(chosen)
    assert str(refused.value) == "nvidia.com/use-gputype: the rehearsal's HAMi does not know this"
    prepared = pod("a", {"nvidia.com/gpu": "1"})
    prepared["spec"]["initContainers"] = prepared["spec"]["containers"]
    with pytest.raises(NotPlayedError) as refused:
        requests_of(prepared)
    assert str(refused.value) == (
        "an init container asks for a GPU: the rehearsal does not count that"
    )
    mutex = pod("a", {}, **{"hami.io/gpu-scheduler-policy": "mutex"})
    with pytest.raises(NotPlayedError) as refused:
        policy_of(mutex, "hami.io/gpu-scheduler-policy", "binpack")
    assert str(refused.value) == (
        "hami.io/gpu-scheduler-policy: mutex: the rehearsal plays binpack and spread"
    )


def test_a_decision_is_written_as_hami_writes_it_and_read_again():
    share = Share(device="GPU-1", memory_mib=4096, cores_percent=30)
    other = Share(device="GPU-0", memory_mib=1024, cores_percent=0)
    written = decision("node-a", ((), (share, other), (share,)), 1_700_000_000)
    text = ";GPU-1,NVIDIA,4096,30:GPU-0,NVIDIA,1024,0:;GPU-1,NVIDIA,4096,30:;"
    assert written == {
        "hami.io/vgpu-node": "node-a",
        "hami.io/vgpu-time": "1700000000",
        "hami.io/vgpu-devices-to-allocate": text,
        "hami.io/vgpu-devices-allocated": text,
    }
    placed = pod("a", {}, **written)
    assert shares_of(placed) == (share, other, share)
    assert hami_devices(placed) == ("GPU-0", "GPU-1")
    assert hami_gpus_used([placed, pod("b", {}), placed]) == 2
    assert hami_devices({"metadata": {"name": "plain"}}) == ()


def test_a_node_registers_its_gpus_with_ids_that_no_other_node_has():
    devices = devices_of("shared-0", 4, 46068, 5)
    annotations = registration(devices, "L40S")
    first: dict[str, Any] = json.loads(annotations[REGISTER])[0]
    assert (first["count"], first["devmem"], first["devcore"]) == (5, 46068, 100)
    assert (first["type"], first["health"]) == ("NVIDIA-L40S", True)
    assert registered({"metadata": {"annotations": annotations}}) == devices
    assert registered({"metadata": {}}) == ()
    others = devices_of("shared-1", 4, 46068, 5)
    assert len({one.id for one in (*devices, *others)}) == 8


def test_the_words_are_those_of_the_pods_and_nodes_of_the_plan():
    words = (whole.GPU_RESOURCE, hami.MEMORY_RESOURCE, hami.CORES_RESOURCE, hami.SCHEDULER)
    assert words == (GPU, GPU_MEMORY, GPU_CORES, SCHEDULER)
    assert [f"{key}={value}" for key, value in hami.HAMI_NODE_LABEL.items()] == [NODE_LABEL]
