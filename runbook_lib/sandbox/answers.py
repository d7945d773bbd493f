"""
What the sandbox's name servers say to a query: the authoritative ones, and the recursive ones with their old answers. No socket here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from .zones import Internet, Key, Lookup, with_ttl

PAYLOAD = 1232
"""
Largest UDP reply with EDNS, bytes.
"""
PLAIN_PAYLOAD = 512
"""
Largest UDP reply without EDNS, bytes (RFC 1035 section 4.2.1).
"""
MOST_ALIASES = 16


@dataclass(slots=True)
class ServerState:
    """
    How one name server behaves; changed while it runs by the faults.

    Args:
        silent: It gets queries and answers none.
        lame: It answers without authority, with a referral to the root.
        truncated: It answers nothing over UDP but TC.
        tcp: It answers over TCP.
        delay: Seconds before each reply.
    """

    silent: bool = False
    lame: bool = False
    truncated: bool = False
    tcp: bool = True
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class OldAnswer:
    """
    What a recursive resolver still has from before a change.

    Args:
        records: The old record set with the TTL it had left at the start.
        since: `time.monotonic` at the start.
    """

    records: dns.rrset.RRset
    since: float

    def now(self) -> dns.rrset.RRset | None:
        """
        The old record set with the TTL it has left, None once that is over.
        """
        left = self.records.ttl - int(time.monotonic() - self.since)
        if left <= 0:
            return None
        return with_ttl(self.records, left)


class NameServer:
    """
    One authoritative name server.

    Args:
        host: Its host name.
        internet: All zones; it serves those that name it.
    """

    def __init__(self, host: str, internet: Internet) -> None:
        self.host = host
        self.state = ServerState()
        self._internet = internet

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """
        The reply to a query with one question.
        """
        reply = dns.message.make_response(query, our_payload=PAYLOAD)
        question = query.question[0]
        name = question.name.canonicalize()
        with self._internet.lock:
            zone = self._internet.zone_of(name, question.rdtype)
            while self.host not in zone.servers and zone.origin != dns.name.root:
                zone = self._internet.zone_of(zone.origin.parent())
            if self.host not in zone.servers:
                reply.set_rcode(dns.rcode.REFUSED)
                return reply
            rcode = zone.rcode_of(self.host)
            if rcode is not None:
                reply.set_rcode(rcode)
                return reply
            if self.state.lame:
                reply.authority.append(dns.rrset.from_text(dns.name.root, 518400, "IN", "NS", "a.root-servers.net."))
                return reply
            _fill(reply, zone.lookup(self.host, name, question.rdtype))
        return reply


@dataclass(slots=True)
class Resolver:
    """
    One recursive, validating resolver. It keeps nothing but the old answers it is given.

    Args:
        internet: All zones.
        servers: The authoritative servers by host name; one that is silent is not asked.
        old: What it still has from before a change.
        state: How it behaves.
    """

    internet: Internet
    servers: dict[str, NameServer]
    old: dict[Key, OldAnswer] = field(default_factory=dict)
    state: ServerState = field(default_factory=ServerState)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """
        The reply to a query with one question.
        """
        reply = dns.message.make_response(query, recursion_available=True, our_payload=PAYLOAD)
        reply.flags |= query.flags & dns.flags.CD
        question = query.question[0]
        checked = not query.flags & dns.flags.CD
        with self.internet.lock:
            found, secure, bogus = self._resolve(question.name.canonicalize(), question.rdtype)
        if bogus and checked:
            reply.set_rcode(dns.rcode.SERVFAIL)
            if query.edns >= 0:
                reply.use_edns(0, query.ednsflags & dns.flags.DO, PAYLOAD, options=[dns.edns.EDEOption(dns.edns.EDECode.DNSSEC_BOGUS)])
            return reply
        _fill(reply, found)
        reply.flags &= ~dns.flags.AA
        wants = query.flags & dns.flags.AD or query.ednsflags & dns.flags.DO
        if secure and checked and wants and found.rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            reply.flags |= dns.flags.AD
        return reply

    def _resolve(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> tuple[Lookup, bool, bool]:
        """
        What is found, whether all of it is secure, and whether any of it is bogus.
        """
        answer: list[dns.rrset.RRset] = []
        secure, bogus = True, False
        for _ in range(MOST_ALIASES):
            old = self.old.get((name, rdtype))
            kept = old.now() if old is not None else None
            if kept is not None:
                return Lookup(answer=(*answer, kept)), False, bogus
            zone = self.internet.zone_of(name, rdtype)
            secure, bogus = secure and zone.secure, bogus or zone.bogus
            server = next((server for server in zone.servers if self._usable(server) and zone.rcode_of(server) is None), None)
            found = zone.lookup(server, name, rdtype) if server is not None else None
            if found is None or not found.authoritative:
                return Lookup(dns.rcode.SERVFAIL), False, bogus
            answer.extend(found.answer)
            if found.alias is None:
                return Lookup(found.rcode, tuple(answer), found.authority), secure, bogus
            if any(records.name == found.alias for records in answer):
                break
            name = found.alias
        return Lookup(dns.rcode.SERVFAIL), False, bogus

    def _usable(self, host: str) -> bool:
        server = self.servers.get(host)
        return server is not None and not server.state.silent and not server.state.lame


def _fill(reply: dns.message.Message, found: Lookup) -> None:
    reply.set_rcode(found.rcode)
    reply.answer.extend(found.answer)
    reply.authority.extend(found.authority)
    reply.additional.extend(found.additional)
    if found.authoritative:
        reply.flags |= dns.flags.AA


def wire_reply(source: NameServer | Resolver, wire: bytes, *, udp: bool) -> bytes | None:
    """
    The reply to a query in wire form; None where none is due.

    A reply too large for UDP, or from a server told to truncate, is cut to its question with TC set. A query that cannot be read is
    dropped; one that is no standard query with one question gets FORMERR or NOTIMP.
    """
    try:
        query = dns.message.from_wire(wire, ignore_trailing=True)
    except dns.exception.DNSException:
        return None
    if query.flags & dns.flags.QR:
        return None
    if query.opcode() != 0 or len(query.question) != 1:
        refusal = dns.message.make_response(query)
        refusal.set_rcode(dns.rcode.NOTIMP if query.opcode() != 0 else dns.rcode.FORMERR)
        return refusal.to_wire()
    reply = source.answer(query)
    largest = (min(max(query.payload, PLAIN_PAYLOAD), PAYLOAD) if query.edns >= 0 else PLAIN_PAYLOAD) if udp else 65535
    complete = reply.to_wire(max_size=65535)
    if len(complete) <= largest and not (udp and source.state.truncated):
        return complete
    for section in (reply.answer, reply.authority, reply.additional):
        section.clear()
    reply.flags |= dns.flags.TC
    return reply.to_wire()
