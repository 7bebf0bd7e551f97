"""MIG instances: every GPU of a node is cut when the node joins."""

from collections.abc import Iterator

from typing_extensions import override

from catalog.instance_types import InstanceType
from catalog.mig import MigProfile, mig_profiles
from planning.sharing.device import Device
from planning.sharing.way import Way
from planning.sharing.whole import GPU_RESOURCE, whole_gpus
from planning.specs.base import MIG_CONFIG_LABEL, PLUGIN_CONFIG_LABEL
from planning.specs.devices import GpuAsk, GpuGrant
from settings.finding import Finding
from settings.models import ModelSettings
from settings.sharing import MigSharing


class Mig(Way):
    """A container gets an instance with memory and multiprocessors of its own."""

    kind = "mig"
    manager = "device-plugin"
    asks = ("mig",)
    example = "mig: 1g.10gb"
    device = "MIG instance"
    in_status = True

    def __init__(self, settings: MigSharing) -> None:
        """Cut as the settings say."""
        super().__init__(settings)
        self.settings = settings
        self.silent = settings.profile is not None or len(settings.layout) == 1

    @property
    def strategy(self) -> str:
        """Return how the device plugin names the instances: all as GPUs, or each by profile."""
        return self.settings.strategy or ("single" if self.settings.profile else "mixed")

    @property
    def config_name(self) -> str:
        """Return the name of its layout in the MIG manager's configuration."""
        if self.settings.profile:
            return f"all-{self.settings.profile}"
        return "-".join(f"{count}x{name}" for name, count in sorted(self.settings.layout.items()))

    def layout(self, instance: InstanceType) -> dict[str, int]:
        """Return how many instances of each profile every GPU of a type is cut into."""
        if self.settings.profile is None:
            return dict(self.settings.layout)
        found = find(instance, self.settings.profile)
        return {found.name: found.most} if found else {}

    @override
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return the instances of its GPUs, largest profile first."""
        return tuple(
            Device(gpu=number, memory_mib=found.memory_mib, profile=found.name)
            for number in range(instance.gpus)
            for found, count in self._cut(instance)
            for _ in range(count)
        )

    @override
    def ask(self, model: ModelSettings, instance: InstanceType) -> GpuAsk:
        """Return one instance; of the only profile where the model names none."""
        return GpuAsk(devices=1, profile=model.mig or next(iter(self.layout(instance)), None))

    @override
    def refusals(
        self, path: str, model: ModelSettings, instance: InstanceType
    ) -> Iterator[Finding]:
        """Yield why the GPUs of the pool have no instance of the profile that a model names."""
        layout = self.layout(instance)
        if model.mig is not None and layout and model.mig not in layout:
            yield Finding(
                path=f"{path}.mig",
                problem=f"the GPUs of pool '{model.pool}' are not cut into {model.mig}",
                fix=f"use {' or '.join(layout)}, or change pools.{model.pool}.sharing",
                source="settings/sharing.py",
            )

    @override
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return a limit of one instance, as the strategy names it."""
        single = self.strategy == "single"
        resource = GPU_RESOURCE if single else f"nvidia.com/mig-{ask.profile}"
        return GpuGrant(limits={resource: "1"})

    @override
    def further_labels(self) -> dict[str, str]:
        """Return the labels by which the MIG manager and the device plugin find their parts."""
        return {
            MIG_CONFIG_LABEL: self.config_name,
            PLUGIN_CONFIG_LABEL: f"mig-{self.strategy}",
        }

    def _cut(self, instance: InstanceType) -> list[tuple[MigProfile, int]]:
        found = [(find(instance, name), count) for name, count in self.layout(instance).items()]
        known = [(profile, count) for profile, count in found if profile]
        return sorted(known, key=lambda pair: pair[0].memory_mib, reverse=True)


def find(instance: InstanceType, name: str) -> MigProfile | None:
    """Return a profile of the GPUs of a type, or None where they have none of that name."""
    profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
    return next((profile for profile in profiles if profile.name == name), None)


def profile_names(instance: InstanceType) -> tuple[str, ...]:
    """Return the profiles of the GPUs of a type, smallest first; none where they cannot be cut."""
    profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
    return tuple(profile.name for profile in profiles)


def partitions(instance: InstanceType) -> tuple[Device, ...]:
    """Return the GPUs of a type and every instance that each could be cut into."""
    return tuple(_partitions(instance))


def _partitions(instance: InstanceType) -> Iterator[Device]:
    for gpu in whole_gpus(instance):
        profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
        everything = frozenset(
            start + index
            for profile in profiles
            for start in profile.starts
            for index in range(profile.memory_slices)
        )
        yield Device(gpu=gpu.gpu, memory_mib=gpu.memory_mib, blocks=everything)
        for profile in profiles:
            for start in profile.starts:
                yield Device(
                    gpu=gpu.gpu,
                    memory_mib=profile.memory_mib,
                    profile=profile.name,
                    blocks=frozenset(range(start, start + profile.memory_slices)),
                )
