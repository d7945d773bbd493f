"""
Certificates read with suspicion, and what is wrong with a chain.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.observations import Certificate
from runbook_lib.probes.certificates import judge, matches, read, read_chain, weak

HOST = "mail.alder.example"
NOW = dt.datetime.now(dt.UTC)


def der(blob: trustme.Blob) -> bytes:
    """
    A PEM certificate as DER.
    """
    return x509.load_pem_x509_certificate(blob.bytes()).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def leaf(authority: trustme.CA) -> Certificate:
    """
    A good certificate.
    """
    return read(der(authority.issue_cert(HOST, "192.0.2.7").cert_chain_pems[0]))


@pytest.fixture(scope="module")
def root(authority: trustme.CA) -> Certificate:
    """
    The root that signed it.
    """
    return read(der(authority.cert_pem))


def test_all_of_a_certificate_is_read(leaf: Certificate, root: Certificate) -> None:
    """
    Names, addresses, key, signature, fingerprints, and who signed whom.
    """
    assert leaf.names == (HOST, "192.0.2.7")
    assert (leaf.key, leaf.key_bits, leaf.signature_hash, leaf.self_signed, leaf.authority) == ("EC", 256, "sha256", False, False)
    assert (root.self_signed, root.authority) == (True, True)
    assert leaf.issuer == root.subject
    assert len(leaf.sha256) == len(leaf.spki_sha256) == 64
    assert leaf.problem == ""


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        (("mail.alder.example",), "mail.alder.example", True),
        (("mail.alder.example",), "MAIL.alder.example.", True),
        (("*.alder.example",), "mail.alder.example", True),
        (("*.alder.example",), "alder.example", False),
        (("*.alder.example",), "a.mail.alder.example", False),
        (("m*.alder.example",), "mail.alder.example", False),
        (("*",), "mail", False),
        (("*.example",), "alder.example", False),
        (("192.0.2.7",), "192.0.2.7", True),
        (("2001:db8::1",), "2001:DB8:0::1", True),
        (("*.0.2.7",), "192.0.2.7", False),
        (("xn--mnchen-3ya.example",), "xn--mnchen-3ya.example", True),
        ((), "mail.alder.example", False),
    ],
)
def test_name(names: tuple[str, ...], host: str, fits: bool) -> None:
    """
    A name fits as a whole or by one wildcard label on the left; addresses fit exactly.
    """
    assert matches(names, host) is fits


def test_causes_of_each_code(leaf: Certificate, root: Certificate) -> None:
    """
    OpenSSL's code and the chain together give the cause; its code 20 alone does not tell a missing intermediate from an unknown root.
    """
    assert judge((leaf,), HOST, 0, NOW).causes == ()
    assert judge((leaf,), HOST, 20, NOW).causes == ("incomplete_chain",)
    assert judge((leaf,), HOST, 20, NOW).missing_issuer == root.subject
    assert judge((leaf, root), HOST, 20, NOW).causes == ("untrusted",)
    assert judge((leaf, root), HOST, 19, NOW).causes == ("untrusted",)
    assert judge((root,), HOST, 18, NOW).causes == ("self_signed", "hostname_mismatch")
    assert judge((leaf,), HOST, 26, NOW).causes == ("untrusted",)
    assert judge((replace(root, names=(HOST,), key="RSA", key_bits=1024),), HOST, 66, NOW).causes == ("self_signed", "weak_key")
    assert judge((), HOST, 10, NOW).causes == ("expired",)
    assert judge((), HOST, 20, NOW).causes == ("untrusted",)


def test_nothing_is_said_about_trust_that_was_not_asked(leaf: Certificate) -> None:
    """
    Where no verification took place only what the certificate itself shows is told.
    """
    assert judge((leaf,), HOST, None, NOW).causes == ()
    assert judge((leaf,), "other.example", None, NOW).causes == ("hostname_mismatch",)
    assert judge((replace(leaf, not_after=NOW - dt.timedelta(days=1)),), HOST, None, NOW).causes == ("expired",)


def test_gravest_first_and_expired_issuer(leaf: Certificate, root: Certificate) -> None:
    """
    All causes are collected in their order, those of a sent intermediate included; a trusted path forgives what was sent beside it.
    """
    middle = replace(root, subject="CN=Middle", issuer="CN=Root", self_signed=False, not_after=NOW - dt.timedelta(days=1))
    child = replace(leaf, issuer="CN=Middle", names=("other.example",), key="RSA", key_bits=1024)

    judged = judge((child, middle), HOST, 20, NOW)

    assert judged.causes == ("expired", "incomplete_chain", "hostname_mismatch", "weak_key")
    assert judged.missing_issuer == "CN=Root"
    assert judge((replace(leaf, issuer="CN=Middle"), middle), HOST, 0, NOW).causes == ()


def test_chain_in_the_wrong_order_is_followed_all_the_same(leaf: Certificate, root: Certificate) -> None:
    """
    The path goes by issuer, not by place.
    """
    middle = replace(root, subject="CN=Middle", issuer=root.subject, self_signed=False)

    assert judge((replace(leaf, issuer="CN=Middle"), root, middle), HOST, 20, NOW).causes == ("untrusted",)


@pytest.mark.parametrize(
    ("key", "bits", "digest", "is_weak"),
    [
        ("RSA", 1024, "sha256", True),
        ("RSA", 2048, "sha256", False),
        ("EC", 192, "sha256", True),
        ("EC", 256, "sha1", True),
        ("RSA", 4096, "md5", True),
        ("Ed25519", 256, "", False),
        ("", 0, "", False),
    ],
)
def test_strength(leaf: Certificate, key: str, bits: int, digest: str, is_weak: bool) -> None:
    """
    Short keys and broken hashes are weak; what could not be read is not called weak.
    """
    assert weak(replace(leaf, key=key, key_bits=bits, signature_hash=digest)) is is_weak


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.data())
def test_broken_certificate_is_kept_and_named(data: st.DataObject) -> None:
    """
    Whatever bytes stand for a certificate, it is kept as it is, with a word on what cannot be read, and judged without an error.
    """
    good = bytearray(_SAMPLE)
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))

    (one,) = read_chain([bytes(good)])

    assert one.der
    assert isinstance(judge((one,), HOST, 20, NOW).causes, tuple)


def test_what_is_no_certificate_at_all() -> None:
    """
    Nonsense has a fingerprint, a problem and nothing else; its dates are not held against it.
    """
    one = read(b"nonsense")

    assert one.problem.startswith("certificate: ")
    assert (one.subject, one.names, one.key_bits) == ("", (), 0)
    assert judge((one,), HOST, 20, NOW).causes == ("untrusted",)


def test_chain_is_bounded() -> None:
    """
    No more than twenty certificates are read.
    """
    assert len(read_chain([b"x"] * 100)) == 20


_SAMPLE = der(trustme.CA().issue_cert(HOST).cert_chain_pems[0])
