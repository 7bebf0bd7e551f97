"""CloudNativePG: a Cluster becomes Ready, with the Secret and the Service its users need.

Source: cloudnative-pg.io/docs/1.30, applications (Secret `<name>-app`, Service `<name>-rw`) and
cloudnative-pg.v1 (status). A condition's `lastTransitionTime` is required.
"""

import base64
import secrets
from typing import Any, Final

from rehearsal.api import Api, Manifest
from rehearsal.fleet.operators.readiness import is_ready, ready_condition

CLUSTERS: Final = "/apis/postgresql.cnpg.io/v1/clusters"
PORT: Final = 5432
CLUSTER_LABEL: Final = "cnpg.io/cluster"

SIMULATED: Final = (
    (
        "CloudNativePG does not run: a Cluster is Ready at once, with its Secret `<name>-app` and "
        "its Service `<name>-rw`; no Postgres answers there."
    ),
)


def app_secret(cluster: Manifest, password: str) -> Manifest:
    """Return the Secret by which an application reaches the database."""
    name, namespace = cluster["metadata"]["name"], cluster["metadata"]["namespace"]
    initdb: dict[str, Any] = cluster["spec"].get("bootstrap", {}).get("initdb", {})
    database = initdb.get("database", "app")
    user = initdb.get("owner", database)
    host = f"{name}-rw"
    values = {
        "username": user,
        "password": password,
        "dbname": database,
        "host": host,
        "port": str(PORT),
        "uri": f"postgresql://{user}:{password}@{host}.{namespace}:{PORT}/{database}",
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": _metadata(cluster, f"{name}-app"),
        "type": "kubernetes.io/basic-auth",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }


def service(cluster: Manifest) -> Manifest:
    """Return the Service of the primary."""
    name = cluster["metadata"]["name"]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(cluster, f"{name}-rw"),
        "spec": {
            "selector": {CLUSTER_LABEL: name, "cnpg.io/instanceRole": "primary"},
            "ports": [{"name": "postgres", "port": PORT, "targetPort": PORT, "protocol": "TCP"}],
        },
    }


def reconcile(api: Api) -> None:
    """Give each Cluster its Secret and its Service, and say then that it is Ready."""
    for cluster in api.list(CLUSTERS) or []:
        metadata = cluster["metadata"]
        if "deletionTimestamp" in metadata:
            continue
        core = f"/api/v1/namespaces/{metadata['namespace']}"
        if api.get(f"{core}/secrets/{metadata['name']}-app") is None:
            api.create(f"{core}/secrets", app_secret(cluster, secrets.token_urlsafe(32)))
        if api.get(f"{core}/services/{metadata['name']}-rw") is None:
            api.create(f"{core}/services", service(cluster))
        if not is_ready(cluster):
            path = f"/apis/postgresql.cnpg.io/v1/namespaces/{metadata['namespace']}/clusters"
            api.merge(f"{path}/{metadata['name']}/status", {"status": _status(cluster)})


def _status(cluster: Manifest) -> dict[str, Any]:
    instances = cluster["spec"].get("instances", 1)
    return {
        "phase": "Cluster in healthy state",
        "instances": instances,
        "readyInstances": instances,
        "conditions": [ready_condition("ClusterIsReady", "simulated: no Postgres runs")],
    }


def _metadata(cluster: Manifest, name: str) -> dict[str, Any]:
    """Return metadata of a dependent: it goes with its Cluster."""
    owner = {
        "apiVersion": cluster["apiVersion"],
        "kind": cluster["kind"],
        "name": cluster["metadata"]["name"],
        "uid": cluster["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "name": name,
        "namespace": cluster["metadata"]["namespace"],
        "labels": {CLUSTER_LABEL: cluster["metadata"]["name"]},
        "ownerReferences": [owner],
    }
