"""HAMi: shares of a GPU, handed out by a scheduler of its own."""

from collections.abc import Iterable
from typing import Any

from catalog.charts import HAMI
from catalog.images import KUBE_SCHEDULERS
from planning.node_images.image import OF_THE_IMAGE, DriverSite
from planning.releases.base import as_values, image_values, nodes_of, operator
from planning.sharing.hami import HAMI_NODE_LABEL
from planning.specs.base import SHARING_LABEL, Toleration
from planning.specs.pools import OperatorSpec

TOOLKIT_HOOK = "/usr/local/nvidia/toolkit/nvidia-ctk"
"""Where the GPU Operator installs the tool. Source: Project-HAMi/website, configure-cdi.md."""


def hami(
    splits: Iterable[int],
    kubernetes: str,
    tolerations: Iterable[Toleration],
    driver: DriverSite = OF_THE_IMAGE,
) -> OperatorSpec | None:
    """Return HAMi for the pools that share GPUs through it, or None where there is none.

    Args:
        splits: Most containers per GPU, of each such pool; the chart has one number for all.
        kubernetes: Minor of the cluster, which the scheduler inside HAMi's must have too.
        tolerations: What a pod needs to run on the nodes of those pools.
        driver: Who brings the NVIDIA driver and container toolkit.
    """
    wanted = set(splits)
    if not wanted:
        return None
    scheduler = {
        "kubeScheduler": {"image": image_values(KUBE_SCHEDULERS[kubernetes])},
        # The default spreads shares over GPUs, and leaves none whole for who wants a whole one.
        "defaultSchedulerPolicy": {"gpuSchedulerPolicy": "binpack"},
        # The default certificates come from a hook Job with an unpinned helper image.
        "certManager": {"enabled": True},
        "patch": {"enabled": False},
        "service": {"type": "ClusterIP"},
        # Without a selector the webhook claims every pod that asks for nvidia.com/gpu, also those
        # of other pools, and binds them to a scheduler that knows only HAMi's nodes.
        "admissionWebhook": {
            "failurePolicy": "Fail",
            "objectSelector": {"matchLabels": {SHARING_LABEL: "hami"}},
        },
    }
    device_plugin = {
        "deviceSplitCount": max(wanted),
        "nvidiaNodeSelector": HAMI_NODE_LABEL | nodes_of("hami"),
        "tolerations": as_values(tolerations),
        "service": {"type": "ClusterIP"},
        **(_beside_the_operator(driver) if driver.by_operator else {}),
    }
    return operator(HAMI, "privileged", {"scheduler": scheduler, "devicePlugin": device_plugin})


def _beside_the_operator(driver: DriverSite) -> dict[str, Any]:
    """Return values by which devices are injected from where the GPU Operator put its toolkit.

    Its runtime is not the default one of such a node, which HAMi otherwise rests on.
    Source: Project-HAMi/website, docs/installation/configure-cdi.md.
    """
    return {
        "gpuOperatorToolkitReady": {"enabled": True},
        "deviceListStrategy": "cdi-annotations",
        "nvidiaDriverRoot": driver.root,
        "nvidiaHookPath": TOOLKIT_HOOK,
    }
