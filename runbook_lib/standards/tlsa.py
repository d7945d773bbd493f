"""
TLSA records of mail servers and what they match (RFC 6698, 7671, 7672).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from ..observations import Certificate

if TYPE_CHECKING:
    from cryptography import x509

TRUST_ANCHOR = 2
"""
Certificate usage DANE-TA: an authority of the chain.
"""
END_ENTITY = 3
"""
Certificate usage DANE-EE: the server's own certificate.
"""
_LENGTHS = {1: 64, 2: 128}


class Match(StrEnum):
    """
    How a chain stands to a set of TLSA records, best first.
    """

    MATCHES = "matches"
    EXPIRED = "expired"
    """An authority matches, but a certificate on the way to it is not within its dates."""
    NAME = "name"
    """An authority matches, but the server's certificate bears another name."""
    CHAIN = "chain"
    """An authority matches, but did not sign the way down to the server's certificate."""
    NOT_SENT = "not_sent"
    """A record holds a whole authority that the server does not send: not decided here."""
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Tlsa:
    """
    One record.

    Args:
        usage: Certificate usage.
        selector: 0 the whole certificate, 1 its public key.
        matching: 0 as it is, 1 SHA-256, 2 SHA-512.
        data: Lower-case hexadecimal.
    """

    usage: int
    selector: int
    matching: int
    data: str

    @property
    def usable(self) -> bool:
        """
        True where a mail sender can use it: usage 2 or 3, parameters it knows, data of the right length (RFC 7672 section 3.1).
        """
        if self.usage not in (TRUST_ANCHOR, END_ENTITY) or self.selector not in (0, 1) or self.matching not in (0, 1, 2):
            return False
        return len(self.data) == _LENGTHS.get(self.matching, len(self.data)) and bool(self.data)

    def __str__(self) -> str:
        shown = self.data if len(self.data) <= 16 else f"{self.data[:16]}…"
        return f"{self.usage} {self.selector} {self.matching} {shown}"


def parse_tlsa(data: str) -> Tlsa | None:
    """
    Read record data in presentation form.

    Returns:
        None for what is none.
    """
    parts = data.split(None, 3)
    if len(parts) < 4 or not all(part.isascii() and part.isdigit() for part in parts[:3]):
        return None
    text = "".join(parts[3].split()).lower()
    if set(text) - set("0123456789abcdef"):
        return None
    return Tlsa(int(parts[0][:3]), int(parts[1][:3]), int(parts[2][:3]), text)


@dataclass(frozen=True)
class _Link:
    """
    One certificate of a chain.
    """

    seen: Certificate

    @cached_property
    def der(self) -> bytes:
        return base64.b64decode(self.seen.der)

    @cached_property
    def parsed(self) -> x509.Certificate | None:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - loaded with the first TLSA record, not with the checks
        from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - likewise

        try:
            return load_der_x509_certificate(self.der)
        except (ValueError, UnsupportedAlgorithm):
            return None

    @cached_property
    def spki(self) -> bytes:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see `parsed`
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 - see `parsed`

        try:
            return self.parsed.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if self.parsed else b""
        except (ValueError, UnsupportedAlgorithm):
            return b""

    def matches(self, record: Tlsa) -> bool:
        """
        True where a record describes this certificate (RFC 6698 section 2.1).
        """
        if record.matching == 1:
            return record.data == (self.seen.spki_sha256 if record.selector else self.seen.sha256)
        content = self.spki if record.selector else self.der
        if not content:
            return False
        return record.data == (hashlib.sha512(content).hexdigest() if record.matching == 2 else content.hex())

    def issued(self, other: _Link) -> bool:
        """
        True where this certificate's key signed another.
        """
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415 - see `parsed`

        if self.parsed is None or other.parsed is None:
            return False
        try:
            other.parsed.verify_directly_issued_by(self.parsed)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True


def match_chain(records: Iterable[Tlsa], chain: Sequence[Certificate], names: Sequence[str], now: datetime) -> Match:
    """
    Compare what a server presents with its TLSA records.

    Usage 3 looks at the server's own key alone: neither names nor dates count (RFC 7672 section 3.1.1). Usage 2 wants the way from the
    authority down to the server's certificate, its name and its dates (section 3.1.2).

    Args:
        records: The usable ones.
        chain: As presented, the server's own first; at least one.
        names: The names the server may bear: the MX host, what it is an alias of, the domain.
        now: The time of judging.

    Returns:
        The best any record comes to.
    """
    links = [_Link(each) for each in chain]
    found = {_match_one(record, links, names, now) for record in records}
    return next((each for each in Match if each in found), Match.MISMATCH)


def _match_one(record: Tlsa, links: Sequence[_Link], names: Sequence[str], now: datetime) -> Match:
    if record.usage == END_ENTITY:
        return Match.MATCHES if links[0].matches(record) else Match.MISMATCH
    anchor = next((index for index, link in enumerate(links) if link.matches(record)), None)
    if anchor is None:
        return Match.NOT_SENT if record.matching == 0 else Match.MISMATCH
    way = _way_down(links, anchor)
    if way is None:
        return Match.CHAIN
    if any(not link.seen.not_before <= now < link.seen.not_after for link in way):
        return Match.EXPIRED
    return Match.MATCHES if any(bears(links[0].seen, name) for name in names) else Match.NAME


def _way_down(links: Sequence[_Link], anchor: int) -> list[_Link] | None:
    """
    The certificates from the server's own up to the authority, each signed by the next; the order in which they were sent does not matter.
    """
    way = [links[0]]
    while way[-1] is not links[anchor]:
        issuer = next((link for link in links if link not in way and link.issued(way[-1])), None)
        if issuer is None:
            return None
        way.append(issuer)
    return way


def bears(certificate: Certificate, name: str) -> bool:
    """
    True where a certificate is for a name, by its subjectAltName; ``*`` stands for one label (RFC 7672 section 3.2.3).
    """
    rest = name.partition(".")[2]
    return name in certificate.names or bool(rest and f"*.{rest}" in certificate.names)
