"""The stand-in for External Secrets: what becomes Ready, and which Secret it has then."""

import base64
from typing import Any

import pytest

from components.external_secret import external_secret_spec
from components.secret_store import store_spec
from rehearsal.api import Manifest
from rehearsal.fleet.operators import external_secrets
from rehearsal.fleet.operators.readiness import is_ready
from rehearsal.fleet.simulated import SIMULATED
from tests.components.secret_specs import KEYS, STORE
from tests.crd import misfits
from tests.rehearsal.held_objects import Cluster, Unserved

SECRET = "/api/v1/namespaces/gateway/secrets/litellm-keys"  # noqa: S105 - a path


def made(kind: str, name: str, spec: Any, namespace: str | None = None) -> Manifest:
    metadata = {"name": name, "uid": f"uid-of-{name}"}
    metadata |= {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def store() -> Manifest:
    return made("ClusterSecretStore", STORE.name, store_spec(STORE))


def wanted(namespace: str = KEYS.namespace) -> Manifest:
    spec = external_secret_spec(KEYS, KEYS.store)
    return made("ExternalSecret", KEYS.name, spec, namespace)


def test_a_secret_has_every_key_and_goes_with_what_asked_for_it() -> None:
    asked, source = wanted(), store()
    cluster = Cluster(source, asked)
    external_secrets.reconcile(cluster)
    assert (is_ready(source), is_ready(asked)) == (True, True)
    assert [misfits(found) for found in (source, asked)] == [[], []]
    secret = cluster.objects[SECRET]
    (owner,) = secret["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("ExternalSecret", "uid-of-litellm-keys")
    values = {key: base64.b64decode(value) for key, value in secret["data"].items()}
    assert values.keys() == {"LITELLM_MASTER_KEY", "LITELLM_SALT_KEY"}
    assert len(set(values.values())) == 2
    assert all(len(value) >= 32 for value in values.values())


def test_a_round_that_finds_everything_done_changes_nothing() -> None:
    cluster = Cluster(store(), wanted())
    external_secrets.reconcile(cluster)
    before = repr(cluster.objects)
    external_secrets.reconcile(cluster)
    assert repr(cluster.objects) == before


def test_a_lost_secret_is_made_again() -> None:
    cluster = Cluster(store(), wanted())
    external_secrets.reconcile(cluster)
    del cluster.objects[SECRET]
    external_secrets.reconcile(cluster)
    assert SECRET in cluster.objects


@pytest.mark.parametrize(
    ("objects", "why"),
    [
        ((), "no store"),
        ((made("ClusterSecretStore", "other", store_spec(STORE)),), "another store"),
        ((store() | {"metadata": {"name": "vault", "deletionTimestamp": "now"}},), "it goes"),
    ],
)
def test_without_its_store_a_secret_waits(objects: tuple[Manifest, ...], why: str) -> None:
    asked = wanted()
    external_secrets.reconcile(Cluster(*objects, asked))
    assert not is_ready(asked), why


def test_a_store_serves_its_namespaces_only() -> None:
    asked = wanted("elsewhere")
    cluster = Cluster(store(), asked)
    external_secrets.reconcile(cluster)
    assert not is_ready(asked)
    assert SECRET.replace("gateway", "elsewhere") not in cluster.objects


def test_what_is_being_deleted_gets_nothing_anew() -> None:
    going = wanted()
    going["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    cluster = Cluster(store(), going)
    external_secrets.reconcile(cluster)
    assert SECRET not in cluster.objects


def test_without_its_definitions_there_is_nothing_to_do() -> None:
    external_secrets.reconcile(Unserved())


def test_the_report_says_that_nobody_was_asked() -> None:
    assert any("AWS Secrets Manager is not asked" in sentence for sentence in SIMULATED)
