"""
Bring one query to one server and its reply back: UDP with TCP behind it, TLS (RFC 7858), HTTPS (RFC 8484).
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from ..observations import DnsOutcome
from .connect import said
from .dns_servers import Server, machine_nameservers, server
from .dns_wire import MAX_BYTES, NotThisReply, Query, Reply, read
from .network import Network
from .settings import Slot
from .streams import connected, hang_up, streams

SENDS = 3
"""
How often a query goes out over UDP within the time for a reply; the last time without EDNS, which some old middle boxes drop.
"""
_LENGTH = struct.Struct("!H")
_WITHOUT_EDNS = ("FORMERR", "NOTIMP", "BADVERS")


@dataclass(frozen=True, slots=True)
class Failure:
    """
    No reply.

    Args:
        outcome: Which kind.
        detail: What is known of it, printable.
        transport: What was tried last.
        heard: A truncated reply, where one came.
    """

    outcome: DnsOutcome
    detail: str = ""
    transport: str | None = None
    heard: Reply | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """
    A reply and the way it came.
    """

    reply: Reply
    transport: str


async def exchange(network: Network, to: Server, query: Query, seconds: float) -> Received | Failure:
    """
    Ask one server once, within a time.

    Args:
        network: Whose.
        to: Server.
        query: What is asked.
        seconds: For the whole reply, counted from when a socket may be opened.

    Returns:
        The reply to this query, whatever its response code; or why there is none.
    """
    target = await _target(network, to)
    if isinstance(target, Failure):
        return target
    async with network.slot(Slot.DNS):
        end = time.monotonic() + seconds
        if to.transport == "https":
            return await _over_https(network, to, target, query, seconds)
        if to.transport == "tls":
            return await _over_stream(network, to, target, query, seconds)
        received = await _over_udp(network, target, query, seconds)
        if isinstance(received, Received) and received.reply.rcode in _WITHOUT_EDNS:
            received = await _over_udp(network, target, query, max(0.0, end - time.monotonic()), edns=False)
        if isinstance(received, Failure) or not received.reply.truncated:
            return received
        whole = await _over_stream(network, to, target, query, max(0.0, end - time.monotonic()))
    if isinstance(whole, Received) and not whole.reply.truncated:
        return whole
    detail = whole.detail if isinstance(whole, Failure) else "truncated over TCP as well"
    return Failure(DnsOutcome.TRUNCATED, f"truncated over UDP; TCP: {detail}", "tcp", received.reply)


async def _target(network: Network, to: Server) -> tuple[str, int] | Failure:
    """
    Address and port a server is asked at. A server named by host is looked up through the name servers given as addresses.
    """
    name = to.name or (to.host if to.address is None else "")
    direct = network.redirect(name, to.address or "", to.port)
    if direct is not None:
        return direct
    if to.address is not None:
        return to.address, to.port
    plain = tuple(text for text in network.settings.nameservers if server(text).address is not None) or machine_nameservers()
    found = await network.with_nameservers(plain).resolve(to.host)
    if not found:
        return Failure(DnsOutcome.UNREACHABLE, f"no address was found for {to.host}")
    return network.redirect("", found[0], to.port) or (found[0], to.port)


class _Datagrams(asyncio.DatagramProtocol):
    """
    Receives until something is the reply. Anything else is let by, as an attacker or a late reply could send it.
    """

    def __init__(self, query: Query) -> None:
        loop = asyncio.get_running_loop()
        self.query = query
        self.done: asyncio.Future[Reply | Failure] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.odd: asyncio.Future[None] = loop.create_future()
        self.damaged = ""
        self.let_by = 0

    def datagram_received(self, data: bytes, _: object) -> None:
        if self.done.done():
            return
        try:
            self.done.set_result(read(data, self.query))
        except NotThisReply as no:
            if no.damaged:
                self.damaged = no.detail
                if not self.odd.done():
                    self.odd.set_result(None)
            else:
                self.let_by += 1

    async def wait(self, seconds: float) -> None:
        """
        Wait for the reply. A damaged one shortens the time, as it is worth asking again.
        """
        self.odd = asyncio.get_running_loop().create_future()
        either: list[asyncio.Future[Any]] = [self.done, self.odd]
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not self.done.done() and self.odd.done():
            await asyncio.wait([self.done], timeout=seconds / 4)

    def error_received(self, exc: Exception) -> None:
        if not self.done.done():
            self.done.set_result(Failure(DnsOutcome.UNREACHABLE, said(exc), "udp"))

    def connection_lost(self, _: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


@asynccontextmanager
async def _datagrams(
    network: Network, target: tuple[str, int], query: Query
) -> AsyncIterator[tuple[asyncio.DatagramTransport, _Datagrams]]:
    """
    A connected UDP socket on a port of the system's choice: only this peer is heard, and its ICMP errors.
    """
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(query), remote_addr=target)
    try:
        _note_own_address(network, transport.get_extra_info("sockname"))
        yield transport, protocol
    finally:
        transport.abort()
        await protocol.closed


async def _over_udp(network: Network, target: tuple[str, int], query: Query, seconds: float, *, edns: bool = True) -> Received | Failure:
    try:
        async with _datagrams(network, target, query) as (transport, heard):
            for turn in range(SENDS):
                transport.sendto(query.wire(edns=edns and turn < SENDS - 1))
                await heard.wait(seconds / SENDS)
                if heard.done.done():
                    result = heard.done.result()
                    return Received(result, "udp") if isinstance(result, Reply) else result
    except OSError as error:
        return Failure(DnsOutcome.UNREACHABLE, said(error), "udp")
    if heard.damaged:
        return Failure(DnsOutcome.MALFORMED, heard.damaged, "udp")
    return Failure(DnsOutcome.TIMEOUT, f"{heard.let_by} other messages came" if heard.let_by else "", "udp")


async def _over_stream(network: Network, to: Server, target: tuple[str, int], query: Query, seconds: float) -> Received | Failure:
    """
    One query over a TCP or TLS connection of its own; two bytes of length in front (RFC 7766 section 8).
    """
    transport = "tls" if to.transport == "tls" else "tcp"
    try:
        async with asyncio.timeout(seconds):
            async with _stream(network, to, target) as (reader, writer):
                for edns in (True, False):
                    wire = query.wire(edns=edns)
                    writer.write(_LENGTH.pack(len(wire)) + wire)
                    await writer.drain()
                    (size,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
                    reply = read(await reader.readexactly(size), query)
                    if reply.rcode not in _WITHOUT_EDNS:
                        break
                return Received(reply, transport)
    except TimeoutError:
        return Failure(DnsOutcome.TIMEOUT, f"no whole reply within {seconds:.3g} s", transport)
    except NotThisReply as no:
        return Failure(DnsOutcome.MALFORMED, no.detail, transport)
    except asyncio.IncompleteReadError as error:
        return Failure(
            DnsOutcome.MALFORMED if error.partial else DnsOutcome.UNREACHABLE, "the connection was closed before the reply", transport
        )
    except OSError as error:  # TLS errors are OSErrors as well
        return Failure(DnsOutcome.UNREACHABLE, said(error), transport)


@asynccontextmanager
async def _stream(
    network: Network, to: Server, target: tuple[str, int]
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    context = network.tls_context(Slot.DNS) if to.transport == "tls" else None
    reader, writer = await streams(await connected(target), context, to.host)
    try:
        _note_own_address(network, writer.get_extra_info("sockname"))
        yield reader, writer
    finally:
        await hang_up(writer)


async def _over_https(network: Network, to: Server, target: tuple[str, int], query: Query, seconds: float) -> Received | Failure:
    from .https import HttpFailure, request  # noqa: PLC0415 - the HTTP library is loaded only where a name server wants it

    query = replace(query, id=0)
    kind = "application/dns-message"
    headers = {"Accept": kind, "Content-Type": kind}

    async def connect() -> socket.socket:
        sock = await connected(target)
        _note_own_address(network, sock.getsockname())
        return sock

    try:
        async with asyncio.timeout(seconds):
            got = await request(network, "POST", to.text, connect, headers=headers, content=query.wire(), most=MAX_BYTES)
        if got.status != 200 or got.header("content-type").partition(";")[0].strip().lower() != kind:
            return Failure(DnsOutcome.UNREACHABLE, f"HTTP status {got.status}, content type {got.header('content-type')!r}", "https")
        return Received(read(got.body, query), "https")
    except TimeoutError:
        return Failure(DnsOutcome.TIMEOUT, f"no whole reply within {seconds:.3g} s", "https")
    except NotThisReply as no:
        return Failure(DnsOutcome.MALFORMED, no.detail, "https")
    except HttpFailure as failure:
        return Failure(DnsOutcome.UNREACHABLE, failure.detail, "https")


def _note_own_address(network: Network, name: tuple[str, int] | None) -> None:
    if name:
        network.local_addresses.add(name[0].partition("%")[0])
