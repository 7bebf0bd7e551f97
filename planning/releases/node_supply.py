"""Who starts nodes: Karpenter, and Cluster Autoscaler for managed node groups."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from catalog.charts import CLUSTER_AUTOSCALER, KARPENTER, KARPENTER_CRD
from catalog.images import CLUSTER_AUTOSCALERS
from catalog.karpenter import KARPENTER_RELEASES, LONG_TERM_RELEASE
from planning.releases.base import release
from planning.specs.infrastructure import KarpenterSpec
from planning.specs.pools import ClusterAutoscalerSpec, ManagedGpuNodesSpec, ScaledGroupSpec

KARPENTER_SERVICE_ACCOUNT = "karpenter"


def karpenter(
    cluster_name: str,
    region: str,
    version: str | None,
    *,
    private: bool,
    node_overlay: bool = False,
    static_capacity: bool = False,
    spot_role: bool = False,
    claims: bool = False,
) -> KarpenterSpec:
    """Return Karpenter's CRDs and controller, of the long-term release unless `version` is given.

    The CRDs come as a chart of their own, since Helm never upgrades those inside the main chart.

    Args:
        cluster_name: Its discovery tag, and its queue of interruptions.
        region: Where it works.
        version: Another release than the long-term one.
        private: Whether nothing but AWS endpoints can be reached.
        node_overlay: Whether pools rest on NodeOverlays, an alpha feature.
        static_capacity: Whether pools have a fixed number of nodes, an alpha feature.
        spot_role: Whether the account's role for spot is made with it.
        claims: Whether it starts nodes for ResourceClaims, an alpha feature from 1.15 on.
    """
    chosen = LONG_TERM_RELEASE if version is None else KARPENTER_RELEASES[version]
    resources = {"cpu": "1", "memory": "1Gi"}
    settings: dict[str, Any] = {"clusterName": cluster_name, "interruptionQueue": cluster_name}
    if private:
        # The Pricing API has no endpoint inside a VPC either.
        settings["isolatedVPC"] = True
    else:
        # No new nodes in a zone that is shifted away from, as the cluster has it. Source: the
        # chart's values; the action for it is in Karpenter's policies since 1.12.
        settings["enableZonalShift"] = True
    if claims:
        # Of NVIDIA's devices alone: `enableDRA` would expect the driver of EFA on every node too.
        # Source: karpenter.sh v1.15, reference/settings; the described chart is 1.14's.
        settings["awsFeatureGates"] = {"draNVIDIAGPU": True}
    gates = {"nodeOverlay": node_overlay, "staticCapacity": static_capacity}
    if on := {name: True for name, asked in gates.items() if asked}:
        settings["featureGates"] = on
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
        spot_role=spot_role,
        crds=release(replace(KARPENTER_CRD, version=chosen.version), {}),
        controller=release(replace(KARPENTER, version=chosen.version), values, skip_crds=True),
    )


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
        release=release(CLUSTER_AUTOSCALER, values),
    )
