"""Specs of who signs certificates in the cluster, and of what cert-manager may do in AWS."""

from planning.specs.base import Spec


class PrivateAuthoritySpec(Spec):
    """A CA of the environment's own: it signs itself once, then everybody who asks its issuer."""

    issuer: str
    """ClusterIssuer that signs with the CA's key."""
    bootstrap_issuer: str
    """ClusterIssuer by which the CA signs itself, now and at each renewal."""
    certificate: str
    """Certificate of the CA."""
    secret_name: str
    """Secret with the CA's key; `ca.crt` in it is what clients trust."""
    namespace: str
    """Where both lie: the only place where a ClusterIssuer looks for Secrets."""
    common_name: str
    """At most 64 characters, as X.509 has it."""
    valid_hours: int
    renew_before_hours: int
    """How long before its end the CA is renewed; what it signs may be valid for that long."""


class HostedZoneSpec(Spec):
    """A public hosted zone of Route 53."""

    id: str
    domain: str


class DnsIdentitySpec(Spec):
    """What cert-manager may do in AWS, and the one ServiceAccount that may."""

    cluster_name: str
    namespace: str
    service_account: str
    zone_ids: tuple[str, ...]
    """Hosted zones in which it may answer challenges."""


class AcmeIssuerSpec(Spec):
    """A ClusterIssuer at an ACME server, proven by records in Route 53."""

    issuer: str
    """Name of the ClusterIssuer; another server is another issuer, so that certificates that name
    it are issued anew."""
    server: str
    """Address of the ACME directory."""
    email: str
    account_secret_name: str
    """Secret in which cert-manager keeps the account's key."""
    region: str
    """By which the AWS SDK finds the partition of Route 53."""
    zones: tuple[HostedZoneSpec, ...]
    identity: DnsIdentitySpec


class CertificatesSpec(Spec):
    """Every issuer of the environment."""

    authority: PrivateAuthoritySpec
    acme: AcmeIssuerSpec | None
    """None where the settings want none."""
