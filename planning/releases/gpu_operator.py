"""NVIDIA's GPU Operator: labels, metrics and the device plugin of every GPU node."""

from typing import Any

from catalog.charts import GPU_OPERATOR
from planning.node_images.image import OF_THE_IMAGE, DriverSite
from planning.pools.plugin_configs import PluginConfiguration
from planning.releases.base import as_values, operator
from planning.specs.base import GPU_TOLERATION, Toleration
from planning.specs.pools import OperatorSpec


def gpu_operator(
    tolerations: tuple[Toleration, ...],
    configuration: PluginConfiguration | None = None,
    driver: DriverSite = OF_THE_IMAGE,
    *,
    service_monitor: bool = False,
) -> OperatorSpec:
    """Return the GPU Operator in device-plugin mode.

    Labels of the nodes keep its own device plugin off those that another driver serves.

    Args:
        tolerations: What a pod needs to run on every GPU node, beyond its own defaults.
        configuration: What slices and MIG need of the device plugin and the MIG manager.
        driver: Who brings driver and toolkit. Source: EKS User Guide, ml-eks-optimized-ami.
        service_monitor: Whether the exporter's metrics are offered to a Prometheus Operator.
    """
    asks = configuration or PluginConfiguration()
    brings = {"enabled": driver.by_operator}
    values: dict[str, Any] = {"driver": brings, "toolkit": brings, **asks.values}
    if tolerations != (GPU_TOLERATION,):
        asked = as_values(tolerations)
        values["daemonsets"] = {"tolerations": asked}
        values["node-feature-discovery"] = {"worker": {"tolerations": asked}}
    if service_monitor:
        values["dcgmExporter"] = {"serviceMonitor": {"enabled": True}}
    made = operator(GPU_OPERATOR, "privileged", values)
    return made.model_copy(update={"config_maps": asks.config_maps})
