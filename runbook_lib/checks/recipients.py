"""
``recipients.coverage``: does the gateway know every address of the platform? Mail to one it does not know is refused from the first day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..environment import DomainScope, Platform
from ..exports.kinds import Kind
from ..exports.recipients import Recipient, RecipientSource
from ..results import Finding, Status
from .case import Case, Check
from .exported import MOST_SHOWN, address_at, evidence_of_kinds, spellings
from .tenant import TENANT, concerned, facts, not_concerned

_PLATFORM = (Kind.RECIPIENTS, Kind.GOOGLE_USERS, Kind.GOOGLE_GROUPS, Kind.GOOGLE_ALIASES)
_SYSTEM = frozenset({"arbitrationmailbox", "auditlogmailbox", "discoverymailbox", "monitoringmailbox", "auxauditlogmailbox"})
"""
Mailboxes the system keeps for itself, which nobody writes to (Get-Recipient, RecipientTypeDetails).
"""

_WAYS = {
    Platform.MICROSOFT_365: "recipients_microsoft",
    Platform.ON_PREMISES: "recipients_microsoft",
    Platform.HYBRID: "recipients_microsoft",
    Platform.GOOGLE_WORKSPACE: "recipients_google",
    Platform.HOSTED_EXCHANGE: "recipients_provider",
}
"""
How each platform gives its addresses: names of ``words.way``.
"""


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``recipients.coverage``.
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    platform, known = case.exports.platform_recipients, case.exports.gateway_addresses
    values = facts(case, scopes) | {"ways": list(dict.fromkeys(_WAYS[scope.platform] for scope in scopes))}
    evidence = evidence_of_kinds(case, *_PLATFORM, Kind.GATEWAY_ADDRESSES)
    if platform is None or known is None:
        message = "manual" if platform is None and known is None else "manual_platform" if platform is None else "manual_gateway"
        return [check.finding(TENANT, Status.MANUAL, message, values, evidence=evidence)]
    names = spellings(scopes)
    here = _addresses((each for each in platform if each.kind.casefold() not in _SYSTEM), names)
    there = _addresses(known, names)
    holes, unread = _holes(case, scopes, platform), _unread(case)
    values |= _counts(here, there, names) | {"holes": holes, "unread": unread}
    if not here:
        status, message, causes = Status.UNKNOWN, "nothing_here", ("empty_export",)
    elif values["number"]:
        status, message, causes = Status.FAIL, "missing", ("missing",)
    elif holes or unread:
        status, message, causes = Status.UNKNOWN, "incomplete", ("incomplete_export",)
    else:
        return [check.finding(TENANT, Status.PASS, "complete", values, evidence=evidence)]
    return [check.finding(TENANT, status, message, values, causes=causes, evidence=evidence)]


def _counts(here: dict[str, None], there: dict[str, None], names: dict[str, str]) -> dict[str, Any]:
    missing = [address for address in here if address not in there]
    at = {address.rpartition("@")[2] for address in here}
    return {
        "count": len(here),
        "known": len(there),
        "missing": missing[:MOST_SHOWN],
        "number": len(missing),
        "more": max(0, len(missing) - MOST_SHOWN),
        "beyond": sum(1 for address in there if address not in here),
        "without": [name for name in dict.fromkeys(names.values()) if name not in at],
    }


def _addresses(recipients: Iterable[Recipient], names: dict[str, str]) -> dict[str, None]:
    found = (address_at(address, names) for recipient in recipients for address in recipient.addresses)
    return dict.fromkeys(address for address in found if address is not None)


def _holes(case: Case, scopes: tuple[DomainScope, ...], platform: tuple[Recipient, ...]) -> list[str]:
    """
    What the platform's export leaves out, so that "nothing is missing" would not be known: names of exports and columns.
    """
    exports = case.exports
    holes = []
    untold = {recipient.source for recipient in platform if not recipient.aliases_told}
    if RecipientSource.EXCHANGE in untold:
        holes.append("EmailAddresses")
    if untold & {RecipientSource.GOOGLE_USER, RecipientSource.GOOGLE_GROUP} and not exports.given(Kind.GOOGLE_ALIASES):
        holes.append("aliases")
    where = {scope.platform for scope in scopes}
    if Platform.GOOGLE_WORKSPACE in where:
        holes += [name for name, kind in (("users", Kind.GOOGLE_USERS), ("groups", Kind.GOOGLE_GROUPS)) if not exports.given(kind)]
    if where - {Platform.GOOGLE_WORKSPACE} and not exports.given(Kind.RECIPIENTS):
        holes.append("Get-Recipient")
    return holes


def _unread(case: Case) -> int:
    files = dict.fromkeys(export for kind in _PLATFORM for export in case.exports.files_of(kind))
    return sum(1 for export in files for problem in export.problems if problem.kind == "no_address")


CHECKS: tuple[Check, ...] = (Check("recipients.coverage", "route", judge),)
