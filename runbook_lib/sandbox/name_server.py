"""
Name servers on 127.0.0.1: one port for UDP and TCP alike.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from ..errors import SandboxError
from .answers import NameServer, Resolver, wire_reply
from .sockets import LOOPBACK, Connections

Noted = Callable[[str, bytes], None]
"""
Takes the transport and the query as it came.
"""
_TRIES = 50


class NamePort:
    """
    One port on which a name server answers.

    Args:
        source: Who answers.
        noted: Told of every query.
    """

    def __init__(self, source: NameServer | Resolver, noted: Noted) -> None:
        self.port = 0
        self._source = source
        self._noted = noted
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections = Connections()

    async def open(self) -> None:
        """
        Bind a free port for both transports.

        Raises:
            SandboxError: There is none.
        """
        loop = asyncio.get_running_loop()
        tcp, udp = _pair()
        self.port = tcp.getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._source, self._noted), sock=udp)
        self._tcp = await asyncio.start_server(self._connections.guard(self._stream), sock=tcp)

    async def close(self) -> None:
        """
        Close the port and every connection to it.
        """
        if self._udp is not None:
            self._udp.abort()
        if self._tcp is not None:
            self._tcp.close()
        await self._connections.close()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            wire = await reader.readexactly(length)
            self._noted("tcp", wire)
            state = self._source.state
            reply = wire_reply(self._source, wire, udp=False)
            if not state.tcp:
                return
            if state.silent or reply is None:
                continue
            await asyncio.sleep(state.delay)
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()


class _Datagrams(asyncio.DatagramProtocol):
    """
    The UDP half.
    """

    def __init__(self, source: NameServer | Resolver, noted: Noted) -> None:
        self._source = source
        self._noted = noted
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._noted("udp", data)
        state = self._source.state
        reply = None if state.silent else wire_reply(self._source, data, udp=True)
        if reply is None:
            return
        if state.delay:
            asyncio.get_running_loop().call_later(state.delay, self._send, reply, addr)
        else:
            self._send(reply, addr)

    def _send(self, reply: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply, addr)


def _pair() -> tuple[socket.socket, socket.socket]:
    """
    A TCP and a UDP socket bound to the same free port.
    """
    for _ in range(_TRIES):
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with suppress(OSError):
            tcp.bind((LOOPBACK, 0))
            udp.bind((LOOPBACK, tcp.getsockname()[1]))
            return tcp, udp
        tcp.close()
        udp.close()
    raise SandboxError(f"No port of {LOOPBACK} is free for UDP and TCP alike.")
