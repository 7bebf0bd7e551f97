"""How GPUs are handed out: the operators that publish them, each on nodes of its own."""

from dataclasses import dataclass

import pulumi

from components.cert_manager import CertManager
from components.device_classes import DeviceClasses, DeviceClassesArgs
from components.device_monitor import DeviceMonitor, DeviceMonitorArgs
from components.efa_device_plugin import EfaDevicePlugin
from components.gpu_operator import GpuOperator
from components.hami import Hami
from components.hami_dra import HamiDra
from components.nvidia_dra import NvidiaDra
from components.operator import Operator, OperatorArgs
from planning.plan import Plan
from stacks.foundation import Foundation
from stacks.node_supply import NodeSupply


@dataclass(frozen=True, kw_only=True)
class GpuLayer:
    """The operators between nodes and models."""

    gpu_operator: GpuOperator
    drivers: tuple[Operator, ...]
    """Those that hand out GPUs in its place, each on nodes of its own."""
    efa_device_plugin: EfaDevicePlugin | None
    device_classes: DeviceClasses | None

    @property
    def hands_out(self) -> tuple[pulumi.Resource, ...]:
        """What a pod that asks for a device waits for."""
        efa = () if self.efa_device_plugin is None else (self.efa_device_plugin,)
        return (self.gpu_operator, *self.drivers, *efa)


def hand_out_gpus(
    plan: Plan, foundation: Foundation, supply: NodeSupply, cert_manager: CertManager
) -> GpuLayer:
    """Make the GPU layer; at a destroy it goes before the nodes it runs on."""
    after = (*foundation.runs_pods, *supply.pools.values())
    inside = foundation.in_cluster
    gpu_operator = GpuOperator(
        "gpu-operator", OperatorArgs(spec=plan.gpu_operator, after=after), inside
    )
    # The operator's feature discovery labels the nodes that NVIDIA's driver looks for.
    nvidia_dra = plan.nvidia_dra and NvidiaDra(
        "nvidia-dra", OperatorArgs(spec=plan.nvidia_dra, after=(*after, gpu_operator)), inside
    )
    certified = (*after, cert_manager)
    hami = plan.hami and Hami("hami", OperatorArgs(spec=plan.hami, after=certified), inside)
    hami_dra = plan.hami_dra and HamiDra(
        "hami-dra", OperatorArgs(spec=plan.hami_dra, after=certified), inside
    )
    if plan.device_monitor and nvidia_dra:
        DeviceMonitor(
            "device-monitor",
            DeviceMonitorArgs(spec=plan.device_monitor, after=(*after, nvidia_dra)),
            inside,
        )
    specs = plan.device_classes
    classes = (
        DeviceClasses("device-classes", DeviceClassesArgs(specs=specs), inside) if specs else None
    )
    return GpuLayer(
        gpu_operator=gpu_operator,
        drivers=tuple(driver for driver in (nvidia_dra, hami, hami_dra) if driver),
        efa_device_plugin=plan.efa_device_plugin
        and EfaDevicePlugin(
            "efa-device-plugin", OperatorArgs(spec=plan.efa_device_plugin, after=after), inside
        ),
        device_classes=classes,
    )
