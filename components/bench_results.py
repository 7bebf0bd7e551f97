"""What keeps the result of a load test: a container beside it, and what that may do.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html; Kubernetes 1.36 docs,
Job (the label `batch.kubernetes.io/job-name` on its pods).
"""

import inspect
import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import results_program
from components.iam import Policy, account_trust, allow, policy
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
    results, inside = bench.results, pulumi.ResourceOptions(parent=parent)
    if results is None:
        return []
    if wires is None:
        raise ValueError(f"{bench.name} keeps its result in the model bucket; pass `results`")
    trusted = account_trust(results.cluster_name, bench.namespace, bench.name)
    role = aws.iam.Role(f"{name}-role", assume_role_policy=json.dumps(trusted), opts=inside)
    may_write = aws.iam.RolePolicy(
        f"{name}-write",
        role=role.name,
        policy=pulumi.Output.from_input(wires.bucket_arn).apply(
            lambda arn: json.dumps(write_policy(arn, results.prefix))
        ),
        opts=inside,
    )
    association = aws.eks.PodIdentityAssociation(
        f"{name}-identity",
        cluster_name=wires.cluster_name,
        namespace=bench.namespace,
        service_account=bench.name,
        role_arn=role.arn,
        opts=inside,
    )
    return [may_write, association]


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
