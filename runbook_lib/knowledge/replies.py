"""
What SMTP replies mean: the catalogue ``replies.toml``, and how a reply is looked up in it.

A reply that no entry knows is not guessed at: it is `Meaning.TEMPORARY` with 4xx, `Meaning.REFUSED` with 5xx.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from .platforms import platform_facts

GATEWAY = "gateway"
"""
Stands for the gateway where a platform is asked for.
"""
FOREIGN = "foreign"
"""
Stage of a RCPT for a domain that is nobody's here: the open-relay question.
"""
_LONGEST = 4000


class Reply(Protocol):
    """
    What is needed of a reply.
    """

    @property
    def code(self) -> int:
        """
        Three-digit basic code.
        """

    @property
    def text(self) -> str:
        """
        All lines in one.
        """

    @property
    def enhanced(self) -> str | None:
        """
        Enhanced status code.
        """


class Meaning(StrEnum):
    """
    What a reply says.
    """

    ACCEPTED = "accepted"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_DISABLED = "mailbox_disabled"
    RECIPIENT_RESTRICTED = "recipient_restricted"
    """Only authenticated or named senders may write to this mailbox."""
    LOCKED = "locked"
    """Mail must come through the gateway."""
    DIRECT_SEND_REJECTED = "direct_send_rejected"
    RELAY_DENIED = "relay_denied"
    DOMAIN_NOT_ACCEPTED = "domain_not_accepted"
    WRONG_HOST = "wrong_host"
    """The tenant lives behind another door."""
    NO_MAILBOXES = "no_mailboxes"
    """The tenant has no licence for mail."""
    AUTHENTICATION_REQUIRED = "authentication_required"
    TLS_REQUIRED = "tls_required"
    CLIENT_REFUSED = "client_refused"
    """The server does not take mail from this address, and says no more."""
    PROBE_REPUTATION = "probe_reputation"
    """The reply is about the probe's own address."""
    RATE_LIMITED = "rate_limited"
    BAD_HELLO = "bad_hello"
    SENDER_REFUSED = "sender_refused"
    """The reply is about the probe's sender address."""
    GREYLISTED = "greylisted"
    TEMPORARY = "temporary"
    TEST_DOMAIN_REFUSED = "test_domain_refused"
    """Only says that the domain of the open-relay question does not exist or takes no mail."""
    LOOP = "loop"
    CONTENT_REFUSED = "content_refused"
    NOT_REGISTERED = "not_registered"
    """The gateway does not know the domain in this region."""
    RECIPIENT_VALIDATION = "recipient_validation"
    """The gateway does not know the address."""
    INBOUND_DISABLED = "inbound_disabled"
    """The gateway account takes no inbound mail yet."""
    OUTBOUND_HOST = "outbound_host"
    """The gateway host is one for outbound mail."""
    REFUSED = "refused"
    """Refused for good, for a reason that no entry knows."""

    @property
    def about_probe(self) -> bool:
        """
        True where the reply speaks of the one who asks, so that it says nothing about the customer.
        """
        return self in _ABOUT_PROBE


_ABOUT_PROBE = frozenset(
    {
        Meaning.PROBE_REPUTATION,
        Meaning.RATE_LIMITED,
        Meaning.BAD_HELLO,
        Meaning.SENDER_REFUSED,
        Meaning.CLIENT_REFUSED,
        Meaning.DIRECT_SEND_REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    A reply and what it means.

    Args:
        meaning: What it says.
        entry: Id of the catalogue's entry, ``""`` where none matched.
        source: Where the entry is from, ``""`` likewise.
    """

    meaning: Meaning
    entry: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    family: str
    meaning: Meaning
    source: str
    code: re.Pattern[str]
    enhanced: re.Pattern[str] | None
    text: re.Pattern[str] | None
    stages: frozenset[str]

    def matches(self, reply: Reply, stage: str) -> bool:
        wanted = {stage, "rcpt"} if stage == FOREIGN else {stage}
        if self.stages and not self.stages & wanted:
            return False
        if not self.code.fullmatch(str(reply.code)):
            return False
        if self.enhanced is not None and not (reply.enhanced and self.enhanced.fullmatch(reply.enhanced)):
            return False
        return self.text is None or self.text.search(reply.text[:_LONGEST].lower()) is not None


def classify(reply: Reply, stage: str, platform: str = "") -> Reading:
    """
    What a reply means.

    Args:
        reply: Any reply of a server.
        stage: Where it was given: ``greeting``, ``ehlo``, ``starttls``, ``mail``, ``rcpt``, ``data``, ``message``, or `FOREIGN`.
        platform: Platform code, `GATEWAY`, or ``""``; the replies of its families are looked at first. An entry of another family
            counts only where it rests on the words, because enhanced codes alone mean different things in different places.

    Returns:
        The meaning; `Meaning.ACCEPTED` for 2xx and 3xx.
    """
    if reply.code < 400:
        return Reading(Meaning.ACCEPTED)
    families = ("mimecast",) if platform == GATEWAY else platform_facts(platform).families if platform else ()
    entries = _entries()
    order = (
        *(entry for entry in entries if stage == FOREIGN and FOREIGN in entry.stages),
        *(entry for family in families for entry in entries if entry.family == family),
        *(entry for entry in entries if entry.family == "any"),
        *(entry for entry in entries if entry.family not in (*families, "any") and entry.text is not None),
    )
    for entry in order:
        if entry.matches(reply, stage):
            return Reading(entry.meaning, entry.id, entry.source)
    return Reading(Meaning.TEMPORARY if reply.code < 500 else Meaning.REFUSED)


def catalogue_date() -> str:
    """
    When the catalogue was put together.
    """
    return str(_data()["as_of"])


def entry_ids() -> tuple[str, ...]:
    """
    The ids of all entries, in order.
    """
    return tuple(entry.id for entry in _entries())


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            id=item["id"],
            family=item["family"],
            meaning=Meaning(item["meaning"]),
            source=item["source"],
            code=re.compile(item["code"]),
            enhanced=re.compile(item["enhanced"]) if "enhanced" in item else None,
            text=re.compile(item["text"]) if "text" in item else None,
            stages=frozenset(item.get("stages", ())),
        )
        for item in _data()["reply"]
    )


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("replies.toml").read_text(encoding="utf-8"))
