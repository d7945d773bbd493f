"""
Observations that are neither DNS nor SMTP: a fetched document, the vantage point, a file, a person's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from .questions import HttpsQuestion, PortQuestion
from .smtp import Problem


class HttpsOutcome(StrEnum):
    """
    How an HTTPS GET ended.
    """

    ANSWER = "answer"
    """A reply with a status, whatever it is; a redirect is an answer and is not followed."""
    NOT_RESOLVED = "not_resolved"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    """The certificate does not verify; nothing was asked."""
    HANDSHAKE = "handshake"
    PROTOCOL = "protocol"
    LIMIT = "limit"
    """The body is larger than allowed, or time was up."""
    PROXY = "proxy"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class HttpsAnswer:
    """
    What an HTTPS GET came to.

    Args:
        question: What was asked.
        outcome: How it ended.
        at: When, UTC.
        took_ms: Milliseconds.
        status: HTTP status, None without a reply.
        content_type: As sent, printable.
        location: Where a redirect points, printable; it is not followed.
        body: Decoded as UTF-8 with replacement, at most the byte limit.
        size: Bytes read.
        address: The peer's address in truth.
        detail: What the system or TLS library said, printable.
    """

    question: HttpsQuestion
    outcome: HttpsOutcome
    at: datetime
    took_ms: float = 0.0
    status: int | None = None
    content_type: str = ""
    location: str = ""
    body: str = ""
    size: int = 0
    address: str = ""
    detail: str = ""
    kind: Literal["https"] = "https"


class PortState(StrEnum):
    """
    Is port 25 open from here?
    """

    OPEN = "open"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PortTry:
    """
    One control host tried.

    Args:
        host: As the environment names it.
        target: ``ADDRESS:PORT`` in truth, ``""`` where it did not resolve.
        opened: TCP opened.
        problem: Why not.
    """

    host: str
    target: str
    opened: bool
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class PortAnswer:
    """
    Whether outgoing port 25 is open from here, and how that is known.

    One host that opens proves it open. It counts as blocked only where every host that resolved timed out or was unreachable.

    Args:
        question: The control hosts asked for.
        state: The answer.
        at: When, UTC.
        took_ms: Milliseconds.
        tries: Each host.
    """

    question: PortQuestion
    state: PortState
    at: datetime
    took_ms: float = 0.0
    tries: tuple[PortTry, ...] = ()
    kind: Literal["vantage"] = "vantage"


@dataclass(frozen=True, slots=True)
class PersonNote:
    """
    What a person confirms having done or seen.

    Args:
        subject: Step or check id it is for.
        by: Who.
        at: When, as given.
        phase: Phase it holds in.
        note: What they say.
        took_ms: Milliseconds; reading text that is there takes none.
    """

    subject: str
    by: str
    at: str
    phase: str
    note: str
    took_ms: float = 0.0
    kind: Literal["person"] = "person"


@dataclass(frozen=True, slots=True)
class GivenText:
    """
    Text that was given: a list as it was pasted, or a file of exported configuration.

    Args:
        subject: ``allowlist``, ``gateway_list``, ``console_ranges``, or the name of the file.
        text: Untouched; ``""`` for a file that is not kept (too large, no UTF-8 text, or full of people's addresses).
        sha256: Of its bytes, lower-case hexadecimal.
        holds: What was recognised in a file, ``""`` for a list.
        exported_at: When it was exported, where the file says so.
        at: When it was read, UTC.
        took_ms: Milliseconds; reading text that is there takes none.
    """

    subject: str
    text: str
    sha256: str
    holds: str = ""
    exported_at: datetime | None = None
    at: datetime | None = None
    took_ms: float = 0.0
    kind: Literal["file"] = "file"
