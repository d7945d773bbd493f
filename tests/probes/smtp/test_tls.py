"""
STARTTLS: certificates that are wrong in every way, injection, garbage, old versions.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from runbook_lib.observations import Purpose, SmtpDialogue, SmtpQuestion, SmtpTransaction, Stage, Trouble
from runbook_lib.probes import Settings, network_with
from runbook_lib.probes.smtp import run_dialogue

Ask = Callable[..., Awaitable[SmtpDialogue]]
Serve = Callable[..., Awaitable[Any]]
Certify = Callable[..., ssl.SSLContext]
Three = tuple[SmtpTransaction, SmtpTransaction, SmtpTransaction]
Issuer = tuple[x509.Name, Any]
HOST = "mail.alder.example"


@pytest.fixture
def issuer(authority: trustme.CA) -> Issuer:
    """
    Name and key of the trusted CA, to sign with.
    """
    certificate = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return certificate.subject, serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)


@pytest.mark.parametrize(
    ("given", "trusted", "causes"),
    [
        ({"days": (-400, -10)}, True, ("expired",)),
        ({"days": (10, 400)}, True, ("not_yet_valid",)),
        ({"names": ("other.example",)}, True, ("hostname_mismatch",)),
        ({"names": ()}, True, ("hostname_mismatch",)),
        ({}, False, ("self_signed",)),
        ({"days": (-400, -10), "names": ("other.example",)}, False, ("expired", "self_signed", "hostname_mismatch")),
        ({"bits": 1024, "level": 0}, True, ("weak_key",)),
        ({"bits": 1024, "level": 0, "days": (-9, -2)}, True, ("expired", "weak_key")),
    ],
    ids=["expired", "not_yet_valid", "mismatch", "no_name", "self_signed", "all_at_once", "weak", "weak_and_expired"],
)
async def test_bad_certificate(
    serve: Serve, ask: Ask, certify: Certify, issuer: Issuer, transactions: Three, *, given: Any, trusted: bool, causes: tuple[str, ...]
) -> None:
    """
    Verified first, then once more without verification: the certificate is shown with all its causes and the dialogue goes on.
    """
    context = certify(**given, issuer=issuer if trusted else None)
    server = await serve(lambda peer: peer.serve(tls=context))

    dialogue = await ask(server.port, *transactions)

    first, second = dialogue.connections
    assert (first.purpose, second.purpose) == (Purpose.VERIFIED, Purpose.UNVERIFIED)
    assert first.problem is not None
    assert (first.problem.trouble, first.problem.stage) == (Trouble.CERTIFICATE, Stage.HANDSHAKE)
    assert first.tls is not None
    assert second.tls is not None
    assert (first.tls.version, first.tls.causes) == (None, causes)
    assert (second.tls.verified, second.tls.causes, second.tls.version) == (False, causes, "TLSv1.3")
    assert second.tls.detail
    assert len(second.tls.chain) == 1
    assert (second.problem, len(dialogue.results)) == (None, 3)
    assert "MAIL FROM:<>" not in server.peers[0].lines


def chain_context(*certificates: trustme.Blob, key: trustme.Blob, tmp: Any) -> ssl.SSLContext:
    """
    A server context with exactly these certificates.
    """
    path = tmp / "chain.pem"
    path.write_bytes(key.bytes() + b"".join(certificate.bytes() for certificate in certificates))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


async def test_intermediate_not_sent(serve: Serve, ask: Ask, authority: trustme.CA, tmp_path: Any) -> None:
    """
    A leaf whose issuer was neither sent nor known is `incomplete_chain`, with the issuer named.
    """
    middle = authority.create_child_ca()
    leaf = middle.issue_cert(HOST)
    context = chain_context(leaf.cert_chain_pems[0], key=leaf.private_key_pem, tmp=tmp_path)
    server = await serve(lambda peer: peer.serve(tls=context))

    seen = (await ask(server.port)).connections[-1]

    assert seen.tls is not None
    assert seen.tls.causes == ("incomplete_chain",)
    assert seen.tls.missing_issuer == seen.tls.chain[0].issuer


async def test_chain_with_its_intermediate_verifies(serve: Serve, ask: Ask, authority: trustme.CA) -> None:
    """
    Leaf and intermediate together verify against the root of `ca_file`, and both are shown.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.create_child_ca().issue_cert(HOST).configure_cert(context)
    server = await serve(lambda peer: peer.serve(tls=context))

    (seen,) = (await ask(server.port)).connections

    assert seen.tls is not None
    assert (seen.tls.verified, seen.tls.causes, len(seen.tls.chain)) == (True, (), 2)
    assert [one.authority for one in seen.tls.chain] == [False, True]


