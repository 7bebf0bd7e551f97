"""Specs of certificates, as `planning` would make them."""

from planning.specs.certificates import (
    AcmeIssuerSpec,
    DnsIdentitySpec,
    HostedZoneSpec,
    PrivateAuthoritySpec,
)
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.pools import NamespaceSpec, OperatorSpec

CERT_MANAGER = OperatorSpec(
    namespace=NamespaceSpec(name="cert-manager", pod_security="restricted"),
    release=ReleaseSpec(
        name="cert-manager",
        chart="cert-manager",
        version="v1.21.1",
        repository="https://charts.example",
        namespace="cert-manager",
        values={},
    ),
)
AUTHORITY = PrivateAuthoritySpec(
    issuer="ours",
    bootstrap_issuer="ours-bootstrap",
    certificate="ours-ca",
    secret_name="ours-key",  # noqa: S106 - the name of a Secret
    namespace="cert-manager",
    common_name="dev CA",
    valid_hours=1000,
    renew_before_hours=100,
)
IDENTITY = DnsIdentitySpec(
    cluster_name="llm-dev",
    namespace="cert-manager",
    service_account="cert-manager",
    zone_ids=("Z1", "Z2"),
)
ACME = AcmeIssuerSpec(
    issuer="letsencrypt-staging",
    server="https://acme.example/directory",
    email="ops@gpus.dev",
    account_secret_name="letsencrypt-account",  # noqa: S106 - the name of a Secret
    region="us-west-2",
    zones=(
        HostedZoneSpec(id="Z1", domain="example.com"),
        HostedZoneSpec(id="Z2", domain="eu.example.com"),
    ),
    identity=IDENTITY,
)
