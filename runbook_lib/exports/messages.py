"""
A delivered message (``.eml``): its header fields, as they stand. What they mean is for others to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .refusing import Refused

LARGEST_HEADER = 512 * 1024
MOST_FIELDS = 2_000
_LOOKED_AT = 16 * 1024
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_TELLING = frozenset(
    (
        "received", "return-path", "delivered-to", "authentication-results", "arc-seal", "dkim-signature", "message-id", "date",
        "from", "to", "subject", "mime-version", "x-received", "x-ms-exchange-organization-authas",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeaderField:
    """
    One header field.

    Args:
        name: As spelt.
        value: Unfolded, white space at both ends removed; bytes that are not UTF-8 stand as U+FFFD.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DeliveredMessage:
    """
    A message as the mailbox's owner saved it.

    Args:
        fields: Header fields, top first.
        header: The header section's bytes, at most `LARGEST_HEADER`.
        body_size: Bytes behind it.
    """

    fields: tuple[HeaderField, ...]
    header: bytes
    body_size: int

    def values(self, name: str) -> tuple[str, ...]:
        """
        All values of one field, top first.

        Args:
            name: Without regard to case.
        """
        return tuple(field.value for field in self.fields if field.name.casefold() == name.casefold())

    @property
    def received(self) -> tuple[str, ...]:
        """
        The ``Received`` fields, newest first, as they stand.
        """
        return self.values("Received")


def looks_like_message(content: bytes) -> bool:
    """
    True where a file begins with at least two header fields that messages have, and nothing else.
    """
    names: set[str] = set()
    lines = _lines(content[:_LOOKED_AT])
    whole = lines if len(content) <= _LOOKED_AT else lines[:-1]
    for line in whole:
        if not line:
            break
        if line[:1] in b" \t":
            continue
        match = _FIELD.fullmatch(line)
        if match is None:
            return False
        names.add(match.group(1).decode("ascii").casefold())
    return len(names & _TELLING) >= 2


def read_message(content: bytes) -> DeliveredMessage:
    """
    Read a message's header.

    Raises:
        Refused: The header is larger than any real one.
    """
    lines = _lines(content[: LARGEST_HEADER + 1])
    try:
        end = lines.index(b"")
    except ValueError:
        if len(content) > LARGEST_HEADER:
            raise Refused("header_too_large", limit=LARGEST_HEADER // 1024) from None
        end = len(lines)
    found: list[tuple[str, list[bytes]]] = []
    for line in lines[:end]:
        match = None if line[:1] in b" \t" else _FIELD.fullmatch(line)
        if match is not None:
            found.append((match.group(1).decode("ascii"), [match.group(2)]))
        elif found and line[:1] in b" \t":
            found[-1][1].append(line)
    if len(found) > MOST_FIELDS:
        raise Refused("too_many_values")
    header = b"\n".join(lines[:end])
    fields = tuple(HeaderField(name, _unfold(parts)) for name, parts in found)
    return DeliveredMessage(fields, header, max(0, len(content) - len(header)))


def _unfold(parts: list[bytes]) -> str:
    return b" ".join(part.strip() for part in parts).decode("utf-8", "replace").strip()


def _lines(content: bytes) -> list[bytes]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    lines = re.split(rb"\r\n|\n|\r", content)
    if lines and lines[0].startswith(b"From ") and b":" not in lines[0].split(b" ")[0]:
        lines = lines[1:]
    return lines