async def test_root_that_was_sent_and_is_not_trusted(serve: Serve, ask: Ask, tmp_path: Any) -> None:
    """
    A chain that ends in a self-signed root nobody trusts is `untrusted`; without that root its issuer is missing.
    """
    stranger = trustme.CA(organization_name="Stranger")
    leaf = stranger.issue_cert(HOST)
    context = chain_context(leaf.cert_chain_pems[0], stranger.cert_pem, key=leaf.private_key_pem, tmp=tmp_path)
    server = await serve(lambda peer: peer.serve(tls=context))

    seen = (await ask(server.port)).connections[-1]

    assert seen.tls is not None
    assert (seen.tls.causes, seen.tls.missing_issuer) == (("untrusted",), None)


@pytest.mark.parametrize("injected", [b"250 mail.alder.example\r\n", b"\x00", b"550 5.1.1 <script>\x1b[31m\r\n"])
async def test_plaintext_behind_the_220(serve: Serve, ask: Ask, good_tls: ssl.SSLContext, transactions: Three, injected: bytes) -> None:
    """
    Bytes behind the 220 of STARTTLS are kept as an injection, never taken for a reply, and TLS goes on.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220 hi\r\n")
        await peer.line()
        await peer.say(250, "mail.alder.example", "STARTTLS")
        await peer.line()
        await peer.send(b"220 go ahead\r\n" + injected)
        await peer.start_tls(good_tls)
        await peer.commands({})

    server = await serve(script)

    (seen,) = (await ask(server.port, *transactions)).connections

    assert seen.injected
    assert "\x1b" not in seen.injected
    assert seen.tls is not None
    assert seen.tls.verified
    assert seen.ehlo_tls is not None
    assert seen.ehlo_tls.lines[0] == "mail.alder.example"
    assert len(seen.results) == 3


async def test_plaintext_in_front_of_the_handshake(serve: Serve, ask: Ask, authority: trustme.CA) -> None:
    """
    Plaintext that arrives after our first handshake bytes, in front of the server's, is an injection too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)

    async def script(peer: Any) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        await peer.send(b"220 hi\r\n")
        await peer.line()
        await peer.say(250, "mail.alder.example", "STARTTLS")
        await peer.line()
        await peer.send(b"220 go ahead\r\n")
        prefix = b"250 injected\r\n"
        for _ in range(2):
            incoming.write(await peer.reader.read(4096))
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
            await peer.send(prefix + outgoing.read())
            prefix = b""

    server = await serve(script)

    (seen,) = (await ask(server.port)).connections

    assert seen.injected == "250 injected\\x0d\\x0a"
    assert seen.tls is not None
    assert seen.tls.verified


async def _before_tls(peer: Any) -> None:
    await peer.send(b"220 hi\r\n")
    await peer.line()
    await peer.say(250, "mail.alder.example", "STARTTLS")
    await peer.line()
    await peer.send(b"220 go ahead\r\n")
    await peer.reader.read(1024)


@pytest.mark.parametrize("garbage", [b"500 what is this?\r\n", b"\x80\x90\xa0", b"A" * 100_000, b"\n"])
async def test_garbage_instead_of_tls(serve: Serve, ask: Ask, transactions: Three, garbage: bytes) -> None:
    """
    What is no TLS at all is said to be none, old versions are not tried, and the recipients are asked in plain.
    """

    async def script(peer: Any) -> None:
        await _before_tls(peer)
        await peer.send(garbage)
        await peer.reader.read()

    server = await serve(script, lambda peer: peer.serve())

    dialogue = await ask(server.port, *transactions)

    first, second = dialogue.connections
    assert first.problem is not None
    assert (first.problem.trouble, first.problem.stage) == (Trouble.PROTOCOL, Stage.HANDSHAKE)
    assert first.problem.detail.startswith("not TLS")
    assert len(first.problem.detail) < 500
    assert second.purpose is Purpose.PLAIN
    assert len(dialogue.results) == 3


