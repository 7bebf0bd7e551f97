"""External Secrets: a store is Ready, and an ExternalSecret gets its Secret and is Ready then.

Sources: external-secrets/external-secrets: docs/api/externalsecret.md, docs/guides/ownership
(`creationPolicy: Owner`), docs/api/clustersecretstore.md (`conditions`).
"""

import base64
import secrets
from typing import Any, Final

from rehearsal.api import Api, Manifest
from rehearsal.fleet.operators.readiness import is_ready, ready_condition

GROUP: Final = "external-secrets.io"
API: Final = f"/apis/{GROUP}/v1"
STORE_KIND: Final = "ClusterSecretStore"
SECRET_BYTES: Final = 32

SIMULATED: Final = (
    (
        "External Secrets does not run and AWS Secrets Manager is not asked: a store is Ready at "
        "once, and an ExternalSecret gets a Secret of random values, whether anybody made them in "
        "AWS or not."
    ),
)


def reconcile(api: Api) -> None:
    """Make stores Ready, and then the Secrets of what names one of them."""
    stores = api.list(f"{API}/clustersecretstores")
    if stores is None:
        return
    for store in stores:
        if not _going(store) and not is_ready(store):
            condition = ready_condition("Valid", "simulated: nobody was asked")
            status = {"conditions": [condition], "capabilities": "ReadWrite"}
            api.merge(f"{API}/clustersecretstores/{_name(store)}/status", {"status": status})
    ready = {_name(store): store for store in stores if not _going(store)}
    for wanted in api.list(f"{API}/externalsecrets") or []:
        reference: dict[str, str] = wanted["spec"].get("secretStoreRef", {})
        store = ready.get(reference.get("name", ""))
        if reference.get("kind") == STORE_KIND and store is not None and not _going(wanted):
            _reconcile_secret(api, wanted, store)


def secret(wanted: Manifest) -> Manifest:
    """Return the Secret of an ExternalSecret; it goes with it."""
    metadata = wanted["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": target(wanted),
            "namespace": metadata["namespace"],
            "labels": {**metadata.get("labels", {}), f"reconcile.{GROUP}/managed": "true"},
            "ownerReferences": [
                {
                    "apiVersion": wanted["apiVersion"],
                    "kind": wanted["kind"],
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "type": "Opaque",
        "data": {each["secretKey"]: _random() for each in wanted["spec"].get("data", [])},
    }


def target(wanted: Manifest) -> str:
    """Return the name of the Secret that is made: the ExternalSecret's own, if it names none."""
    return wanted["spec"].get("target", {}).get("name", wanted["metadata"]["name"])


def lets_in(store: Manifest, namespace: str) -> bool:
    """Return whether a store is for a namespace; without a condition it is for all of them."""
    conditions: list[dict[str, Any]] = store["spec"].get("conditions", [])
    return not conditions or any(namespace in each.get("namespaces", []) for each in conditions)


def _reconcile_secret(api: Api, wanted: Manifest, store: Manifest) -> None:
    """Give an ExternalSecret its Secret, also one that was lost, and say then that it is Ready."""
    namespace: str = wanted["metadata"]["namespace"]
    if not lets_in(store, namespace):
        return
    core = f"/api/v1/namespaces/{namespace}/secrets"
    if api.get(f"{core}/{target(wanted)}") is None:
        api.create(core, secret(wanted))
    if not is_ready(wanted):
        place = f"{API}/namespaces/{namespace}/externalsecrets/{_name(wanted)}/status"
        condition = ready_condition("SecretSynced", "simulated: random values")
        api.merge(place, {"status": {"conditions": [condition]}})


def _random() -> str:
    return base64.b64encode(secrets.token_hex(SECRET_BYTES).encode()).decode()


def _name(found: Manifest) -> str:
    return found["metadata"]["name"]


def _going(found: Manifest) -> bool:
    return "deletionTimestamp" in found["metadata"]
