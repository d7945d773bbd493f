"""
What was pasted: a message, the header of one, or other text.
"""

from __future__ import annotations

import re

from .bounce import explain_message
from .dialogue import explain_text
from .headers import findings_of, read_part
from .judging import not_a_bounce, ordered
from .mail import CONSIDERED, Part, decoded_words, header_fields, read_mail
from .reasons import Diagnosis

READ_AT_MOST = 10 * 1024 * 1024
"""
Bytes of a file that are read; only the beginning is looked at.
"""
_TELLING = frozenset(
    ("received", "return-path", "delivered-to", "from", "to", "subject", "date", "message-id", "mime-version", "content-type",
     "authentication-results", "arc-authentication-results", "x-forefront-antispam-report",
     "received-spf", "dkim-signature", "x-ms-exchange-organization-scl",
     "x-microsoft-antispam", "auto-submitted", "x-failed-recipients")
)  # fmt: skip
_HEADER_ALONE = frozenset(
    (
        "received",
        "authentication-results",
        "x-forefront-antispam-report",
        "arc-authentication-results",
        "x-microsoft-antispam",
        "received-spf",
    )
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def explain(content: bytes | str) -> tuple[Diagnosis, ...]:
    """
    Explain anything that was pasted or saved.

    Args:
        content: A message with or without its body, a delivery status, a reply, a transcript, log lines, or the words of a bounce.

    Returns:
        At least one diagnosis, best first. Nothing in the content makes this fail.
    """
    data = _bytes(content)
    mail = read_mail(data)
    names = {name for name, _ in mail.fields}
    if len(names & _TELLING) >= 2 or names & _HEADER_ALONE:
        return _header_only(mail) if _is_header_only(mail, data) else explain_message(mail)
    return explain_text(_text(data))


def _bytes(content: bytes | str) -> bytes:
    if isinstance(content, str):
        return content[:CONSIDERED].encode("utf-8", "replace")
    if content.startswith(_UTF16):
        return content[: 2 * CONSIDERED].decode("utf-16", "replace").encode("utf-8", "replace")
    return content[:CONSIDERED]


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return re.sub(r"\r\n?", "\n", text)


def _is_header_only(mail: Part, data: bytes) -> bool:
    rest = header_fields(data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").lstrip("\n"))[1]
    return not rest.strip() and not mail.parts and not mail.first("x-failed-recipients")


def _header_only(mail: Part) -> tuple[Diagnosis, ...]:
    found = findings_of(read_part(mail))
    return ordered(found) if found else (not_a_bounce("headers", decoded_words(mail.first("subject"))),)
