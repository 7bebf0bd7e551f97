"""What certificate settings become, and what is said of those that cannot work or will surprise."""

from typing import Any

import pytest

from planning.specs.certificates import AcmeIssuerSpec, HostedZoneSpec
from tests.planning.planned import planned, refusals

ACME = "certificates.acme"
ZONE = {"id": "Z0123456789ABCDEFGHIJ", "domain": "models.example.com"}
SETTINGS: dict[str, Any] = {"email": "ops@gpus.dev", "zones": [ZONE]}
PRIVATE: dict[str, Any] = {"network.private": True}


def acme(**changes: Any) -> dict[str, Any]:
    return {ACME: SETTINGS | changes}


def acme_spec(**changes: Any) -> AcmeIssuerSpec:
    spec = planned(acme(**changes)).certificates.acme
    assert spec is not None
    return spec


def test_every_environment_has_a_private_authority_and_asks_nobody_else() -> None:
    found = planned().certificates
    assert found.acme is None
    assert (found.authority.issuer, found.authority.namespace) == ("private-ca", "cert-manager")
    assert found.authority.common_name == "llm-platform-dev CA"


def test_what_the_authority_signs_for_a_year_ends_before_it_does() -> None:
    authority = planned().certificates.authority
    assert authority.valid_hours == 87_600
    assert authority.renew_before_hours == 8_760


def test_lets_encrypt_is_asked_with_the_account_and_zones_of_the_settings() -> None:
    spec = acme_spec()
    assert spec.server == "https://acme-v02.api.letsencrypt.org/directory"
    assert (spec.email, spec.region) == ("ops@gpus.dev", "us-west-2")
    assert spec.zones == (HostedZoneSpec(**ZONE),)


def test_another_server_is_another_issuer_with_an_account_of_its_own() -> None:
    spec = acme_spec(server="staging")
    assert spec.server == "https://acme-staging-v02.api.letsencrypt.org/directory"
    names = (spec.issuer, spec.account_secret_name)
    assert names == ("letsencrypt-staging", "letsencrypt-staging-account")
    assert acme_spec().issuer == "letsencrypt-production"


def test_the_identity_is_cert_managers_and_names_every_zone() -> None:
    second = {"id": "Z2", "domain": "example.org"}
    identity = acme_spec(zones=[ZONE, second]).identity
    assert (identity.cluster_name, identity.namespace, identity.service_account) == (
        "llm-platform-dev",
        "cert-manager",
        "cert-manager",
    )
    assert identity.zone_ids == (ZONE["id"], "Z2")


def test_pods_that_run_already_start_anew_when_they_get_a_role_and_not_when_a_zone_is_added() -> (
    None
):
    def annotations(changes: dict[str, Any]) -> dict[str, str] | None:
        return planned(changes).cert_manager.release.values.get("podAnnotations")

    assert annotations({}) is None
    one = annotations(acme())
    two = annotations(acme(zones=[ZONE, {"id": "Z2", "domain": "example.org"}]))
    assert one == two == {"llm-platform/aws-identity": "route53"}
    assert planned(acme()).cert_manager.release.values["crds"] == {"enabled": True, "keep": False}


@pytest.mark.parametrize("nat", ["single", "per-zone"])
def test_a_private_network_with_a_way_out_reaches_lets_encrypt(nat: str) -> None:
    assert planned(acme() | PRIVATE | {"network.nat": nat}).certificates.acme is not None


def test_a_network_without_a_way_out_cannot_reach_lets_encrypt() -> None:
    assert refusals(acme() | PRIVATE | {"network.nat": "none"}) == [
        (
            "certificates.acme: wants Let's Encrypt, and with `network.nat: none` no way leads out "
            "of the VPC; use `network.nat: single` or `per-zone`, or remove certificates.acme: the "
            "private CA asks nobody [cert-manager.io/docs/configuration/acme]"
        )
    ]
    assert planned(PRIVATE | {"network.nat": "none"}).certificates.acme is None


def test_a_partition_without_public_zones_is_refused_beside_its_missing_prices() -> None:
    region, found = refusals(acme(), "us-gov-west-1")
    assert region.startswith("aws:region: us-gov-west-1")
    assert found == (
        "certificates.acme: wants public hosted zones, and Route 53 has only private ones in "
        "us-gov-west-1; remove certificates.acme: the private CA asks nobody [AWS GovCloud (US) "
        "User Guide, Amazon Route 53]"
    )


