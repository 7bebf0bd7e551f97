"""The answers to kube-scheduler: on which node a pod of HAMi goes, with its devices written on it.

Everything that is known is on the objects in the cluster, so that a restart loses nothing.
Source: k8s.io/kube-scheduler v0.36, extender/v1 (the messages); Project-HAMi/HAMi v2.10.0,
pkg/scheduler/scheduler.go (Filter).
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.api import Api, RefusedError, UnreachableError
from rehearsal.hami.allocation import Decision, Node, decide, usage
from rehearsal.hami.objects import (
    ALLOCATED,
    NODE,
    NODE_LABEL,
    SCHEDULER,
    TIME,
    TO_ALLOCATE,
    Manifest,
    annotations,
    decision,
    registered,
    shares_of,
)
from rehearsal.hami.requests import (
    GPU_POLICY,
    NODE_POLICY,
    NotPlayedError,
    Policy,
    policy_of,
    requests_of,
)

DEFAULT_NODE_POLICY: Final[Policy] = "binpack"
DEFAULT_GPU_POLICY: Final[Policy] = "binpack"
"""What holds for a pod that says nothing (`scheduler.defaultSchedulerPolicy` of HAMi's release)."""

NODES: Final = "/api/v1/nodes"
PODS: Final = "/api/v1/pods"
HAMI_PODS: Final = f"spec.schedulerName={SCHEDULER},status.phase!=Succeeded,status.phase!=Failed"
MOST_BY_NAME: Final = 4
UNREGISTERED: Final = "node unregistered"

Answer = dict[str, Any]
"""An ExtenderFilterResult."""


@dataclass
class Extender:
    """HAMi's extender for one cluster; asked by one scheduler, which waits for each answer."""

    api: Api
    """Its one connection stays open."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _newest: str = field(default="", init=False)
    """Resource version of the last decision: no older state counts. None yet: the newest of all."""
    _promised: dict[str, tuple[str, str]] = field(
        default_factory=dict[str, tuple[str, str]], init=False
    )
    """Of pods that may not be bound yet, by uid: path and node."""

    def filter(self, asked: Mapping[str, Any]) -> Answer:
        """Return the answer to ExtenderArgs: one node, or why each of them will not do.

        The pod then carries its node and its devices as annotations.
        """
        with self._lock:
            try:
                return self._filter(self.api, asked["Pod"], asked["NodeNames"] or [])
            except NotPlayedError as problem:
                return {"Error": f"HAMi: {problem}"}
            except (RefusedError, UnreachableError) as problem:
                # The last decision may be one of a cluster that was made anew since.
                self._newest = ""
                return {"Error": f"HAMi: {problem}"}

    def _filter(self, api: Api, pod: Manifest, names: Sequence[str]) -> Answer:
        asked = requests_of(pod)
        if not any(asked):
            return {"NodeNames": list(names)}
        node_policy = policy_of(pod, NODE_POLICY, DEFAULT_NODE_POLICY)
        gpu_policy = policy_of(pod, GPU_POLICY, DEFAULT_GPU_POLICY)
        pods = self._pods(api, names)
        others = [one for one in pods if not _same(one, pod)]
        wanted = nodes_of(_nodes(api, names), others)
        found = decide(asked, wanted, node_policy, gpu_policy)
        if isinstance(found, Decision):
            self._write(api, pod, decision(found.node, found.containers, int(time.time())))
            return {"NodeNames": [found.node]}
        if any(NODE in annotations(one) for one in pods if _same(one, pod)):
            # What an earlier attempt reserved, and never bound, must not keep others out.
            self._write(api, pod, dict.fromkeys((NODE, TIME, TO_ALLOCATE, ALLOCATED)))
        failed = {name: found[name].reason if name in found else UNREGISTERED for name in names}
        return {"NodeNames": [], "FailedNodes": failed}

    def _pods(self, api: Api, names: Sequence[str]) -> Sequence[Manifest]:
        """Return the pods that have, or are promised, something of the nodes called `names`.

        Of a few nodes only those that are bound there are asked for, and those that this process
        has promised a place since it started, which may not be bound yet.
        """
        if not self._newest or len(names) > MOST_BY_NAME:
            return self._all_pods(api)
        bound = [
            pod
            for name in names
            for pod in api.list(
                PODS,
                resourceVersion=self._newest,
                fieldSelector=f"spec.nodeName={name},{HAMI_PODS}",
            )
            or []
        ]
        for pod in bound:
            self._promised.pop(pod["metadata"]["uid"], None)
        return [*bound, *self._still_promised(api, names)]

    def _all_pods(self, api: Api) -> Sequence[Manifest]:
        """Return every pod of HAMi, and learn what an earlier process has promised."""
        pods = api.list(PODS, resourceVersion=self._newest, fieldSelector=HAMI_PODS) or []
        self._promised = {
            pod["metadata"]["uid"]: (_path(pod), annotations(pod)[NODE])
            for pod in pods
            if NODE in annotations(pod) and not pod["spec"].get("nodeName")
        }
        return pods

    def _still_promised(self, api: Api, names: Sequence[str]) -> Sequence[Manifest]:
        found: list[Manifest] = []
        for uid, (path, node) in list(self._promised.items()):
            if node in names:
                pod = api.get(path)
                if pod is None or pod["metadata"]["uid"] != uid:
                    del self._promised[uid]
                else:
                    found.append(pod)
        return found

    def _write(self, api: Api, pod: Manifest, written: Mapping[str, str | None]) -> None:
        """Write annotations on the pod; one that is gone needs none, and is never bound."""
        found = pod["metadata"]
        path = _path(pod)
        metadata = {"uid": found["uid"], "annotations": written}
        if answer := api.merge(path, {"metadata": metadata}):
            self._newest = answer["metadata"]["resourceVersion"]
        if node := written[NODE]:
            self._promised[found["uid"]] = (path, node)
        else:
            self._promised.pop(found["uid"], None)


def _nodes(api: Api, names: Sequence[str]) -> list[Manifest]:
    """Return the nodes called `names`: a few by name, for a cluster may have hundreds."""
    if len(names) > MOST_BY_NAME:
        found = api.list(NODES, labelSelector=NODE_LABEL) or []
        return [node for node in found if node["metadata"]["name"] in names]
    by_name = (api.get(f"{NODES}/{name}") for name in names)
    return [node for node in by_name if node is not None]


def nodes_of(nodes: Iterable[Manifest], pods: Iterable[Manifest]) -> dict[str, Node]:
    """Return the GPUs of each node that registered any, with what `pods` have of them."""
    taken: dict[str, list[Manifest]] = {}
    for pod in pods:
        taken.setdefault(annotations(pod).get(NODE, ""), []).append(pod)
    found: dict[str, Node] = {}
    for node in nodes:
        name = node["metadata"]["name"]
        if devices := registered(node):
            shares = [share for pod in taken.get(name, ()) for share in shares_of(pod)]
            found[name] = usage(devices, shares)
    return found


def _path(pod: Manifest) -> str:
    found = pod["metadata"]
    return f"/api/v1/namespaces/{found['namespace']}/pods/{found['name']}"


def _same(one: Manifest, other: Manifest) -> bool:
    return one["metadata"]["uid"] == other["metadata"]["uid"]
