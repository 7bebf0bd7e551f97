"""What keeps the result of a load test: a container beside it, and what that may do.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html; Kubernetes 1.36 docs,
Job (the label `batch.kubernetes.io/job-name` on its pods).
"""

import inspect
import json
from dataclasses import dataclass
from typing import Any

import pulumi

from components import results_program
from components.account_role import Account, account_role
from components.iam import Policy, allow, policy
from components.manifests import CONTAINER_SECURITY, variables
from planning.specs.bench import BenchResultsSpec, BenchSpec

PROGRAM = inspect.getsource(results_program)
JOB_NAME = {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}


@dataclass(frozen=True, kw_only=True)
class ResultsWires:
    """Where results go, which only the update knows."""

    cluster_name: pulumi.Input[str]
    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]


def write_policy(bucket_arn: str, prefix: str) -> Policy:
    """Return what the Job may do: put objects below one prefix, and read, list, delete nothing."""
    return policy(allow("KeepResults", "s3:PutObject", f"{bucket_arn}/{prefix}*"))


def results_identity(
    name: str, bench: BenchSpec, wires: ResultsWires | None, parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Make the role of one load test's ServiceAccount; return what its pod has to wait for.

    Raises:
        ValueError: the result is to be kept, and nobody says where.
    """
    results = bench.results
    if results is None:
        return []
    if wires is None:
        raise ValueError(f"{bench.name} keeps its result in the model bucket; pass `results`")
    document = pulumi.Output.from_input(wires.bucket_arn).apply(
        lambda arn: json.dumps(write_policy(arn, results.prefix))
    )
    account = Account(cluster=results.cluster_name, namespace=bench.namespace, name=bench.name)
    role = account_role(name, account, document, cluster_name=wires.cluster_name, parent=parent)
    return [*role.resources]


def keeping_container(
    spec: BenchResultsSpec, bucket: pulumi.Input[str], file: str, place: dict[str, Any]
) -> dict[str, Any]:
    """Return the container that keeps `file`, which lies on the volume mounted as `place` says."""
    memory = f"{spec.memory_mib}Mi"
    return {
        "name": "keep-result",
        "image": spec.image,
        "command": ["python", "-c", PROGRAM],
        "args": [file, spec.prefix],
        "env": [
            *variables(spec.environment),
            {"name": spec.bucket_variable, "value": bucket},
            # The Job's name has a digest of this text in it, and so cannot stand here.
            {"name": "JOB_NAME", "valueFrom": {"fieldRef": JOB_NAME}},
        ],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{spec.cpu_milli}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "volumeMounts": [{**place, "readOnly": True}],
    }
