"""
How a run asks the network: the part of an environment that probes look at, and their bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

ALL_PROBES = frozenset({"dns", "https", "smtp"})


class Slot(StrEnum):
    """
    What a socket is opened for. Each use has its own limit, so that silent mail servers never keep a DNS question waiting.
    """

    DNS = "dns"
    HTTPS = "https"
    SMTP = "smtp"


SLOTS: Mapping[Slot, int] = MappingProxyType({Slot.DNS: 64, Slot.HTTPS: 8, Slot.SMTP: 32})
"""
Sockets open at a time for each use.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    How the network is asked: the part of an environment that probes look at, and their bounds.

    Args:
        nameservers: As the environment names them, or this machine's own; empty where there are none.
        propagation_resolvers: As the environment names them.
        connect_to: ``HOST:PORT`` or ``ADDRESS:PORT`` to ``ADDRESS:PORT``.
        allow_private: Private and loopback addresses are expected.
        proxy: ``socks5://HOST:PORT`` for SMTP and HTTPS, else None.
        source_address: Address SMTP is sent from, else None.
        ca_file: PEM file with one more trust root, else None.
        timeout: Seconds for one whole reply.
        time_limit: Seconds for the whole run.
        sender: Reverse-path of the probe; ``""`` is the null sender.
        ehlo_name: What EHLO says; None is this machine's name.
        probes: Kinds of probe this run may make: ``dns``, ``https``, ``smtp``.
        send_test_message: Whether DATA may be sent.
        greylist_hold_s: Seconds until a greylisted triplet is tried again.
        language: Of the test message.
        https_bytes: Largest body of a document that is read (RFC 8461 section 3.3 suggests 64 kilobytes).
    """

    nameservers: tuple[str, ...] = ()
    propagation_resolvers: tuple[str, ...] = ()
    connect_to: Mapping[str, str] = field(default_factory=dict)
    allow_private: bool = False
    proxy: str | None = None
    source_address: str | None = None
    ca_file: Path | None = None
    timeout: float = 10.0
    time_limit: float = 300.0
    sender: str = ""
    ehlo_name: str | None = None
    probes: frozenset[str] = ALL_PROBES
    send_test_message: bool = False
    greylist_hold_s: float = 61.0
    language: str = "en"
    https_bytes: int = 65536
