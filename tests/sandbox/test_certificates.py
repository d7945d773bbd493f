"""
Each kind of certificate is wrong in just the way its name says.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from runbook_lib.sandbox.certificates import CertificateKind, TlsVersions

if TYPE_CHECKING:
    from conftest import Client

ADDRESS = "52.101.73.5"
EXPIRED, NOT_YET, SELF_SIGNED, SELF_SIGNED_IN_CHAIN, NO_ISSUER, HOSTNAME = 10, 9, 18, 19, 20, 62


def handshake(client: Client, tenant: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    """
    A TLS session with the tenant's host, closed again.
    """
    connection = client.smtp(tenant, ADDRESS)
    try:
        connection.starttls(context=context)
        assert isinstance(connection.sock, ssl.SSLSocket)
        return connection.sock
    finally:
        connection.close()


@pytest.mark.parametrize("kind", [CertificateKind.GOOD, CertificateKind.ENDS_SOON])
def test_verifies(client: Client, tenant: str, kind: CertificateKind) -> None:
    """
    A good certificate verifies by chain, name and dates.
    """
    client.world.faults.smtp(tenant).certificate = kind

    assert handshake(client, tenant, client.trust()) is not None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CertificateKind.EXPIRED, EXPIRED),
        (CertificateKind.NOT_YET_VALID, NOT_YET),
        (CertificateKind.SELF_SIGNED, SELF_SIGNED),
        (CertificateKind.UNTRUSTED, SELF_SIGNED_IN_CHAIN),
        (CertificateKind.INCOMPLETE_CHAIN, NO_ISSUER),
        (CertificateKind.MISMATCHED, HOSTNAME),
    ],
)
def test_does_not_verify(client: Client, tenant: str, kind: CertificateKind, code: int) -> None:
    """
    A wrong certificate fails with OpenSSL's code for just that.
    """
    client.world.faults.smtp(tenant).certificate = kind
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        handshake(client, tenant, client.trust())

    assert code == caught.value.verify_code


def test_a_weak_key(client: Client, tenant: str) -> None:
    """
    A weak key is RSA with 1024 bits, and can be looked at by a client that bears it.
    """
    client.world.faults.smtp(tenant).certificate = CertificateKind.WEAK_KEY
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    connection = client.smtp(tenant, ADDRESS)
    connection.starttls(context=context)
    assert isinstance(connection.sock, ssl.SSLSocket)
    der = connection.sock.getpeercert(binary_form=True)
    connection.close()
    assert der is not None
    key = x509.load_der_x509_certificate(der).public_key()

    assert isinstance(key, rsa.RSAPublicKey)
    assert 1024 == key.key_size


def test_old_versions_only(client: Client, tenant: str) -> None:
    """
    A server with old TLS only cannot be spoken to from TLS 1.2 on.
    """
    client.world.faults.smtp(tenant).tls = TlsVersions.OLD
    with pytest.raises(ssl.SSLError):
        handshake(client, tenant, client.trust())


def test_wildcards_of_the_platform(client: Client, tenant: str) -> None:
    """
    The tenant's certificate has Microsoft's own names, not the tenant's.
    """
    connection = client.smtp(tenant, ADDRESS)
    connection.starttls(context=client.trust())
    assert isinstance(connection.sock, ssl.SSLSocket)
    names = {name for _, name in connection.sock.getpeercert()["subjectAltName"]}
    connection.close()

    assert "*.mail.protection.outlook.com" in names
    assert tenant not in names
