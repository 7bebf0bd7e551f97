"""NVIDIA's DRA driver: whole GPUs and MIG instances, claimed by what they are."""

from collections.abc import Iterable
from typing import Any

from catalog.charts import NVIDIA_DRA
from planning.node_images.image import OF_THE_IMAGE, DriverSite
from planning.releases.base import as_values, nodes_of, operator
from planning.specs.base import Toleration
from planning.specs.pools import OperatorSpec


def nvidia_dra(
    tolerations: Iterable[Toleration],
    *,
    dynamic_mig: bool = False,
    driver: DriverSite = OF_THE_IMAGE,
) -> OperatorSpec:
    """Return NVIDIA's DRA driver.

    Args:
        tolerations: What a pod needs to run on the nodes whose GPUs it publishes.
        dynamic_mig: Whether it cuts GPUs into MIG instances as claims ask for them: a gate of the
            driver, alpha in 0.4. Source: kubernetes-sigs/dra-driver-nvidia-gpu,
            pkg/featuregates/featuregates.go.
        driver: Who brings the NVIDIA driver.
    """
    values: dict[str, Any] = {
        "nvidiaDriverRoot": driver.root,
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
