"""
DMARC aggregate reports (RFC 7489 appendix C, RFC 9990): XML read without entities, without a document type, bounded in depth and size.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat  # document types and entities are refused below

from .addresses import Address
from .fields import Reading, clean
from .refusing import Refused

DEEPEST = 20
MOST_ELEMENTS = 500_000
LONGEST_VALUE = 4_000
"""
Characters of one element's text that are kept.
"""


@dataclass(frozen=True, slots=True)
class AuthResult:
    """
    What SPF or DKIM came to for one domain.

    Args:
        method: ``spf`` or ``dkim``.
        domain: The domain that was looked at.
        result: ``pass``, ``fail`` and so on.
        selector: Of a DKIM signature, ``""`` where not told.
        scope: Of SPF: ``mfrom``, ``helo``, ``""``.
    """

    method: str
    domain: str
    result: str
    selector: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """
    Messages of one source with the same outcome.

    Args:
        source_ip: Who delivered them, None where it is no address.
        count: How many; 0 where not told.
        disposition: ``none``, ``quarantine``, ``reject``, ``pass`` as told.
        dkim: DMARC's own result for DKIM, alignment included.
        spf: The same for SPF.
        reasons: Why the receiver did otherwise than the policy says: type and comment.
        header_from: Author domain.
        envelope_from: Domain of the reverse-path, ``""`` where not told.
        envelope_to: Domain of the recipient, ``""`` where not told.
        results: What was looked at.
    """

    source_ip: Address | None
    count: int
    disposition: str
    dkim: str
    spf: str
    reasons: tuple[tuple[str, str], ...]
    header_from: str
    envelope_from: str
    envelope_to: str
    results: tuple[AuthResult, ...]


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """
    One aggregate report.

    Args:
        org_name: Who reports.
        report_id: Their id of it.
        begin: Start of the time it covers, UTC, None where not told.
        end: Its end.
        domain: Whose policy was applied.
        policy: The published tags as told (``p``, ``sp``, ``adkim`` …), in order.
        rows: The records.
    """

    org_name: str
    report_id: str
    begin: datetime | None
    end: datetime | None
    domain: str
    policy: tuple[tuple[str, str], ...]
    rows: tuple[ReportRow, ...]


@dataclass(slots=True)
class _Element:
    name: str
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[_Element]:
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> _Element:
        return next(self.all(name), _NOTHING)

    def value(self, *path: str) -> str:
        here = self
        for name in path:
            here = here.first(name)
        return clean(here.text.strip())


_NOTHING = _Element("")


def read_report(content: bytes, reading: Reading) -> AggregateReport:
    """
    Read one report.

    Raises:
        Refused: It is no XML, has a document type or entities, or its root is not ``feedback``.
    """
    root = _parse(content)
    if root.name != "feedback":
        raise Refused("clixml" if root.name == "Objs" else "other_xml", root=root.name)
    metadata, published = root.first("report_metadata"), root.first("policy_published")
    if metadata is _NOTHING and published is _NOTHING:
        raise Refused("other_xml", root=root.name)
    reading.subject = metadata.value("report_id")
    return AggregateReport(
        org_name=metadata.value("org_name"),
        report_id=metadata.value("report_id"),
        begin=_time(metadata.value("date_range", "begin"), reading, "begin"),
        end=_time(metadata.value("date_range", "end"), reading, "end"),
        domain=published.value("domain").casefold().rstrip("."),
        policy=tuple((child.name, clean(child.text.strip())) for child in published.children if child.name != "domain"),
        rows=tuple(_row(record, reading) for record in root.all("record")),
    )


def _row(record: _Element, reading: Reading) -> ReportRow:
    row, evaluated, identifiers = record.first("row"), record.first("row").first("policy_evaluated"), record.first("identifiers")
    return ReportRow(
        source_ip=_address(row.value("source_ip"), reading),
        count=_count(row.value("count"), reading),
        disposition=evaluated.value("disposition").casefold(),
        dkim=evaluated.value("dkim").casefold(),
        spf=evaluated.value("spf").casefold(),
        reasons=tuple((reason.value("type"), reason.value("comment")) for reason in evaluated.all("reason")),
        header_from=identifiers.value("header_from").casefold().rstrip("."),
        envelope_from=identifiers.value("envelope_from").casefold().rstrip("."),
        envelope_to=identifiers.value("envelope_to").casefold().rstrip("."),
        results=tuple(
            AuthResult(
                result.name,
                result.value("domain").casefold().rstrip("."),
                result.value("result").casefold(),
                result.value("selector"),
                result.value("scope").casefold(),
            )
            for result in record.first("auth_results").children
            if result.name in ("spf", "dkim")
        ),
    )


def _address(said: str, reading: Reading) -> Address | None:
    try:
        return ipaddress.ip_address(said)
    except ValueError:
        reading.note("source_ip", "not_an_address", said)
        return None


def _count(said: str, reading: Reading) -> int:
    if said.isascii() and said.isdecimal() and len(said) <= 15:
        return int(said)
    reading.note("count", "not_number", said)
    return 0


def _time(said: str, reading: Reading, key: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(said[:20]), UTC)
    except (ValueError, OverflowError, OSError):
        reading.note(key, "not_date", said)
        return None


def _parse(content: bytes) -> _Element:
    document = _Element("")
    open_elements = [document]
    count = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_elements) > DEEPEST:
            raise Refused("too_deep", limit=DEEPEST)
        if count > MOST_ELEMENTS:
            raise Refused("too_many_values")
        element = _Element(clean(name.rpartition(":")[2][:100]))
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_name: str) -> None:
        open_elements.pop()

    def text(data: str) -> None:
        element = open_elements[-1]
        if len(element.text) < LONGEST_VALUE:
            element.text += data[:LONGEST_VALUE]

    def refuse(*_arguments: Any) -> int:
        raise Refused("xml_entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused("not_xml", line=error.lineno, column=error.offset + 1) from error
    except (ValueError, LookupError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("not_xml", line=1, column=1) from error
    return document.children[0] if document.children else _NOTHING
