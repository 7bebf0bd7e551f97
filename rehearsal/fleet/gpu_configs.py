"""What the program tells the device plugin and the MIG manager, read from its own ConfigMaps.

Sources: NVIDIA/k8s-device-plugin 0.20, api/config/v1 (configuration file); NVIDIA/mig-parted,
api/spec/v1 (`mig-configs`); NVIDIA/cloud-native-docs, gpu-operator/gpu-sharing.rst.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from planning.pools.plugin_configs import CONFIG_LABEL, MIG_CONFIG_FILE
from planning.specs.base import POOL_LABEL
from rehearsal.api import Api, Manifest
from rehearsal.fleet.errors import FleetError

CONFIG_MAPS: Final = "/api/v1/namespaces/gpu-operator/configmaps"
MIG: Final = "mig"
"""Value of the label on the MIG manager's; any other is the device plugin's."""
SHARED: Final = ".shared"
"""What a resource's name ends with where `renameByDefault` is set."""


class _File(BaseModel):
    """A part of a configuration file; what it says of other things is passed over."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


class _Flags(_File):
    mig_strategy: Literal["none", "single", "mixed"] = "none"


class _Replicated(_File):
    name: str
    replicas: int = Field(ge=1)
    rename: str | None = None


class _Slicing(_File):
    rename_by_default: bool = False
    resources: tuple[_Replicated, ...] = ()


class _Sharing(_File):
    time_slicing: _Slicing | None = None
    mps: _Slicing | None = None


class PluginConfig(_File):
    """The device plugin's configuration of a node."""

    flags: _Flags = _Flags()
    sharing: _Sharing = _Sharing()

    @property
    def strategy(self) -> Literal["none", "time-slicing", "mps"]:
        """Return how containers share a device."""
        if self.sharing.mps:
            return "mps"
        return "time-slicing" if self.sharing.time_slicing else "none"

    def replicas(self, resource: str) -> int:
        """Return how many containers share each device of a resource."""
        found = self._found(resource)
        return found.replicas if found else 1

    def published_as(self, resource: str) -> str:
        """Return the name that a resource has after sharing."""
        found = self._found(resource)
        if found is None or found.replicas == 1:
            return resource
        slicing = self._slicing
        by_default = resource + SHARED if slicing and slicing.rename_by_default else resource
        return found.rename or by_default

    @property
    def _slicing(self) -> _Slicing | None:
        return self.sharing.mps or self.sharing.time_slicing

    def _found(self, resource: str) -> _Replicated | None:
        listed = self._slicing.resources if self._slicing else ()
        return next((one for one in listed if one.name == resource), None)


class MigRule(BaseModel):
    """What the MIG manager does with some GPUs of a node."""

    model_config = ConfigDict(
        frozen=True, alias_generator=lambda name: name.replace("_", "-"), validate_by_name=True
    )

    devices: Literal["all"] | tuple[int, ...] = "all"
    """Numbers of the GPUs."""
    mig_enabled: bool = False
    mig_devices: dict[str, int] = {}
    """Instances of each profile on each of these GPUs."""

    def is_about(self, gpu: int) -> bool:
        """Return whether the GPU with this number is meant."""
        return self.devices == "all" or gpu in self.devices


@dataclass(frozen=True, kw_only=True)
class BuiltIn:
    """What a device plugin and a MIG manager are told that are part of the node's image."""

    plugin: PluginConfig
    profiles: Mapping[str, str]
    """The MIG profile that every GPU of a model is cut into; none: no MIG."""


@dataclass(frozen=True, kw_only=True)
class GpuConfigs:
    """All that nodes choose from by their labels, and what is part of their image."""

    plugins: Mapping[str, PluginConfig] = field(default_factory=dict[str, PluginConfig])
    """By the value of the label `nvidia.com/device-plugin.config`."""
    layouts: Mapping[str, Sequence[MigRule]] = field(default_factory=dict[str, Sequence[MigRule]])
    """By the value of the label `nvidia.com/mig.config`."""
    built_in: Mapping[str, BuiltIn] = field(default_factory=dict[str, BuiltIn])
    """By the value of the label `llm-platform/pool`, of pools whose image has its own."""

    def of_image(self, labels: Mapping[str, str]) -> BuiltIn | None:
        """Return what is part of the image of a node with these labels; None where nothing is."""
        return self.built_in.get(labels.get(POOL_LABEL, ""))


def read_configs(api: Api) -> GpuConfigs:
    """Return what the ConfigMaps of the program say now.

    Raises:
        FleetError: one of them cannot be read; the message says which and why.
    """
    return gpu_configs(api.list(CONFIG_MAPS, labelSelector=CONFIG_LABEL) or [])


def gpu_configs(config_maps: Sequence[Manifest]) -> GpuConfigs:
    """Return what these ConfigMaps say; of one that another replaces, the newer counts.

    Raises:
        FleetError: one of them cannot be read; the message says which and why.
    """
    plugins: dict[str, PluginConfig] = {}
    layouts: dict[str, Sequence[MigRule]] = {}
    for found in sorted(config_maps, key=lambda one: one["metadata"]["creationTimestamp"]):
        data: dict[str, str] = found.get("data") or {}
        try:
            if found["metadata"]["labels"][CONFIG_LABEL] == MIG:
                layouts |= _layouts(data.get(MIG_CONFIG_FILE, ""))
            else:
                plugins |= {key: _plugin_config(text) for key, text in data.items()}
        except (ValidationError, yaml.YAMLError) as problem:
            name = found["metadata"]["name"]
            raise FleetError(f"ConfigMap gpu-operator/{name}: {_words(problem)}") from problem
    return GpuConfigs(plugins=plugins, layouts=layouts)


def _plugin_config(text: str) -> PluginConfig:
    return PluginConfig.model_validate(yaml.safe_load(text) or {})


def _layouts(text: str) -> dict[str, Sequence[MigRule]]:
    document: dict[str, Any] = yaml.safe_load(text) or {}
    return {
        name: tuple(MigRule.model_validate(rule) for rule in rules)
        for name, rules in document.get("mig-configs", {}).items()
    }


def _words(problem: Exception) -> str:
    if not isinstance(problem, ValidationError):
        return str(problem)
    return "; ".join(
        f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in problem.errors()
    )
