"""Who signs certificates: cert-manager, a private CA, and Let's Encrypt where it is asked for."""

from catalog.acme import LETS_ENCRYPT_DIRECTORIES
from catalog.charts import CERT_MANAGER
from planning import releases
from planning.naming import cluster_name
from planning.specs.base import DOMAIN
from planning.specs.certificates import (
    AcmeIssuerSpec,
    CertificatesSpec,
    DnsIdentitySpec,
    HostedZoneSpec,
    PrivateAuthoritySpec,
)
from planning.specs.pools import OperatorSpec
from settings.certificates import AcmeSettings
from settings.environment import Environment

AUTHORITY = "private-ca"
"""Name of the private CA's issuer, certificate and secret."""
YEAR_HOURS = 8760
SERVICE_ACCOUNT = CERT_MANAGER.name
"""Source: cert-manager chart v1.21.1, templates/_helpers.tpl; the release has the chart's name."""
IDENTITY_ANNOTATION = {f"{DOMAIN}/aws-identity": "route53"}
"""On cert-manager's pods where they have a role in AWS. Only a pod that starts after its Pod
Identity association gets the role: where ACME comes to a running environment, this is what starts
them anew. Source: Amazon EKS User Guide, pod-id-association."""


def cert_manager(environment: Environment) -> OperatorSpec:
    """Return cert-manager's release."""
    operator = releases.cert_manager()
    if environment.platform.certificates.acme is None:
        return operator
    release = operator.release
    values = {**release.values, "podAnnotations": IDENTITY_ANNOTATION}
    return operator.model_copy(update={"release": release.model_copy(update={"values": values})})


def certificates(environment: Environment) -> CertificatesSpec:
    """Return every issuer of an environment that broke no rule of `certificate_rules`."""
    acme = environment.platform.certificates.acme
    return CertificatesSpec(
        authority=_authority(environment), acme=acme and _acme(acme, environment)
    )


def _authority(environment: Environment) -> PrivateAuthoritySpec:
    return PrivateAuthoritySpec(
        issuer=AUTHORITY,
        bootstrap_issuer=f"{AUTHORITY}-bootstrap",
        certificate=AUTHORITY,
        secret_name=AUTHORITY,
        namespace=CERT_MANAGER.namespace,
        common_name=f"{cluster_name(environment.stack)} CA",
        valid_hours=10 * YEAR_HOURS,
        renew_before_hours=YEAR_HOURS,
    )


def _acme(settings: AcmeSettings, environment: Environment) -> AcmeIssuerSpec:
    issuer = f"letsencrypt-{settings.server}"
    return AcmeIssuerSpec(
        issuer=issuer,
        server=LETS_ENCRYPT_DIRECTORIES[settings.server],
        email=settings.email,
        account_secret_name=f"{issuer}-account",
        region=environment.region,
        zones=tuple(HostedZoneSpec(id=zone.id, domain=zone.domain) for zone in settings.zones),
        identity=DnsIdentitySpec(
            cluster_name=cluster_name(environment.stack),
            namespace=CERT_MANAGER.namespace,
            service_account=SERVICE_ACCOUNT,
            zone_ids=tuple(zone.id for zone in settings.zones),
        ),
    )