async def test_garbage_in_a_tls_record(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A record that holds nonsense is a failed handshake; an older version is tried, then plain, and no more.
    """

    async def script(peer: Any) -> None:
        await _before_tls(peer)
        await peer.send(b"\x16\x03\x03\x00\x10" + b"\xff" * 16)
        await peer.reader.read()

    server = await serve(script, script, lambda peer: peer.serve())

    dialogue = await ask(server.port, *transactions)

    assert [one.purpose for one in dialogue.connections] == [Purpose.VERIFIED, Purpose.OLD_TLS, Purpose.PLAIN]
    assert len(dialogue.results) == 3


async def test_closed_in_the_handshake(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A server that closes instead of shaking hands is said to have closed there.
    """
    server = await serve(_before_tls, _before_tls, lambda peer: peer.serve())

    dialogue = await ask(server.port, *transactions)

    assert dialogue.connections[0].problem is not None
    assert (dialogue.connections[0].problem.trouble, dialogue.connections[0].problem.stage) == (Trouble.CLOSED, Stage.HANDSHAKE)
    assert len(dialogue.connections) == 3
    assert len(dialogue.results) == 3


@pytest.mark.parametrize("drip", [False, True], ids=["silent", "one_byte_at_a_time"])
async def test_handshake_without_end(serve: Serve, ask: Ask, drip: bool) -> None:
    """
    A handshake that does not come to its end is a time-out there, also when something keeps coming.
    """

    async def script(peer: Any) -> None:
        await _before_tls(peer)
        await peer.send(b"\x16\x03\x03\x40\x00")
        while drip:
            await peer.send(b"\x02")
            await asyncio.sleep(0.05)
        await peer.reader.read()

    server = await serve(script)

    (seen,) = (await ask(server.port, timeout=0.4)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.TIMEOUT, Stage.HANDSHAKE)


async def test_old_versions_only(serve: Serve, ask: Ask, certify: Certify, issuer: Issuer, transactions: Three) -> None:
    """
    A server that ends at TLS 1.1 is recognised by a connection that accepts it, which carries the dialogue on.
    """
    context = certify(issuer=issuer, old=True, bits=2048, level=0)
    server = await serve(lambda peer: peer.serve(tls=context))

    dialogue = await ask(server.port, *transactions)

    first, second = dialogue.connections
    assert first.problem is not None
    assert (first.problem.stage, second.purpose) == (Stage.HANDSHAKE, Purpose.OLD_TLS)
    assert second.tls is not None
    assert (second.tls.version, second.tls.verified, second.tls.causes) == ("TLSv1.1", True, ())
    assert second.tls.chain
    assert len(dialogue.results) == 3


async def test_old_versions_and_a_bad_certificate(serve: Serve, ask: Ask, certify: Certify, issuer: Issuer, transactions: Three) -> None:
    """
    With old TLS, too, the certificate is verified first and then shown with its causes.
    """
    context = certify(issuer=issuer, old=True, bits=2048, level=0, names=("other.example",))
    server = await serve(lambda peer: peer.serve(tls=context))

    dialogue = await ask(server.port, *transactions)

    assert [one.purpose for one in dialogue.connections] == [Purpose.VERIFIED, Purpose.OLD_TLS, Purpose.UNVERIFIED]
    _, second, third = dialogue.connections
    assert second.tls is not None
    assert third.tls is not None
    assert (second.tls.version, second.tls.causes) == (None, ("hostname_mismatch",))
    assert (third.tls.version, third.tls.causes) == ("TLSv1.1", ("hostname_mismatch",))
    assert len(dialogue.results) == 3


async def test_endless_records_without_content(serve: Serve, ask: Ask) -> None:
    """
    A handshake that never stops sending is cut off by its size, long before the time-out.
    """

    async def script(peer: Any) -> None:
        await _before_tls(peer)
        while True:
            await peer.send(b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + b"\0" * (16384 - 4))

    server = await serve(script)

    dialogue = await ask(server.port, timeout=5.0)

    assert dialogue.connections[0].problem is not None
    assert dialogue.connections[0].problem.stage is Stage.HANDSHAKE
    assert dialogue.connections[0].problem.trouble in (Trouble.LIMIT, Trouble.PROTOCOL)
    assert server.peers[0].sent < 8_000_000


async def test_a_name_tls_cannot_carry(serve: Serve, good_tls: ssl.SSLContext, ca_file: Any, transactions: Three) -> None:
    """
    A host name that fits into no certificate is this machine's trouble, not the peer's, and raises nothing.
    """
    server = await serve(lambda peer: peer.serve(tls=good_tls))
    host = f"{'a' * 70}.alder.example"
    network = network_with(Settings(timeout=1.0, ca_file=ca_file, connect_to={"192.0.2.7:25": f"127.0.0.1:{server.port}"}))

    dialogue = await run_dialogue(network, SmtpQuestion(host, "192.0.2.7", 25, transactions))

    assert dialogue.connections[0].problem is not None
    assert dialogue.connections[0].problem.stage is Stage.HANDSHAKE
    assert dialogue.connections[0].problem.trouble is Trouble.LOCAL
    assert dialogue.connections[1].purpose is Purpose.PLAIN
    assert len(dialogue.results) == 3


@pytest.mark.parametrize("offered", [True, False])
async def test_trust_root_that_cannot_be_read(
    serve: Serve, ask: Ask, good_tls: ssl.SSLContext, tmp_path: Any, transactions: Three, *, offered: bool
) -> None:
    """
    A `ca_file` that holds no certificate is this machine's trouble; the recipients are asked all the same.
    """
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing of use")
    server = await serve(lambda peer: peer.serve(tls=good_tls if offered else None))

    dialogue = await ask(server.port, *transactions, ca_file=broken)

    problems = [one.problem.trouble for one in dialogue.connections if one.problem]
    assert problems == ([Trouble.LOCAL] if offered else [])
    assert len(dialogue.results) == 3
