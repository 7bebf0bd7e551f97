"""A StatefulSet: replicas of one pod each, every one with a volume of its own that it keeps."""

import pulumi
from pulumi_kubernetes.apps.v1 import StatefulSet

from components.manifests import Manifest, metadata
from components.model_loading import NO_WIRES, LoadingWires
from components.workloads.cache_volume import claim_template
from components.workloads.pod import pod_metadata, pod_spec
from components.workloads.workload import ScaleTarget, Workload, WorkloadArgs
from planning.specs.models import ModelServiceSpec

RETENTION = {"whenDeleted": "Delete", "whenScaled": "Retain"}
"""A replica that KEDA adds again finds its volume, and no volume outlives its model."""


def stateful_set(name: str, args: WorkloadArgs) -> Workload:
    """Make the StatefulSet of a model service."""
    spec = args.spec
    made = StatefulSet(
        f"{name}-stateful-set",
        metadata=metadata(spec.name, args.namespace, spec.labels),
        spec=stateful_set_spec(spec, args.account, args.wires),
        opts=args.options,
    )
    target = ScaleTarget(api_version="apps/v1", kind="StatefulSet", name=made.metadata.name)
    return Workload(resource=made, target=target)


def stateful_set_spec(
    spec: ModelServiceSpec, account: pulumi.Input[str], wires: LoadingWires = NO_WIRES
) -> Manifest:
    """Return the StatefulSet's spec.

    It says nothing of `replicas`: under server-side apply a field that is not sent is not owned, so
    that an update leaves the count to KEDA. A roll replaces one replica after the other, the last
    first, in its place; it never adds one. Source: Kubernetes 1.36 docs, StatefulSet.

    Args:
        spec: The model service.
        account: Name of its ServiceAccount.
        wires: What its way of loading needs.

    Raises:
        ValueError: the service keeps nothing.
    """
    if spec.cache is None:
        raise ValueError(f"{spec.name} keeps no volume: a Deployment runs it")
    return {
        # Nobody asks for a replica by its name: the Service is the one that clients have.
        "serviceName": spec.name,
        "selector": {"matchLabels": spec.selector},
        # One by one, a replica that never gets ready would hold up its own repair.
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": RETENTION,
        "revisionHistoryLimit": 3,
        "template": {"metadata": pod_metadata(spec), "spec": pod_spec(spec, account, wires)},
        # No change of them is taken, so they carry only the labels that never change.
        "volumeClaimTemplates": [claim_template(spec.cache, spec.selector)],
    }
