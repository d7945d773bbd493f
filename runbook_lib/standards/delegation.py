"""
Who answers for a domain: the zone it stands in, its name servers, and each of them asked directly.

The zone is found through the environment's resolver (never from the root), then every address of every name server is asked without
recursion, so that a straggler, a lame server or something in between that answers in their place is seen (RFC 1034, 2181, 2308).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Plan, Via, ask_dns, together
from .addresses import resolve_host
from .names import is_within, parents

MAX_HOSTS = 16
"""
Name servers that are asked; a zone that lists more has the rest counted, not asked.
"""
MAX_ADDRESSES = 4
"""
Addresses asked of one name server.
"""


@dataclass(frozen=True, slots=True)
class Server:
    """
    One address of one name server.

    Args:
        host: Name of the server.
        address: As DNS gave it, ``""`` where the name has none.
        problem: Why it has none.
    """

    host: str
    address: str
    problem: DnsOutcome | None = None

    @property
    def label(self) -> str:
        """
        Host and address for people.
        """
        return f"{self.host} ({self.address})" if self.address else self.host


@dataclass(frozen=True, slots=True)
class Zone:
    """
    The zone a name stands in.

    Args:
        domain: The name asked about.
        apex: The zone's own name, ``""`` where it was not found.
        outcome: `ANSWER` where the zone and its servers were found, `NXDOMAIN` where the domain does not exist, else why not.
        servers: Every address of every name server.
        left_out: Name servers beyond `MAX_HOSTS`.
        answers: What this rests on.
    """

    domain: str
    apex: str
    outcome: DnsOutcome
    servers: tuple[Server, ...] = ()
    left_out: int = 0
    answers: tuple[DnsAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """
    What one name server said.

    Args:
        server: Who.
        answer: Its answer; None where the server has no address and could not be asked.
    """

    server: Server
    answer: DnsAnswer | None

    @property
    def outcome(self) -> DnsOutcome:
        """
        How it ended; for a server without an address, why it has none.
        """
        if self.answer is not None:
            return self.answer.outcome
        return self.server.problem or DnsOutcome.NODATA

    @property
    def definite(self) -> bool:
        """
        True where the server said with authority what it has, or that it has nothing.

        An alias that leads out of the zone says nothing of what stands at its end.
        """
        answer = self.answer
        return answer is not None and answer.outcome.found and (bool(answer.records) or not answer.aliases)

    @property
    def holds_nothing(self) -> bool:
        """
        True where it is known that the server has no part in the zone's answers: it is lame, it refuses, or it has no address at all.
        """
        if self.answer is not None:
            return self.outcome in (DnsOutcome.LAME, DnsOutcome.REFUSED)
        return self.outcome in (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.LOOP)


def find_zone(domain: str) -> Plan[Zone]:
    """
    Find the zone a domain stands in, and the addresses of its name servers.

    Args:
        domain: A-label name.
    """
    ns, soa = yield from ask_dns(DnsQuestion(domain, "NS"), DnsQuestion(domain, "SOA"))
    seen = [ns, soa]
    apex = domain
    if not _names_servers(ns):
        if any(one.outcome is DnsOutcome.NXDOMAIN and not one.aliases for one in seen):
            return Zone(domain, _enclosing(domain, seen), DnsOutcome.NXDOMAIN, answers=tuple(seen))
        failed = [one for one in seen if not one.outcome.found and not one.aliases]
        if failed:
            return Zone(domain, "", failed[0].outcome, answers=tuple(seen))
        enclosing = _enclosing(domain, seen)
        above = (enclosing,) if enclosing and enclosing != domain else parents(domain)
        answers = yield from ask_dns(*(DnsQuestion(name, "NS") for name in above))
        seen += answers
        found = next((one for one in answers if _names_servers(one) or not one.outcome.found), None)
        if found is None or not _names_servers(found):
            return Zone(domain, "", found.outcome if found else DnsOutcome.NODATA, answers=tuple(seen))
        ns, apex = found, found.question.name
    hosts = sorted({record.target for record in ns.records if record.target})
    resolved = yield from together([resolve_host(host) for host in hosts[:MAX_HOSTS]])
    servers: list[Server] = []
    for one in resolved:
        seen += one.answers
        servers += [Server(one.host, address) for address in one.addresses[:MAX_ADDRESSES]]
        if not one.addresses:
            servers.append(Server(one.host, "", one.outcome))
    return Zone(domain, apex, DnsOutcome.ANSWER, tuple(servers), max(0, len(hosts) - MAX_HOSTS), tuple(seen))


def ask_every_server(zone: Zone, name: str, rdtype: str) -> Plan[list[ServerAnswer]]:
    """
    Ask every name server of a zone the same question.

    Returns:
        One answer an address, in the order of `Zone.servers`.
    """
    asked = [server for server in zone.servers if server.address]
    answers: list[DnsAnswer] = []
    if asked:
        answers = yield from ask_dns(
            *(DnsQuestion(name, rdtype, Via.AUTHORITATIVE, server.address, server.host, zone.apex) for server in asked)
        )
    by_server = dict(zip(asked, answers, strict=True))
    return [ServerAnswer(server, by_server.get(server)) for server in zone.servers]


def ask_servers(zone: Zone, questions: Sequence[tuple[str, str]]) -> Plan[list[list[ServerAnswer]]]:
    """
    Ask every name server several questions side by side.

    Args:
        zone: The zone.
        questions: Names and record types.

    Returns:
        For each question what `ask_every_server` gives.
    """
    return (yield from together([ask_every_server(zone, name, rdtype) for name, rdtype in questions]))


def unheard(answers: Iterable[ServerAnswer]) -> list[ServerAnswer]:
    """
    Those name servers of which no address gave a definite answer, by their first address.
    """
    answers = list(answers)
    heard = {one.server.host for one in answers if one.definite}
    silent: dict[str, ServerAnswer] = {}
    for one in answers:
        if one.server.host not in heard:
            silent.setdefault(one.server.host, one)
    return list(silent.values())


def undecided(answers: Iterable[ServerAnswer]) -> list[ServerAnswer]:
    """
    Those of `unheard` that may yet hold something else: what they say could not be found out.
    """
    return [one for one in unheard(answers) if not one.holds_nothing]


def without_ipv6_from_here(answers: Iterable[ServerAnswer]) -> list[ServerAnswer]:
    """
    Leave out IPv6 addresses where this machine evidently has no IPv6.

    That is so where every IPv6 address is unreachable; a server's IPv6 address is left out only if another of its addresses answered.
    """
    answers = list(answers)
    sixth = [one for one in answers if _is_ipv6(one.server.address)]
    if any(one.outcome is not DnsOutcome.UNREACHABLE for one in sixth):
        return answers
    heard = {one.server.host for one in answers if one.definite}
    return [one for one in answers if not (_is_ipv6(one.server.address) and one.server.host in heard)]


def _is_ipv6(address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address).version == 6


def _names_servers(answer: DnsAnswer) -> bool:
    return bool(answer.records) and not answer.aliases and answer.outcome in (DnsOutcome.ANSWER, DnsOutcome.BOGUS)


def _enclosing(domain: str, answers: Sequence[DnsAnswer]) -> str:
    records: list[DnsRecord] = [one.soa for one in answers if one.soa is not None and not one.aliases]
    return next((record.name for record in records if record.name and is_within(domain, record.name)), "")
