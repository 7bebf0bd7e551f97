"""Keys and certificates of one control plane: three authorities, for loopback only.

The parts follow kubernetes.io/docs/setup/best-practices/certificates: one authority for the
cluster, one for etcd (so that no client of the cluster can read etcd), one for the front proxy
(so that no client of the cluster can pose as the aggregator).
"""

import datetime as dt
import ipaddress
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rehearsal.control_plane.files import private_folder, write_private

VALID = dt.timedelta(days=365)
RENEW_BEFORE = dt.timedelta(days=30)
"""What expires sooner than this is made anew at the next start."""

LOOPBACK: tuple[x509.GeneralName, ...] = (
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.DNSName("localhost"),
    x509.DNSName("kubernetes"),
    x509.DNSName("kubernetes.default.svc"),
)


@dataclass(frozen=True)
class Certificate:
    """Where one certificate and its key lie."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    """The folder of all keys of one control plane."""

    folder: Path

    def __getitem__(self, name: str) -> Certificate:
        """Return the files of the certificate called `name`."""
        return Certificate(self.folder / f"{name}.crt", self.folder / f"{name}.key")

    @property
    def service_account_key(self) -> Path:
        """Return the private key that signs service account tokens."""
        return self.folder / "service-account.key"

    @property
    def service_account_public_key(self) -> Path:
        """Return the public key that verifies service account tokens."""
        return self.folder / "service-account.pub"

    def ensure(self) -> None:
        """Make all keys, or make them anew when they expire within 30 days."""
        authority = self["ca"].certificate
        if authority.exists():
            expires = x509.load_pem_x509_certificate(authority.read_bytes()).not_valid_after_utc
            if expires - dt.datetime.now(dt.UTC) > RENEW_BEFORE:
                return
        # Written aside and moved as a whole: a start that is killed here leaves no half set.
        partial = self.folder.with_name(f"{self.folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        _write_all(Certificates(private_folder(partial)))
        shutil.rmtree(self.folder, ignore_errors=True)
        partial.rename(self.folder)


@dataclass(frozen=True)
class _Authority:
    name: x509.Name
    key: ec.EllipticCurvePrivateKey

    def issue(self, files: Certificate, subject: str, *, group: str = "", server: bool) -> None:
        """Write a certificate for `subject`, a client in `group` and, if `server`, on loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = _builder(_name(subject, group), self.name, key, self.key)
        if server:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
            builder = builder.add_extension(x509.SubjectAlternativeName(LOOPBACK), critical=False)
        signed = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(_key_usage(authority=False), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        _write(files, signed, key)


def _write_all(files: Certificates) -> None:
    cluster = _authority(files["ca"], "rehearsal")
    etcd = _authority(files["etcd-ca"], "rehearsal-etcd")
    front_proxy = _authority(files["front-proxy-ca"], "rehearsal-front-proxy")
    etcd.issue(files["etcd"], "etcd", server=True)
    etcd.issue(files["etcd-client"], "kube-apiserver", server=False)
    cluster.issue(files["serving"], "rehearsal-loopback", server=True)
    front_proxy.issue(files["front-proxy"], "front-proxy-client", server=False)
    for component in ("kube-controller-manager", "kube-scheduler"):
        cluster.issue(files[component], f"system:{component}", server=False)
    # KWOK plays every kubelet at once, for which no role of Kubernetes exists.
    cluster.issue(files["kwok"], "rehearsal-kwok", group="system:masters", server=False)
    signer = ec.generate_private_key(ec.SECP256R1())
    public = signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_private(files.service_account_key, _private_pem(signer))
    write_private(files.service_account_public_key, public.decode())


def _authority(files: Certificate, subject: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(subject, "")
    signed = (
        _builder(name, name, key, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(files, signed, key)
    return _Authority(name, key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(identifier, critical=False)
        .add_extension(signed_by, critical=False)
    )


def _name(subject: str, group: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, subject)]
    if group:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(parts)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write(files: Certificate, signed: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    write_private(files.certificate, signed.public_bytes(Encoding.PEM).decode())
    write_private(files.key, _private_pem(key))


def _private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
