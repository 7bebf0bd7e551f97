"""Who signs certificates: cert-manager with its issuers."""

from dataclasses import dataclass

from components.cert_manager import CertManager
from components.dns_identity import DnsIdentity, DnsIdentityArgs
from components.issuers import AcmeIssuer, AcmeIssuerArgs, PrivateAuthority, PrivateAuthorityArgs
from components.operator import OperatorArgs
from planning.plan import Plan
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """cert-manager and every issuer of the environment."""

    cert_manager: CertManager
    authority: PrivateAuthority
    acme: AcmeIssuer | None


def issue_certificates(plan: Plan, foundation: Foundation) -> Certificates:
    """Make cert-manager and its issuers; at a destroy the issuers go while it still lives."""
    acme, cluster = plan.certificates.acme, foundation.cluster
    identity = acme and DnsIdentity(
        "dns-identity",
        DnsIdentityArgs(
            spec=acme.identity, cluster_name=cluster.cluster_name, cluster_arn=cluster.cluster_arn
        ),
        foundation.on_aws,
    )
    allowed = (identity,) if identity else ()
    cert_manager = CertManager(
        "cert-manager",
        # A pod gets its role when it starts: role and association come first, and go last.
        OperatorArgs(spec=plan.cert_manager, after=(*foundation.runs_pods, *allowed)),
        foundation.in_cluster,
    )
    return Certificates(
        cert_manager=cert_manager,
        authority=PrivateAuthority(
            "private-ca",
            PrivateAuthorityArgs(spec=plan.certificates.authority, cert_manager=cert_manager),
            foundation.in_cluster,
        ),
        acme=acme
        and AcmeIssuer(
            "acme",
            AcmeIssuerArgs(spec=acme, cert_manager=cert_manager, after=allowed),
            foundation.in_cluster,
        ),
    )
