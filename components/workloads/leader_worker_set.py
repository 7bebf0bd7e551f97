"""A LeaderWorkerSet: replicas of several pods, a leader and its workers.

Sources: kubernetes-sigs/lws v0.10.0, api/leaderworkerset/v1 and pkg/controllers; vLLM 0.33.0,
docs/deployment/frameworks/lws.md.
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.manifests import Manifest, metadata
from components.model_loading import NO_WIRES, LoadingWires
from components.workloads.member import Member, leader, worker
from components.workloads.pod import pod_metadata, pod_spec
from components.workloads.workload import ScaleTarget, Workload, WorkloadArgs, roll_bounds
from planning.specs.models import ModelServiceSpec

API_VERSION: Final = "leaderworkerset.x-k8s.io/v1"
KIND: Final = "LeaderWorkerSet"
GROUP_KEY: Final = "leaderworkerset.sigs.k8s.io/group-key"
"""Label of every pod: which group of which set it belongs to."""
ZONE: Final = "topology.kubernetes.io/zone"
WAIT_UNTIL_AVAILABLE: Final[Mapping[str, str]] = {"pulumi.com/waitFor": "condition=Available"}
"""Every group is ready, and of the newest template."""


def leader_worker_set(name: str, args: WorkloadArgs) -> Workload:
    """Make the LeaderWorkerSet of a model service whose replicas are groups."""
    spec = args.spec
    made = CustomResource(
        f"{name}-group",
        api_version=API_VERSION,
        kind=KIND,
        metadata=metadata(spec.name, args.namespace, spec.labels, WAIT_UNTIL_AVAILABLE),
        spec=leader_worker_set_spec(spec, args.account, args.wires),
        opts=args.options,
    )
    called = made.urn.apply(lambda _: spec.name)
    target = ScaleTarget(api_version=API_VERSION, kind=KIND, name=called)
    return Workload(resource=made, target=target)


def leader_worker_set_spec(
    spec: ModelServiceSpec, account: pulumi.Input[str], wires: LoadingWires = NO_WIRES
) -> Manifest:
    """Return the LeaderWorkerSet's spec.

    Like a Deployment's it says nothing of `replicas`, which is KEDA's. A group that loses a pod, or
    a container of one, starts anew as a whole: ranks that are left wait for ever. Each group has a
    headless Service of its own: one for all of them would have the name of the model's Service.

    Args:
        spec: The model service, which has a group.
        account: Name of its ServiceAccount.
        wires: What its way of loading needs.

    Raises:
        ValueError: it has none.
    """
    if (group := spec.group) is None:
        raise ValueError(f"{spec.name} has replicas of one pod: use a Deployment")

    def template(member: Member) -> dict[str, Any]:
        pod = pod_spec(spec, account, wires, member) | {"affinity": _near(spec)}
        return {"metadata": pod_metadata(spec), "spec": pod}

    return {
        "leaderWorkerTemplate": {
            "size": group.nodes,
            "restartPolicy": "RecreateGroupOnPodRestart",
            "leaderTemplate": template(leader(spec, group)),
            "workerTemplate": template(worker(spec, group)),
        },
        # A leader is ready only when its workers are: it cannot be waited for before they start.
        "startupPolicy": "LeaderCreated",
        "networkConfig": {"subdomainPolicy": "UniquePerReplica"},
        "rolloutStrategy": {
            "type": "RollingUpdate",
            "rollingUpdateConfiguration": {"partition": 0, **roll_bounds(spec)},
        },
    }


def _near(spec: ModelServiceSpec) -> dict[str, Any]:
    """Return what draws the pods of a group, and of no other, into one zone where there is room.

    The API server adds the group's own key to the selector as the pod comes.
    """
    term = {
        "labelSelector": {"matchLabels": spec.selector},
        "matchLabelKeys": [GROUP_KEY],
        "topologyKey": ZONE,
    }
    weighted = {"weight": 100, "podAffinityTerm": term}
    return {"podAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [weighted]}}
