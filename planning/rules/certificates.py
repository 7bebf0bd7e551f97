"""Rules of certificates: what Let's Encrypt or Route 53 would refuse, and what would surprise."""

from collections import Counter
from collections.abc import Iterator, Sequence

from catalog.acme import (
    PRIVATE_TOP_LEVELS,
    REFUSED_CONTACT_DOMAINS,
    REGIONS_WITHOUT_PUBLIC_ZONES,
)
from settings.certificates import AcmeSettings
from settings.environment import Environment
from settings.finding import Finding

ACME = "certificates.acme"
CATALOG_SOURCE = "catalog/acme.py"
WITHOUT_ACME = "remove certificates.acme: the private CA asks nobody"


def certificate_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what refuses the certificates of an environment."""
    acme = environment.platform.certificates.acme
    if acme is None:
        return
    yield from _out_of_reach(environment)
    yield from _contact(acme)
    yield from _zones(acme)


def certificate_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    acme = environment.platform.certificates.acme
    if acme is not None and acme.server == "staging":
        yield Finding(
            path=f"{ACME}.server",
            problem="is staging: its certificates are real in all but this, that no client trusts "
            "them",
            fix="use production once a certificate of staging was issued",
            source="letsencrypt.org/docs/staging-environment",
        )


def _out_of_reach(environment: Environment) -> Iterator[Finding]:
    """Yield why the cluster cannot talk to the ACME server, or its server not to the zones."""
    if environment.platform.network.nat == "none":
        yield Finding(
            path=ACME,
            problem="wants Let's Encrypt, and with `network.nat: none` no way leads out of the VPC",
            fix=f"use `network.nat: single` or `per-zone`, or {WITHOUT_ACME}",
            source="cert-manager.io/docs/configuration/acme",
        )
    if environment.region.startswith(REGIONS_WITHOUT_PUBLIC_ZONES):
        yield Finding(
            path=ACME,
            problem=f"wants public hosted zones, and Route 53 has only private ones in "
            f"{environment.region}",
            fix=WITHOUT_ACME,
            source="AWS GovCloud (US) User Guide, Amazon Route 53",
        )


def _contact(acme: AcmeSettings) -> Iterator[Finding]:
    domain = acme.email.rpartition("@")[2].lower()
    if domain in REFUSED_CONTACT_DOMAINS:
        yield Finding(
            path=f"{ACME}.email",
            problem=f"is {acme.email}, and Let's Encrypt makes no account for an address at "
            f"{domain}",
            fix="write an address of your own, which somebody reads",
            source="letsencrypt/boulder: policy/pa.go, forbiddenMailDomains",
        )


def _zones(acme: AcmeSettings) -> Iterator[Finding]:
    path = f"{ACME}.zones"
    for twice in _repeated([zone.id for zone in acme.zones]):
        yield Finding(
            path=path,
            problem=f"hosted zone {twice} stands more than once, but a zone has one domain",
            fix="copy ids and domains from `aws route53 list-hosted-zones`",
            source="Amazon Route 53 Developer Guide, hosted zones",
        )
    for twice in _repeated([zone.domain for zone in acme.zones]):
        yield Finding(
            path=path,
            problem=f"{twice} stands more than once, but the world asks the name servers of one "
            "hosted zone only",
            fix=f"keep the one whose name servers `dig NS {twice}` shows",
            source="Amazon Route 53 Developer Guide, hosted zones",
        )
    for number, zone in enumerate(acme.zones):
        if zone.domain.rpartition(".")[2] in PRIVATE_TOP_LEVELS:
            yield Finding(
                path=f"{path}.{number}.domain",
                problem=f"is {zone.domain}, and no public authority signs names that are not in "
                "public DNS",
                fix="take it out; the private CA signs such names",
                source=CATALOG_SOURCE,
            )


def _repeated(items: Sequence[str]) -> list[str]:
    """Return what stands more than once, in order."""
    return sorted(item for item, count in Counter(items).items() if count > 1)
