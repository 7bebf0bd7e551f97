"""What LeaderWorkerSet's controller asks to be called for: its sets, and their pods.

Source: kubernetes-sigs/lws v0.9.0, charts/lws/templates/webhook/webhook.yaml.
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

WebhookKind = Literal["mutating", "validating"]
KINDS: Final[tuple[WebhookKind, ...]] = ("mutating", "validating")
GROUP: Final = "leaderworkerset.x-k8s.io"
SET_LABEL: Final = "leaderworkerset.sigs.k8s.io/name"


def webhooks(kind: WebhookKind, *, sets: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and registration of every webhook of a kind, without how to call it.

    Args:
        kind: What they do.
        sets: Whether the sets have theirs too, and not the pods alone.
    """
    verb, short = ("mutate", "m") if kind == "mutating" else ("validate", "v")
    common = {
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "timeoutSeconds": 10,
    }
    in_a_set = {"matchExpressions": [{"key": SET_LABEL, "operator": "Exists"}]}
    pods = {
        "name": f"{short}pod.kb.io",
        "objectSelector": in_a_set,
        "rules": [_rule("", "pods", "CREATE")],
    }
    yield f"/{verb}--v1-pod", common | pods
    if sets:
        rules = [_rule(GROUP, "leaderworkersets", "CREATE", "UPDATE")]
        path = f"/{verb}-{GROUP.replace('.', '-')}-v1-leaderworkerset"
        yield path, common | {"name": f"{short}leaderworkerset.kb.io", "rules": rules}


def _rule(group: str, resource: str, *operations: str) -> dict[str, Any]:
    return {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": list(operations),
        "resources": [resource],
    }
