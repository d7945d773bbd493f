"""
Name servers as an environment names them, and this machine's own.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

PORTS = {"udp": 53, "tls": 853, "https": 443}
"""
Default port by transport (RFC 1035, 7858, 8484).
"""
RESOLV_CONF = Path("/etc/resolv.conf")
"""
Where Linux and macOS say which name servers they are set up with.
"""


@dataclass(frozen=True, slots=True)
class Server:
    """
    One DNS server to be asked.

    Args:
        text: As it was named.
        transport: ``udp`` (and TCP where needed), ``tls`` or ``https``.
        host: Address; for TLS and HTTPS it may be a host name.
        port: Port.
        name: Host name of an authoritative server, for `connect_to`; ``""`` for others.
    """

    text: str
    transport: Literal["udp", "tls", "https"]
    host: str
    port: int
    name: str = ""

    @property
    def address(self) -> str | None:
        """
        The address, None where `host` is a name that must be looked up first.
        """
        try:
            return str(ipaddress.ip_address(self.host))
        except ValueError:
            return None


def server(text: str) -> Server:
    """
    Read ``ADDRESS``, ``ADDRESS:PORT``, ``[V6]:PORT``, ``https://…`` or ``tls://HOST[:PORT]``.

    Raises:
        ValueError: It is none of these.
    """
    lowered = text.strip().lower()
    for scheme in ("https", "tls"):
        if lowered.startswith(f"{scheme}://"):
            parts = urlsplit(text.strip())
            if not parts.hostname:
                raise ValueError(f"no host in {text!r}")
            return Server(text, "tls" if scheme == "tls" else "https", parts.hostname, parts.port or PORTS[scheme])
    host, port = lowered, PORTS["udp"]
    if lowered.startswith("[") or lowered.count(":") == 1:
        parts = urlsplit(f"//{lowered}")
        host, port = parts.hostname or "", parts.port or port
    return Server(text, "udp", str(ipaddress.ip_address(host)), port)


def authoritative(address: str, name: str) -> Server:
    """
    A zone's name server at one of its addresses.
    """
    return Server(address, "udp", address, PORTS["udp"], name)


def machine_nameservers() -> tuple[str, ...]:
    """
    The name servers this machine is set up with; empty where there are none.
    """
    if os.name == "posix":
        return _listed(RESOLV_CONF)
    import dns.resolver  # noqa: PLC0415 - it brings a whole HTTP client with it; only Windows' registry is worth that

    try:
        return tuple(str(entry) for entry in dns.resolver.Resolver().nameservers)
    except (dns.resolver.NoResolverConfiguration, OSError):
        return ()


def _listed(file: Path) -> tuple[str, ...]:
    """
    The ``nameserver`` lines of a resolv.conf(5).
    """
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    found = []
    for words in (line.split() for line in lines):
        if len(words) > 1 and words[0] == "nameserver":
            with contextlib.suppress(ValueError):
                found.append(str(ipaddress.ip_address(words[1])))
    return tuple(dict.fromkeys(found))
