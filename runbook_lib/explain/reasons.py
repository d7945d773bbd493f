"""
What a diagnosis says: the reason, whose it is, where it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..knowledge.text import Catalogue, Message, Words, visible

LONGEST_MATCH = 400
"""
Characters of outside text that a diagnosis shows at most.
"""
_PLATFORMS = ("microsoft", "google")
_SETTINGS = ("lock", "trusts")
"""
Where a platform is told of the gateway; the words are in ``words.value``, by platform.
"""


class Reason(StrEnum):
    """
    Why a message came back, or was refused.
    """

    USER_UNKNOWN = "user_unknown"
    MAILBOX_FULL = "mailbox_full"
    MAILBOX_DISABLED = "mailbox_disabled"
    RELAY_DENIED = "relay_denied"
    DOMAIN_NOT_ACCEPTED = "domain_not_accepted"
    LOCKED_TO_GATEWAY = "locked_to_gateway"
    DIRECT_SEND_REJECTED = "direct_send_rejected"
    WRONG_REGION = "wrong_region"
    AUTHENTICATION_FAILED = "authentication_failed"
    POLICY_REJECTED = "policy_rejected"
    SPAM_OR_VIRUS = "spam_or_virus"
    CONTENT_REJECTED = "content_rejected"
    SENDER_REJECTED = "sender_rejected"
    IP_REPUTATION = "ip_reputation"
    RATE_LIMITED = "rate_limited"
    GREYLISTED = "greylisted"
    TLS_REQUIRED = "tls_required"
    TLS_FAILED = "tls_failed"
    MESSAGE_TOO_BIG = "message_too_big"
    MAIL_LOOP = "mail_loop"
    NETWORK_ERROR = "network_error"
    DNS_ERROR = "dns_error"
    SYSTEM_ERROR = "system_error"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    NOT_A_BOUNCE = "not_a_bounce"


class Whose(StrEnum):
    """
    On whose side the cause is.
    """

    SENDER = "sender"
    GATEWAY = "gateway"
    PLATFORM = "platform"
    RECIPIENT = "recipient"
    NETWORK = "network"
    PROBE = "probe"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """
    Where on its way the message was.
    """

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """
    One explanation.

    Args:
        reason: Why.
        reply_code: Basic SMTP code, None where none was said.
        enhanced_code: Enhanced status code (RFC 3463), likewise.
        temporary: By the class of the code, or because the report says that delivery goes on; a message that expired is not tried again.
        whose: On whose side the cause is.
        stage: Where it happened, None where that is not said.
        matched: The text it rests on, printable, at most `LONGEST_MATCH` characters.
        next: The step of the runbook that deals with it, None for none.
        message: Its words: a message of ``explain.toml``.
        entry: Id of the catalogue's entry it rests on, ``""`` for a code alone.
        certainty: 3 by words, 2 by words that fit many things, 1 by a code, 0 by nothing; orders several diagnoses.
        recipient: Whom it is about, ``""`` where not known.
    """

    reason: Reason
    reply_code: int | None = None
    enhanced_code: str | None = None
    temporary: bool = False
    whose: Whose = Whose.UNKNOWN
    stage: Stage | None = None
    matched: str = ""
    next: str | None = None
    message: Message = field(default_factory=lambda: Message("explain.unknown"))
    entry: str = ""
    certainty: int = 0
    recipient: str = ""

    def words(self, catalogue: Catalogue) -> Words:
        """
        The sentences of this diagnosis.
        """
        values = dict(self.message.values)
        for name in ("recipient", "host"):
            value = str(values.get(name) or "") or catalogue.text("explain.nobody", name)
            values[name] = value
            values[f"{name}_first"] = value if "." in value else value[:1].upper() + value[1:]
        platform = values.get("system") if values.get("system") in _PLATFORMS else "other"
        values |= {setting: f"{setting}_{platform}" for setting in _SETTINGS}
        return catalogue.words(Message(self.message.id, values))

    def as_json(self, catalogue: Catalogue) -> Mapping[str, str | int | bool | None]:
        """
        The object that ``runbook explain --json`` prints.
        """
        words = self.words(catalogue)
        return {
            "reason": self.reason.value,
            "reply_code": self.reply_code,
            "enhanced_code": self.enhanced_code,
            "temporary": self.temporary,
            "whose": self.whose.value,
            "stage": self.stage.value if self.stage else None,
            "summary": words.summary,
            "remedy": words.remedy,
            "matched": self.matched,
            "next": self.next,
        }


def shown(text: str) -> str:
    """
    Outside text as a diagnosis shows it: one line, printable, bounded.
    """
    line = visible(" ".join(text.split()))
    return line if len(line) <= LONGEST_MATCH else line[: LONGEST_MATCH - 1] + "…"
