"""The base of every spec, and the words that several layers share."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """Immutable and closed: an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Toleration(Spec):
    """A pod's toleration of a node taint, whatever its value."""

    key: str
    operator: str = "Exists"
    effect: str = "NoSchedule"


class Taint(Spec):
    """A node's taint."""

    key: str
    value: str
    effect: str = "NoSchedule"


DOMAIN = "llm-platform"
"""Prefix of the platform's own label keys."""
POOL_LABEL = f"{DOMAIN}/pool"
"""Node label: the pool a node belongs to, whoever started it."""
MODEL_LABEL = f"{DOMAIN}/model"
"""Label of every object of a model service; pods that carry it are counted as its replicas."""
BENCH_LABEL = f"{DOMAIN}/bench"
"""On the pods of a load test: the model that it asks."""
ROLE_LABEL = f"{DOMAIN}/role"
"""On a model's objects: `prefill` or `decode`, where the two are apart."""
ROUTER_LABEL = f"{DOMAIN}/router"
"""Label of every object of the router in front of the two: the model's name."""
SHARING_LABEL = f"{DOMAIN}/sharing"
"""On nodes and pods: how their GPUs are handed out; HAMi's webhook looks at its own pods only."""
DEVICE_MANAGER_LABEL = f"{DOMAIN}/device-manager"
"""On GPU nodes: the one driver that publishes their devices; every driver selects its own nodes."""
DeviceManager = Literal["device-plugin", "nvidia-dra", "hami", "hami-dra"]
"""Values of that label."""
EFA_LABEL = f"{DOMAIN}/efa"
"""On nodes that carry every Elastic Fabric Adapter interface of their type: `true`."""
PLUGIN_CONFIG_LABEL = "nvidia.com/device-plugin.config"
"""On nodes of the device plugin: the key of its ConfigMap that holds for the node."""
MIG_CONFIG_LABEL = "nvidia.com/mig.config"
"""On nodes with MIG: the layout of the MIG manager's ConfigMap that their GPUs are cut by."""
NO_OPERANDS_LABEL = "nvidia.com/gpu.deploy.operands"
"""On nodes whose image has a device plugin of its own: `false` keeps all of the GPU Operator off.
Source: NVIDIA/cloud-native-docs, gpu-operator/getting-started.rst."""
NO_EXPORTER_LABEL = "nvidia.com/gpu.deploy.dcgm-exporter"
"""On nodes that another exporter watches: `false` keeps the GPU Operator's off."""
NO_MIG_MANAGER_LABEL = "nvidia.com/gpu.deploy.mig-manager"
"""On nodes whose driver cuts GPUs itself: `false` keeps the GPU Operator's MIG manager off, which
would join them again."""
GPU_TAINT = Taint(key="nvidia.com/gpu", value="true")
"""On every GPU node, so that only pods that ask for a GPU land there."""
GPU_TOLERATION = Toleration(key="nvidia.com/gpu")
DISCOVERY_TAG = "karpenter.sh/discovery"
"""AWS tag by which Karpenter finds subnets and security groups; its value is the cluster."""
PART_OF = {"app.kubernetes.io/part-of": DOMAIN}
"""Label of every object that the program makes itself."""

GATEWAY_NAMESPACE = "gateway"
MODELS_NAMESPACE = "models"
