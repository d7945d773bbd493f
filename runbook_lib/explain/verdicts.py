"""
The platforms' own header fields: what the filter of Microsoft 365 or Google decided about a message, and why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..knowledge.text import Message
from .authentication import read_results
from .mail import Part

_PAIR = re.compile(r"(?:^|;)\s{0,5}([A-Za-z-]{2,12}):([^;]{0,300})")
_NUMBER = re.compile(r"-?\d{1,3}")
_SPAM_VERDICTS = frozenset(("SPM", "SKB", "SKS"))
_KNOWN_SFV = ("BLK", "NSPM", "SFE", "SKA", "SKB", "SKI", "SKN", "SKQ", "SKS", "SPM")
_KNOWN_IPV = ("CAL", "NLI")


@dataclass(frozen=True, slots=True)
class MicrosoftView:
    """
    Microsoft 365's own fields.

    Args:
        scl: Spam confidence level, -1 to 9; None where not given.
        sfv: Why the spam filter decided so: ``NSPM``, ``SPM``, ``SKN`` and so on, upper case.
        ipv: What the connection filter said: ``CAL`` allow list, ``NLI`` on no list.
        cip: Address that was judged: with skip listing that of the real sender.
        category: ``NONE``, ``SPM``, ``PHSH``, ``SPOOF`` and so on.
        skip_listed: Value of X-MS-Exchange-SkipListedInternetSender: Enhanced Filtering looked past this address.
        original_sender: Value of X-MS-Exchange-ExternalOriginalInternetSender: Enhanced Filtering was applied to this recipient.
        compauth: Result of composite authentication, lower case.
        compauth_reason: Its three digits.
        authenticated_as: X-MS-Exchange-Organization-AuthAs or its cross-tenant form, lower case.
        pairs: All pairs of X-Forefront-Antispam-Report.
        text: The field that says most, as it stands.
    """

    scl: int | None = None
    sfv: str = ""
    ipv: str = ""
    cip: str = ""
    category: str = ""
    skip_listed: str = ""
    original_sender: str = ""
    compauth: str = ""
    compauth_reason: str = ""
    authenticated_as: str = ""
    pairs: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def judged_spam(self) -> bool:
        """
        True where the filter took the message for spam.
        """
        return self.sfv in _SPAM_VERDICTS or (self.scl is not None and self.scl >= 5)

    @property
    def filtering_skipped(self) -> bool:
        """
        True where the message was let past the spam filter: by allow list, rule or safe sender.
        """
        return self.scl == -1 or self.sfv in ("SKN", "SKA", "SKI", "SFE") or self.ipv == "CAL"


@dataclass(frozen=True, slots=True)
class GoogleView:
    """
    Google's own fields.

    Args:
        spam: Value of X-Gm-Spam, ``""`` where not given: ``1`` means spam, by the inbound gateway's rule.
        phishy: Value of X-Gm-Phishy, likewise.
        received_spf: The Received-SPF field.
        text: As they stand.
    """

    spam: str = ""
    phishy: str = ""
    received_spf: str = ""
    text: str = ""

    @property
    def judged_spam(self) -> bool:
        """
        True where the message was taken for spam or phishing.
        """
        return self.spam.strip() == "1" or self.phishy.strip() == "1"


def read_microsoft(mail: Part) -> MicrosoftView | None:
    """
    Microsoft's fields of a message; None where it has none of them.
    """
    report = mail.first("x-forefront-antispam-report") or mail.first("x-forefront-antispam-report-untrusted")
    level = mail.first("x-ms-exchange-organization-scl") or mail.first("x-microsoft-antispam")
    skip = mail.first("x-ms-exchange-skiplistedinternetsender")
    original = mail.first("x-ms-exchange-externaloriginalinternetsender")
    as_whom = mail.first("x-ms-exchange-organization-authas") or mail.first("x-ms-exchange-crosstenant-authas")
    composite = next(
        (verdict for value in mail.all("authentication-results") for verdict in [read_results(value).verdict("compauth")] if verdict), None
    )
    if not (report or level or skip or original or as_whom or composite):
        return None
    pairs = {match[1].upper(): match[2].strip() for match in _PAIR.finditer(report[:4000])}
    said = _NUMBER.fullmatch(pairs.get("SCL", "")) or _NUMBER.fullmatch(mail.first("x-ms-exchange-organization-scl").strip())
    return MicrosoftView(
        scl=int(said[0]) if said else None,
        sfv=pairs.get("SFV", "").upper(),
        ipv=pairs.get("IPV", "").upper(),
        cip=pairs.get("CIP", ""),
        category=pairs.get("CAT", "").upper(),
        skip_listed=skip,
        original_sender=original,
        compauth=composite.result if composite else "",
        compauth_reason=composite.properties.get("reason", "") if composite else "",
        authenticated_as=as_whom.strip().lower(),
        pairs=pairs,
        text=report or (composite.text if composite else "") or level or skip or original or as_whom,
    )


def read_google(mail: Part) -> GoogleView | None:
    """
    Google's fields of a message; None where it has none of them.
    """
    spam = mail.first("x-gm-spam")
    phishy = mail.first("x-gm-phishy")
    mark = mail.first("x-gm-message-state") or mail.first("x-google-smtp-source")
    spf = mail.first("received-spf") if "google.com" in mail.first("received-spf") else ""
    if not (spam or phishy or mark or spf):
        return None
    return GoogleView(spam, phishy, spf, f"X-Gm-Spam: {spam or '-'}; X-Gm-Phishy: {phishy or '-'}")


def explained_microsoft(view: MicrosoftView | None) -> tuple[Message, ...]:
    """
    What Microsoft's fields mean, one message each.
    """
    if view is None:
        return ()
    found: list[Message] = []
    if view.scl is not None:
        found.append(Message(f"explain.microsoft.scl.{_level(view.scl)}", {"scl": view.scl}))
    if view.sfv:
        found.append(Message(f"explain.microsoft.sfv.{view.sfv if view.sfv in _KNOWN_SFV else 'other'}", {"sfv": view.sfv}))
    if view.ipv:
        found.append(Message(f"explain.microsoft.ipv.{view.ipv if view.ipv in _KNOWN_IPV else 'other'}", {"ipv": view.ipv}))
    if view.cip:
        found.append(Message("explain.microsoft.cip", {"cip": view.cip}))
    if view.skip_listed:
        found.append(Message("explain.microsoft.skip_listed", {"address": view.skip_listed}))
    if view.original_sender:
        found.append(Message("explain.microsoft.original_sender", {"address": view.original_sender}))
    if view.compauth:
        found.append(
            Message(
                f"explain.microsoft.compauth.{_reason(view.compauth_reason)}", {"result": view.compauth, "reason": view.compauth_reason}
            )
        )
    return tuple(found)


def explained_google(view: GoogleView | None) -> tuple[Message, ...]:
    """
    What Google's fields mean, one message each.
    """
    if view is None:
        return ()
    found = []
    if view.spam:
        found.append(Message("explain.google.spam" if view.spam.strip() == "1" else "explain.google.no_spam", {"value": view.spam}))
    if view.phishy:
        found.append(
            Message("explain.google.phishy" if view.phishy.strip() == "1" else "explain.google.not_phishy", {"value": view.phishy})
        )
    if view.received_spf:
        found.append(Message("explain.google.received_spf", {"value": view.received_spf[:200]}))
    return tuple(found)


def _level(scl: int) -> str:
    if scl < 0:
        return "skipped"
    return "clean" if scl < 5 else "spam" if scl < 7 else "high"


def _reason(digits: str) -> str:
    known = {"000": "000", "001": "001", "002": "002", "010": "010", "130": "130"}
    if digits in known:
        return digits
    return f"{digits[0]}xx" if digits[:1] in tuple("123456789") and len(digits) == 3 else "other"
