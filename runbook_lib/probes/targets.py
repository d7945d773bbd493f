"""
Where a connection goes: hosts and ports in one spelling, and what `connect_to` makes of them.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Mapping

import idna


def redirect(connect_to: Mapping[str, str], host: str, address: str, port: int) -> tuple[str, int] | None:
    """
    Where `connect_to` sends a connection.

    Args:
        connect_to: As in `Settings`. Keys may differ in case, final dot, form of the name and spelling of an IPv6 address.
        host: Host name, ``""`` where there is none.
        address: Address as DNS gave it, ``""`` where there is none.
        port: Port that was to be asked.

    Returns:
        Address and port; None where no entry fits. An entry for the address wins over one for the host.
    """
    if not connect_to:
        return None
    entries = {split_port(key): value for key, value in connect_to.items()}
    for name in (address, host):
        value = entries.get((_canonical(name), port)) if name else None
        if value is not None:
            to, to_port = split_port(value)
            return to, port if to_port is None else to_port
    return None


def split_port(text: str) -> tuple[str, int | None]:
    """
    A host or address and its port, in one spelling.

    >>> split_port("[2001:DB8::0:1]:25")
    ('2001:db8::1', 25)
    >>> split_port("MX.Alder.example.")
    ('mx.alder.example', None)
    """
    if text.startswith("["):
        inside, _, behind = text[1:].partition("]")
        port = behind.removeprefix(":")
    elif text.count(":") == 1:
        inside, _, port = text.partition(":")
    else:
        inside, port = text, ""
    return _canonical(inside), int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else None


def shown(target: tuple[str, int]) -> str:
    """
    ``ADDRESS:PORT``, an IPv6 address in brackets.
    """
    address, port = target
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _canonical(name: str) -> str:
    bare = name.strip("[]").rstrip(".").lower()
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(bare))
    if not bare.isascii():
        with contextlib.suppress(idna.IDNAError):
            return idna.encode(bare, uts46=True).decode("ascii")
    return bare
