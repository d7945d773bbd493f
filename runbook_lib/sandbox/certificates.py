"""
The sandbox's throw-away certificate authority, and certificates that are right or wrong in one way each.

::

    root (the file given as `ca_file`)          another root (trusted by nobody)
    └── intermediate, sent by the servers       └── leaf of `untrusted`
        └── leaf

Keys are made anew for every world and never leave its temporary folder.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class CertificateKind(StrEnum):
    """
    What is wrong with a server's certificate.
    """

    GOOD = "good"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ENDS_SOON = "ends_soon"
    SELF_SIGNED = "self_signed"
    MISMATCHED = "mismatched"
    """Good, but for another name."""
    INCOMPLETE_CHAIN = "incomplete_chain"
    """The intermediate is not sent."""
    UNTRUSTED = "untrusted"
    """The chain is complete and ends in a root that nobody trusts."""
    WEAK_KEY = "weak_key"
    """RSA with 1024 bits."""


class TlsVersions(StrEnum):
    """
    Which versions of TLS a server speaks.
    """

    MODERN = "modern"
    """1.2 and later."""
    OLD = "old"
    """1.0 and 1.1 only."""


_DAYS = {CertificateKind.EXPIRED: (-395, -30), CertificateKind.NOT_YET_VALID: (30, 395), CertificateKind.ENDS_SOON: (-355, 10)}
"""
First and last day of validity, counted from today; else from a month ago for a year.
"""
_SOMEBODY_ELSE = ("mail.somebody-else.example",)


@dataclass(frozen=True, slots=True)
class _Issuer:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """
    The certificate authority of one world.

    Args:
        folder: Temporary folder for keys and certificates; who made it removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._contexts: dict[tuple[CertificateKind, TlsVersions, tuple[str, ...]], ssl.SSLContext] = {}
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        root_key = ec.generate_private_key(ec.SECP256R1())
        self._root = _Issuer(self._authority("Sandbox Root CA", root_key, None), root_key)
        key = ec.generate_private_key(ec.SECP256R1())
        self._intermediate = _Issuer(self._authority("Sandbox Issuing CA", key, self._root), key)
        self.ca_file = folder / "sandbox-ca.pem"
        self.ca_file.write_bytes(_pem(self._root.certificate))

    @property
    def key_digest(self) -> str:
        """
        SHA-256 of the public key of every sound certificate, in hex: what a matching TLSA record 3 1 1 holds (RFC 7671 section 5.1).
        """
        key = self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(key).hexdigest()

    def context(self, kind: CertificateKind, names: Sequence[str], versions: TlsVersions = TlsVersions.MODERN) -> ssl.SSLContext:
        """
        A server's TLS context.

        Args:
            kind: What is to be wrong with its certificate.
            names: Names it is for, wildcards included.
            versions: Versions of TLS to speak.
        """
        wanted = (kind, versions, tuple(names))
        with self._lock:
            if wanted not in self._contexts:
                self._contexts[wanted] = self._make(*wanted)
            return self._contexts[wanted]

    def _make(self, kind: CertificateKind, versions: TlsVersions, names: tuple[str, ...]) -> ssl.SSLContext:
        key, chain = self._leaf(kind, names)
        stem = f"server-{len(self._contexts)}"
        key_file, chain_file = self._folder / f"{stem}.key", self._folder / f"{stem}.pem"
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        chain_file.write_bytes(b"".join(map(_pem, chain)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if kind is CertificateKind.WEAK_KEY or versions is TlsVersions.OLD:
            context.set_ciphers("ALL:@SECLEVEL=0")
        if versions is TlsVersions.OLD:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(chain_file, key_file)
        return context

    def _leaf(self, kind: CertificateKind, names: tuple[str, ...]) -> tuple[PrivateKey, list[x509.Certificate]]:
        """
        The key of a server and the certificates it sends, its own first.
        """
        if kind is CertificateKind.SELF_SIGNED:
            return self._key, [self._certificate(kind, names, self._key, None)]
        if kind is CertificateKind.UNTRUSTED:
            other_key = ec.generate_private_key(ec.SECP256R1())
            other = _Issuer(self._authority("Somebody's Own Root CA", other_key, None), other_key)
            return self._key, [self._certificate(kind, names, self._key, other), other.certificate]
        if kind is CertificateKind.MISMATCHED:
            names = _SOMEBODY_ELSE
        key: PrivateKey = self._key
        if kind is CertificateKind.WEAK_KEY:
            key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
        leaf = self._certificate(kind, names, key, self._intermediate)
        return key, [leaf] if kind is CertificateKind.INCOMPLETE_CHAIN else [leaf, self._intermediate.certificate]

    def _certificate(self, kind: CertificateKind, names: tuple[str, ...], key: PrivateKey, issuer: _Issuer | None) -> x509.Certificate:
        first, last = _DAYS.get(kind, (-30, 335))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
        builder = (
            self._builder(subject, key, issuer)
            .not_valid_before(self._now + timedelta(days=first))
            .not_valid_after(self._now + timedelta(days=last))
        )
        builder = (
            builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        return builder.sign(issuer.key if issuer is not None else key, hashes.SHA256())

    def _authority(self, title: str, key: ec.EllipticCurvePrivateKey, issuer: _Issuer | None) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sandbox"), x509.NameAttribute(NameOID.COMMON_NAME, title)])
        signs = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            self._builder(subject, key, issuer)
            .not_valid_before(self._now - timedelta(days=400))
            .not_valid_after(self._now + timedelta(days=800))
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(signs, critical=True)
        return builder.sign(issuer.key if issuer is not None else key, hashes.SHA256())

    def _builder(self, subject: x509.Name, key: PrivateKey, issuer: _Issuer | None) -> x509.CertificateBuilder:
        signer = issuer.key.public_key() if issuer is not None else key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer is not None else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
        )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
