"""
The web servers of the sandbox: what they serve, and how they refuse.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from runbook_lib.errors import SandboxError
from runbook_lib.sandbox.certificates import Authority
from runbook_lib.sandbox.web_server import WebPort

HOST = "mta-sts.alder.example"
PATH = "/.well-known/mta-sts.txt"


async def _get(web: WebPort, authority: Authority, path: str) -> bytes:
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port, ssl=context, server_hostname=HOST)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    reply = await reader.read()
    writer.close()
    return reply


async def test_a_document_and_what_there_is_not(tmp_path: Path) -> None:
    """
    A document comes with its type and length over TLS that the world's root vouches for; another path is 404.
    """
    authority = Authority(tmp_path)
    web = WebPort(HOST, {"documents": {PATH: "version: STSv1\n"}}, authority)
    await web.open()
    found, missing = await _get(web, authority, PATH), await _get(web, authority, "/")
    await web.close()

    assert found.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 15\r\n")
    assert found.endswith(b"\r\n\r\nversion: STSv1\n")
    assert missing.startswith(b"HTTP/1.1 404 Not Found\r\n")


async def test_a_status_of_its_own(tmp_path: Path) -> None:
    """
    A server can be told to answer everything with one status.
    """
    authority = Authority(tmp_path)
    web = WebPort(HOST, {"status": "500 Internal Server Error"}, authority)
    await web.open()
    reply = await _get(web, authority, PATH)
    await web.close()

    assert reply.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")


@pytest.mark.parametrize("kind", ["expired", "mismatched", "self_signed"])
async def test_a_certificate_that_is_not_trusted(kind: str, tmp_path: Path) -> None:
    """
    A faulty certificate ends a careful client's handshake.
    """
    authority = Authority(tmp_path)
    web = WebPort(HOST, {"certificate": kind}, authority)
    await web.open()
    with pytest.raises(ssl.SSLCertVerificationError):
        await _get(web, authority, PATH)
    await web.close()


@pytest.mark.parametrize(("key", "value"), [("certificate", "golden"), ("colour", "red")])
def test_what_is_not_known_is_refused(key: str, value: str, tmp_path: Path) -> None:
    """
    An unknown property or kind of certificate is an error that names it.
    """
    with pytest.raises(SandboxError, match=f"{value if key == 'certificate' else key}"):
        WebPort(HOST, {key: value}, Authority(tmp_path))
