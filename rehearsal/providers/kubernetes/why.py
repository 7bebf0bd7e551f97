"""Why an object is not ready: its pods, what the scheduler says of them, and its warnings."""

from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.manifests import Manifest, at, condition, items_at, mapping_at
from rehearsal.providers.plugin import ProviderError

SHOWN = 5
"""Pods or warnings named in a message; of the others it says how many there are."""
OPERATORS = {"In": "in", "NotIn": "notin"}


def explanation(cluster: Cluster, live: Manifest) -> list[str]:
    """Return a line for each thing that holds `live` back; none when nothing can be found out."""
    try:
        failing = condition(live, "ReplicaFailure")
        lines = [str(failing.get("message"))] if failing.get("status") == "True" else []
        return [*lines, *_pods(cluster, live), *_warnings(cluster, live)]
    except ProviderError as error:
        return [f"(looking for the reason failed: {error})"]


def _selector(live: Manifest) -> str:
    """Return the label selector of a workload's or a Service's pods; empty for other kinds."""
    selector = mapping_at(live, "spec", "selector")
    if live.get("kind") == "Service":
        return ",".join(f"{key}={value}" for key, value in selector.items())
    parts = [f"{key}={value}" for key, value in mapping_at(selector, "matchLabels").items()]
    for term in items_at(selector, "matchExpressions"):
        key, operator = term["key"], term["operator"]
        if operator in OPERATORS:
            parts.append(f"{key} {OPERATORS[operator]} ({','.join(term['values'])})")
        else:
            parts.append(key if operator == "Exists" else f"!{key}")
    return ",".join(parts)


def _pods(cluster: Cluster, live: Manifest) -> list[str]:
    selector = _selector(live)
    if not selector:
        return []
    namespace = at(live, "metadata", "namespace")
    pods = cluster.listed("v1", "Pod", namespace, labelSelector=selector)
    if not pods:
        return [f"no pod has the labels {selector}"]
    waiting = [pod for pod in pods if condition(pod, "Ready").get("status") != "True"]
    return _shortened([_pod_line(pod) for pod in waiting], "pods")


def _pod_line(pod: Manifest) -> str:
    line = f"pod {at(pod, 'metadata', 'name')}: {at(pod, 'status', 'phase')}"
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        return f"{line}: {scheduled.get('message') or scheduled.get('reason')}"
    for status in items_at(pod, "status", "containerStatuses"):
        state = mapping_at(status, "state", "waiting") or mapping_at(status, "state", "terminated")
        if state:
            said = ": ".join(str(state[key]) for key in ("reason", "message") if state.get(key))
            return f"{line}: container {status.get('name')}: {said}"
    return f"{line}: {condition(pod, 'Ready').get('message') or 'not ready'}"


def _warnings(cluster: Cluster, live: Manifest) -> list[str]:
    uid, namespace = at(live, "metadata", "uid"), at(live, "metadata", "namespace")
    fields = f"involvedObject.uid={uid},type=Warning"
    events = cluster.listed("v1", "Event", namespace, fieldSelector=fields)
    texts = {f"{event.get('reason')}: {event.get('message')}": None for event in events}
    return _shortened(list(texts), "warnings")


def _shortened(lines: list[str], what: str) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"and {more} more {what}"] if more > 0 else [])]
