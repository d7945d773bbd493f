"""
Fetching one document: what a web server does right or wrong, and how each ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from runbook_lib.observations import HttpsAnswer, HttpsOutcome, HttpsQuestion
from runbook_lib.probes import Network

HOST = "mta-sts.alder.example"
URL = f"https://{HOST}/.well-known/mta-sts.txt"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: *.alder.example\r\nmax_age: 604800\r\n"


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """
    A complete reply.
    """
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: text/plain", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@pytest.fixture
def fetch(
    web: Callable[..., Awaitable[Any]], authority: trustme.CA, pem: Callable[..., Path], network_for: Callable[..., Network]
) -> Callable[..., Awaitable[HttpsAnswer]]:
    """
    Fetches the policy from a server made for it.
    """

    async def one(sent: bytes, *, names: tuple[str, ...] = (HOST,), drip: float = 0.0, keep: bool = False, **settings: Any) -> HttpsAnswer:
        server = await web(sent, *names, drip=drip, keep=keep)
        settings = {"ca_file": pem(authority.cert_pem.bytes()), "timeout": 2.0, **settings}
        network = network_for(connect_to={f"{HOST}:443": f"127.0.0.1:{server.port}"}, **settings)
        answer = await network.ask(HttpsQuestion(URL))
        assert isinstance(answer, HttpsAnswer)
        return answer

    return one


Fetch = Callable[..., Awaitable[HttpsAnswer]]


async def test_document(fetch: Fetch) -> None:
    """
    A document comes with its status, type and body; a host that only `connect_to` knows is reached.
    """
    answer = await fetch(http(POLICY))

    assert (answer.outcome, answer.status, answer.content_type) == (HttpsOutcome.ANSWER, 200, "text/plain")
    assert answer.body == POLICY.decode()
    assert answer.size == len(POLICY)
    assert answer.address == "127.0.0.1"


async def test_request(
    web: Callable[..., Awaitable[Any]], authority: trustme.CA, pem: Callable[..., Path], network_for: Callable[..., Network]
) -> None:
    """
    The request names the host, asks for no compression, and carries no cookie.
    """
    server = await web(http(POLICY), HOST)
    network = network_for(connect_to={f"{HOST}:443": f"127.0.0.1:{server.port}"}, ca_file=pem(authority.cert_pem.bytes()), timeout=2)
    await network.ask(HttpsQuestion(URL))
    request = server.asked[0].decode().lower()

    assert request.startswith("get /.well-known/mta-sts.txt http/1.1\r\n")
    assert f"\r\nhost: {HOST}\r\n" in request
    assert "accept-encoding: identity" in request
    assert "cookie" not in request


async def test_status_is_an_answer(fetch: Fetch) -> None:
    """
    404 is an answer.
    """
    answer = await fetch(http(b"no", "404 Not Found"))

    assert (answer.outcome, answer.status) == (HttpsOutcome.ANSWER, 404)


async def test_redirect_is_not_followed(fetch: Fetch) -> None:
    """
    A redirect is an answer whose target is told and left alone.
    """
    answer = await fetch(http(b"", "302 Found", "Location: https://127.0.0.1:1/"))

    assert (answer.outcome, answer.status, answer.location) == (HttpsOutcome.ANSWER, 302, "https://127.0.0.1:1/")


async def test_body_is_bounded(fetch: Fetch) -> None:
    """
    No more than the limit is read, and it is said that there was more.
    """
    answer = await fetch(http(b"x" * 300_000), https_bytes=65536)

    assert (answer.outcome, answer.size, answer.status) == (HttpsOutcome.LIMIT, 65536, 200)


async def test_endless_body(fetch: Fetch) -> None:
    """
    A body without an end is cut off at the limit.
    """
    answer = await fetch(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 200_000, keep=True)

    assert answer.outcome is HttpsOutcome.LIMIT


async def test_endless_headers(fetch: Fetch) -> None:
    """
    A header without an end is no HTTP.
    """
    answer = await fetch(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 2_000_000, keep=True)

    assert answer.outcome is HttpsOutcome.PROTOCOL


async def test_one_byte_after_the_other(fetch: Fetch) -> None:
    """
    A document that drips in ends with the time for one reply.
    """
    answer = await fetch(http(POLICY), drip=0.1, timeout=0.5)

    assert answer.outcome is HttpsOutcome.TIMEOUT


async def test_silence(fetch: Fetch) -> None:
    """
    A server that says nothing is a time-out.
    """
    answer = await fetch(b"", keep=True, timeout=0.3)

    assert answer.outcome is HttpsOutcome.TIMEOUT


@pytest.mark.parametrize(
    "sent", [b"", b"220 mail.alder.example ESMTP\r\n", b"\x00\xff\x1b[31m\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"]
)
async def test_no_http(fetch: Fetch, sent: bytes) -> None:
    """
    What is no HTTP is a protocol error, and its words are printable.
    """
    answer = await fetch(sent)

    assert answer.outcome is HttpsOutcome.PROTOCOL
    assert answer.detail.isprintable()


async def test_body_that_is_no_text(fetch: Fetch) -> None:
    """
    Bytes that are no UTF-8 are replaced.
    """
    answer = await fetch(http(b"v\xff\x00\x1bz"))

    assert answer.body == "v\ufffd\x00\x1bz"


async def test_certificate_for_another_name(fetch: Fetch) -> None:
    """
    A certificate that names another host ends it.
    """
    answer = await fetch(http(POLICY), names=("www.alder.example",))

    assert answer.outcome is HttpsOutcome.CERTIFICATE
    assert "mismatch" in answer.detail


async def test_certificate_nobody_vouches_for(fetch: Fetch) -> None:
    """
    A certificate of an unknown CA ends it.
    """
    answer = await fetch(http(POLICY), ca_file=None)

    assert (answer.outcome, answer.status) == (HttpsOutcome.CERTIFICATE, None)


async def test_closed_in_the_handshake(network_for: Callable[..., Network]) -> None:
    """
    A connection closed in the handshake is a failed handshake.
    """

    async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(slam, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await network_for(timeout=2).ask(HttpsQuestion(f"https://127.0.0.1:{port}/"))
    server.close()

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is HttpsOutcome.HANDSHAKE


async def test_garbage_instead_of_tls(network_for: Callable[..., Network]) -> None:
    """
    Garbage where TLS should be is a failed handshake.
    """

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n" * 100)
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await network_for(timeout=2).ask(HttpsQuestion(f"https://127.0.0.1:{port}/"))
    server.close()

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is HttpsOutcome.HANDSHAKE


async def test_refused(web: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    A closed port is refused.
    """
    server = await web(b"")
    await server.stop()
    answer = await network_for(timeout=2).ask(HttpsQuestion(f"https://127.0.0.1:{server.port}/"))

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is HttpsOutcome.REFUSED
    assert answer.address == "127.0.0.1"


