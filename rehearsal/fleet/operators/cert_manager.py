"""cert-manager: issuers become Ready, and a Certificate gets its Secret and is Ready then.

Sources: cert-manager/cert-manager: pkg/issuer/ca/setup.go (a CA issuer is not Ready without its
Secret, nor with one that is not of a CA), pkg/controller/certificates/issuing/internal/secret.go
(what the Secret holds).
"""

import base64
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from catalog.charts import CERT_MANAGER
from rehearsal.api import Api, Manifest
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.operators.readiness import is_ready, ready_condition
from rehearsal.fleet.operators.signing import Signed, Signer, sign

GROUP: Final = "cert-manager.io"
API: Final = f"/apis/{GROUP}/v1"
TLS_CERTIFICATE, TLS_KEY, AUTHORITY = "tls.crt", "tls.key", "ca.crt"
IssuerKey = tuple[str, str]
"""Namespace and name; no namespace for a ClusterIssuer."""

SIMULATED: Final = (
    (
        "cert-manager does not run: an issuer is Ready as soon as the Secret that it names is "
        "there, a Certificate of a Ready issuer gets a real key and certificate, and nothing is "
        "ever renewed."
    ),
    (
        "No ACME server is asked and no record is written in Route 53: a Certificate of an ACME "
        "issuer signs itself."
    ),
)


def reconcile(api: Api) -> None:
    """Bring issuers, and then the Certificates of those that are Ready, one step further.

    Raises:
        FleetError: naming what cannot be signed, or sign; the others have been seen to.
    """
    cluster_issuers = api.list(f"{API}/clusterissuers")
    if cluster_issuers is None:
        return
    ready: dict[IssuerKey, Signer | None] = {}
    problems: list[str] = []
    for issuer in (*cluster_issuers, *(api.list(f"{API}/issuers") or [])):
        if "deletionTimestamp" not in issuer["metadata"]:
            _try(issuer, problems, partial(_reconcile_issuer, api, issuer, ready))
    for certificate in api.list(f"{API}/certificates") or []:
        issuer_key = issuer_of(certificate)
        if issuer_key in ready and "deletionTimestamp" not in certificate["metadata"]:
            work = partial(_reconcile_certificate, api, certificate, ready[issuer_key])
            _try(certificate, problems, work)
    if problems:
        raise FleetError("; ".join(problems))


def issuer_of(certificate: Manifest) -> IssuerKey:
    """Return the issuer that a Certificate names; one of another group is never found."""
    reference: Mapping[str, str] = certificate["spec"]["issuerRef"]
    if reference.get("group", GROUP) != GROUP:
        return "", f"{reference['group']}/{reference['name']}"
    in_cluster = reference.get("kind", "Issuer") == "ClusterIssuer"
    return "" if in_cluster else certificate["metadata"]["namespace"], reference["name"]


def secret(certificate: Manifest, signed: Signed) -> Manifest:
    """Return the Secret of a Certificate; it outlives it, as cert-manager's own default has it."""
    metadata, spec = certificate["metadata"], certificate["spec"]
    values = {
        TLS_CERTIFICATE: signed.certificate,
        TLS_KEY: signed.key,
        AUTHORITY: signed.authority,
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": spec["secretName"],
            "namespace": metadata["namespace"],
            "labels": {f"controller.{GROUP}/fao": "true"},
            "annotations": {
                f"{GROUP}/certificate-name": metadata["name"],
                f"{GROUP}/issuer-name": spec["issuerRef"]["name"],
            },
        },
        "type": "kubernetes.io/tls",
        "data": {key: base64.b64encode(value).decode() for key, value in values.items()},
    }


def _try(found: Manifest, problems: list[str], work: Callable[[], None]) -> None:
    """Do the work for one object; what is wrong with it holds up no other."""
    try:
        work()
    except (TypeError, ValueError) as error:
        name = "/".join(filter(None, map(found["metadata"].get, ("namespace", "name"))))
        problems.append(f"{found.get('kind', 'object')} {name}: {error}")


def _reconcile_issuer(api: Api, issuer: Manifest, ready: dict[IssuerKey, Signer | None]) -> None:
    """Say that an issuer is Ready, and by whom it signs, once it can."""
    metadata = issuer["metadata"]
    # A ClusterIssuer looks for Secrets where cert-manager itself lives.
    home: str = metadata.get("namespace", "")
    signer = None
    if "ca" in issuer["spec"]:
        place = _secret(home or CERT_MANAGER.namespace, issuer["spec"]["ca"]["secretName"])
        found = api.get(place)
        if found is None:
            return
        data = {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
        signer = Signer.load(data.get(TLS_CERTIFICATE, b""), data.get(TLS_KEY, b""))
    ready[home, metadata["name"]] = signer
    if not is_ready(issuer):
        kind = f"namespaces/{home}/issuers" if home else "clusterissuers"
        status = {"conditions": [ready_condition("Checked", "simulated: can sign")]}
        api.merge(f"{API}/{kind}/{metadata['name']}/status", {"status": status})


def _reconcile_certificate(api: Api, certificate: Manifest, signer: Signer | None) -> None:
    """Give a Certificate its Secret, and say then that it is Ready."""
    metadata, spec = certificate["metadata"], certificate["spec"]
    if api.get(_secret(metadata["namespace"], spec["secretName"])) is None:
        made = secret(certificate, sign(spec, signer))
        api.create(f"/api/v1/namespaces/{metadata['namespace']}/secrets", made)
    if not is_ready(certificate):
        place = f"{API}/namespaces/{metadata['namespace']}/certificates/{metadata['name']}"
        condition = ready_condition("Ready", "simulated: signed by the rehearsal")
        api.merge(f"{place}/status", {"status": {"conditions": [condition], "revision": 1}})


def _secret(namespace: str, name: str) -> str:
    return f"/api/v1/namespaces/{namespace}/secrets/{name}"
