"""The base of every spec, and the words that several layers share."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """Immutable and closed: an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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
"""Label of every object of a model service."""
SHARING_LABEL = f"{DOMAIN}/sharing"
"""On nodes and pods: how their GPUs are handed out; HAMi's webhook looks at its own pods only."""
GPU_TAINT = Taint(key="nvidia.com/gpu", value="true")
"""On every GPU node, so that only pods that ask for a GPU land there."""
GPU_TOLERATION = Toleration(key="nvidia.com/gpu")
DISCOVERY_TAG = "karpenter.sh/discovery"
"""AWS tag by which Karpenter finds subnets and security groups; its value is the cluster."""
PART_OF = {"app.kubernetes.io/part-of": DOMAIN}
"""Label of every object that the program makes itself."""

GATEWAY_NAMESPACE = "gateway"
MODELS_NAMESPACE = "models"
