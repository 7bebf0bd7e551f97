"""Keys and certificates such as cert-manager would put into a Secret: real ones, of P-256 keys."""

import datetime as dt
import ipaddress
import re
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

DEFAULT_DURATION: Final = "2160h"
"""Source: cert-manager.io/docs/usage/certificate, 90 days."""
UNIT_SECONDS: Final = {"h": 3600, "m": 60, "s": 1}
DURATION_PATTERN: Final = re.compile(r"([0-9]+)([hms])")


@dataclass(frozen=True)
class Signer:
    """Who signs: a certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> "Signer":
        """Return the signer of two PEM texts.

        Raises:
            ValueError: one of them is no PEM, or the certificate is not of a CA.
            TypeError: the key is none of an elliptic curve.
        """
        loaded = load_pem_private_key(key, password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError("the signer's key is not of an elliptic curve")
        found = x509.load_pem_x509_certificate(certificate)
        if not _is_authority(found):
            raise ValueError("the signer's certificate is not of a CA; `isCA: true` makes it one")
        return cls(found, loaded)


@dataclass(frozen=True)
class Signed:
    """What a TLS Secret holds, as PEM."""

    certificate: bytes
    key: bytes
    authority: bytes
    """Certificate of the signer; its own where nobody else signed."""


def sign(spec: dict[str, Any], signer: Signer | None) -> Signed:
    """Return a new key with a certificate for what a Certificate's `spec` asks.

    Without a `signer` it signs itself. Kinds of keys, usages and extensions are not looked at.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    common_name: str = spec.get("commonName", "")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    issuer = signer.certificate.subject if signer else name
    now, authority = dt.datetime.now(dt.UTC), bool(spec.get("isCA"))
    builder = (
        x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + duration(spec.get("duration", DEFAULT_DURATION)))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names := _names(spec):
        alternatives = x509.SubjectAlternativeName(names)
        builder = builder.add_extension(alternatives, critical=not common_name)
    signed = builder.sign(signer.key if signer else key, hashes.SHA256())
    certificate = signed.public_bytes(Encoding.PEM)
    return Signed(
        certificate=certificate,
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        authority=signer.certificate.public_bytes(Encoding.PEM) if signer else certificate,
    )


def duration(text: str) -> dt.timedelta:
    """Return the time that Go writes as `2160h` or `1h30m0s`.

    Raises:
        ValueError: `text` is nothing of the kind.
    """
    parts = DURATION_PATTERN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"not a duration: {text!r}; write hours, 2160h")
    return dt.timedelta(seconds=sum(int(number) * UNIT_SECONDS[unit] for number, unit in parts))


def _is_authority(certificate: x509.Certificate) -> bool:
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    return constraints.value.ca


def _names(spec: dict[str, Any]) -> list[x509.GeneralName]:
    addresses = [ipaddress.ip_address(each) for each in spec.get("ipAddresses", [])]
    return [
        *(x509.DNSName(each) for each in spec.get("dnsNames", [])),
        *(x509.IPAddress(each) for each in addresses),
    ]
