"""What scales a model service: KEDA's ScaledObject.

Sources: kedacore/keda v2.20.2 pkg/scalers/metrics_api_scaler.go and apis/keda/v1alpha1. The chart
of that version lets the operator list EndpointSlices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.keda import Keda
from components.manifests import Manifest, metadata
from components.workloads.workload import ScaleTarget
from planning.specs.models import ScalerSpec

SCALE_UP = {
    "stabilizationWindowSeconds": 30,
    "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}],
}
"""Two a minute: a replica needs minutes to load, and the queue says nothing of those on the way.
Source: Amazon EKS User Guide, ml-inference-autoscaling-hpa-keda."""
SCALE_DOWN_POLICY = {"type": "Pods", "value": 1, "periodSeconds": 120}
FAILURES_BEFORE_FALLBACK = 3


@dataclass(frozen=True, kw_only=True)
class ModelScalerArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: ScalerSpec
    service: str
    """Name of the model service, and of the ScaledObject."""
    labels: Mapping[str, str]
    namespace: pulumi.Input[str]
    target: ScaleTarget
    """What is scaled."""
    keda: Keda
    """The operator; it removes its finalizer only while it lives."""


class ModelScaler(pulumi.ComponentResource):
    """Between `min_replicas` and `max_replicas`, one per `target_per_replica` of a measure."""

    scaled_object: pulumi.Output[str]
    """Name of the ScaledObject; resolves once it exists."""

    def __init__(
        self, name: str, args: ModelScalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelScaler", name, None, opts)
        scaled = CustomResource(
            f"{name}-object",
            api_version="keda.sh/v1alpha1",
            kind="ScaledObject",
            metadata=metadata(args.service, args.namespace, args.labels),
            spec=scaled_object_spec(args.spec, args.target),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.keda]),
        )
        self.scaled_object = scaled.urn.apply(lambda _: args.service)
        self.register_outputs({"scaled_object": self.scaled_object})


def scaled_object_spec(spec: ScalerSpec, target: ScaleTarget) -> Manifest:
    """Return the ScaledObject's spec.

    Where no replica's metrics can be read more than three times in a row, the count stays where it
    is, or rises to the minimum: silence is not idleness.
    """
    scale_down = {
        "stabilizationWindowSeconds": spec.scale_down_seconds,
        "policies": [SCALE_DOWN_POLICY],
    }
    behavior = {"scaleUp": SCALE_UP, "scaleDown": scale_down}
    return {
        "scaleTargetRef": {
            "apiVersion": target.api_version,
            "kind": target.kind,
            "name": target.name,
        },
        "minReplicaCount": spec.min_replicas,
        "maxReplicaCount": spec.max_replicas,
        "pollingInterval": spec.polling_seconds,
        "fallback": {
            "failureThreshold": FAILURES_BEFORE_FALLBACK,
            "replicas": spec.min_replicas,
            "behavior": "currentReplicasIfHigher",
        },
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior}},
        "triggers": [trigger(spec)],
    }


def trigger(spec: ScalerSpec) -> dict[str, Any]:
    """Return the trigger: the series of every ready replica, summed; the sum over the target.

    KEDA reads `<service>.<namespace>` of the URL's host, asks each ready endpoint on the URL's port
    (so it must be the pods' own) and takes the first series that has the labels.
    """
    return {
        "type": "metrics-api",
        "name": spec.signal,
        "metricType": "AverageValue",
        "metadata": {
            "url": spec.metrics_url,
            "format": "prometheus",
            "valueLocation": spec.metric,
            "targetValue": f"{spec.target_per_replica:g}",
            "aggregateFromKubeServiceEndpoints": "true",
            "aggregationType": "sum",
        },
    }
