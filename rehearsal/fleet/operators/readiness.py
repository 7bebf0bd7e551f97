"""The condition `Ready` of a custom resource, by which `up` knows that its operator is done."""

from datetime import UTC, datetime
from typing import Any

from rehearsal.api import Manifest


def ready_condition(reason: str, message: str) -> dict[str, Any]:
    """Return the condition that says Ready since now."""
    return {
        "type": "Ready",
        "status": "True",
        "reason": reason,
        "message": message,
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def is_ready(found: Manifest) -> bool:
    """Return whether an object's status says Ready."""
    conditions: list[Manifest] = found.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
