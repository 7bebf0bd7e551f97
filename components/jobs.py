"""A Job on a system node, as plain data. Source: Kubernetes 1.36 docs, Job."""

from typing import Any

import pulumi

from components.manifests import Manifest, pod_security, secret_variable
from planning.specs.bench import BenchSpec
from planning.specs.loading import PrefetchSpec


def job(
    spec: BenchSpec | PrefetchSpec,
    account: pulumi.Input[str],
    identity: tuple[int, int],
    pod: dict[str, Any],
) -> Manifest:
    """Return a Job's spec.

    Args:
        spec: How long it may take, how often it is tried, and the labels of its pods.
        account: Name of its ServiceAccount.
        identity: User and group that it runs as.
        pod: Containers and volumes.
    """
    return {
        "backoffLimit": spec.retries,
        "activeDeadlineSeconds": spec.deadline_seconds,
        "template": {
            "metadata": {"labels": spec.labels},
            "spec": {
                "serviceAccountName": account,
                "automountServiceAccountToken": False,
                "enableServiceLinks": False,
                "securityContext": pod_security(*identity),
                **pod,
                "restartPolicy": "Never",
            },
        },
    }


def token_variables(key: str | None, secret: pulumi.Input[str] | None) -> list[dict[str, Any]]:
    """Return the variable of a token, which has the name of its key; none where nobody asks."""
    return [secret_variable(key, secret, key)] if key and secret is not None else []
