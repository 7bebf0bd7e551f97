"""Issuers: they fit their definitions, and are there only while cert-manager is."""

import pulumi
import pytest

from components.cert_manager import CertManager
from components.issuers import (
    AcmeIssuer,
    AcmeIssuerArgs,
    PrivateAuthority,
    PrivateAuthorityArgs,
    acme_spec,
    authority_spec,
)
from components.operator import OperatorArgs
from tests.components.certificate_specs import ACME, AUTHORITY, CERT_MANAGER
from tests.crd import misfits
from tests.recording import Recording, record

KINDS = ("ca-bootstrap", "ca-certificate", "ca-issuer", "acme-issuer")


def recorded(*, preview: bool = False) -> Recording:
    def program() -> None:
        cert_manager = CertManager("cert-manager", OperatorArgs(spec=CERT_MANAGER))
        role = pulumi.CustomResource("test:index:Role", "role", {})
        authority = PrivateAuthorityArgs(spec=AUTHORITY, cert_manager=cert_manager)
        PrivateAuthority("ca", authority, pulumi.ResourceOptions(protect=True))
        AcmeIssuer("acme", AcmeIssuerArgs(spec=ACME, cert_manager=cert_manager, after=(role,)))

    return record(program, preview=preview)


@pytest.mark.parametrize("name", KINDS)
def test_each_fits_its_definition(name: str) -> None:
    assert misfits(recorded()[name].inputs) == []


@pytest.mark.parametrize("name", KINDS)
def test_each_waits_until_it_is_ready_and_goes_before_cert_manager(name: str) -> None:
    found = recorded()[name]
    annotations = found.inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": "condition=Ready"}
    assert "cert-manager-release" in found.after
    assert found.delete_timeout == "120s"


def test_the_authority_signs_itself_before_it_signs_for_others() -> None:
    found = recorded()
    assert "ca-bootstrap" in found["ca-certificate"].after
    assert "ca-certificate" in found["ca-issuer"].after
    bootstrap, issuer = found["ca-bootstrap"].inputs, found["ca-issuer"].inputs
    assert bootstrap["spec"] == {"selfSigned": {}}
    certificate = found["ca-certificate"].inputs
    assert certificate["metadata"]["namespace"] == "cert-manager"
    assert certificate["spec"]["issuerRef"]["name"] == bootstrap["metadata"]["name"]
    assert issuer["spec"] == {"ca": {"secretName": certificate["spec"]["secretName"]}}


def test_a_renewed_authority_keeps_its_key() -> None:
    spec = authority_spec(AUTHORITY)
    assert spec["isCA"] is True
    assert spec["privateKey"]["rotationPolicy"] == "Never"
    assert (spec["duration"], spec["renewBefore"]) == ("1000h", "100h")
    assert spec["commonName"] == "dev CA"


def test_each_zone_has_a_solver_for_its_own_domain_and_no_key() -> None:
    spec = acme_spec(ACME)
    assert spec["solvers"] == [
        {
            "selector": {"dnsZones": [domain]},
            "dns01": {"route53": {"region": "us-west-2", "hostedZoneID": zone}},
        }
        for zone, domain in (("Z1", "example.com"), ("Z2", "eu.example.com"))
    ]
    assert spec["server"] == "https://acme.example/directory"
    assert (spec["email"], spec["privateKeySecretRef"]) == (
        "ops@gpus.dev",
        {"name": "letsencrypt-account"},
    )


def test_the_acme_issuer_comes_after_the_role_of_its_challenges() -> None:
    assert "role" in recorded()["acme-issuer"].after


@pytest.mark.parametrize("preview", [False, True])
def test_the_issuers_are_named_even_in_a_first_preview(*, preview: bool) -> None:
    found = recorded(preview=preview)
    assert found["ca"].outputs == {"issuer": "ours"}
    assert found["acme"].outputs == {"issuer": "letsencrypt-staging"}


def test_protection_reaches_the_children() -> None:
    found = recorded()
    children = found.children("ca")
    assert children == {"ca-bootstrap", "ca-certificate", "ca-issuer"}
    assert all(found[child].protect for child in children)
    assert not found["acme-issuer"].protect
