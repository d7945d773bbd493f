"""
The sandbox's mail servers: what they say, and what is wrong with them on purpose.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from runbook_lib.errors import SandboxError
from runbook_lib.sandbox.behaviour import StartTls, Trick, behaviour

if TYPE_CHECKING:
    from conftest import Client

ADDRESS, GATEWAY = "52.101.73.5", "195.130.217.21"
KNOWN, UNKNOWN, FOREIGN = "anna.berg@alder-pre.example", "nobody@alder-pre.example", "x@elsewhere.example"


def asked(connection: smtplib.SMTP, *recipients: str) -> list[str]:
    """
    The replies to recipients, each in a transaction of its own.
    """
    replies = []
    for recipient in recipients:
        connection.mail("")
        code, text = connection.rcpt(recipient)
        replies.append(f"{code} {text.decode()}")
        connection.rset()
    return replies


def test_microsoft_speaks_as_microsoft(client: Client, tenant: str) -> None:
    """
    Greeting, capabilities and replies of a tenant's host are Microsoft's.
    """
    with client.raw(ADDRESS) as raw:
        assert raw.recv(500).startswith(f"220 {tenant} Microsoft ESMTP MAIL Service ready at ".encode())
    with client.smtp(tenant, ADDRESS) as connection:
        good, unknown, foreign = asked(connection, KNOWN, UNKNOWN, FOREIGN)

        assert "157286400" == connection.esmtp_features["size"]
        assert "auth" not in connection.esmtp_features
        assert "250 2.1.5 Recipient OK" == good
        assert unknown.startswith("550 5.4.1 Recipient address rejected: Access denied.")
        assert foreign.startswith("550 5.7.64 TenantAttribution; Relay Access Denied")


def test_the_gateway_speaks_as_the_gateway(client: Client) -> None:
    """
    The gateway takes known recipients of a registered domain, and calls the rest invalid or open relay.
    """
    with client.smtp("eu-smtp-inbound-1.mimecast.com", GATEWAY) as connection:
        connection.starttls(context=client.trust())
        good, unknown, foreign = asked(connection, KNOWN, UNKNOWN, FOREIGN)

        assert good.startswith("250 ")
        assert unknown.startswith("550 Invalid Recipient")
        assert foreign.startswith("451 Open relay not allowed")


def test_a_locked_tenant_refuses_everyone(client_of: Callable[[str], Client]) -> None:
    """
    A locked tenant refuses known and unknown recipients for the lock's reason.
    """
    client = client_of("alder-locked")
    host = "alder-locked-example.mail.protection.outlook.com"
    with client.smtp(host, ADDRESS) as connection:
        replies = asked(connection, "anna.berg@alder-locked.example", "nobody@alder-locked.example")

    assert all(reply.startswith("550 5.7.51 TenantInboundAttribution; ") for reply in replies)


def test_starttls_hides_itself_and_forgets(client: Client, tenant: str) -> None:
    """
    After the handshake STARTTLS is no longer offered, and the transaction begun before it is forgotten.
    """
    with client.smtp(tenant, ADDRESS) as connection:
        connection.mail("")
        connection.starttls(context=client.trust())
        connection.ehlo()

        assert not connection.has_extn("starttls")
        assert 503 == connection.rcpt(KNOWN)[0]


def test_greylisting_takes_the_second_try(client: Client, tenant: str) -> None:
    """
    A triplet that is new is put off, and taken once the hold time is over.
    """
    client.world.faults.smtp(tenant).greylist = 0.2
    with client.smtp(tenant, ADDRESS) as connection:
        first = asked(connection, KNOWN)
        time.sleep(0.25)

        assert "451 4.7.500 Server busy" == first[0][:23]
        assert ["250 2.1.5 Recipient OK"] == asked(connection, KNOWN)


def test_catch_all_and_open_relay(client: Client, tenant: str) -> None:
    """
    A catch-all takes every address of its domain, an open relay every address there is.
    """
    does = client.world.faults.smtp(tenant)
    with client.smtp(tenant, ADDRESS) as connection:
        does.catch_all = True
        assert ["250", "550"] == [reply[:3] for reply in asked(connection, UNKNOWN, FOREIGN)]
        does.relay = True
        assert ["250", "250"] == [reply[:3] for reply in asked(connection, UNKNOWN, FOREIGN)]


def test_commands_are_logged(client: Client, tenant: str) -> None:
    """
    Every command is noted with its connection, whether TLS was on, and the reply.
    """
    with client.smtp(tenant, ADDRESS) as connection:
        connection.starttls(context=client.trust())
        asked(connection, KNOWN)
    noted = [(item.tls, item.command.split(":")[0].upper(), item.reply[:3]) for item in client.world.smtp_log if item.host == tenant]

    assert [
        (False, "EHLO PROBE.EXAMPLE", "250"),
        (False, "STARTTLS", "220"),
        (True, "MAIL FROM", "250"),
        (True, "RCPT TO", "250"),
        (True, "RSET", "250"),
        (True, "QUIT", "221"),
    ] == noted


def test_a_message_is_kept(client: Client, tenant: str) -> None:
    """
    A message that was sent is kept as it came, dots unstuffed.
    """
    with client.smtp(tenant, ADDRESS) as connection:
        connection.sendmail("", [KNOWN], "Subject: test\r\n\r\n.dot\r\n")

    assert [("", (KNOWN,), b"Subject: test\r\n\r\n.dot\r\n")] == [
        (item.sender, item.recipients, item.content) for item in client.world.messages
    ]


@pytest.mark.parametrize(
    ("verb", "code"), [("MAIL x", 501), ("RCPT TO:<a@b.example>", 503), ("DATA", 503), ("NOOP", 250), ("VRFY x", 500), ("EHLO", 501)]
)
def test_odd_commands(client: Client, tenant: str, verb: str, code: int) -> None:
    """
    Commands out of order, unknown or incomplete get their own reply.
    """
    with client.smtp(tenant, ADDRESS) as connection:
        assert code == connection.docmd(verb)[0]


def test_no_ehlo_but_helo(client: Client, tenant: str) -> None:
    """
    An old server refuses EHLO and takes HELO.
    """
    client.world.faults.smtp(tenant).trick = Trick.NO_EHLO
    with client.smtp(tenant, ADDRESS) as connection:
        assert 502 == connection.ehlo()[0]
        assert 250 == connection.helo()[0]


@pytest.mark.parametrize(
    ("setting", "code"),
    [(StartTls.ABSENT, 502), (StartTls.REFUSED, 454), (StartTls.OFFERED, 220), (StartTls.HANDSHAKE, 220), (StartTls.GARBAGE, 220)],
)
def test_starttls_replies(client: Client, tenant: str, setting: StartTls, code: int) -> None:
    """
    STARTTLS is refused or taken as the setting says.
    """
    client.world.faults.smtp(tenant).starttls = setting
    with client.raw(ADDRESS) as raw:
        raw.recv(500)
        raw.sendall(b"STARTTLS\r\n")

        assert str(code).encode() == raw.recv(500)[:3]


@pytest.mark.parametrize("setting", [StartTls.HANDSHAKE, StartTls.GARBAGE])
def test_a_handshake_that_fails(client: Client, tenant: str, setting: StartTls) -> None:
    """
    A closed handshake and bytes that are not TLS end the client's handshake at once.
    """
    client.world.faults.smtp(tenant).starttls = setting
    connection = client.smtp(tenant, ADDRESS)
    with pytest.raises((ssl.SSLError, ConnectionError, smtplib.SMTPServerDisconnected)):
        connection.starttls(context=client.trust())
    connection.close()


def test_a_stalled_handshake(client: Client, tenant: str) -> None:
    """
    A stalled handshake gives nothing at all.
    """
    client.world.faults.smtp(tenant).starttls = StartTls.STALLED
    connection = client.smtp(tenant, ADDRESS)
    assert connection.sock is not None
    connection.sock.settimeout(0.3)
    with pytest.raises(TimeoutError):
        connection.starttls(context=client.trust())
    connection.close()


def test_an_injected_line_comes_in_the_same_packet(client: Client, tenant: str) -> None:
    """
    The injected plaintext follows the 220 before the handshake.
    """
    client.world.faults.smtp(tenant).starttls = StartTls.INJECTED
    with client.raw(ADDRESS) as raw:
        raw.recv(500)
        raw.sendall(b"STARTTLS\r\n")

        assert b"220 2.0.0 SMTP server ready\r\n250 2.0.0 Injected before TLS\r\n" == raw.recv(500)


@pytest.mark.parametrize(("trick", "start"), [(Trick.ENDLESS_GREETING, b"220-xxx"), (Trick.LONG_LINE, b"220 xxx")])
def test_floods(client: Client, tenant: str, trick: Trick, start: bytes) -> None:
    """
    An endless greeting goes on past a megabyte, and ends when the client goes away.
    """
    client.world.faults.smtp(tenant).trick = trick
    got = 0
    with client.raw(ADDRESS) as raw:
        first = raw.recv(100)
        while got < 999_000 and (data := raw.recv(65536)):
            got += len(data)

    assert first.startswith(start)
    assert got >= 999_000


def test_one_byte_a_second(client: Client, tenant: str) -> None:
    """
    A dripping server sends a single byte at first.
    """
    client.world.faults.smtp(tenant).trick = Trick.DRIP
    with client.raw(ADDRESS) as raw:
        assert b"2" == raw.recv(500)


@pytest.mark.parametrize(("trick", "got"), [(Trick.CLOSED, b""), (Trick.SILENT, None)])
def test_nothing_is_said(client: Client, tenant: str, trick: Trick, got: bytes | None) -> None:
    """
    A closing server closes; a silent one keeps the connection and says nothing.
    """
    client.world.faults.smtp(tenant).trick = trick
    with client.raw(ADDRESS) as raw:
        raw.settimeout(0.3)
        try:
            answer = raw.recv(100)
        except TimeoutError:
            answer = None

    assert got == answer


def test_odd_bytes_are_sent_as_they_are(client: Client, tenant: str) -> None:
    """
    Text is sent one character a byte, with NUL, escape and Latin-1, and with bare line feeds where asked for.
    """
    does = client.world.faults.smtp(tenant)
    does.greeting, does.trick = "220 \x00\x1b[31mcaf\xe9", Trick.BARE_LF
    with client.raw(ADDRESS) as raw:
        assert b"220 \x00\x1b[31mcaf\xe9\n" == raw.recv(100)


def test_what_is_no_smtp(client: Client, tenant: str) -> None:
    """
    A greeting without a code is sent as it stands.
    """
    client.world.faults.smtp(tenant).greeting = "SSH-2.0-OpenSSH_9.9"
    with client.raw(ADDRESS) as raw:
        assert b"SSH-2.0-OpenSSH_9.9\r\n" == raw.recv(100)


def test_hangs_up_at_the_recipient(client: Client, tenant: str) -> None:
    """
    A server may close instead of answering RCPT.
    """
    client.world.faults.smtp(tenant).trick = Trick.HANGS_UP
    connection = client.smtp(tenant, ADDRESS)
    connection.mail("")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        connection.rcpt(KNOWN)
    connection.close()


def test_many_connections_at_once(client: Client, tenant: str) -> None:
    """
    Connections do not wait for each other.
    """
    replies: list[str] = []

    def talk() -> None:
        with client.smtp(tenant, ADDRESS) as connection:
            replies.extend(asked(connection, KNOWN))

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["250 2.1.5 Recipient OK"] * 8 == replies


def test_an_address_without_a_server_refuses(client: Client) -> None:
    """
    An address in the zones that has no mail server refuses the connection.
    """
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(client.where("91.198.174.20:25"), timeout=2)


@pytest.mark.parametrize("description", [{"like": "sendmail"}, {"colour": "red"}, {"trick": "magic"}])
def test_a_wrong_description_is_named(description: dict[str, str]) -> None:
    """
    An unknown profile, property or value is an error that names it.
    """
    with pytest.raises(
        SandboxError, match=next(iter(description.values())) if "like" in description or "trick" in description else "colour"
    ):
        behaviour("mail.example", description)
