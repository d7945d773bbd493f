"""
Certificates as a server presented them, and what is wrong with them.

A certificate is hostile input like everything else: each part is read on its own, and a part that cannot be read leaves a word in `problem`
instead of an exception.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..knowledge.text import visible
from ..observations.smtp import Certificate

MAX_CHAIN = 20
"""
Certificates of a chain that are read.
"""
MAX_NAMES = 200
"""
Names of one certificate that are kept.
"""
GRAVITY = ("expired", "not_yet_valid", "self_signed", "untrusted", "incomplete_chain", "hostname_mismatch", "weak_key")
"""
Causes for which a certificate does not verify, gravest first.
"""
_BY_CODE = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "untrusted",
    62: "hostname_mismatch",
    63: "hostname_mismatch",
    64: "hostname_mismatch",
    66: "weak_key",
    67: "weak_key",
    68: "weak_key",
}
"""
OpenSSL's X509_V_ERR codes that say one thing only (openssl/x509_vfy.h).
"""
_KEY_TOO_WEAK = 66
"""
X509_V_ERR_EE_KEY_TOO_SMALL: the leaf's key is looked at before a path is sought, so nothing is said about trust.
"""
_NO_PATH = {2, 20, 21}
"""
Codes that say no path leads to a trusted root; the chain itself tells why.
"""
_WEAK_HASHES = {"md2", "md4", "md5", "sha1"}
_UNREADABLE = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    Why a chain does not verify.

    Args:
        causes: Gravest first; empty where nothing is wrong that can be seen.
        missing_issuer: With ``incomplete_chain``, the issuer that was neither sent nor known.
    """

    causes: tuple[str, ...]
    missing_issuer: str | None = None


def read_chain(chain: Sequence[bytes]) -> tuple[Certificate, ...]:
    """
    Certificates from DER, at most `MAX_CHAIN` of them.
    """
    return tuple(read(der) for der in chain[:MAX_CHAIN])


