"""Why a pod has no place: the scheduler's words, and Karpenter's."""

import re
from collections.abc import Sequence
from typing import Final

from rehearsal.api import Manifest
from rehearsal.fleet.node_pools import SUFFIX

KARPENTER: Final = "karpenter"
"""Component that Karpenter's events come from."""


def condition(found: Manifest, kind: str) -> Manifest:
    """Return the condition `kind` of an object's status, an empty one where it has none."""
    conditions: list[Manifest] = found.get("status", {}).get("conditions", [])
    return next((one for one in conditions if one["type"] == kind), Manifest())


def pending_reason(pod: Manifest, events: Sequence[Manifest]) -> str:
    """Return why `pod` is pending; `events` are the cluster's `FailedScheduling` events."""
    scheduler = condition(pod, "PodScheduled").get("message", "not looked at yet")
    refusals = [
        event
        for event in events
        if event["involvedObject"].get("uid") == pod["metadata"]["uid"]
        and event.get("source", {}).get("component") == KARPENTER
    ]
    if not refusals:
        return f"scheduler: {scheduler}"
    message = str(max(refusals, key=_when)["message"])
    # People know their NodePool, not the twin that Karpenter serves.
    message = re.sub(rf"(?i)(nodepool=)([a-z0-9.-]+?){SUFFIX}\b", r"\1\2", message)
    return f"scheduler: {scheduler}; Karpenter: {message}"


def _when(event: Manifest) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")
