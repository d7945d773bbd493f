"""
The header of a delivered message: its way from server to server, and what the platform found out about it.

Only what stands there is read. A header can be forged below the hop where one's own system took the message over; `Hop.number` counts from
the oldest, so the last hops are the platform's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address, ip_network

from ..knowledge.gateway import gateway
from ..knowledge.regions import regions
from ..knowledge.text import Message
from .authentication import AuthenticationResults, Verdict, read_results
from .catalogue import Said, finding_of
from .judging import diagnosis
from .mail import Part, decoded_words, read_mail
from .reasons import Diagnosis, Reason, Stage, Whose
from .verdicts import GoogleView, MicrosoftView, explained_google, explained_microsoft, read_google, read_microsoft

MANY_HOPS = 25
"""
Received fields from which the gateway speaks of a mail loop.
"""
_MOST_HOPS = 100
_LONGEST = 2000
_FROM = re.compile(r"^\s{0,5}from\s{1,5}([^\s;()]{1,255})(.{0,600}?)(?=\sby\s|;|$)", re.IGNORECASE | re.DOTALL)
_BY = re.compile(r"(?:^|\s)by\s{1,5}([^\s;()]{1,255})", re.IGNORECASE)
_WITH = re.compile(r"\swith\s{1,5}([^\s;()]{1,80})", re.IGNORECASE)
_ID = re.compile(r"\sid\s{1,5}([^\s;()]{1,120})", re.IGNORECASE)
_TLS = re.compile(r"(?:version=|using |\()?(TLS ?v?1(?:[._]\d)?|SSLv3)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:\[|\(|\s|^)(?:IPv6:)?([0-9a-fA-F:.]{3,45})(?=[\])\s:;]|$)")
_OWN_NET = ".mimecast.lan"


@dataclass(frozen=True, slots=True)
class Hop:
    """
    One server that took the message over.

    Args:
        number: 1 is the oldest.
        sent_by: Name that the handing-over server gave, lower case, ``""`` for none.
        address: Its address as the taking server saw it, ``""`` for none.
        taken_by: Name of the server that wrote the line, lower case, ``""`` for none.
        protocol: ``ESMTPS`` and the like, ``""`` for none.
        tls: TLS version as written, ``""`` for none.
        at: When, UTC; None where the time cannot be read.
        delay_s: Seconds since the hop before; None where either time is not known. Negative where the clocks disagree.
        from_gateway: The handing-over server is the gateway, by name or by address.
        to_gateway: The taking server is the gateway.
        region: Code of the gateway's region where its name or address tells, ``""`` for none.
        text: The field as it stands, shortened.
    """

    number: int
    sent_by: str
    address: str
    taken_by: str
    protocol: str
    tls: str
    at: datetime | None
    delay_s: float | None
    from_gateway: bool
    to_gateway: bool
    region: str
    text: str

    @property
    def clock_skew(self) -> bool:
        """
        True where the message arrived before it was sent, by more than a second.
        """
        return self.delay_s is not None and self.delay_s < -1


@dataclass(frozen=True, slots=True)
class MessageView:
    """
    What the header of a message says.

    Args:
        sender: The From field, decoded.
        subject: Decoded.
        message_id: As it stands.
        hops: Oldest first.
        results: Authentication-Results and ARC-Authentication-Results, top first.
        microsoft: Microsoft's own fields, None where there are none.
        google: Google's own fields, likewise.
        fields: All header fields, names in lower case, top first.
    """

    sender: str = ""
    subject: str = ""
    message_id: str = ""
    hops: tuple[Hop, ...] = ()
    results: tuple[AuthenticationResults, ...] = ()
    microsoft: MicrosoftView | None = None
    google: GoogleView | None = None
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def delivered_by_gateway(self) -> Hop | None:
        """
        The hop by which the gateway handed the message to somebody else; None where it did not.
        """
        return next((hop for hop in reversed(self.hops) if hop.from_gateway and not hop.to_gateway), None)

    @property
    def platform_results(self) -> AuthenticationResults | None:
        """
        The results of the system that took the message over last, as far as they are not ARC's.
        """
        return next((each for each in self.results if each.instance is None), None)

    @property
    def took_s(self) -> float | None:
        """
        Seconds from the first known time to the last; None where fewer than two are known.
        """
        times = [hop.at for hop in self.hops if hop.at is not None]
        return (times[-1] - times[0]).total_seconds() if len(times) > 1 else None

    def verdict(self, method: str) -> Verdict | None:
        """
        The platform's result of one method, ``spf``, ``dkim``, ``dmarc``, ``arc``, ``compauth``; the best where it names several.
        """
        results = self.platform_results
        return results.verdict(method) if results else None

    def explained(self) -> tuple[Message, ...]:
        """
        What the platform's own fields mean, one message each.
        """
        return (*explained_microsoft(self.microsoft), *explained_google(self.google))


def read_message(content: bytes) -> MessageView:
    """
    Read a message, or just its header.

    Args:
        content: ``.eml`` or pasted header fields. Anything may be in it; what cannot be read is left out.
    """
    return read_part(read_mail(content))


def read_part(mail: Part) -> MessageView:
    """
    The view of a message that is read already.
    """
    return MessageView(
        sender=decoded_words(mail.first("from")),
        subject=decoded_words(mail.first("subject")),
        message_id=mail.first("message-id"),
        hops=_hops(mail.all("received")),
        results=_results(mail),
        microsoft=read_microsoft(mail),
        google=read_google(mail),
        fields=mail.fields,
    )


def findings_of(view: MessageView) -> tuple[Diagnosis, ...]:
    """
    What in the header of a delivered message explains trouble: failed authentication, a spam verdict, a way without end.
    """
    found: list[Diagnosis] = []
    dmarc = view.verdict("dmarc") or view.verdict("compauth")
    if dmarc is not None and dmarc.result in ("fail", "permerror"):
        failed = _of_header(Reason.AUTHENTICATION_FAILED, dmarc.text)
        found.append(_behind_gateway(failed) if view.delivered_by_gateway is not None else failed)
    if view.microsoft is not None and view.microsoft.judged_spam:
        found.append(_of_header(Reason.SPAM_OR_VIRUS, view.microsoft.text))
    elif view.google is not None and view.google.judged_spam:
        found.append(_of_header(Reason.SPAM_OR_VIRUS, view.google.text))
    if len(view.hops) >= MANY_HOPS:
        found.append(_of_header(Reason.MAIL_LOOP, view.hops[-1].text))
    return tuple(found)


def _of_header(reason: Reason, text: str) -> Diagnosis:
    words = f"header.{reason.value}"
    finding = finding_of(reason, words)
    made = diagnosis(finding, Said(text, None, None, Stage.DELIVERED))
    return Diagnosis(
        reason=made.reason, whose=made.whose, stage=Stage.DELIVERED, matched=made.matched, next=made.next,
        message=Message(f"explain.{words}"), entry=words, certainty=3,
    )  # fmt: skip


def _behind_gateway(failed: Diagnosis) -> Diagnosis:
    """
    Authentication that failed at the platform behind the gateway: judged by the gateway's address, for the tenant to put right.
    """
    words = f"{failed.entry}_behind_gateway"
    return replace(failed, whose=Whose.PLATFORM, next="platform", message=Message(f"explain.{words}"), entry=words)


def _results(mail: Part) -> tuple[AuthenticationResults, ...]:
    return tuple(
        read_results(value, arc=name == "arc-authentication-results")
        for name, value in mail.fields
        if name in ("authentication-results", "arc-authentication-results", "authentication-results-original")
    )[:40]


def _hops(values: Sequence[str]) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    before: datetime | None = None
    for number, value in enumerate(reversed(values[:_MOST_HOPS]), 1):
        hop = _hop(number, value[:_LONGEST], before)
        before = hop.at or before
        hops.append(hop)
    return tuple(hops)


def _hop(number: int, value: str, before: datetime | None) -> Hop:
    clause = _FROM.search(value)
    sent_by = clause[1].lower().strip("[].,") if clause else ""
    named = _named(clause[2]) if clause else ""
    address = _address(f"{clause[1]} {clause[2]}") if clause else ""
    by = _BY.search(value)
    taken_by = by[1].lower().rstrip(".,") if by else ""
    protocol = _WITH.search(value)
    tls = _TLS.search(value)
    at = _when(value)
    kind_from = [gateway().host(name) for name in (sent_by, named) if name]
    kind_by = gateway().host(taken_by) if taken_by else None
    known = next((kind for kind in (*kind_from, kind_by) if kind is not None), None)
    ranges = _region_of(address)
    return Hop(
        number=number,
        sent_by=sent_by,
        address=address,
        taken_by=taken_by,
        protocol=protocol[1].upper() if protocol else "",
        tls=tls[1] if tls else "",
        at=at,
        delay_s=(at - before).total_seconds() if at is not None and before is not None else None,
        from_gateway=any(kind is not None for kind in kind_from) or sent_by.endswith(_OWN_NET) or bool(ranges),
        to_gateway=kind_by is not None or taken_by.endswith(_OWN_NET),
        region=(known.region if known is not None else "") or ranges,
        text=value[:400],
    )


def _named(clause: str) -> str:
    match = re.search(r"\(\s{0,5}(?:EHLO |HELO )?([A-Za-z0-9_-][A-Za-z0-9._-]{1,250}\.[A-Za-z-]{2,60})\.?[\s\[)(]", clause)
    return match[1].lower() if match else ""


def _address(clause: str) -> str:
    for match in _ADDRESS.finditer(clause):
        try:
            return str(ip_address(match[1].strip(".")))
        except ValueError:
            continue
    return ""


def _region_of(address: str) -> str:
    if not address:
        return ""
    parsed = ip_address(address)
    for region in regions():
        for cidr in region.cidrs:
            network = ip_network(cidr, strict=False)
            if network.version == parsed.version and parsed in network:
                return region.code
    return ""


def _when(value: str) -> datetime | None:
    text = value.rpartition(";")[2].strip()[:100]
    try:
        found = parsedate_to_datetime(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return found if abs(found - datetime(2020, 1, 1, tzinfo=UTC)) < timedelta(days=20_000) else None