async def test_host_without_address(dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    A host that has no address is not resolved.
    """
    double = await dns_double(lambda q: q.reply(rcode="NXDOMAIN"))
    answer = await network_for(double.address).ask(HttpsQuestion(URL))

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is HttpsOutcome.NOT_RESOLVED


@pytest.mark.parametrize(("rcode", "outcome"), [("SERVFAIL", HttpsOutcome.UNREACHABLE), ("", HttpsOutcome.TIMEOUT)])
async def test_host_that_could_not_be_looked_up(
    dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network], rcode: str, outcome: HttpsOutcome
) -> None:
    """
    A failing or silent resolver is no proof that the host has no address.
    """
    double = await dns_double(lambda q: q.reply(rcode=rcode) if rcode else None)
    answer = await network_for(double.address, timeout=0.2).ask(HttpsQuestion(URL))

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is outcome
    assert "DNS" in answer.detail


async def test_next_address_is_tried(
    dns_double: Callable[..., Awaitable[Any]],
    web: Callable[..., Awaitable[Any]],
    authority: trustme.CA,
    pem: Callable[..., Path],
    network_for: Callable[..., Network],
) -> None:
    """
    Where the first address refuses, the second is tried.
    """
    server, dead = await web(http(POLICY), HOST), await web(b"")
    await dead.stop()

    def handler(q: Any) -> Any:
        return q.reply(f"{q.name} 60 IN A 192.0.2.1", f"{q.name} 60 IN A 192.0.2.2") if q.rdtype == "A" else q.reply()

    double = await dns_double(handler)
    mapped = {"192.0.2.1:443": f"127.0.0.1:{dead.port}", "192.0.2.2:443": f"127.0.0.1:{server.port}", f"{HOST}:443": "127.0.0.1:1"}
    network = network_for(double.address, connect_to=mapped, ca_file=pem(authority.cert_pem.bytes()), timeout=2)
    answer = await network.ask(HttpsQuestion(URL))

    assert isinstance(answer, HttpsAnswer)
    assert (answer.outcome, answer.body) == (HttpsOutcome.ANSWER, POLICY.decode())


@pytest.mark.parametrize(
    "url", ["http://a.example/", "ftp://a.example/", "https:///x", "https://[bad/", "https://a.example:99999/", "nonsense", ""]
)
async def test_what_is_no_https_address(network_for: Callable[..., Network], url: str) -> None:
    """
    Anything but an https address is refused without a packet.
    """
    answer = await network_for().ask(HttpsQuestion(url))

    assert isinstance(answer, HttpsAnswer)
    assert answer.outcome is HttpsOutcome.PROTOCOL


async def test_proxy_that_is_not_there(fetch: Fetch) -> None:
    """
    A failing proxy is told apart from a failing server.
    """
    answer = await fetch(http(POLICY), proxy="socks5://127.0.0.1:1")

    assert answer.outcome is HttpsOutcome.PROXY


async def test_through_a_proxy(fetch: Fetch) -> None:
    """
    HTTPS goes through the SOCKS proxy, which is told where to.
    """
    wanted: list[bytes] = []

    async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        writer.write(b"\x05\x00")
        head = await reader.readexactly(10)
        wanted.append(head)
        there, back = await asyncio.open_connection("127.0.0.1", int.from_bytes(head[8:], "big"))
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(socks, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answer = await fetch(http(POLICY), proxy=f"socks5://127.0.0.1:{port}")
    server.close()
    await asyncio.sleep(0.05)

    assert answer.outcome is HttpsOutcome.ANSWER
    assert wanted[0][4:8] == bytes([127, 0, 0, 1])
