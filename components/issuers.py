"""Who signs certificates in the cluster: ClusterIssuers of cert-manager, and the CA behind one.

Source: https://cert-manager.io/docs/configuration/ (`cert-manager.io/v1`).
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.cert_manager import CertManager
from components.manifests import WAIT_UNTIL_READY, Manifest, metadata, timeouts
from planning.specs.base import PART_OF
from planning.specs.certificates import AcmeIssuerSpec, HostedZoneSpec, PrivateAuthoritySpec

GROUP = "cert-manager.io"
API_VERSION = f"{GROUP}/v1"
WAITS = timeouts(roll_seconds=300, delete_seconds=120)
"""cert-manager signs within seconds; an account at an ACME server may need a few attempts."""


@dataclass(frozen=True, kw_only=True)
class PrivateAuthorityArgs:
    """`spec` is known before the update; the other field is a wire to another resource."""

    spec: PrivateAuthoritySpec
    cert_manager: CertManager
    """What signs, and checks what is made of its kinds."""


class PrivateAuthority(pulumi.ComponentResource):
    """A CA of the environment's own, which signs itself, and the issuer that signs with it.

    Its key never leaves the cluster and goes with it; what clients trust is `ca.crt` in its Secret.
    """

    issuer: pulumi.Output[str]
    """Name of the ClusterIssuer; resolves once it can sign."""

    def __init__(
        self, name: str, args: PrivateAuthorityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:PrivateAuthority", name, None, opts)
        spec = args.spec
        bootstrap = _cluster_issuer(
            f"{name}-bootstrap",
            spec.bootstrap_issuer,
            {"selfSigned": {}},
            pulumi.ResourceOptions(
                parent=self, depends_on=[args.cert_manager], custom_timeouts=WAITS
            ),
        )
        certificate = CustomResource(
            f"{name}-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=metadata(spec.certificate, spec.namespace, PART_OF, WAIT_UNTIL_READY),
            spec=authority_spec(spec),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[args.cert_manager, bootstrap], custom_timeouts=WAITS
            ),
        )
        issuer = _cluster_issuer(
            f"{name}-issuer",
            spec.issuer,
            {"ca": {"secretName": spec.secret_name}},
            pulumi.ResourceOptions(
                parent=self, depends_on=[args.cert_manager, certificate], custom_timeouts=WAITS
            ),
        )
        self.issuer = issuer.urn.apply(lambda _: spec.issuer)
        self.register_outputs({"issuer": self.issuer})


@dataclass(frozen=True, kw_only=True)
class AcmeIssuerArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: AcmeIssuerSpec
    cert_manager: CertManager
    after: tuple[pulumi.Resource, ...]
    """What lets cert-manager's pods change the hosted zones."""


class AcmeIssuer(pulumi.ComponentResource):
    """An issuer at an ACME server, ready once the server made it an account.

    Errors: a hosted zone that is private, or not the domain's, passes the update; certificates
    for its names then stay pending, and their challenges say why.
    """

    issuer: pulumi.Output[str]
    """Name of the ClusterIssuer; resolves once it has an account."""

    def __init__(
        self, name: str, args: AcmeIssuerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:AcmeIssuer", name, None, opts)
        spec = args.spec
        issuer = _cluster_issuer(
            f"{name}-issuer",
            spec.issuer,
            {"acme": acme_spec(spec)},
            pulumi.ResourceOptions(
                parent=self, depends_on=[args.cert_manager, *args.after], custom_timeouts=WAITS
            ),
        )
        self.issuer = issuer.urn.apply(lambda _: spec.issuer)
        self.register_outputs({"issuer": self.issuer})


def _cluster_issuer(
    name: str, actual: str, spec: Manifest, opts: pulumi.ResourceOptions
) -> CustomResource:
    return CustomResource(
        name,
        api_version=API_VERSION,
        kind="ClusterIssuer",
        metadata=ObjectMetaArgs(name=actual, labels=PART_OF, annotations=WAIT_UNTIL_READY),
        spec=spec,
        opts=opts,
    )


def authority_spec(spec: PrivateAuthoritySpec) -> Manifest:
    """Return the spec of the CA's own Certificate.

    A renewal keeps the key: what it signed before stays valid for who trusts the renewed CA.
    """
    return {
        "isCA": True,
        "commonName": spec.common_name,
        "secretName": spec.secret_name,
        "duration": f"{spec.valid_hours}h",
        "renewBefore": f"{spec.renew_before_hours}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"group": GROUP, "kind": "ClusterIssuer", "name": spec.bootstrap_issuer},
    }


def acme_spec(spec: AcmeIssuerSpec) -> Manifest:
    """Return the `acme` part of a ClusterIssuer: its account, and one solver for each zone."""
    return {
        "server": spec.server,
        "email": spec.email,
        "privateKeySecretRef": {"name": spec.account_secret_name},
        "solvers": [solver(zone, spec.region) for zone in spec.zones],
    }


def solver(zone: HostedZoneSpec, region: str) -> Manifest:
    """Return the solver of one hosted zone; the longest domain that matches a name wins.

    Without a key in it, cert-manager takes the role that its pod has: a ClusterIssuer may.
    Source: https://cert-manager.io/docs/configuration/acme/dns01/route53/
    """
    return {
        "selector": {"dnsZones": [zone.domain]},
        "dns01": {"route53": {"region": region, "hostedZoneID": zone.id}},
    }
