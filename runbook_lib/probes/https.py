"""
One HTTPS request: no redirect, no cookie, bounded in time and bytes, certificate verified, connected as the environment says.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from .._version import __version__
from ..knowledge.text import visible
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, HttpsAnswer, HttpsOutcome, HttpsQuestion, Trouble
from .connect import ConnectProblem, open_tcp, said
from .network import Network
from .settings import Slot
from .streams import Streams, hang_up, streams

MOST_ADDRESSES = 4
"""
Addresses of one host that are tried in turn.
"""
_TROUBLE = {
    Trouble.NOT_RESOLVED: HttpsOutcome.NOT_RESOLVED,
    Trouble.REFUSED: HttpsOutcome.REFUSED,
    Trouble.TIMEOUT: HttpsOutcome.TIMEOUT,
    Trouble.LIMIT: HttpsOutcome.LIMIT,
    Trouble.PROXY: HttpsOutcome.PROXY,
}


Connect = Callable[[], Awaitable[socket.socket]]
"""
Opens a TCP connection.
"""


class HttpFailure(Exception):  # noqa: N818 - internal, never shown
    """
    There is no reply.

    Args:
        outcome: Which kind.
        detail: What is known of it, printable.
    """

    def __init__(self, outcome: HttpsOutcome, detail: str) -> None:
        self.outcome = outcome
        self.detail = detail
        super().__init__(outcome, detail)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """
    A reply.

    Args:
        status: HTTP status.
        headers: Lower-case names and their values.
        body: At most the bytes allowed.
        whole: The body is complete; False where there is more than allowed.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool

    def header(self, name: str) -> str:
        """
        The first header of a name, printable; ``""`` where there is none.
        """
        return next((visible(value)[:500] for key, value in self.headers if key == name), "")


