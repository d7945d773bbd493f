"""
What the sandbox's servers share: the loopback address, ports that refuse, and connections that end when the server does.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

LOOPBACK = "127.0.0.1"
"""
The one address that Linux, macOS and Windows all have without being asked.
"""
_REUSES = os.name == "posix"
"""
Whether SO_REUSEADDR means what it says; Windows lets two listen on one port with it, and needs it for nothing here.
"""
_FAREWELL = 1.0
"""
Seconds for what was sent last to leave.
"""

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def bound_socket(port: int = 0, *, refusing: bool = False) -> socket.socket:
    """
    A bound TCP socket. As long as nobody listens on it the port refuses, and nobody else gets it.

    Args:
        port: 0 for a free one, or one that was ours before; connections that have just ended on it do not hinder.
        refusing: It is to be left like that.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if port and _REUSES:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, port))
        if _REUSES:
            # Connections inherit it, so that the port can be bound again behind them; two that do not listen could share the port with it.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0 if refusing else 1)
    except OSError:
        bound.close()
        raise
    return bound


class Connections:
    """
    The connections of one server, so that they can be ended with it.
    """

    def __init__(self) -> None:
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def guard(self, handler: Handler) -> Handler:
        """
        A handler for `asyncio.start_server` that is known here while it runs and bears a peer that goes away.
        """

        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is None:
                return
            self._open[task] = writer
            try:
                with suppress(OSError, EOFError):
                    await handler(reader, writer)
                writer.close()
                # A stream whose handshake failed is never told that it is closed, so the farewell has an end.
                async with asyncio.timeout(_FAREWELL):
                    await writer.wait_closed()
            except (OSError, asyncio.CancelledError):
                pass
            finally:
                writer.transport.abort()
                del self._open[task]

        return guarded

    async def close(self) -> None:
        """
        End every connection at once.
        """
        tasks = list(self._open)
        for task, writer in list(self._open.items()):
            writer.transport.abort()
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)
