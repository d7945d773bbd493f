r"""
What can be asked of the network, as plain hashable values.

A question says *what* is asked and of *whom*; it never says how. The probes answer it, a stored result answers it again, and the same
question is asked once a round. Names are A-labels in lower case without the final dot, in presentation format (``\DDD`` for odd bytes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Via(StrEnum):
    """
    By which road a DNS question travels.
    """

    RESOLVER = "resolver"
    """The environment's own name servers (or this machine's)."""
    AUTHORITATIVE = "authoritative"
    """One address of one name server of the zone, asked directly without recursion."""
    PROPAGATION = "propagation"
    """One public resolver, asked what the world still sees."""


@dataclass(frozen=True, slots=True)
class DnsQuestion:
    """
    One DNS question.

    Args:
        name: Owner name, A-label, lower case, no final dot; ``""`` is the root.
        rdtype: Record type mnemonic, for example ``"MX"``.
        via: The road it travels.
        server: For `Via.AUTHORITATIVE` the address as DNS gave it, for `Via.PROPAGATION` the resolver as the environment names it,
            else ``""``.
        server_name: For `Via.AUTHORITATIVE` the name server's host name, else ``""``.
        zone: For `Via.AUTHORITATIVE` the zone the server is asked about, else ``""``.
    """

    name: str
    rdtype: str
    via: Via = Via.RESOLVER
    server: str = ""
    server_name: str = ""
    zone: str = ""


class Envelope(StrEnum):
    """
    Why one RCPT is asked.
    """

    VALID = "valid"
    """The test recipient, from the environment's sender."""
    UNKNOWN = "unknown"
    """A random address in the customer's domain."""
    FOREIGN = "foreign"
    """An address in a domain that is nobody's customer here: the open-relay question."""
    NEUTRAL = "neutral"
    """The test recipient again, from a neutral external sender (`lockdown.direct`)."""
    DELIVERY = "delivery"
    """The test recipient, carried on through DATA (`send_test_message` only)."""


@dataclass(frozen=True, slots=True)
class SmtpTransaction:
    """
    One MAIL and RCPT to be carried out in a transaction of its own.

    Args:
        envelope: Why it is asked.
        sender: Reverse-path; ``""`` is the null sender.
        recipient: Forward-path, domain part as A-label.
    """

    envelope: Envelope
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class SmtpQuestion:
    """
    One SMTP dialogue with one address, with all that is to be learnt from it.

    Args:
        host: The host name the address belongs to (TLS name and SNI); A-label.
        address: The IP address as DNS gave it; ``""`` when the name did not resolve but `connect_to` maps the host.
        port: TCP port.
        transactions: What is asked after the second EHLO, in order.
        tls: Whether STARTTLS is tried and its certificate looked at.
        greylist_retry: Whether a greylisted first transaction is asked once more after the hold time.
    """

    host: str
    address: str
    port: int = 25
    transactions: tuple[SmtpTransaction, ...] = ()
    tls: bool = True
    greylist_retry: bool = True


@dataclass(frozen=True, slots=True)
class HttpsQuestion:
    """
    One HTTPS GET; no redirect is followed, the certificate is verified.
    """

    url: str


@dataclass(frozen=True, slots=True)
class PortQuestion:
    """
    Is TCP port 25 open from here at all? Asked of control hosts only after a time-out.

    Args:
        hosts: ``HOST`` or ``HOST:PORT`` values of the environment's `control_hosts`.
        version: Version of the Internet Protocol by which they are to be reached, 4 or 6; 0 for either.
    """

    hosts: tuple[str, ...]
    version: Literal[0, 4, 6] = 0


Question = DnsQuestion | SmtpQuestion | HttpsQuestion | PortQuestion
"""
Anything that can be asked.
"""
