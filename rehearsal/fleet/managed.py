"""The nodes of managed groups: they come, change, and are drained when they go."""

from collections.abc import Sequence
from typing import Final

from rehearsal.api import Api, Manifest
from rehearsal.fleet.nodes import DIGEST, GROUP_LABEL, NodeGroup, node_manifest

NODES: Final = "/api/v1/nodes"
PODS: Final = "/api/v1/pods"


def reconcile(api: Api, groups: Sequence[NodeGroup], nodes: Sequence[Manifest]) -> None:
    """Create, change and drain nodes until the `nodes` of the cluster are those of `groups`."""
    existing = {
        node["metadata"]["name"]: node
        for node in nodes
        if GROUP_LABEL in node["metadata"].get("labels", {})
    }
    wanted = {
        node["metadata"]["name"]: node
        for group in groups
        for node in (node_manifest(group, index) for index in range(group.nodes))
    }
    for name, node in wanted.items():
        if name not in existing or _digest(existing[name]) != _digest(node):
            _write(api, node)
    for name in sorted(existing.keys() - wanted.keys()):
        _drain(api, name)


def _digest(node: Manifest) -> str | None:
    annotations: dict[str, str] = node["metadata"].get("annotations", {})
    return annotations.get(DIGEST)


def _write(api: Api, node: Manifest) -> None:
    path = f"{NODES}/{node['metadata']['name']}"
    if api.get(path) is None:
        _bury_pods(api, node["metadata"]["name"])
    identity = {key: node[key] for key in ("apiVersion", "kind")}
    metadata = dict(node["metadata"])
    # Not done yet: the digest comes last, and says that metadata, spec and status are written.
    metadata["annotations"] = {
        key: value for key, value in metadata["annotations"].items() if key != DIGEST
    }
    api.apply(path, identity | {"metadata": metadata, "spec": node["spec"]})
    named = {"metadata": {"name": metadata["name"]}}
    api.apply(f"{path}/status", identity | named | {"status": node["status"]})
    api.apply(path, identity | {"metadata": node["metadata"], "spec": node["spec"]})


def _drain(api: Api, name: str) -> None:
    """Take one step to end a node: as EKS does, its pods go before it."""
    path = f"{NODES}/{name}"
    pods = api.list(PODS, fieldSelector=f"spec.nodeName={name}") or []
    leaving = [pod for pod in pods if not _is_of_daemon_set(pod)]
    if not leaving:
        api.delete(path)
        return
    api.merge(path, {"spec": {"unschedulable": True}})
    for pod in leaving:
        if "deletionTimestamp" not in pod["metadata"]:
            api.delete(_path(pod))


def _bury_pods(api: Api, name: str) -> None:
    """Remove the pods of a node that is no more: its machine ended, and they with it.

    A new machine would have another name; here it has the same, and must not inherit them.
    """
    for pod in api.list(PODS, fieldSelector=f"spec.nodeName={name}") or []:
        api.delete(_path(pod), gracePeriodSeconds=0)


def _path(pod: Manifest) -> str:
    metadata = pod["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"


def _is_of_daemon_set(pod: Manifest) -> bool:
    owners: list[Manifest] = pod["metadata"].get("ownerReferences", [])
    return any(owner["kind"] == "DaemonSet" for owner in owners)
