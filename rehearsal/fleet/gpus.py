"""What the GPU layer publishes on a node: labels, and resources that pods can ask for.

Source: Project-HAMi/HAMi 2.10, charts/hami/values.yaml (`resourceName`, `deviceSplitCount`).
"""

from collections.abc import Mapping
from typing import Final

from catalog.instance_types import InstanceType
from planning.sharing.hami import HAMI_NODE_LABEL
from planning.specs.base import DEVICE_MANAGER_LABEL
from rehearsal.fleet.device_plugin import Published, published
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import GpuConfigs
from rehearsal.hami import SIMULATED as SIMULATED_HAMI
from rehearsal.hami.objects import GPU, devices_of, registration

DEFAULT_SPLITS: Final = 10
"""Containers per GPU where the HAMi release sets no `devicePlugin.deviceSplitCount`."""

SIMULATED: Final = (
    (
        "GPU drivers, device plugins and feature discovery do not run: the fleet writes the labels "
        "and the extended resources that they would publish."
    ),
    *SIMULATED_HAMI,
)


def is_hami(labels: Mapping[str, str]) -> bool:
    """Return whether HAMi hands out the GPUs of a node with these labels."""
    manager = labels.get(DEVICE_MANAGER_LABEL, "hami")
    return manager == "hami" and HAMI_NODE_LABEL.items() <= labels.items()


def published_on(
    node: str,
    instance: InstanceType,
    labels: Mapping[str, str],
    configs: GpuConfigs,
    splits: int = DEFAULT_SPLITS,
) -> Published:
    """Return the extended resources and the labels that GPUs make on the node called `node`.

    HAMi puts nothing else into a node's status than how many containers it takes: memory and cores
    of each GPU are in the node's annotations, for its scheduler extender. A node whose labels name
    a configuration that there is not (yet) gets nothing; `devices.reconcile` says so.
    """
    if is_hami(labels):
        labelled = published(node, instance, {}, GpuConfigs()).labels
        return Published(resources={GPU: str(instance.gpus * splits)}, labels=labelled)
    try:
        return published(node, instance, labels, configs)
    except FleetError:
        return Published(resources={}, labels={})


def gpu_annotations(
    node: str, instance: InstanceType, labels: Mapping[str, str], splits: int = DEFAULT_SPLITS
) -> dict[str, str]:
    """Return the annotation by which HAMi registers the GPUs of the node called `node`."""
    if instance.gpus == 0 or not is_hami(labels):
        return {}
    devices = devices_of(node, instance.gpus, instance.gpu_memory_mib, splits)
    return registration(devices, instance.gpu_name or "GPU")
