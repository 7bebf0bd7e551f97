"""What a prefetch may do and what it runs, as plain data."""

import json
from hashlib import sha256
from typing import Any

import pulumi

from components.iam import Policy, allow, policy
from components.jobs import job, token_variables
from components.manifests import (
    CONTAINER_SECURITY,
    Manifest,
    variables,
)
from components.model_loading import PROGRAM
from planning.specs.loading import PrefetchSpec

USER = GROUP = 101
"""Any user will do: the program writes no file."""


def write_policy(bucket_arn: str, prefix: str) -> Policy:
    """Return what the Job may do: see, read and write below one prefix, and delete nothing."""
    return policy(
        allow(
            "SeeOneRevision",
            "s3:ListBucket",
            bucket_arn,
            {"StringLike": {"s3:prefix": f"{prefix}*"}},
        ),
        allow(
            "FillOneRevision",
            ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
            f"{bucket_arn}/{prefix}*",
        ),
    )


def job_name(spec: PrefetchSpec) -> str:
    """Return the Job's name, with a digest of what it runs: a Job cannot be changed, only followed.

    A later one finds what is there, and brings nothing twice.
    """
    rendered = json.dumps(job_spec(spec, spec.name, "bucket", "token"), sort_keys=True)
    return f"{spec.name}-{sha256(rendered.encode()).hexdigest()[:8]}"


def job_spec(
    spec: PrefetchSpec,
    account: pulumi.Input[str],
    bucket: pulumi.Input[str],
    token_secret: pulumi.Input[str] | None,
) -> Manifest:
    """Return the Job's spec.

    It has no `ttlSecondsAfterFinished`: the engine would miss the Job and make it again.
    """
    containers = [_container(spec, bucket, token_secret)]
    return job(spec, account, (USER, GROUP), {"containers": containers})


def _container(
    spec: PrefetchSpec, bucket: pulumi.Input[str], token_secret: pulumi.Input[str] | None
) -> dict[str, Any]:
    memory = f"{spec.memory_mib}Mi"
    token = token_variables(spec.token_variable, token_secret)
    return {
        "name": "prefetch",
        "image": spec.image,
        "command": ["python", "-c", PROGRAM],
        "args": ["prefetch", spec.repository, spec.revision, spec.prefix],
        "env": [
            *variables(spec.environment),
            {"name": spec.bucket_variable, "value": bucket},
            *token,
        ],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{spec.cpu_milli}m", "memory": memory},
            "limits": {"memory": memory},
        },
    }
