"""The stand-in for cert-manager: what it makes Ready, in which order, and of what."""

import base64
import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from components.issuers import acme_spec, authority_spec
from rehearsal.api import Manifest
from rehearsal.fleet import FleetError
from rehearsal.fleet.operators import cert_manager
from rehearsal.fleet.operators.readiness import is_ready
from rehearsal.fleet.operators.signing import duration
from tests.components.certificate_specs import ACME, AUTHORITY
from tests.crd import misfits
from tests.rehearsal.held_objects import Cluster, Unserved

SECRETS = "/api/v1/namespaces/{}/secrets"


def made(kind: str, name: str, spec: Any, namespace: str | None = None) -> Manifest:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "cert-manager.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def bootstrap() -> Manifest:
    return made("ClusterIssuer", AUTHORITY.bootstrap_issuer, {"selfSigned": {}})


def authority(**changes: Any) -> Manifest:
    spec = authority_spec(AUTHORITY) | changes
    return made("Certificate", AUTHORITY.certificate, spec, AUTHORITY.namespace)


def issuer() -> Manifest:
    return made("ClusterIssuer", AUTHORITY.issuer, {"ca": {"secretName": AUTHORITY.secret_name}})


def leaf(name: str = "web", kind: str = "ClusterIssuer", **changes: Any) -> Manifest:
    spec: dict[str, Any] = {
        "secretName": f"{name}-tls",
        "dnsNames": [f"{name}.models.svc"],
        "ipAddresses": ["10.0.0.1"],
        "issuerRef": {"kind": kind, "name": AUTHORITY.issuer},
    }
    return made("Certificate", name, spec | changes, "models")


def pem(cluster: Cluster, namespace: str, name: str, key: str) -> bytes:
    found = cluster.get(f"{SECRETS.format(namespace)}/{name}")
    assert found is not None
    return base64.b64decode(found["data"][key])


def certificate_of(cluster: Cluster, namespace: str, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem(cluster, namespace, name, "tls.crt"))


def settled(*objects: Manifest) -> Cluster:
    cluster = Cluster(*objects)
    for _ in range(3):
        cert_manager.reconcile(cluster)
    return cluster


def test_the_authority_is_ready_before_its_issuer_and_the_issuer_before_what_it_signs() -> None:
    chain = [bootstrap(), authority(), issuer(), leaf()]
    cluster = Cluster(*chain)
    cert_manager.reconcile(cluster)
    assert [is_ready(found) for found in chain] == [True, True, False, False]
    cert_manager.reconcile(cluster)
    assert [is_ready(found) for found in chain] == [True, True, True, True]
    assert [misfits(found) for found in chain] == [[], [], [], []]


def test_what_it_signs_is_real_and_names_what_was_asked() -> None:
    cluster = settled(bootstrap(), authority(), issuer(), leaf())
    root = certificate_of(cluster, "cert-manager", AUTHORITY.secret_name)
    found = certificate_of(cluster, "models", "web-tls")
    found.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert root.subject.rfc4514_string() == "CN=dev CA"
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web.models.svc"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    assert found.not_valid_after_utc - found.not_valid_before_utc == dt.timedelta(days=90)


def test_a_secret_holds_the_key_and_whom_to_trust() -> None:
    cluster = settled(bootstrap(), authority(), issuer(), leaf())
    key = load_pem_private_key(pem(cluster, "models", "web-tls", "tls.key"), None)
    assert key.public_key() == certificate_of(cluster, "models", "web-tls").public_key()
    trusted = pem(cluster, "models", "web-tls", "ca.crt")
    assert trusted == pem(cluster, "cert-manager", AUTHORITY.secret_name, "tls.crt")
    found = cluster.get(f"{SECRETS.format('models')}/web-tls")
    assert found is not None
    assert found["type"] == "kubernetes.io/tls"
    assert "ownerReferences" not in found["metadata"]


