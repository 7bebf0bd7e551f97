"""NVIDIA's DRA driver: whole GPUs and MIG instances, claimed by what they are."""

from collections.abc import Iterable
from typing import Any

from catalog.charts import NVIDIA_DRA
from planning.releases.base import as_values, nodes_of, operator
from planning.specs.base import Toleration
from planning.specs.pools import OperatorSpec


def nvidia_dra(tolerations: Iterable[Toleration], *, dynamic_mig: bool = False) -> OperatorSpec:
    """Return NVIDIA's DRA driver on AL2023.

    Args:
        tolerations: What a pod needs to run on the nodes whose GPUs it publishes.
        dynamic_mig: Whether it cuts GPUs into MIG instances as claims ask for them: a gate of the
            driver, alpha in 0.4. Source: kubernetes-sigs/dra-driver-nvidia-gpu,
            pkg/featuregates/featuregates.go.
    """
    values: dict[str, Any] = {
        # Of the host: the node image brings the NVIDIA driver.
        "nvidiaDriverRoot": "/",
        # The chart wants to hear that no device plugin publishes the same GPUs; node labels keep
        # that one away.
        "gpuResourcesEnabledOverride": True,
        # They span NVLink domains of GB200 nodes, which no pool of the platform has.
        "resources": {"computeDomains": {"enabled": False}},
        "kubeletPlugin": {
            "nodeSelector": nodes_of("nvidia-dra"),
            "tolerations": as_values(tolerations),
        },
    }
    if dynamic_mig:
        values["featureGates"] = {"DynamicMIG": True}
    return operator(NVIDIA_DRA, "privileged", values)
