"""NVIDIA's GPU Operator: labels, metrics and the device plugin of every GPU node."""

from typing import Any

from catalog.charts import GPU_OPERATOR
from planning.plugin_configs import PluginConfiguration
from planning.releases.base import as_values, operator
from planning.specs.base import GPU_TOLERATION, Toleration
from planning.specs.pools import OperatorSpec


def gpu_operator(
    tolerations: tuple[Toleration, ...], configuration: PluginConfiguration | None = None
) -> OperatorSpec:
    """Return the GPU Operator in device-plugin mode on AL2023.

    The node image brings driver and toolkit. Source: EKS User Guide, ml-eks-optimized-ami.
    Its own tolerations cover the taint of every GPU node; `tolerations` may ask for more.
    `configuration` is what slices and MIG need of the device plugin and the MIG manager.
    """
    asks = configuration or PluginConfiguration()
    image_has = {"driver": {"enabled": False}, "toolkit": {"enabled": False}}
    values: dict[str, Any] = {**image_has, **asks.values}
    if tolerations != (GPU_TOLERATION,):
        asked = as_values(tolerations)
        values["daemonsets"] = {"tolerations": asked}
        values["node-feature-discovery"] = {"worker": {"tolerations": asked}}
    made = operator(GPU_OPERATOR, "privileged", values)
    return made.model_copy(update={"config_maps": asks.config_maps})
