"""
Name servers in all their forms, several of them, and the encrypted ones.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset
import pytest
import trustme

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion
from runbook_lib.probes import Network, dns_servers
from runbook_lib.probes.dns_servers import Server, machine_nameservers, server

Doubles = Callable[..., Awaitable[Any]]
QUESTION = DnsQuestion("a.example", "A")


def good(q: Any) -> Any:
    """
    Answers with an address.
    """
    return q.reply("a.example. 60 IN A 192.0.2.7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("udp", "192.0.2.1", 53)),
        ("192.0.2.1:5353", ("udp", "192.0.2.1", 5353)),
        ("2001:DB8::1", ("udp", "2001:db8::1", 53)),
        ("[2001:db8::1]", ("udp", "2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("udp", "2001:db8::1", 5353)),
        ("https://dns.example/dns-query", ("https", "dns.example", 443)),
        ("https://192.0.2.1:8443/q", ("https", "192.0.2.1", 8443)),
        ("tls://192.0.2.1", ("tls", "192.0.2.1", 853)),
        ("tls://[2001:db8::1]:8853", ("tls", "2001:db8::1", 8853)),
    ],
)
def test_forms_of_a_name_server(text: str, expected: tuple[str, str, int]) -> None:
    """
    Every form of the contract is understood.
    """
    read = server(text)

    assert expected == (read.transport, read.host, read.port)


@pytest.mark.parametrize("text", ["", "nonsense", "192.0.2.1:x", "https://", "tls://", "192.0.2.256"])
def test_what_is_no_name_server(text: str) -> None:
    """
    Anything else is refused.
    """
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the standard library's
        server(text)


async def test_name_server_that_is_none(network_for: Callable[..., Network]) -> None:
    """
    A name server that cannot be read gives an outcome, not an exception.
    """
    answer = await network_for("nonsense").ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.OTHER


def test_this_machines_name_servers_are_texts() -> None:
    """
    This machine's own name servers come in a form that can be read.
    """
    assert all(isinstance(server(text), Server) for text in machine_nameservers())


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps them in its registry")
def test_this_machines_name_servers_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Name servers are taken from resolv.conf in their order, each once; anything else in it, and a missing file, names none.
    """
    file = tmp_path / "resolv.conf"
    monkeypatch.setattr(dns_servers, "RESOLV_CONF", file)
    without = machine_nameservers()
    text = "# nameserver 192.0.2.1\nsearch a.example\nnameserver 192.0.2.53\nnameserver\tFE80::1%eth0 # x\nnameserver\nnameserver x\n"
    file.write_text(text + "nameserver 192.0.2.53\n")

    assert () == without
    assert ("192.0.2.53", "fe80::1%eth0") == machine_nameservers()


@pytest.mark.parametrize("first", ["silent", "SERVFAIL", "REFUSED", "closed"])
async def test_next_name_server_is_asked(dns_double: Doubles, network_for: Callable[..., Network], first: str) -> None:
    """
    Where the first keeps silent, fails, refuses or is not there, the second one's answer counts.
    """
    bad = await dns_double(lambda q: None if first == "silent" else q.reply(rcode=first) if first.isupper() else b"")
    if first == "closed":
        await bad.stop()
    second = await dns_double(good)
    answer = await network_for(bad.address, second.address).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (DnsOutcome.ANSWER, second.address) == (answer.outcome, answer.server)


