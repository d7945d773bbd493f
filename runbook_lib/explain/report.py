"""
Delivery status notifications (RFC 3464): what each says of each recipient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .wording import enhanced_in, lines_of

MOST_RECIPIENTS = 20
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})\s{0,3}:(.*)")
_KNOWN = frozenset(
    ("reporting-mta", "dsn-gateway", "received-from-mta", "arrival-date", "original-envelope-id", "original-recipient", "final-recipient",
     "action", "status", "remote-mta", "diagnostic-code", "last-attempt-date", "final-log-id", "will-retry-until")
)  # fmt: skip
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"(?:^|[\s;:,'\"(#])([245][0-5]\d)(?=[\s\-:;,#.(]|$)(?!\.\d)")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """
    What a report says of one recipient.

    Args:
        recipient: Address, ``""`` where it is not named.
        action: ``failed``, ``delayed``, ``delivered``, ``relayed``, ``expanded`` or ``""``, lower case.
        status: Enhanced code of the Status field, None where it is no such code.
        diagnostic: Text of the Diagnostic-Code fields, without the type.
        kind: That type, lower case, ``smtp`` for example.
        remote: Name of the remote MTA.
        reporting: Name of the reporting MTA.
    """

    recipient: str
    action: str
    status: str | None
    diagnostic: str
    kind: str
    remote: str
    reporting: str

    @property
    def code(self) -> int | None:
        """
        Basic SMTP code in the diagnostic.
        """
        match = _CODE.search(self.diagnostic[:400]) if self.kind in ("smtp", "") or self.kind.startswith("x-") else None
        return int(match[1]) if match else None

    @property
    def enhanced(self) -> str | None:
        """
        The more telling of the diagnostic's enhanced code and the Status.
        """
        said = enhanced_in(self.diagnostic[:400]) if self.kind != "x-unix" else None
        if said and not (said.endswith(".0.0") and self.status and not self.status.endswith(".0.0")):
            return said
        return self.status or said

    @property
    def failure(self) -> bool:
        """
        False for a recipient whom the message reached, or was handed on for.
        """
        if self.action:
            return self.action not in ("delivered", "relayed", "expanded", "deliverable")
        return not (self.status or "").startswith("2")


def statuses(text: str) -> tuple[RecipientStatus, ...]:
    """
    What a ``message/delivery-status`` says, recipient by recipient, at most `MOST_RECIPIENTS`.

    Args:
        text: Its body. Lines that are no field continue the one before, indented or not.
    """
    groups: list[dict[str, list[str]]] = [{}]
    last: list[str] | None = None
    for line in lines_of(text):
        if not line.strip():
            if groups[-1]:
                groups.append({})
            last = None
            continue
        match = None if line[0] in " \t" else _FIELD.match(line)
        if match is not None and (match[1].lower() in _KNOWN or match[1].lower().startswith("x-")):
            name = match[1].lower()
            if name == "final-recipient" and name in groups[-1]:
                groups.append({})
            last = groups[-1].setdefault(name, [])
            last.append(match[2].strip())
        elif last is not None:
            last[-1] += " " + line.strip()
    reporting = next((_second(group["reporting-mta"][0]) for group in groups if "reporting-mta" in group), "")
    about = [group for group in groups if _about_recipient(group)]
    named = [group for group in about if group.keys() & {"final-recipient", "original-recipient", "diagnostic-code"}]
    found = [_status(group, reporting) for group in named or about]
    return tuple(found[:MOST_RECIPIENTS])


def looks_like_status(text: str) -> bool:
    """
    True for the text of a delivery status that stands alone.
    """
    names = {match[1].lower() for match in map(_FIELD.match, lines_of(text)[:120]) if match}
    return bool(names & {"final-recipient", "original-recipient"}) and bool(names & {"action", "status"})


def _about_recipient(group: dict[str, list[str]]) -> bool:
    return bool(group.keys() & {"final-recipient", "original-recipient", "action", "status", "diagnostic-code"})


def _status(group: dict[str, list[str]], reporting: str) -> RecipientStatus:
    named = next((group[name][0] for name in ("final-recipient", "original-recipient", "x-actual-recipient") if group.get(name)), "")
    diagnostics = group.get("diagnostic-code", [])
    kind = diagnostics[0].split(";", 1)[0].strip().lower() if diagnostics and ";" in diagnostics[0][:40] else ""
    status = _STATUS.search(group.get("status", [""])[0])
    return RecipientStatus(
        recipient=_second(named).strip("<> ").lower(),
        action=group.get("action", [""])[0].split("(")[0].split(";")[0].strip().lower(),
        status=status[0] if status else None,
        diagnostic=" ".join(_second(each) if ";" in each[:40] else each for each in diagnostics)[:4000],
        kind=kind,
        remote=_second(group.get("remote-mta", [""])[0]).split(" ")[0],
        reporting=reporting,
    )


def _second(value: str) -> str:
    head, mark, rest = value.partition(";")
    return (rest if mark and len(head) <= 30 else value).strip()
