"""
What a domain's MX records are: as every authoritative server gives them, and as the resolver does (RFC 5321 section 5.1, RFC 7505).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Plan
from .delegation import ServerAnswer, Zone, ask_every_server, find_zone


@dataclass(frozen=True, slots=True)
class MxView:
    """
    The MX records of one domain from every side.

    Args:
        domain: The domain.
        recursive: The resolver's answer.
        zone: The zone it stands in.
        servers: What every authoritative server says.
    """

    domain: str
    recursive: DnsAnswer
    zone: Zone
    servers: tuple[ServerAnswer, ...]

    @property
    def definite(self) -> tuple[DnsAnswer, ...]:
        """
        The answers given with authority.
        """
        return tuple(one.answer for one in self.servers if one.answer is not None and one.definite)

    @property
    def from_authority(self) -> bool:
        """
        True where `records` come from the name servers of the zone, not from the resolver.
        """
        return bool(self.definite)

    @property
    def outcome(self) -> DnsOutcome:
        """
        `ANSWER`, `NODATA` or `NXDOMAIN` where it is known, `LOOP` for aliases that lead nowhere, else why it is not known.

        The name servers' own word goes before the resolver's. What fails DNSSEC validation counts as not known.
        """
        if self.recursive.outcome is DnsOutcome.BOGUS:
            return DnsOutcome.BOGUS
        outcomes = [one.outcome for one in self.definite] or [self.recursive.outcome]
        for outcome in (DnsOutcome.ANSWER, DnsOutcome.NODATA):
            if outcome in outcomes:
                return outcome
        return outcomes[0]

    @property
    def records(self) -> tuple[DnsRecord, ...]:
        """
        All MX records any authoritative server gives (else the resolver), by preference and name.
        """
        if self.outcome is not DnsOutcome.ANSWER:
            return ()
        answers = self.definite or (self.recursive,)
        unique = {(record.preference or 0, record.target or ""): record for answer in answers for record in answer.records}
        return tuple(unique[key] for key in sorted(unique))

    @property
    def hosts(self) -> tuple[str, ...]:
        """
        The MX hosts without the null MX, by preference, without repetition.
        """
        return tuple(dict.fromkeys(record.target for record in self.records if record.target))

    @property
    def null(self) -> bool:
        """
        True where there is a null MX, alone or beside others.
        """
        return any(record.target == "" for record in self.records)

    @property
    def shown(self) -> list[str]:
        """
        The records as ``10 mail.alder.example`` for people and for the way back.
        """
        return [show(record) for record in self.records]

    @property
    def answers(self) -> tuple[DnsAnswer, ...]:
        """
        The evidence: the resolver's answer and every server's.
        """
        return (self.recursive, *(one.answer for one in self.servers if one.answer is not None))


def show(record: DnsRecord) -> str:
    """
    One MX record for people.
    """
    return f"{record.preference or 0} {record.target or '.'}"


def mx_set(answer: DnsAnswer) -> frozenset[tuple[int, str]]:
    """
    Preferences and hosts of one answer, for comparing.
    """
    return frozenset((record.preference or 0, record.target or "") for record in answer.records)


def see_mx(domain: str) -> Plan[MxView]:
    """
    Ask the resolver and every authoritative server for a domain's MX records.

    Args:
        domain: A-label name.
    """
    results = yield [DnsQuestion(domain, "MX"), find_zone(domain)]
    recursive, zone = cast("tuple[DnsAnswer, Zone]", tuple(results))
    servers = yield from ask_every_server(zone, domain, "MX")
    return MxView(domain, recursive, zone, tuple(servers))
