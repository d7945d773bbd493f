"""
From a question to the bytes of a query, and from the bytes of a reply to plain values. No socket.

Whatever a reply holds, reading it gives values or `NotThisReply`; nothing else is raised.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import randbelow
from typing import cast

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.SOA
import dns.rdtypes.ANY.TLSA
import dns.rdtypes.ANY.TXT
import dns.rrset

from ..knowledge.text import visible
from ..observations import DnsRecord

EDNS_PAYLOAD = 1232
"""
Bytes of a UDP reply that cross any path unfragmented (DNS flag day 2020).
"""
MAX_BYTES = 65535
MAX_RECORDS = 1000
MAX_ALIASES = 16
_HEADER = struct.Struct("!HHHHHH")
_WITHOUT_QUESTION = (dns.rcode.FORMERR, dns.rcode.SERVFAIL, dns.rcode.NOTIMP, dns.rcode.REFUSED)


class NotThisReply(Exception):  # noqa: N818 - internal, never shown
    """
    Bytes that are no reply to the query.

    Args:
        damaged: It has the query's id (or no header at all) and cannot be read; False for a reply to something else.
    """

    def __init__(self, *, damaged: bool, detail: str) -> None:
        self.damaged = damaged
        self.detail = detail
        super().__init__(damaged, detail)


@dataclass(frozen=True, slots=True)
class Query:
    """
    What is sent.

    Args:
        name: Owner name.
        rdtype: Type.
        recursion: RD; the answer of a resolver is wanted, with DNSSEC looked at (DO and AD).
        checking_disabled: CD.
        id: Message id; 0 over HTTPS (RFC 8484 section 4.1).
    """

    name: dns.name.Name
    rdtype: dns.rdatatype.RdataType
    recursion: bool
    checking_disabled: bool = False
    id: int = 0

    def wire(self, *, edns: bool = True) -> bytes:
        """
        The bytes, with or without an OPT record.
        """
        flags = dns.flags.Flag(0)
        if self.recursion:
            flags |= dns.flags.RD | dns.flags.AD
        if self.checking_disabled:
            flags |= dns.flags.CD
        message = dns.message.QueryMessage(self.id)
        message.flags = flags
        message.find_rrset(message.question, self.name, dns.rdataclass.IN, self.rdtype, create=True, force_unique=True)
        if edns:
            message.use_edns(0, dns.flags.DO if self.recursion else 0, EDNS_PAYLOAD)
        return message.to_wire()


def query(name: str, rdtype: str, *, recursion: bool, checking_disabled: bool = False) -> Query:
    """
    Make a query.

    Args:
        name: In presentation form, no final dot; ``""`` is the root.
        rdtype: Type mnemonic.
        recursion: Ask a resolver.
        checking_disabled: Ask it not to validate.

    Raises:
        ValueError: The name or type cannot be put into a query.
    """
    try:
        owner = dns.name.from_text(f"{name}.")
        kind = dns.rdatatype.from_text(rdtype)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(visible(f"{rdtype} {name}: {str(error) or type(error).__name__}")) from error
    return Query(owner, kind, recursion, checking_disabled, randbelow(65536))


@dataclass(frozen=True, slots=True)
class Chain:
    """
    Where an alias chain leads within one reply.

    Args:
        aliases: CNAME and DNAME records in order; behind each DNAME stands the CNAME it makes.
        end: The last name.
        records: Records of the asked type there.
        loop: It comes back to a name it has been at, or is too long.
    """

    aliases: tuple[DnsRecord, ...]
    end: dns.name.Name
    records: tuple[DnsRecord, ...]
    loop: bool


class Reply:
    """
    A reply that belongs to a query.

    Args:
        message: As read.
        wire: Its bytes.
    """

    def __init__(self, message: dns.message.Message, wire: bytes) -> None:
        self.message = message
        self.size = len(wire)

    @property
    def truncated(self) -> bool:
        """
        TC is set.
        """
        return bool(self.message.flags & dns.flags.TC)

    @property
    def authoritative(self) -> bool:
        """
        AA is set.
        """
        return bool(self.message.flags & dns.flags.AA)

    @property
    def recursion_available(self) -> bool:
        """
        RA is set.
        """
        return bool(self.message.flags & dns.flags.RA)

    @property
    def rcode(self) -> str:
        """
        Response code mnemonic, the extended bits included.
        """
        return dns.rcode.to_text(self.message.rcode())

    @property
    def flags(self) -> tuple[str, ...]:
        """
        Header flags, lower case, without QR.
        """
        return tuple(flag for flag in dns.flags.to_text(self.message.flags).lower().split() if flag != "qr")

    @property
    def extended_error(self) -> str | None:
        """
        RFC 8914 errors, printable, at most 500 characters.
        """
        found = [option.to_text() for option in self.message.options if isinstance(option, dns.edns.EDEOption)]
        return visible("; ".join(found))[:500] if found else None

    @property
    def answered(self) -> bool:
        """
        There is something in the answer section.
        """
        return bool(self.message.answer)

    @property
    def soa(self) -> DnsRecord | None:
        """
        SOA of the authority section.
        """
        return next(iter(_records(self.message.authority, dns.rdatatype.SOA)), None)

    @property
    def referral(self) -> tuple[DnsRecord, ...]:
        """
        NS records of the authority section.
        """
        return tuple(_records(self.message.authority, dns.rdatatype.NS))[:MAX_RECORDS]

    def follow(self, asked: Query) -> Chain:
        """
        Follow the aliases in the answer section from the name that was asked.
        """
        by_owner: dict[dns.name.Name, list[dns.rrset.RRset]] = {}
        for rrset in self.message.answer:
            if rrset.rdclass == dns.rdataclass.IN:
                by_owner.setdefault(rrset.name, []).append(rrset)
        aliases: list[DnsRecord] = []
        here, been = asked.name, {asked.name}
        while True:
            records = tuple(_records(by_owner.get(here, ()), asked.rdtype))[:MAX_RECORDS]
            step = None if records or asked.rdtype == dns.rdatatype.CNAME else _alias(by_owner, here)
            if step is None:
                return Chain(tuple(aliases), here, records, loop=False)
            here = step[1]
            aliases.extend(step[0])
            if here in been or len(been) > MAX_ALIASES:
                return Chain(tuple(aliases), here, (), loop=True)
            been.add(here)


def read(wire: bytes, asked: Query) -> Reply:
    """
    Read a reply.

    Damage in the additional section is overlooked: an extended error may hold bytes that are no text.
    A truncated reply is read as far as it goes.

    Raises:
        NotThisReply: It is none, or not one to this query.
    """
    if len(wire) < _HEADER.size:
        raise NotThisReply(damaged=True, detail=f"{len(wire)} bytes are no DNS message")
    number, flags, questions, answers, authorities, _ = _HEADER.unpack_from(wire)
    if number != asked.id or not flags & dns.flags.QR:
        raise NotThisReply(damaged=False, detail="a message with another id")
    try:
        message = dns.message.from_wire(wire, keyring=False, one_rr_per_rrset=True, ignore_trailing=True, continue_on_error=True)
    except Exception as error:
        raise NotThisReply(damaged=True, detail=visible(f"{type(error).__name__}: {error}")) from error
    if len(message.question) == questions and not _same_question(message, asked):
        raise NotThisReply(damaged=False, detail="a reply to another question")
    complete = len(message.answer) == answers and len(message.authority) == authorities
    if len(message.question) != questions or (not complete and not flags & dns.flags.TC):
        detail = "; ".join(str(error.exception) or type(error.exception).__name__ for error in message.errors[:3])
        raise NotThisReply(damaged=True, detail=visible(detail))
    return Reply(message, wire)


def display(name: dns.name.Name) -> str:
    """
    A name in presentation form, lower case, no final dot; ``""`` is the root.
    """
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def _same_question(message: dns.message.Message, asked: Query) -> bool:
    if not message.question:
        return message.rcode() in _WITHOUT_QUESTION
    first = message.question[0]
    same = first.name == asked.name and first.rdtype == asked.rdtype and first.rdclass == dns.rdataclass.IN
    return len(message.question) == 1 and same and message.opcode() == 0


def _alias(by_owner: dict[dns.name.Name, list[dns.rrset.RRset]], here: dns.name.Name) -> tuple[list[DnsRecord], dns.name.Name] | None:
    """
    The alias at a name, or the DNAME above it with the CNAME it makes (RFC 6672 section 2.2); None where there is neither.
    """
    made: list[DnsRecord] = []
    target: dns.name.Name | None = None
    above = here
    while above != dns.name.root and not made:
        above = above.parent()
        for rrset in by_owner.get(above, ()):
            if rrset.rdtype == dns.rdatatype.DNAME and not made:
                stem = cast("dns.rdtypes.ANY.CNAME.CNAME", rrset[0]).target
                made = list(_records([rrset], dns.rdatatype.DNAME))
                try:
                    target = here.relativize(above).concatenate(stem)
                except dns.exception.DNSException:
                    return None
    for rrset in by_owner.get(here, ()):
        if rrset.rdtype == dns.rdatatype.CNAME:
            return [*made, *_records([rrset], dns.rdatatype.CNAME)], cast("dns.rdtypes.ANY.CNAME.CNAME", rrset[0]).target
    if target is None:
        return None
    made.append(DnsRecord(display(here), "CNAME", made[0].ttl, display(target), target=display(target)))
    return made, target


def _records(rrsets: Iterable[dns.rrset.RRset], rdtype: dns.rdatatype.RdataType) -> Iterable[DnsRecord]:
    for rrset in rrsets:
        if rrset.rdtype == rdtype and rrset.rdclass == dns.rdataclass.IN:
            for rdata in rrset:
                yield _record(display(rrset.name), rrset.ttl, rdata)


def _record(owner: str, ttl: int, rdata: dns.rdata.Rdata) -> DnsRecord:
    kind = dns.rdatatype.to_text(rdata.rdtype)
    match rdata:
        case dns.rdtypes.ANY.MX.MX():
            host = display(rdata.exchange)
            return DnsRecord(owner, kind, ttl, f"{rdata.preference} {host or '.'}", preference=rdata.preference, target=host)
        case dns.rdtypes.ANY.TXT.TXT():
            return DnsRecord(owner, kind, ttl, rdata.to_text(), texts=tuple(text.decode("latin-1") for text in rdata.strings))
        case dns.rdtypes.ANY.SOA.SOA():
            numbers = f"{rdata.serial} {rdata.refresh} {rdata.retry} {rdata.expire} {rdata.minimum}"
            return DnsRecord(owner, kind, ttl, f"{display(rdata.mname) or '.'} {display(rdata.rname) or '.'} {numbers}")
        case dns.rdtypes.ANY.TLSA.TLSA():
            return DnsRecord(owner, kind, ttl, f"{rdata.usage} {rdata.selector} {rdata.mtype} {rdata.cert.hex()}")
    target = getattr(rdata, "target", None)
    if kind in ("NS", "CNAME", "DNAME", "PTR") and isinstance(target, dns.name.Name):
        return DnsRecord(owner, kind, ttl, display(target), target=display(target))
    return DnsRecord(owner, kind, ttl, rdata.to_text())
