"""
TLS-RPT records: where senders report failed TLS to (RFC 8460).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..observations import DnsAnswer, DnsQuestion, Plan, ask_dns
from .dmarc import destination
from .tag_list import letters_of, read_tags

VERSION = "TLSRPTv1"
"""
The version a record has to begin with, spelt exactly so.
"""


@dataclass(frozen=True, slots=True)
class TlsReporting:
    """
    One record.

    Args:
        text: As published.
        reports: URIs that reports can be sent to.
        wrong: What is no field, or no such URI.
    """

    text: str
    reports: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """
        True where it is well written and names a place to report to.
        """
        return bool(self.reports) and not self.wrong


@dataclass(frozen=True, slots=True)
class TlsReportingView:
    """
    What a domain publishes.

    Args:
        domain: Whose.
        answer: The answer for ``_smtp._tls``.
        texts: The records: one is right (section 3).
        others: Texts that were meant to be one and are none.
    """

    domain: str
    answer: DnsAnswer
    texts: tuple[str, ...]
    others: tuple[str, ...]


def is_tls_rpt(text: str) -> bool:
    """
    True for a text that senders take for a record: it begins with the version and a semicolon (section 3).
    """
    return text.startswith(VERSION_TAG) and text[len(VERSION_TAG) :].lstrip(" \t").startswith(";")


VERSION_TAG = f"v={VERSION}"
"""
The first field.
"""


def parse_record(text: str) -> TlsReporting:
    """
    Read a record. Never raises.
    """
    tags = read_tags(text)
    uris = [uri.strip(" \t") for uri in (tags.first("rua") or "").split(",")]
    good = tuple(uri for uri in uris if _is_target(uri))
    bad = [f"rua={uri}" for uri in uris if uri and uri not in good]
    return TlsReporting(text, good, (*tags.malformed, *bad, *tags.repeated()))


def _is_target(uri: str) -> bool:
    try:
        return uri.lower().startswith(("mailto:", "https://")) and "!" not in uri and bool(destination(uri))
    except ValueError:
        return False


def see_reporting(domain: str) -> Plan[TlsReportingView]:
    """
    Ask for a domain's record.

    Args:
        domain: A-label name.
    """
    (answer,) = yield from ask_dns(DnsQuestion(f"_smtp._tls.{domain}", "TXT"))
    found = [record.text for record in answer.records]
    texts = tuple(text for text in found if is_tls_rpt(text))
    others = tuple(text for text in found if text not in texts and letters_of(text).startswith(("vtlsrpt", "tlsrpt")))
    return TlsReportingView(domain, answer, texts, others)