async def fetch(network: Network, question: HttpsQuestion) -> HttpsAnswer:
    """
    Fetch one document, from the first address of its host that takes the connection.

    Returns:
        Whatever came of it.
    """
    at, began = datetime.now(UTC), time.monotonic()
    door: _Door | None = None

    def ended(outcome: HttpsOutcome, detail: str = "", **more: Any) -> HttpsAnswer:
        address = door.reached if door else ""
        return HttpsAnswer(question, outcome, at, (time.monotonic() - began) * 1000.0, address=address, detail=detail, **more)

    try:
        parts = urlsplit(question.url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError as error:
        return ended(HttpsOutcome.PROTOCOL, said(error))
    if parts.scheme != "https" or not host:
        return ended(HttpsOutcome.PROTOCOL, "not an https address")
    failure = HttpFailure(HttpsOutcome.NOT_RESOLVED, "")

    for candidate in (await network.resolve(host))[:MOST_ADDRESSES] or ("",):
        door = _Door(network, host, candidate, port)
        try:
            async with network.slot(Slot.HTTPS), asyncio.timeout(network.settings.timeout):
                got = await request(network, "GET", question.url, door.open, most=network.settings.https_bytes)
        except TimeoutError:
            failure = HttpFailure(HttpsOutcome.TIMEOUT, f"no whole reply within {network.settings.timeout:g} s")
        except HttpFailure as new:
            failure = new
        else:
            body = got.body.decode("utf-8", "replace")
            outcome, detail = (HttpsOutcome.ANSWER, "") if got.whole else (HttpsOutcome.LIMIT, f"larger than {len(got.body)} bytes")
            kind, location = got.header("content-type"), got.header("location")
            return ended(outcome, detail, status=got.status, content_type=kind, location=location, body=body, size=len(got.body))
        if failure.outcome not in (HttpsOutcome.REFUSED, HttpsOutcome.TIMEOUT, HttpsOutcome.UNREACHABLE):
            break
    if failure.outcome is HttpsOutcome.NOT_RESOLVED:
        failure = await _unresolved(network, host)
    return ended(failure.outcome, failure.detail)


async def _unresolved(network: Network, host: str) -> HttpFailure:
    """
    Why a host has no address. Only a definite answer means that it has none; the questions were asked before, so nothing is sent.
    """
    name = host.rstrip(".").lower()
    answers = [await network.ask(DnsQuestion(name, rdtype)) for rdtype in ("A", "AAAA")]
    open_ends = [answer for answer in answers if isinstance(answer, DnsAnswer) and not answer.outcome.found]
    if not open_ends:
        return HttpFailure(HttpsOutcome.NOT_RESOLVED, f"{visible(host)} has no address")
    first = open_ends[0].outcome
    outcome = {
        DnsOutcome.TIMEOUT: HttpsOutcome.TIMEOUT,
        DnsOutcome.LIMIT: HttpsOutcome.LIMIT,
        DnsOutcome.NOT_ASKED: HttpsOutcome.NOT_ASKED,
        DnsOutcome.LOOP: HttpsOutcome.NOT_RESOLVED,
    }.get(first, HttpsOutcome.UNREACHABLE)
    return HttpFailure(outcome, f"DNS {first.value} for {visible(host)}")


class _Door:
    """
    Opens a connection to one address of a host; `reached` is the address in truth.
    """

    def __init__(self, network: Network, host: str, address: str, port: int) -> None:
        self._network = network
        self._where = (host, address, port)
        self.reached = (network.redirect(host, address, port) or (address, port))[0]

    async def open(self) -> socket.socket:
        """
        Connect; through the proxy where there is one.
        """
        return (await open_tcp(self._network, *self._where, self._network.settings.timeout * 0.9, bind=False)).sock


async def request(
    network: Network,
    method: str,
    url: str,
    connect: Connect,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    most: int,
) -> HttpReply:
    """
    One request over a connection of its own. The caller bounds the time.

    Args:
        network: Whose.
        method: ``GET`` or ``POST``.
        url: What is asked; its host is the name the certificate must carry.
        connect: Opens the TCP connection.
        headers: In addition to Host and User-Agent.
        content: Body.
        most: Bytes of the reply's body that are read.

    Raises:
        HttpFailure: There is no reply.
    """
    host = urlsplit(url).netloc.rpartition("@")[2]
    own = {"Host": host, "User-Agent": f"inbound-runbook/{__version__}", "Accept-Encoding": "identity"}
    if content is not None:
        own["Content-Length"] = str(len(content))
    sent: list[tuple[bytes | str, bytes | str]] = [*own.items(), *(headers or {}).items()]
    try:
        pool = httpcore2.AsyncConnectionPool(
            ssl_context=network.tls_context(Slot.HTTPS),
            max_connections=1,
            http2=find_spec("h2") is not None,
            network_backend=_Backend(connect),
        )
        async with pool, pool.stream(method, url, headers=sent, content=content) as response:
            body, whole = await _bounded(response, most)
            kept = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)
            return HttpReply(response.status, kept, body, whole)
    except ConnectProblem as error:
        outcome = _TROUBLE.get(error.problem.trouble, HttpsOutcome.UNREACHABLE)
        raise HttpFailure(outcome, error.problem.detail) from error
    except ssl.SSLCertVerificationError as error:
        raise HttpFailure(HttpsOutcome.CERTIFICATE, visible(error.verify_message or str(error))) from error
    except ssl.SSLError as error:
        raise HttpFailure(HttpsOutcome.HANDSHAKE, said(error)) from error
    except (httpcore2.ProtocolError, httpcore2.NetworkError, UnicodeError, ValueError) as error:
        raise HttpFailure(HttpsOutcome.PROTOCOL, said(error)) from error
    except _Handshake as error:
        raise HttpFailure(HttpsOutcome.HANDSHAKE, said(error)) from error
    except ConnectionRefusedError as error:
        raise HttpFailure(HttpsOutcome.REFUSED, said(error)) from error
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
        raise HttpFailure(HttpsOutcome.UNREACHABLE, said(error)) from error


class _Handshake(Exception):  # noqa: N818 - internal, never shown
    """
    The connection ended within the TLS handshake.
    """


async def _bounded(response: httpcore2.Response, most: int) -> tuple[bytes, bool]:
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), False
    return bytes(body), True


class _Backend(httpcore2.AsyncNetworkBackend):
    """
    Lets the HTTP library connect in one way only.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        del host, port, timeout, local_address, socket_options  # the caller of `request` has decided all of them
        return _Stream(await self._connect())


class _Stream(httpcore2.AsyncNetworkStream):
    """
    A connected socket, and its streams once TLS is there: nothing is ever read or written without.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._streams: Streams | None = None

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        del timeout
        try:
            self._streams = await streams(self._sock, ssl_context, server_hostname)
        except (ssl.SSLError, TimeoutError):
            raise
        except OSError as error:
            raise _Handshake(said(error)) from error
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return await self._open()[0].read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        writer = self._open()[1]
        writer.write(buffer)
        await writer.drain()

    async def aclose(self) -> None:
        if self._streams is None:
            self._sock.close()
        else:
            await hang_up(self._streams[1])

    def get_extra_info(self, info: str) -> Any:
        return self._streams[1].get_extra_info(info) if self._streams else None

    def _open(self) -> Streams:
        if self._streams is None:
            raise HttpFailure(HttpsOutcome.PROTOCOL, "not an https address")
        return self._streams
