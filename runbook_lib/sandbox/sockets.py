"""
What the sandbox's servers share: the loopback address, ports that refuse, and connections that end when the server does.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

LOOPBACK = "127.0.0.1"
"""
The one address that Linux, macOS and Windows all have without being asked.
"""
_FAREWELL = 1.0
"""
Seconds for what was sent last to leave.
"""

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def refusing_socket(port: int = 0) -> socket.socket:
    """
    A TCP port that refuses: bound, so that nobody else gets it, and not listening.
    """
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.bind((LOOPBACK, port))
    return held


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
