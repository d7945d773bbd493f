"""
The addresses of a host: A and AAAA side by side, through the alias chain (RFC 1034, 3596).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Plan, ask_dns


@dataclass(frozen=True, slots=True)
class HostAddresses:
    """
    What the resolver says of one host name.

    Args:
        host: The name asked for.
        outcome: `ANSWER` where there is an address; `NXDOMAIN`, `NODATA` or `LOOP` where there is definitely none; else the failure.
        addresses: As DNS gave them, IPv4 first, without repetition.
        aliases: The CNAME and DNAME records on the way.
        answers: The answers for A and AAAA, the evidence.
    """

    host: str
    outcome: DnsOutcome
    addresses: tuple[str, ...]
    aliases: tuple[DnsRecord, ...]
    answers: tuple[DnsAnswer, ...]

    @property
    def missing(self) -> bool:
        """
        True where the host definitely has no address.
        """
        return self.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA, DnsOutcome.LOOP)


def resolve_host(host: str) -> Plan[HostAddresses]:
    """
    Ask for A and AAAA of a host.

    Args:
        host: Host name, A-label.
    """
    answers = yield from ask_dns(DnsQuestion(host, "A"), DnsQuestion(host, "AAAA"))
    return addresses_of(host, answers)


def addresses_of(host: str, answers: Sequence[DnsAnswer]) -> HostAddresses:
    """
    Put the answers for A and AAAA together.

    One that failed beside one with addresses does not hide them; one that failed beside one without leaves the question open.
    """
    addresses = tuple(dict.fromkeys(record.data for answer in answers if answer.outcome is DnsOutcome.ANSWER for record in answer.records))
    aliases = next((answer.aliases for answer in answers if answer.aliases), ())
    outcomes = [answer.outcome for answer in answers]
    if addresses:
        outcome = DnsOutcome.ANSWER
    elif DnsOutcome.LOOP in outcomes:
        outcome = DnsOutcome.LOOP
    else:
        failed = [one for one in outcomes if not one.found]
        names = [one for one in outcomes if one is DnsOutcome.NXDOMAIN]
        outcome = (failed or names or [DnsOutcome.NODATA])[0]
    return HostAddresses(host, outcome, addresses, aliases, tuple(answers))


def is_private(address: str) -> bool:
    """
    True for an address of private, loopback, link-local or carrier-grade NAT use, or the unspecified one.
    """
    value = _plain(address)
    return any(value in network for network in _PRIVATE)


def is_public(address: str) -> bool:
    """
    True for an address that can be reached across the Internet: neither private nor reserved (RFC 6890), no multicast.
    """
    value = _plain(address)
    return value.is_global and not value.is_multicast


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    value = ipaddress.ip_address(address)
    if isinstance(value, ipaddress.IPv6Address) and value.ipv4_mapped is not None:
        return value.ipv4_mapped
    return value


_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::/128",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