@pytest.mark.parametrize("email", ["platform@example.com", "a@EXAMPLE.org"])
def test_an_address_that_was_copied_from_an_example_gets_no_account(email: str) -> None:
    assert refusals(acme(email=email)) == [
        (
            f"certificates.acme.email: is {email}, and Let's Encrypt makes no account for an "
            f"address at {email.partition('@')[2].lower()}; write an address of your own, which "
            "somebody reads [letsencrypt/boulder: policy/pa.go, forbiddenMailDomains]"
        )
    ]


def test_a_zone_stands_once() -> None:
    assert refusals(acme(zones=[ZONE, ZONE | {"domain": "example.org"}])) == [
        (
            "certificates.acme.zones: hosted zone Z0123456789ABCDEFGHIJ stands more than once, but "
            "a zone has one domain; copy ids and domains from `aws route53 list-hosted-zones` "
            "[Amazon Route 53 Developer Guide, hosted zones]"
        )
    ]


def test_a_domain_stands_once_and_a_domain_below_it_may_stand_beside_it() -> None:
    assert refusals(acme(zones=[ZONE, ZONE | {"id": "Z2"}])) == [
        (
            "certificates.acme.zones: models.example.com stands more than once, but the world asks "
            "the name servers of one hosted zone only; keep the one whose name servers `dig NS "
            "models.example.com` shows [Amazon Route 53 Developer Guide, hosted zones]"
        )
    ]
    below = {"id": "Z2", "domain": "eu.models.example.com"}
    assert len(acme_spec(zones=[ZONE, below]).zones) == 2


def test_nobody_signs_for_the_world_what_the_world_cannot_resolve() -> None:
    assert refusals(acme(zones=[ZONE, {"id": "Z2", "domain": "gpus.internal"}])) == [
        (
            "certificates.acme.zones.1.domain: is gpus.internal, and no public authority signs "
            "names that are not in public DNS; take it out; the private CA signs such names "
            "[catalog/acme.py]"
        )
    ]


def test_that_nobody_trusts_staging_is_said() -> None:
    assert [str(found) for found in planned(acme(server="staging")).warnings] == [
        (
            "certificates.acme.server: is staging: its certificates are real in all but this, that "
            "no client trusts them; use production once a certificate of staging was issued "
            "[letsencrypt.org/docs/staging-environment]"
        )
    ]
    assert planned(acme()).warnings == ()


SLIPS: list[tuple[dict[str, Any], str]] = [
    (
        {"zones": [ZONE]},
        "certificates.acme.email: is missing; add it, it has no default",
    ),
    (
        SETTINGS | {"email": "ops"},
        "certificates.acme.email: is 'ops'; write an address, name@example.com",
    ),
    (
        {"email": "ops@gpus.dev"},
        "certificates.acme.zones: is missing; add it, it has no default",
    ),
    (
        SETTINGS | {"zones": []},
        "certificates.acme.zones: is empty; name at least one",
    ),
    (
        SETTINGS | {"zones": [ZONE | {"id": f"Z{n}"} for n in range(51)]},
        "certificates.acme.zones: is a list; name at most 50",
    ),
    (
        SETTINGS | {"zones": [ZONE | {"id": "/hostedzone/Z0123"}]},
        (
            "certificates.acme.zones.0.id: is '/hostedzone/Z0123'; write the bare id of a "
            "hosted zone, Z0123456789ABCDEFGHIJ"
        ),
    ),
    (
        SETTINGS | {"zones": [{"id": "Z1"}]},
        "certificates.acme.zones.0.domain: is missing; add it, it has no default",
    ),
    (
        SETTINGS | {"server": "prod"},
        "certificates.acme.server: is 'prod'; use 'production' or 'staging'",
    ),
]


@pytest.mark.parametrize(("settings", "finding"), SLIPS)
def test_a_slip_is_named_where_it_stands(settings: dict[str, Any], finding: str) -> None:
    assert refusals({ACME: settings}) == [f"{finding} [settings/schema.json]"]


@pytest.mark.parametrize("domain", ["*.example.com", "Example.com", "example.com.", "example", ""])
def test_a_domain_is_written_as_dns_compares_it(domain: str) -> None:
    assert refusals(acme(zones=[ZONE | {"domain": domain}])) == [
        (
            f"certificates.acme.zones.0.domain: is {domain!r}; write a domain in lower case, "
            "example.com, without `*.` and without a dot at its end [settings/schema.json]"
        )
    ]
