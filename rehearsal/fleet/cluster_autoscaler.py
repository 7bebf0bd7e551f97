"""In place of Cluster Autoscaler: as many nodes in a group as its pods need, up to its most."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from rehearsal.api import Api, Manifest
from rehearsal.fleet.managed import PODS
from rehearsal.fleet.nodes import NodeGroup, node_manifest, node_name
from rehearsal.quantities import quantity

ENDED: Final = ("Succeeded", "Failed")

SIMULATED: Final = (
    (
        "Cluster Autoscaler does not run: the fleet adds a node to a managed group as soon as a "
        "pod waits for one, and ends the group's last nodes as soon as they are empty."
    ),
)

Amounts = dict[str, Decimal]
"""Resources by name: what pods ask for, or what a node has left."""


def sized(api: Api, groups: Sequence[NodeGroup]) -> tuple[NodeGroup, ...]:
    """Return the groups, those without a fixed size with as many nodes as pods need now."""
    if all(group.nodes >= group.most_nodes for group in groups):
        return tuple(groups)
    pods = [pod for pod in api.list(PODS) or [] if pod.get("status", {}).get("phase") not in ENDED]
    return tuple(replace(group, nodes=nodes_needed(group, pods)) for group in groups)


def nodes_needed(group: NodeGroup, pods: Iterable[Manifest]) -> int:
    """Return the nodes that the pods on the group and those that wait for it need.

    At least as many as the account wants, at most the group's most. A node in between stays.
    """
    if group.nodes >= group.most_nodes:
        return group.nodes
    alive = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    manifest = node_manifest(group, 0)
    names = {node_name(group.name, index): index for index in range(group.most_nodes)}
    left = [_amounts(manifest["status"]["allocatable"]) for _ in names]
    needed = group.nodes
    for pod in alive:
        index = names.get(pod["spec"].get("nodeName", ""))
        if index is not None:
            _take(left[index], requests(pod))
            needed = max(needed, index + 1)
    for pod in alive:
        if not pod["spec"].get("nodeName") and _may_run(pod, manifest):
            asked = requests(pod)
            index = next((i for i, free in enumerate(left) if _fits(asked, free)), None)
            if index is not None:
                _take(left[index], asked)
                needed = max(needed, index + 1)
    return needed


def requests(pod: Manifest) -> Amounts:
    """Return what a pod asks for, itself counted as one of `pods`."""
    total: Amounts = {"pods": Decimal(1)}
    for container in pod["spec"]["containers"]:
        for key, amount in container.get("resources", {}).get("requests", {}).items():
            total[key] = total.get(key, Decimal(0)) + quantity(amount)
    return total


def _amounts(written: Mapping[str, str]) -> Amounts:
    return {key: quantity(amount) for key, amount in written.items()}


def _fits(asked: Amounts, free: Amounts) -> bool:
    return all(amount <= free.get(key, Decimal(0)) for key, amount in asked.items())


def _take(free: Amounts, asked: Amounts) -> None:
    for key, amount in asked.items():
        free[key] = free.get(key, Decimal(0)) - amount


def _may_run(pod: Manifest, node: Manifest) -> bool:
    """Return whether a pod selects a node like this one and tolerates its taints."""
    selector: dict[str, str] = pod["spec"].get("nodeSelector") or {}
    return selector.items() <= node["metadata"]["labels"].items() and all(
        any(_tolerates(one, taint) for one in pod["spec"].get("tolerations") or ())
        for taint in node["spec"]["taints"]
    )


def _tolerates(toleration: Manifest, taint: Mapping[str, str]) -> bool:
    return (
        toleration.get("key") in (None, taint["key"])
        and toleration.get("effect") in (None, taint["effect"])
        and (
            toleration.get("operator") == "Exists"
            or toleration.get("value", "") == taint.get("value", "")
        )
    )
