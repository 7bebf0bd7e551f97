"""Settings of certificates: who signs them besides the private CA that every environment has."""

from typing import Annotated, Literal

from pydantic import Field

from settings.base import DomainName, Email, HostedZoneId, Setting

MOST_ZONES = 50
"""Each is a few lines of an inline role policy, of which IAM takes 10,240 characters."""


class AcmeZone(Setting):
    """A public hosted zone of Route 53, in the cluster's own account."""

    id: HostedZoneId
    """Id of the hosted zone, `Z0123456789ABCDEFGHIJ`."""
    domain: DomainName
    """Domain of the zone; names in and below it can get certificates, wildcards too."""


class AcmeSettings(Setting):
    """Let's Encrypt; who owns a name is proven by a record in its hosted zone (DNS01)."""

    email: Email
    """Contact of the account at Let's Encrypt."""
    zones: Annotated[tuple[AcmeZone, ...], Field(min_length=1, max_length=MOST_ZONES, strict=False)]
    """Hosted zones in which cert-manager may answer challenges, and nothing else; 1 to 50."""
    server: Literal["production", "staging"] = "production"
    """`staging` has wider rate limits, for trying things out; no client trusts what it signs."""


class CertificateSettings(Setting):
    """Who signs certificates: a private CA, always, and Let's Encrypt where it is asked for."""

    acme: AcmeSettings | None = None
    """Certificates that everybody trusts; null: the private CA alone."""
