"""A Deployment: replicas of one pod each."""

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment

from components.manifests import Manifest, metadata
from components.model_loading import NO_WIRES, LoadingWires
from components.workloads.pod import pod_metadata, pod_spec
from components.workloads.workload import ScaleTarget, Workload, WorkloadArgs, roll_bounds
from planning.specs.models import ModelServiceSpec


def deployment(name: str, args: WorkloadArgs) -> Workload:
    """Make the Deployment of a model service."""
    spec = args.spec
    made = Deployment(
        f"{name}-deployment",
        metadata=metadata(spec.name, args.namespace, spec.labels),
        spec=deployment_spec(spec, args.account, args.wires),
        opts=args.options,
    )
    target = ScaleTarget(api_version="apps/v1", kind="Deployment", name=made.metadata.name)
    return Workload(resource=made, target=target)


def deployment_spec(
    spec: ModelServiceSpec, account: pulumi.Input[str], wires: LoadingWires = NO_WIRES
) -> Manifest:
    """Return the Deployment's spec.

    It says nothing of `replicas`: under server-side apply a field that is not sent is not owned, so
    that an update leaves the count to KEDA.

    Args:
        spec: The model service.
        account: Name of its ServiceAccount.
        wires: What its way of loading needs.
    """
    return {
        "selector": {"matchLabels": spec.selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": roll_bounds(spec)},
        # The default of 600 s is less than a large model's start.
        "progressDeadlineSeconds": spec.replica_seconds,
        "revisionHistoryLimit": 3,
        "template": {"metadata": pod_metadata(spec), "spec": pod_spec(spec, account, wires)},
    }
