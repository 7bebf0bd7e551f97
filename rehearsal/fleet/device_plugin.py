"""What the NVIDIA device plugin and GPU feature discovery publish on a node, as its labels ask.

Sources: NVIDIA/k8s-device-plugin 0.20, internal/rm (resources) and internal/lm (labels).
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.gpu_products import GpuProduct, gpu_product
from catalog.instance_types import InstanceType
from catalog.mig import MigProfile
from planning.specs.base import DEVICE_MANAGER_LABEL, PLUGIN_CONFIG_LABEL
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import GpuConfigs, PluginConfig
from rehearsal.fleet.gpu_devices import Cut, cuts
from rehearsal.hami.objects import GPU

WITHOUT_PLUGIN: Final = ("nvidia-dra", "hami-dra")
"""Device managers that put nothing into a node's status."""
FAMILIES: Final = {"Ada Lovelace": "ada-lovelace"}


@dataclass(frozen=True, kw_only=True)
class Published:
    """What a node's status and labels say of its GPUs."""

    resources: dict[str, str]
    labels: dict[str, str]


def published(
    node: str, instance: InstanceType, labels: Mapping[str, str], configs: GpuConfigs
) -> Published:
    """Return what is published on the node called `node`, which carries `labels`.

    Raises:
        FleetError: a label names a configuration that there is not, or one that cannot be.
    """
    product = gpu_product(instance)
    if product is None:
        return Published(resources={}, labels={})
    manager = labels.get(DEVICE_MANAGER_LABEL)
    config = PluginConfig() if manager in WITHOUT_PLUGIN else _config(node, labels, configs)
    cut = cuts(node, instance, labels, configs)
    counts = Counter(profile for instances in cut.values() for profile, _ in instances)
    if config.flags.mig_strategy == "single" and (len(counts) > 1 or 0 < len(cut) < instance.gpus):
        raise FleetError(
            f"node {node}: MIG strategy `single` needs one profile on all its GPUs, and "
            f"{len(cut)} of {instance.gpus} are cut into {_names(counts) or 'nothing'}"
        )
    devices = _devices(instance, config, cut, counts)
    resources = {
        config.published_as(name): str(count * config.replicas(name))
        for name, count in devices.items()
    }
    return Published(
        resources={} if manager in WITHOUT_PLUGIN else resources,
        labels=_labels(instance, product, config, counts),
    )


def _config(node: str, labels: Mapping[str, str], configs: GpuConfigs) -> PluginConfig:
    if of_image := configs.of_image(labels):
        return of_image.plugin
    key = labels.get(PLUGIN_CONFIG_LABEL)
    if key is None:
        return PluginConfig()
    if key not in configs.plugins:
        raise FleetError(
            f"node {node}: no ConfigMap of the device plugin has the configuration '{key}' that "
            f"its label {PLUGIN_CONFIG_LABEL} names; there are: "
            f"{', '.join(configs.plugins) or 'none'}"
        )
    return configs.plugins[key]


def _devices(
    instance: InstanceType,
    config: PluginConfig,
    cut: Mapping[int, Cut],
    counts: Mapping[MigProfile, int],
) -> dict[str, int]:
    """Return the devices of a node by resource, before they are shared."""
    if config.flags.mig_strategy == "none" or not cut:
        return {GPU: instance.gpus}
    if config.flags.mig_strategy == "single":
        return {GPU: sum(counts.values())}
    whole = instance.gpus - len(cut)
    instances = {f"nvidia.com/mig-{profile.name}": count for profile, count in counts.items()}
    return instances | ({GPU: whole} if whole else {})


def _labels(
    instance: InstanceType,
    product: GpuProduct,
    config: PluginConfig,
    counts: Mapping[MigProfile, int],
) -> dict[str, str]:
    major, minor = product.compute_capability.split(".")
    strategy = config.flags.mig_strategy
    labels = {
        f"{GPU}.present": "true",
        f"{GPU}.family": FAMILIES.get(product.architecture, product.architecture.lower()),
        f"{GPU}.compute.major": major,
        f"{GPU}.compute.minor": minor,
        "nvidia.com/mig.capable": str(product.mig).lower(),
        "nvidia.com/mps.capable": str(config.strategy == "mps").lower(),
        **_kind(GPU, config, instance.gpus, product.memory_mib, product.product),
    }
    if strategy == "none":
        return labels
    labels["nvidia.com/mig.strategy"] = strategy
    for profile, count in counts.items():
        name = GPU if strategy == "single" else f"nvidia.com/mig-{profile.name}"
        parts = (product.product, "MIG", profile.name)
        labels |= _kind(name, config, count, profile.memory_mib, *parts) | _instance(name, profile)
    return labels


def _kind(
    name: str, config: PluginConfig, count: int, memory_mib: int, *parts: str
) -> dict[str, str]:
    """Return the labels of one kind of device, whose name is made of `parts`."""
    replicas = config.replicas(name)
    shared = replicas > 1 and config.published_as(name) == name
    words = [_label_value(part) for part in parts] + (["SHARED"] if shared else [])
    return {
        f"{name}.product": "-".join(words),
        f"{name}.count": str(count),
        f"{name}.memory": str(memory_mib),
        f"{name}.replicas": str(replicas),
        f"{name}.sharing-strategy": config.strategy if replicas > 1 else "none",
    }


def _instance(name: str, profile: MigProfile) -> dict[str, str]:
    return {
        f"{name}.multiprocessors": str(profile.multiprocessors),
        f"{name}.slices.gi": str(profile.compute_slices),
        f"{name}.slices.ci": str(profile.compute_slices),
        f"{name}.engines.copy": str(profile.copy_engines),
        f"{name}.engines.decoder": str(profile.decoders),
        f"{name}.engines.encoder": str(profile.encoders),
        f"{name}.engines.jpeg": str(profile.jpeg_engines),
        f"{name}.engines.ofa": str(profile.ofa_engines),
    }


def _label_value(text: str) -> str:
    return "-".join(re.sub(r"[^A-Za-z0-9-_. ]", "", text).split())


def _names(counts: Mapping[MigProfile, int]) -> str:
    return ", ".join(sorted(profile.name for profile in counts))