def test_a_round_that_finds_everything_done_changes_nothing() -> None:
    cluster = settled(bootstrap(), authority(), issuer(), leaf())
    before = repr(cluster.objects)
    cert_manager.reconcile(cluster)
    assert repr(cluster.objects) == before


def test_a_lost_secret_is_made_again() -> None:
    cluster = settled(bootstrap(), authority(), issuer(), leaf())
    del cluster.objects[f"{SECRETS.format('models')}/web-tls"]
    cert_manager.reconcile(cluster)
    assert certificate_of(cluster, "models", "web-tls")


def test_an_acme_issuer_is_ready_without_anybody_being_asked() -> None:
    acme = made("ClusterIssuer", ACME.issuer, {"acme": acme_spec(ACME)})
    public = leaf(issuerRef={"kind": "ClusterIssuer", "name": ACME.issuer})
    cluster = settled(acme, public)
    assert is_ready(acme)
    found = certificate_of(cluster, "models", "web-tls")
    found.verify_directly_issued_by(found)
    assert any("No ACME server is asked" in sentence for sentence in cert_manager.SIMULATED)


def test_an_issuer_signs_in_its_own_namespace_only() -> None:
    local = made("Issuer", "local", {"selfSigned": {}}, "models")
    near = leaf("near", issuerRef={"name": "local"})
    far = leaf("far", issuerRef={"name": "local", "kind": "Issuer"})
    far["metadata"]["namespace"] = "gateway"
    settled(local, near, far)
    assert (is_ready(near), is_ready(far)) == (True, False)


@pytest.mark.parametrize(
    "reference",
    [
        {"kind": "ClusterIssuer", "name": "nobody"},
        {"kind": "Issuer", "name": AUTHORITY.bootstrap_issuer},
        {"kind": "ClusterIssuer", "name": AUTHORITY.bootstrap_issuer, "group": "other.example"},
    ],
)
def test_a_certificate_of_an_issuer_that_is_not_there_waits(reference: dict[str, str]) -> None:
    waiting = leaf(issuerRef=reference)
    cluster = settled(bootstrap(), waiting)
    assert not is_ready(waiting)
    assert cluster.list(SECRETS.format("models")) == []


def test_what_is_being_deleted_gets_nothing_anew() -> None:
    going = authority()
    going["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    cluster = settled(bootstrap(), going)
    assert not is_ready(going)
    assert cluster.list(SECRETS.format("cert-manager")) == []


def test_an_authority_that_is_none_makes_no_issuer_ready_and_is_named() -> None:
    forgotten = issuer()
    cluster = Cluster(bootstrap(), authority(isCA=False), forgotten)
    cert_manager.reconcile(cluster)
    with pytest.raises(FleetError) as problem:
        cert_manager.reconcile(cluster)
    assert str(problem.value) == (
        "ClusterIssuer ours: the signer's certificate is not of a CA; `isCA: true` makes it one"
    )
    assert not is_ready(forgotten)


def test_a_certificate_that_cannot_be_made_is_named_and_holds_up_no_other() -> None:
    broken = leaf("broken", duration="90d", issuerRef=authority()["spec"]["issuerRef"])
    sound = leaf("sound", issuerRef=authority()["spec"]["issuerRef"])
    with pytest.raises(FleetError) as problem:
        cert_manager.reconcile(Cluster(bootstrap(), broken, sound))
    assert str(problem.value) == (
        "Certificate models/broken: not a duration: '90d'; write hours, 2160h"
    )
    assert (is_ready(broken), is_ready(sound)) == (False, True)


def test_without_its_definitions_there_is_nothing_to_do() -> None:
    cert_manager.reconcile(Unserved())


@pytest.mark.parametrize(("text", "hours"), [("2160h", 2160), ("1h30m0s", 1.5), ("1800s", 0.5)])
def test_durations_are_those_of_go(text: str, hours: float) -> None:
    assert duration(text) == dt.timedelta(hours=hours)