def read(der: bytes) -> Certificate:
    """
    One certificate from DER. A part that cannot be read is empty (dates: 1970) and named in `problem`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography warns of what it finds odd in a certificate; `problem` is the place for that
        return _read(der)


def _read(der: bytes) -> Certificate:
    problems: list[str] = []

    def part(name: str, get: Callable[[], T], otherwise: T) -> T:
        try:
            return get()
        except Exception as error:  # noqa: BLE001 - a parser of hostile input may raise anything
            problems.append(f"{name}: {visible(str(error))[:120]}")
            return otherwise

    sha256 = hashlib.sha256(der).hexdigest()
    encoded = base64.b64encode(der).decode("ascii")
    parsed = part("certificate", lambda: x509.load_der_x509_certificate(der), None)
    if parsed is None:
        return Certificate(encoded, "", "", _UNREADABLE, _UNREADABLE, (), "", 0, "", sha256, "", False, False, problems[0])
    key, bits, spki = part("key", lambda: _key(parsed), ("", 0, ""))
    return Certificate(
        der=encoded,
        subject=part("subject", lambda: visible(parsed.subject.rfc4514_string()), ""),
        issuer=part("issuer", lambda: visible(parsed.issuer.rfc4514_string()), ""),
        not_before=part("not_before", lambda: parsed.not_valid_before_utc, _UNREADABLE),
        not_after=part("not_after", lambda: parsed.not_valid_after_utc, _UNREADABLE),
        names=part("names", lambda: _names(parsed), ()),
        key=key,
        key_bits=bits,
        signature_hash=part("signature", lambda: _signature_hash(parsed), ""),
        sha256=sha256,
        spki_sha256=spki,
        self_signed=part("self_signed", lambda: _self_signed(parsed), False),
        authority=part("authority", lambda: _authority(parsed), False),
        problem="; ".join(problems),
    )


def judge(chain: Sequence[Certificate], host: str, code: int | None, now: datetime) -> Judgement:
    """
    All that is wrong with a presented chain; OpenSSL stops at the first.

    Args:
        chain: As presented, leaf first; empty where it was not seen.
        host: Name the leaf must carry.
        code: OpenSSL's verify code; 0 verified, None not asked (then nothing is said about trust).
        now: Time of judging, UTC.
    """
    causes: set[str] = set()
    missing = None
    path = _path(chain)
    if code:
        causes.add(_BY_CODE.get(code) or (_why_no_path(path) if code in _NO_PATH else "untrusted"))
        missing = path[-1].issuer if path else None
    if path and path[0].self_signed and (code in (None, _KEY_TOO_WEAK) or causes & {"untrusted", "incomplete_chain"}):
        causes -= {"untrusted", "incomplete_chain"}
        causes.add("self_signed")
    if path and not path[0].problem:
        leaf = path[0]
        # A verified path may be other than the one sent (cross-signed roots), so only an unverified one counts beyond the leaf.
        dated = [leaf] if code == 0 else [one for one in path if one is leaf or not (one.self_signed or one.problem)]
        if any(one.not_after < now for one in dated):
            causes.add("expired")
        if any(one.not_before > now for one in dated):
            causes.add("not_yet_valid")
        if not matches(leaf.names, host):
            causes.add("hostname_mismatch")
    if any(weak(one) for one in path if one is path[0] or not one.self_signed):
        causes.add("weak_key")
    return Judgement(tuple(cause for cause in GRAVITY if cause in causes), missing if "incomplete_chain" in causes else None)


def matches(names: Sequence[str], host: str) -> bool:
    """
    Whether one of a certificate's names is the host's (RFC 9525): only subjectAltName counts, a wildcard is one whole left-most label.

    >>> matches(("*.alder.example",), "mx.alder.example"), matches(("*.alder.example",), "a.mx.alder.example")
    (True, False)
    """
    wanted = host.rstrip(".").lower()
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        return any(_same(name.rstrip("."), wanted) for name in names)
    return any(name == str(address) for name in names)


def weak(certificate: Certificate) -> bool:
    """
    RSA or DSA below 2048 bits, an elliptic curve below 224 (NIST SP 800-131A), or a signature over MD5 or SHA-1.
    """
    if certificate.key in ("RSA", "DSA") and 0 < certificate.key_bits < 2048:
        return True
    if certificate.key == "EC" and 0 < certificate.key_bits < 224:
        return True
    return certificate.signature_hash in _WEAK_HASHES


def _same(name: str, wanted: str) -> bool:
    if name == wanted:
        return True
    first, _, rest = wanted.partition(".")
    return bool(first) and "." in rest and name == f"*.{rest}"


def _path(chain: Sequence[Certificate]) -> list[Certificate]:
    """
    From the leaf along the issuers that were sent, whatever their order.
    """
    path = list(chain[:1])
    rest = list(chain[1:])
    while path and path[-1].issuer and not path[-1].self_signed:
        found = next((one for one in rest if one.subject == path[-1].issuer), None)
        if found is None:
            break
        rest.remove(found)
        path.append(found)
    return path


def _why_no_path(path: Sequence[Certificate]) -> str:
    if not path:
        return "untrusted"
    if path[-1].self_signed:
        return "self_signed" if len(path) == 1 else "untrusted"
    return "incomplete_chain" if path[-1].issuer else "untrusted"


def _key(certificate: x509.Certificate) -> tuple[str, int, str]:
    info = certificate.public_key()
    spki = hashlib.sha256(info.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    if isinstance(info, rsa.RSAPublicKey):
        return "RSA", info.key_size, spki
    if isinstance(info, ec.EllipticCurvePublicKey):
        return "EC", info.curve.key_size, spki
    if isinstance(info, dsa.DSAPublicKey):
        return "DSA", info.key_size, spki
    if isinstance(info, ed25519.Ed25519PublicKey):
        return "Ed25519", 256, spki
    if isinstance(info, ed448.Ed448PublicKey):
        return "Ed448", 456, spki
    return certificate.public_key_algorithm_oid.dotted_string, 0, spki


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = [visible(name.lower()) for name in found.get_values_for_type(x509.DNSName)]
    names += [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    return tuple(names[:MAX_NAMES])


def _signature_hash(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm is not None else ""


def _self_signed(certificate: x509.Certificate) -> bool:
    if certificate.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # noqa: BLE001 - a signature that does not verify, or cannot be checked
        return False
    return True


def _authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
