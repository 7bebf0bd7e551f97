"""What every pod of the gateway has. Sources: LiteLLM docs, proxy/prod; its Helm charts."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.manifests import CONTAINER_SECURITY, pod_security, secret_variable, variables
from planning.specs.gateway import GatewaySpec

USER = GROUP = 101
"""Any user will do: the image keeps Prisma's engines where all can read (LiteLLM 1.90.6)."""
SCRATCH = "/tmp"  # noqa: S108 - the mount of a volume of its own
SCRATCH_VOLUME = {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}
SCRATCH_MOUNT = {"name": "scratch", "mountPath": SCRATCH}


@dataclass(frozen=True, kw_only=True)
class GatewayPodWires:
    """Names of the objects that a pod of the gateway reads."""

    account: pulumi.Input[str]
    """ServiceAccount."""
    keys: pulumi.Input[str]
    """Secret with the master key and the salt key."""
    database: pulumi.Input[str]
    """Secret with the database's URI."""


def pod(wires: GatewayPodWires, runs: dict[str, Any]) -> dict[str, Any]:
    """Return the spec of a pod that runs one container."""
    return {
        "serviceAccountName": wires.account,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": pod_security(USER, GROUP),
        "containers": [runs],
        "volumes": [SCRATCH_VOLUME],
    }


def container(
    spec: GatewaySpec, wires: GatewayPodWires, environment: dict[str, str]
) -> dict[str, Any]:
    """Return the image with its secrets, resources and scratch space; `args` are the caller's."""
    resources = {"cpu": f"{spec.cpu_milli}m", "memory": f"{spec.memory_mib}Mi"}
    writable = {
        "HOME": SCRATCH,
        "XDG_CACHE_HOME": f"{SCRATCH}/cache",
        "LITELLM_NON_ROOT": "true",
        "LITELLM_MIGRATION_DIR": f"{SCRATCH}/migrations",
        # Else it fetches prices from the internet at every start.
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    return {
        "name": "litellm",
        "image": spec.image,
        "command": ["litellm"],
        "env": [
            *variables({**writable, **environment}),
            secret_variable(spec.master_key_variable, wires.keys, spec.master_key_variable),
            secret_variable(spec.salt_key_variable, wires.keys, spec.salt_key_variable),
            secret_variable("DATABASE_URL", wires.database, spec.database.uri_key),
        ],
        "securityContext": CONTAINER_SECURITY,
        "resources": {"requests": resources, "limits": resources},
        "volumeMounts": [SCRATCH_MOUNT],
    }
