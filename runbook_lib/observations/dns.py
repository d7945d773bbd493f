"""
What a DNS question came to.

Every way of not getting an answer is a value of its own: a name that does not exist, one without such records, a server that failed,
refused, kept silent or was cut off are never the same thing (RFC 1035, 2308, 8914).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from .questions import DnsQuestion


class DnsOutcome(StrEnum):
    """
    How a DNS question ended.
    """

    ANSWER = "answer"
    """Records of the type asked for (perhaps behind aliases)."""
    NODATA = "nodata"
    """The name exists, records of this type do not."""
    NXDOMAIN = "nxdomain"
    """The name does not exist."""
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    """Cut off over UDP, and TCP could not be had."""
    UNREACHABLE = "unreachable"
    """The system reports that the server cannot be reached (ICMP, no route, TLS or HTTP failure of DoT and DoH)."""
    MALFORMED = "malformed"
    """The reply is not a DNS message, or not one to this question."""
    BOGUS = "bogus"
    """SERVFAIL, but an answer with checking disabled: DNSSEC validation fails."""
    LAME = "lame"
    """A listed name server that does not hold the zone: no authority and no data."""
    INTERCEPTED = "intercepted"
    """An answer from an authoritative address without authority: something in between answers."""
    LOOP = "loop"
    """The chain of aliases comes back to itself or is too long."""
    DISBELIEVED = "disbelieved"
    """NXDOMAIN of a resolver that says the same of names known to exist. Never observed, only judged."""
    OTHER = "other"
    """Another response code; it is in `rcode`."""
    LIMIT = "limit"
    """The run's time was up before this was asked or answered."""
    NOT_ASKED = "not_asked"
    """This run was not allowed to ask, or never had reason to."""

    @property
    def found(self) -> bool:
        """
        True where the server gave a definite answer: records, no data or no such name.
        """
        return self in (DnsOutcome.ANSWER, DnsOutcome.NODATA, DnsOutcome.NXDOMAIN)


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """
    One resource record of an answer.

    Args:
        name: Owner name, presentation form, lower case, no final dot.
        rdtype: Type mnemonic.
        ttl: Seconds.
        data: Record data in presentation form, lossless; host names in lower case without the final dot.
        preference: MX preference, else None.
        target: Host name of MX, NS, CNAME and DNAME records (``""`` is the root, the null MX), else None.
        texts: Strings of a TXT record, decoded as Latin-1 (one byte a character, so lossless), else empty.
    """

    name: str
    rdtype: str
    ttl: int
    data: str
    preference: int | None = None
    target: str | None = None
    texts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """
        The strings of a TXT record put together without a space (RFC 7208 section 3.3).
        """
        return "".join(self.texts)


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """
    One DNS question and what came of it.

    Args:
        question: What was asked.
        outcome: How it ended.
        at: When it was asked, UTC.
        took_ms: How long it took, milliseconds.
        rcode: Response code mnemonic, None where no reply came.
        flags: Header flags of the reply, lower case (``aa``, ``tc``, ``rd``, ``ra``, ``ad``, ``cd``).
        records: Records of the asked type at the end of the alias chain.
        aliases: The CNAME and DNAME records followed, in order.
        soa: SOA of the authority section (negative answers, zone cuts), or the SOA answered.
        referral: NS records of the authority section.
        extended_error: RFC 8914 code and text, printable.
        server: Who replied: address, URL or name as configured.
        transport: ``udp``, ``tcp``, ``tls``, ``https``; None where nothing was sent.
        detail: What the system said of a failure, printable.
        size: Bytes of the reply.
    """

    question: DnsQuestion
    outcome: DnsOutcome
    at: datetime
    took_ms: float = 0.0
    rcode: str | None = None
    flags: tuple[str, ...] = ()
    records: tuple[DnsRecord, ...] = ()
    aliases: tuple[DnsRecord, ...] = ()
    soa: DnsRecord | None = None
    referral: tuple[DnsRecord, ...] = ()
    extended_error: str | None = None
    server: str = ""
    transport: str | None = None
    detail: str = ""
    size: int = 0
    kind: Literal["dns"] = "dns"

    @property
    def canonical_name(self) -> str:
        """
        The name at the end of the alias chain.
        """
        return (self.aliases[-1].target or "") if self.aliases else self.question.name

    @property
    def authentic(self) -> bool:
        """
        True where the resolver says that DNSSEC validation succeeded (AD).
        """
        return "ad" in self.flags

    @property
    def ttl(self) -> int | None:
        """
        The smallest TTL of the answer and its alias chain, seconds.
        """
        ttls = [record.ttl for record in (*self.aliases, *self.records)]
        return min(ttls) if ttls else None
