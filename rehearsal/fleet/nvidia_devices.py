"""The devices of the NVIDIA DRA driver: GPUs, and MIG instances made beforehand or on demand.

Source: kubernetes-sigs/dra-driver-nvidia-gpu (2026-08-07), cmd/gpu-kubelet-plugin: deviceinfo.go,
mig.go, partitions.go and nvlib.go; site/content/docs/reference/resourceslice-attributes.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from catalog.mig import MigProfile, mig_profiles
from rehearsal.fleet.gpu_devices import Cut, Gpu
from rehearsal.fleet.resource_slices import (
    Content,
    Device,
    counter_slices,
    device_slices,
    gpu_attributes,
    mebibytes,
    quantities,
)

DRIVER: Final = "gpu.nvidia.com"
CAPACITIES: Final = (
    "multiprocessors",
    "copyEngines",
    "decoders",
    "encoders",
    "jpegEngines",
    "ofaEngines",
    "memory",
)


def nvidia_slices(gpus: Sequence[Gpu], cuts: Mapping[int, Cut], *, dynamic: bool) -> list[Content]:
    """Return what the slices of a node's pool hold.

    Args:
        gpus: The node's GPUs.
        cuts: MIG instances that were made before the driver started, by the GPU's number.
        dynamic: Whether the driver cuts GPUs as claims ask for it (its feature gate DynamicMIG).
    """
    if dynamic and not cuts and gpus and gpus[0].product.mig_at_any_time:
        counter_sets = [{"name": _counter_set(gpu), "counters": _all_counters(gpu)} for gpu in gpus]
        of_devices = [one for gpu in gpus for one in device_slices([*_partitions(gpu)])]
        return [*counter_slices(counter_sets), *of_devices]
    return device_slices([one for gpu in gpus for one in _devices(gpu, cuts.get(gpu.minor))])


def _devices(gpu: Gpu, cut: Cut | None) -> Iterator[Device]:
    if cut is None:
        memory = ("memory", mebibytes(gpu.product.memory_mib))
        yield {
            "name": _name(gpu),
            "attributes": _attributes(gpu),
            "capacity": quantities([memory]),
        }
        return
    for profile, start in sorted(cut, key=lambda placed: _mig_name(gpu, *placed)):
        uuid = f"MIG-{uuid5(NAMESPACE_DNS, f'{start}.{profile.name}.{gpu.uuid}')}"
        slices = range(start, start + profile.memory_slices)
        yield {
            "name": _mig_name(gpu, profile, start),
            "attributes": _mig_attributes(gpu, profile) | {"uuid": {"string": uuid}},
            "capacity": quantities(
                [*_amounts(profile), *((f"memorySlice{number}", "1") for number in slices)]
            ),
        }


def _partitions(gpu: Gpu) -> Iterator[Device]:
    """Yield a GPU and every instance that it could be cut into, in the order of their names.

    The scheduler takes the first that serves a claim, so that the order is part of the behaviour.
    """
    counter_set = _counter_set(gpu)
    yield {
        "name": _name(gpu),
        "attributes": _attributes(gpu),
        "capacity": quantities(_most(gpu)),
        "consumesCounters": [{"counterSet": counter_set, "counters": _all_counters(gpu)}],
    }
    partitions = [
        {
            "name": _mig_name(gpu, profile, start),
            "attributes": _mig_attributes(gpu, profile),
            "capacity": quantities(_amounts(profile)),
            "consumesCounters": [
                {
                    "counterSet": counter_set,
                    "counters": _counters(_amounts(profile), start, profile.memory_slices),
                }
            ],
        }
        for profile in _profiles(gpu)
        for start in profile.starts
    ]
    yield from sorted(partitions, key=lambda device: str(device["name"]))


def _all_counters(gpu: Gpu) -> Device:
    slices = max(profile.memory_slices for profile in _profiles(gpu))
    return _counters(_most(gpu), 0, slices)


def _counters(amounts: Sequence[tuple[str, str]], start: int, slices: int) -> Device:
    """Return a counter per capacity, `copy-engines` for `copyEngines`, and per memory slice."""
    of_slices = [(f"memory-slice-{number}", "1") for number in range(start, start + slices)]
    named = [(re.sub("([A-Z])", r"-\1", name).lower(), value) for name, value in amounts]
    return quantities([*named, *of_slices])


def _most(gpu: Gpu) -> list[tuple[str, str]]:
    """Return the capacities of a GPU: of each the most that any profile has."""
    whole = max(_profiles(gpu), key=lambda profile: profile.memory_mib)
    return _amounts(whole)


def _amounts(profile: MigProfile) -> list[tuple[str, str]]:
    amounts = (
        str(profile.multiprocessors),
        str(profile.copy_engines),
        str(profile.decoders),
        str(profile.encoders),
        str(profile.jpeg_engines),
        str(profile.ofa_engines),
        mebibytes(profile.memory_mib),
    )
    return list(zip(CAPACITIES, amounts, strict=True))


def _profiles(gpu: Gpu) -> tuple[MigProfile, ...]:
    return mig_profiles(gpu.product.name, gpu.product.ec2_memory_mib)


def _attributes(gpu: Gpu) -> Device:
    own = {"type": {"string": "gpu"}, "uuid": {"string": gpu.uuid}}
    return own | gpu_attributes(gpu) | _address(gpu)


def _mig_attributes(gpu: Gpu, profile: MigProfile) -> Device:
    own = {
        "type": {"string": "mig"},
        "parentUUID": {"string": gpu.uuid},
        "profile": {"string": profile.name},
    }
    return own | gpu_attributes(gpu) | _address(gpu)


def _address(gpu: Gpu) -> Device:
    return {"resource.kubernetes.io/pciBusID": {"string": gpu.pci_address}}


def _name(gpu: Gpu) -> str:
    return f"gpu-{gpu.minor}"


def _counter_set(gpu: Gpu) -> str:
    return f"{_name(gpu)}-counter-set"


def _mig_name(gpu: Gpu, profile: MigProfile, start: int) -> str:
    return f"{_name(gpu)}-mig-{profile.name.replace('.', '')}-{profile.profile_id}-{start}"
