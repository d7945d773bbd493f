"""
Messages from anywhere: header fields and parts, read without ever failing and within bounds.

The standard library's parser follows nesting without end and keeps everything; what is needed here is small.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CONSIDERED = 1024 * 1024
"""
Bytes of a message that are looked at.
"""
_MOST_FIELDS = 1000
_MOST_PARTS = 60
_DEEPEST = 6
_LONGEST_FIELD = 16 * 1024
_FIELD = re.compile(r"([!-9;-~]{1,120})[ \t]{0,20}:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]{0,1000})\?=(?:\s{1,20}(?==\?))?")
_PARAMETER = re.compile(r";\s{0,20}([A-Za-z0-9_*-]{1,40})\s{0,5}=\s{0,5}(?:\"([^\"]{0,400})\"|([^\s;\"]{1,400}))")
_BLOCK = re.compile(r"<(style|script|head|title)\b[^<>]{0,500}>.{0,20000}?</\1>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table|/?blockquote)\b[^<>]{0,1000}>", re.IGNORECASE)
_TAG = re.compile(r"<[!/a-zA-Z][^<>]{0,2000}>")
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf_7_imap"))


@dataclass(frozen=True, slots=True)
class Part:
    """
    A message, or a part of one.

    Args:
        fields: Header fields in order, names in lower case, values unfolded.
        kind: Content type, lower case, ``text/plain`` where none is named.
        parameters: Of the content type, names in lower case.
        text: The body, decoded; ``""`` where it is no text.
        parts: Of a multipart, or the one message of a ``message/rfc822``.
    """

    fields: tuple[tuple[str, str], ...] = ()
    kind: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    text: str = ""
    parts: tuple[Part, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """
        All values of one field, top first; ``name`` in lower case.
        """
        return tuple(value for key, value in self.fields if key == name)

    def first(self, name: str) -> str:
        """
        The first value of one field, ``""`` where there is none.
        """
        return next((value for key, value in self.fields if key == name), "")

    def walk(self) -> Iterator[Part]:
        """
        This part and those in it, in order; those of a message within stay out.
        """
        yield self
        if self.kind.startswith("message/"):
            return
        for part in self.parts:
            yield from part.walk()


def read_mail(content: bytes) -> Part:
    """
    Read a message.

    Args:
        content: As it was saved or pasted; only its first `CONSIDERED` bytes are looked at.
    """
    text = content[:CONSIDERED].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return _part(text.removeprefix("\xef\xbb\xbf").lstrip("\n"), _Budget(_MOST_PARTS), 0)


def header_fields(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """
    Header fields of a text, and what is behind them.

    Args:
        text: Lines ended by a line feed. Lines that are no field and continue none end the header, as an empty line does.
    """
    found: list[tuple[str, list[str]]] = []
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if not line.strip():
            return _joined(found), text[end + 1 :]
        match = None if line[0] in " \t" else _FIELD.fullmatch(line[:_LONGEST_FIELD])
        if match is not None:
            if len(found) < _MOST_FIELDS:
                found.append((match[1].lower(), [match[2]]))
        elif line[0] in " \t" and found:
            found[-1][1].append(line[:_LONGEST_FIELD])
        elif line.startswith(("From ", ">From ")) and position == 0:
            pass
        else:
            return _joined(found), text[position:]
        position = end + 1
    return _joined(found), ""


def decoded_words(value: str) -> str:
    """
    A field's value with its encoded words (RFC 2047) decoded.
    """

    def plain(match: re.Match[str]) -> str:
        raw = match[3]
        data = _from_base64(raw.encode("latin-1", "replace")) if match[2] in "bB" else quopri.decodestring(raw.replace("_", " ").encode())
        return _decoded(data, match[1])

    return _WORD.sub(plain, value[:_LONGEST_FIELD]) if "=?" in value else value


def without_markup(text: str) -> str:
    """
    The text of a piece of HTML, line breaks where it has blocks.
    """
    text = _BREAK.sub("\n", _BLOCK.sub(" ", text[:CONSIDERED]))
    return html.unescape(_TAG.sub(" ", text))


@dataclass(slots=True)
class _Budget:
    parts: int


def _joined(found: list[tuple[str, list[str]]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, " ".join(piece.strip() for piece in pieces)[:_LONGEST_FIELD].strip()) for name, pieces in found)


def _part(text: str, budget: _Budget, depth: int) -> Part:
    budget.parts -= 1
    fields, body = header_fields(text)
    named = next((value for key, value in fields if key == "content-type"), "")
    kind = named.split(";", 1)[0].strip().lower() or "text/plain"
    parameters = {match[1].lower().rstrip("*0"): match[2] if match[2] is not None else match[3] for match in _PARAMETER.finditer(named)}
    encoding = next((value for key, value in fields if key == "content-transfer-encoding"), "").strip().lower()
    boundary = parameters.get("boundary", "")
    if kind.startswith("multipart/") and boundary and depth < _DEEPEST:
        inner = []
        for piece in _pieces(body, boundary):
            if budget.parts <= 0:
                break
            inner.append(_part(piece, budget, depth + 1))
        return Part(fields, kind, parameters, "" if inner else _text(body, "", ""), tuple(inner))
    if kind in ("message/rfc822", "message/global") and depth < _DEEPEST and budget.parts > 0:
        whole = _undone(body, encoding).decode("latin-1")
        return Part(fields, kind, parameters, "", (_part(whole.lstrip("\n"), budget, depth + 1),))
    if kind.startswith(("text/", "message/", "multipart/")) or not named or "/" not in kind:
        plain = _text(body, encoding, parameters.get("charset", ""))
        return Part(fields, kind, parameters, without_markup(plain) if kind == "text/html" else plain)
    return Part(fields, kind, parameters)


def _pieces(body: str, boundary: str) -> Iterator[str]:
    mark = "--" + boundary
    position = body.find(mark) if body.startswith(mark) else body.find("\n" + mark)
    if position < 0:
        return
    if not body.startswith(mark):
        position += 1
    while position >= 0:
        start = body.find("\n", position)
        if start < 0 or body.startswith("--", position + len(mark)):
            return
        # The line feed before the next boundary belongs to it; an empty part has just that one.
        end = body.find("\n" + mark, start)
        yield body[start + 1 : end] if end >= 0 else body[start + 1 :]
        position = end + 1 if end >= 0 else -1


def _undone(body: str, encoding: str) -> bytes:
    data = body.encode("latin-1", "replace")
    if encoding == "base64":
        return _from_base64(data)
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    return data


def _from_base64(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""


def _text(body: str, encoding: str, charset: str) -> str:
    return _decoded(_undone(body, encoding), charset).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, charset: str) -> str:
    name = charset.strip().strip("\"'").lower().split("*")[0]
    known = bool(name) and name.replace("-", "_") not in _NO_CHARSETS and name not in ("us-ascii", "ascii", "unknown-8bit")
    for each, errors in ((name, "strict"), ("utf-8", "strict"), (name, "replace")):
        if each != name or known:
            try:
                return data.decode(each, errors)
            except (LookupError, ValueError):
                continue
    return data.decode("latin-1")
