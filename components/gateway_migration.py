"""The migration that brings the gateway's schema to what its image wants.

One Job with the target image, before any pod of it serves. Source: LiteLLM docs, proxy/prod.
"""

import json
from hashlib import sha256

from components.gateway_pod import GatewayPodWires, container, pod
from components.manifests import Manifest
from planning.specs.base import PART_OF
from planning.specs.gateway import GatewaySpec

MIGRATION_SECONDS = 1800
MIGRATION_RETRIES = 4
"""Both as in LiteLLM's own chart."""


def migration_selector(spec: GatewaySpec) -> dict[str, str]:
    """Return the label of the migration's pod: not the gateway's, or it would get requests."""
    return {"app.kubernetes.io/name": f"{spec.name}-migration"}


def migration_spec(spec: GatewaySpec, wires: GatewayPodWires) -> Manifest:
    """Return the spec of the Job that brings the schema to what the image wants.

    It has no `ttlSecondsAfterFinished`: the engine would miss the Job and make it again.
    """
    migration = {
        **container(spec, wires, {"DISABLE_SCHEMA_UPDATE": "false"}),
        "args": ["--skip_server_startup"],
    }
    return {
        "backoffLimit": MIGRATION_RETRIES,
        "activeDeadlineSeconds": MIGRATION_SECONDS,
        "template": {
            "metadata": {"labels": PART_OF | migration_selector(spec)},
            "spec": {**pod(wires, migration), "restartPolicy": "Never"},
        },
    }


def migration_name(spec: GatewaySpec) -> str:
    """Return the Job's name, with a digest of what it runs: a Job cannot be changed, only followed.

    The configuration has no part in it, since the schema depends on the image alone.
    """
    named = GatewayPodWires(
        account=spec.name, keys=spec.secret_name, database=spec.database.secret_name
    )
    rendered = json.dumps(migration_spec(spec, named), sort_keys=True)
    return f"{spec.name}-migration-{sha256(rendered.encode()).hexdigest()[:10]}"
