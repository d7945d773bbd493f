"""
Opening and closing asyncio streams so that no socket outlives whoever asked for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CLOSING_S = 1.0
"""
How long a transport that was aborted may take to say that it is closed, seconds. It takes no time unless asyncio forgets to say so.
"""


async def connected(target: tuple[str, int]) -> socket.socket:
    """
    A TCP connection to an address and port.

    Raises:
        OSError: There is none.
    """
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, target)
    except BaseException:
        sock.close()
        raise
    return sock


async def streams(sock: socket.socket, context: ssl.SSLContext | None = None, name: str | None = None) -> Streams:
    """
    Streams over a connected socket, which belongs to them from now on; with TLS where there is a context.

    Args:
        sock: Connected, not blocking.
        context: For TLS.
        name: Whom the certificate must name.

    Raises:
        OSError: The handshake failed, `ssl.SSLError` among others.
    """
    try:
        return await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name if context else None)
    except BaseException:
        sock.close()
        raise


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """
    Close at once, and return when it is closed.
    """
    writer.transport.abort()
    with contextlib.suppress(OSError):
        async with asyncio.timeout(CLOSING_S):
            await writer.wait_closed()
