"""The Helm releases of the platform: which charts, with which values, in which namespace.

Values are those that differ from the chart's defaults, each for a reason.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from catalog.charts import (
    CERT_MANAGER,
    CLOUDNATIVE_PG,
    CLUSTER_AUTOSCALER,
    GPU_OPERATOR,
    HAMI,
    KARPENTER,
    KARPENTER_CRD,
    KEDA,
    Chart,
)
from catalog.images import CLUSTER_AUTOSCALERS, KUBE_SCHEDULER
from catalog.karpenter import KARPENTER_RELEASES, LONG_TERM_RELEASE
from planning.specs.base import GPU_TOLERATION, SHARING_LABEL, Toleration
from planning.specs.infrastructure import KarpenterSpec, ReleaseSpec
from planning.specs.pools import (
    ClusterAutoscalerSpec,
    ManagedGpuNodesSpec,
    NamespaceSpec,
    OperatorSpec,
    ScaledGroupSpec,
)

HAMI_NODE_LABEL = {"gpu": "on"}
"""Nodes whose GPUs HAMi hands out. Source: HAMi chart 2.10.0, devicePlugin.nvidiaNodeSelector."""
NO_DEVICE_PLUGIN_LABEL = {"nvidia.com/gpu.deploy.device-plugin": "false"}
"""Keeps the GPU Operator's device plugin off a node, so that one device is never published twice.
Source: NVIDIA/gpu-operator controllers/state_manager.go, which leaves a label that is set alone."""
KARPENTER_SERVICE_ACCOUNT = "karpenter"

PodSecurity = Literal["restricted", "baseline", "privileged"]


def _release(chart: Chart, values: dict[str, Any], **options: Any) -> ReleaseSpec:
    return ReleaseSpec(
        name=chart.name,
        chart=chart.reference,
        version=chart.version,
        repository=chart.repository_option,
        namespace=chart.namespace,
        values=values,
        **options,
    )


def _operator(chart: Chart, pod_security: PodSecurity, values: dict[str, Any]) -> OperatorSpec:
    namespace = NamespaceSpec(name=chart.namespace, pod_security=pod_security)
    return OperatorSpec(namespace=namespace, release=_release(chart, values))


def karpenter(
    cluster_name: str, region: str, version: str | None, *, private: bool
) -> KarpenterSpec:
    """Return Karpenter's CRDs and controller, of the long-term release unless `version` is given.

    The CRDs come as a chart of their own, since Helm never upgrades those inside the main chart.
    """
    chosen = LONG_TERM_RELEASE if version is None else KARPENTER_RELEASES[version]
    resources = {"cpu": "1", "memory": "1Gi"}
    settings: dict[str, Any] = {"clusterName": cluster_name, "interruptionQueue": cluster_name}
    if private:
        # The Pricing API has no endpoint inside a VPC either.
        settings["isolatedVPC"] = True
    values = {
        "serviceAccount": {"name": KARPENTER_SERVICE_ACCOUNT},
        # CoreDNS itself may run on a node that Karpenter has yet to start.
        "dnsPolicy": "Default",
        "controller": {"resources": {"requests": resources, "limits": resources}},
        "settings": settings,
    }
    return KarpenterSpec(
        cluster_name=cluster_name,
        region=region,
        service_account=KARPENTER_SERVICE_ACCOUNT,
        reboots=chosen.reboots,
        private=private,
        crds=_release(replace(KARPENTER_CRD, version=chosen.version), {}),
        controller=_release(replace(KARPENTER, version=chosen.version), values, skip_crds=True),
    )


def cert_manager() -> OperatorSpec:
    """Return cert-manager with its CRDs, which go when it goes."""
    return _operator(CERT_MANAGER, "restricted", {"crds": {"enabled": True, "keep": False}})


def gpu_operator(tolerations: tuple[Toleration, ...]) -> OperatorSpec:
    """Return the GPU Operator in device-plugin mode on AL2023.

    The node image brings driver and toolkit. Source: EKS User Guide, ml-eks-optimized-ami.
    Its own tolerations cover the taint of every GPU node; `tolerations` may ask for more.
    """
    values: dict[str, Any] = {"driver": {"enabled": False}, "toolkit": {"enabled": False}}
    if tolerations != (GPU_TOLERATION,):
        asked = [toleration.model_dump() for toleration in tolerations]
        values["daemonsets"] = {"tolerations": asked}
        values["node-feature-discovery"] = {"worker": {"tolerations": asked}}
    return _operator(GPU_OPERATOR, "privileged", values)


def hami(splits: Iterable[int]) -> OperatorSpec | None:
    """Return HAMi for the pools that share GPUs, or None where there is none."""
    wanted = set(splits)
    if not wanted:
        return None
    image = {
        "registry": KUBE_SCHEDULER.registry,
        "repository": KUBE_SCHEDULER.repository,
        "tag": KUBE_SCHEDULER.tag,
    }
    scheduler = {
        "kubeScheduler": {"image": image},
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
        "nvidiaNodeSelector": HAMI_NODE_LABEL,
        "tolerations": [GPU_TOLERATION.model_dump()],
        "service": {"type": "ClusterIP"},
    }
    return _operator(HAMI, "privileged", {"scheduler": scheduler, "devicePlugin": device_plugin})


def cluster_autoscaler(
    groups: Iterable[ManagedGpuNodesSpec], kubernetes: str, region: str
) -> ClusterAutoscalerSpec | None:
    """Return Cluster Autoscaler for the groups without a fixed size, or None where there is none.

    It is told each group by name, so that it touches no other: not those of a fixed size, and
    nothing of Karpenter's.
    """
    scaled = tuple(
        ScaledGroupSpec(pool=group.name, min_nodes=group.min_nodes, max_nodes=group.max_nodes)
        for group in groups
        if group.autoscaled
    )
    if not scaled:
        return None
    image = CLUSTER_AUTOSCALERS[kubernetes]
    values = {
        "fullnameOverride": CLUSTER_AUTOSCALER.name,
        "awsRegion": region,
        "image": {"repository": f"{image.registry}/{image.repository}", "tag": image.tag},
        "rbac": {"serviceAccount": {"name": CLUSTER_AUTOSCALER.name}},
        "resources": {
            "requests": {"cpu": "100m", "memory": "600Mi"},
            "limits": {"memory": "600Mi"},
        },
        # Below 0.5 of its GPUs in use, a node would be emptied and its models loaded elsewhere.
        "customArgs": ["--scale-down-gpu-utilization-threshold=0.01"],
    }
    return ClusterAutoscalerSpec(
        service_account=CLUSTER_AUTOSCALER.name,
        groups=scaled,
        release=_release(CLUSTER_AUTOSCALER, values),
    )


def keda() -> OperatorSpec:
    """Return KEDA."""
    return _operator(KEDA, "restricted", {})


def cloudnative_pg() -> OperatorSpec:
    """Return the CloudNativePG operator."""
    return _operator(CLOUDNATIVE_PG, "restricted", {})
