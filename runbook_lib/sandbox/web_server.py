"""
A small HTTPS server for 127.0.0.1 that serves a few fixed documents, for example an MTA-STS policy (RFC 8461 section 3.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..errors import SandboxError
from .certificates import Authority, CertificateKind
from .sockets import Connections, bound_socket

_LONGEST_HEAD = 8192
_KEYS = frozenset({"connect", "certificate", "certificate_names", "status", "content_type", "documents"})


class WebPort:
    """
    One port on which a web server answers, or refuses. Each connection gets one reply.

    Args:
        host: Its name; its certificate is for it unless the description says otherwise.
        description: ``documents`` (text by path), ``status`` (of every reply, else 200 or 404), ``content_type``, ``certificate`` (a
            `CertificateKind`), ``certificate_names``, ``connect = "refused"``.
        authority: Makes its certificate.

    Raises:
        SandboxError: An unknown key or kind of certificate.
    """

    def __init__(self, host: str, description: Mapping[str, Any], authority: Authority) -> None:
        unknown = set(description) - _KEYS
        if unknown:
            known = ", ".join(sorted(_KEYS))
            raise SandboxError(f"{host}: {', '.join(sorted(unknown))} is not a property of a web server; there are {known}.")
        try:
            self._certificate = CertificateKind(description.get("certificate", "good"))
        except ValueError as error:
            raise SandboxError(f"{host}: {error}.") from error
        self.port = 0
        self.documents: dict[str, str] = dict(description.get("documents", {}))
        self._names = tuple(description.get("certificate_names", (host,)))
        self._status = description.get("status", "")
        self._content_type = description.get("content_type", "text/plain")
        self._refusing = description.get("connect") == "refused"
        self._authority = authority
        self._server: asyncio.Server | None = None
        self._connections = Connections()

    async def open(self) -> None:
        """
        Listen on a free port. A server that is to refuse stays at port 0.
        """
        if self._refusing:
            return
        held = bound_socket()
        self.port = held.getsockname()[1]
        context = self._authority.context(self._certificate, self._names)
        self._server = await asyncio.start_server(self._connections.guard(self._serve), sock=held, ssl=context, limit=_LONGEST_HEAD)

    async def close(self) -> None:
        """
        Let the port go and end its connections.
        """
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._connections.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return
        path = head.split(b" ", 2)[1].decode("latin-1") if head.count(b" ") > 1 else ""
        document = self.documents.get(path)
        status = self._status or ("200 OK" if document is not None else "404 Not Found")
        body = (document or "").encode()
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {self._content_type}", f"Content-Length: {len(body)}", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        await writer.drain()