async def test_definite_answer_ends_the_search(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    No such name is an answer; nobody else is asked.
    """
    first, second = await dns_double(lambda q: q.reply(rcode="NXDOMAIN")), await dns_double(good)
    answer = await network_for(first.address, second.address).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (answer.outcome, len(second.asked)) == (DnsOutcome.NXDOMAIN, 0)


async def test_bogus_is_not_washed_away(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    What one resolver finds bogus is not taken from another that may not validate.
    """
    first, second = await dns_double(lambda q: good(q) if q.checking_disabled else q.reply(rcode="SERVFAIL")), await dns_double(good)
    answer = await network_for(first.address, second.address).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.BOGUS


async def test_silent_name_server_is_asked_last_from_then_on(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    One that kept silent does not slow every further question down.
    """
    silent, second = await dns_double(lambda _: None), await dns_double(good)
    network = network_for(silent.address, second.address, timeout=0.9)
    await network.ask(QUESTION)
    before = len(silent.asked)
    await network.ask(DnsQuestion("b.example", "A"))

    assert before == len(silent.asked)
    assert silent.address in network.silent


async def test_all_fail(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    Where none gives an answer, the first one's failure is reported.
    """
    first, second = await dns_double(lambda q: q.reply(rcode="REFUSED")), await dns_double(lambda q: q.reply(rcode="SERVFAIL"))
    answer = await network_for(first.address, second.address).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (DnsOutcome.REFUSED, first.address) == (answer.outcome, answer.server)


class Encrypted:
    """
    DNS over TLS and over HTTPS on one loopback port: what arrives first tells which.
    """

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self.context)
        self.asked: list[bytes] = []
        self.http_status = b"200 OK"
        self.content_type = b"application/dns-message"

    async def start(self) -> int:
        """
        Listen; gives the port.
        """
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.context)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    def reply(self, wire: bytes) -> bytes:
        """
        An address for whatever is asked.
        """
        self.asked.append(wire)
        message = dns.message.make_response(dns.message.from_wire(wire), recursion_available=True)
        message.answer.append(dns.rrset.from_text(message.question[0].name, 60, "IN", "A", "192.0.2.7"))
        return message.to_wire()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readexactly(2)
            if head == b"PO":
                request = (head + await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(request.partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = self.reply(await reader.readexactly(length))
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (self.http_status, self.content_type, len(body))
                    + body
                )
            else:
                body = self.reply(await reader.readexactly(*struct.unpack("!H", head)))
                writer.write(struct.pack("!H", len(body)) + body)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def encrypted() -> AsyncIterator[tuple[Encrypted, int, trustme.CA]]:
    """
    A running DoT and DoH server, its port, and the CA that vouches for 127.0.0.1 and dns.example.
    """
    authority = trustme.CA()
    double = Encrypted(authority.issue_cert("127.0.0.1", "dns.example"))
    port = await double.start()
    yield double, port, authority
    double.server.close()
    await asyncio.sleep(0)


@pytest.mark.parametrize("form", ["tls://127.0.0.1:{}", "https://127.0.0.1:{}/dns-query"])
async def test_encrypted(
    encrypted: tuple[Encrypted, int, trustme.CA], pem: Callable[..., Path], network_for: Callable[..., Network], form: str
) -> None:
    """
    DoT and DoH answer like any other, with `ca_file` trusted.
    """
    _, port, authority = encrypted
    network = network_for(form.format(port), ca_file=pem(authority.cert_pem.bytes()), timeout=2)
    answer = await network.ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (DnsOutcome.ANSWER, form.partition(":")[0]) == (answer.outcome, answer.transport)
    assert [record.data for record in answer.records] == ["192.0.2.7"]
    assert network.local_addresses == {"127.0.0.1"}


@pytest.mark.parametrize("form", ["tls://127.0.0.1:{}", "https://127.0.0.1:{}/dns-query"])
async def test_encrypted_and_not_trusted(
    encrypted: tuple[Encrypted, int, trustme.CA], network_for: Callable[..., Network], form: str
) -> None:
    """
    A certificate nobody vouches for ends it before anything is asked.
    """
    double, port, _ = encrypted
    answer = await network_for(form.format(port), timeout=2).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert "certificate" in answer.detail
    assert double.asked == []


@pytest.mark.parametrize("form", ["tls://localhost:{}", "https://localhost:{}/dns-query"])
async def test_encrypted_under_another_name(
    encrypted: tuple[Encrypted, int, trustme.CA], pem: Callable[..., Path], network_for: Callable[..., Network], form: str
) -> None:
    """
    The name in the certificate must be the one that was asked for.
    """
    double, port, authority = encrypted
    answer = await network_for(form.format(port), ca_file=pem(authority.cert_pem.bytes()), timeout=2).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert double.asked == []


@pytest.mark.parametrize(("scheme", "port"), [("tls", 853), ("https", 443)])
async def test_encrypted_by_name_through_connect_to(
    encrypted: tuple[Encrypted, int, trustme.CA], pem: Callable[..., Path], network_for: Callable[..., Network], scheme: str, port: int
) -> None:
    """
    `connect_to` leads to the server, and the certificate is verified for the original name.
    """
    _, real, authority = encrypted
    network = network_for(
        f"{scheme}://dns.example{'/dns-query' if scheme == 'https' else ''}",
        ca_file=pem(authority.cert_pem.bytes()),
        timeout=2,
        connect_to={f"dns.example:{port}": f"127.0.0.1:{real}"},
    )
    answer = await network.ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.ANSWER


async def test_doh_host_is_looked_up_through_the_plain_name_servers(
    encrypted: tuple[Encrypted, int, trustme.CA], dns_double: Doubles, pem: Callable[..., Path], network_for: Callable[..., Network]
) -> None:
    """
    The host of a DoH server is found through a name server given as an address, once.
    """
    _, port, authority = encrypted

    def handler(q: Any) -> Any:
        return q.reply("dns.example. 60 IN A 127.0.0.1") if (q.name, q.rdtype) == ("dns.example.", "A") else q.reply()

    plain = await dns_double(handler)
    network = network_for(f"https://dns.example:{port}/dns-query", plain.address, ca_file=pem(authority.cert_pem.bytes()), timeout=3)
    answers = [await network.ask(DnsQuestion(f"{letter}.example", "A")) for letter in "abc"]

    assert [answer.transport for answer in answers if isinstance(answer, DnsAnswer)] == ["https"] * 3
    assert [q.name for q in plain.asked] == ["dns.example."] * 2


@pytest.mark.parametrize(
    ("status", "content_type"), [(b"500 No", b"application/dns-message"), (b"200 OK", b"text/html"), (b"302 Go", b"text/html")]
)
async def test_doh_that_is_none(
    encrypted: tuple[Encrypted, int, trustme.CA],
    pem: Callable[..., Path],
    network_for: Callable[..., Network],
    status: bytes,
    content_type: bytes,
) -> None:
    """
    A web server that is no DNS server is not believed.
    """
    double, port, authority = encrypted
    double.http_status, double.content_type = status, content_type
    answer = await network_for(f"https://127.0.0.1:{port}/", ca_file=pem(authority.cert_pem.bytes()), timeout=2).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert status.decode()[:3] in answer.detail


async def test_connect_to_for_a_name_server(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    A name server's address is mapped over UDP and TCP alike.
    """
    double = await dns_double(lambda q: q.reply(flags="TC RA") if q.transport == "udp" else good(q))
    answer = await network_for("192.0.2.53:53", connect_to={"192.0.2.53:53": double.address}).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (answer.outcome, answer.server) == (DnsOutcome.ANSWER, "192.0.2.53:53")


async def test_encrypted_host_without_address(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    A DoH server whose host has no address cannot be reached.
    """
    plain = await dns_double(lambda q: q.reply(rcode="NXDOMAIN") if "dns" in q.name else None)
    answer = await network_for("https://dns.example/", plain.address, timeout=0.2).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert "dns.example" in answer.detail


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (b"", DnsOutcome.UNREACHABLE),
        (b"\x00", DnsOutcome.MALFORMED),
        (b"\x00\x05hello", DnsOutcome.MALFORMED),
        (None, DnsOutcome.TIMEOUT),
    ],
)
async def test_dot_server_that_talks_nonsense(
    pem: Callable[..., Path], network_for: Callable[..., Network], sent: bytes | None, outcome: DnsOutcome
) -> None:
    """
    Closed, cut short, garbage and silence over TLS are told apart.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2)
        if sent is None:
            await over.wait()
        writer.write(sent or b"")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    answer = await network_for(f"tls://127.0.0.1:{port}", ca_file=pem(authority.cert_pem.bytes()), timeout=1).ask(QUESTION)
    over.set()
    listening.close()
    await asyncio.sleep(0.01)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == outcome


async def test_truncated_over_tcp_as_well(dns_double: Doubles, network_for: Callable[..., Network]) -> None:
    """
    A server that truncates over TCP too has not answered.
    """
    double = await dns_double(lambda q: q.reply(flags="RA TC"))
    answer = await network_for(double.address).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert (answer.outcome, answer.records) == (DnsOutcome.TRUNCATED, ())
