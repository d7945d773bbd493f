"""
``google.allowlist`` and ``google.inbound_gateway``: are the gateway's ranges in Google's two lists, cleanly written, and nothing else?
"""

from __future__ import annotations

from typing import Any

from ..observations import Plan
from ..results import Finding, Status
from ..standards.ranges import AddressSet, Network, subtract
from .case import Case, Check
from .configured import about_ranges, in_one, not_known
from .google_view import (
    GATEWAY_WITHOUT_GOOGLE,
    GivenList,
    all_locked,
    allow_list,
    beyond,
    gateway_list,
    google_networks,
    google_scopes,
    of_google,
    put_right,
    shown,
    too_wide,
)
from .pasted import Entry
from .pasted_faults import MOST_FAULTS
from .ranges import Reference, reference
from .said import Said
from .tenant import TENANT, facts, not_concerned


def plan_allowlist(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``google.allowlist``; none where no list was given.
    """
    return (yield from reference(case.environment)) if google_scopes(case) and allow_list(case) is not None else None


def plan_gateway(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``google.inbound_gateway``; none where no list was given.
    """
    return (yield from reference(case.environment)) if google_scopes(case) and gateway_list(case) is not None else None


def judge_allowlist(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``google.allowlist`` for the tenant.

    A range in the inbound gateway's list counts: Google leaves it out of the allow list by itself (support.google.com/a/answer/60751).
    """
    scopes = google_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    given = allow_list(case)
    if given is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", facts(case, scopes))]
    found = case.replay(plan_allowlist(case)) or Reference((), (), "snapshot")
    other = gateway_list(case)
    at_gateway = AddressSet(other.networks if other is not None else ())
    lacking = subtract(found.required, AddressSet(given.networks))
    missing = subtract(lacking, at_gateway)
    google = google_networks() if case.environment.internal_route else []
    more = beyond(case, given.listed.entries, found, google)
    idle = [entry for entry in given.listed.entries if any(at_gateway.touches(network) for network in entry.networks)]
    items = _common(case, given, found, missing, more)
    if idle:
        items.append(Said(Status.PASS, "no_effect", causes=("no_effect",)))
    if lacking and not missing:
        items.append(Said(Status.PASS, "by_gateway_list"))
    values = _values(case, given, found, missing, more, at_gateway=False)
    values |= {"idle": shown(idle), "by_gateway": [str(network) for network in lacking]}
    evidence = [*given.evidence, *(other.evidence if other is not None else ()), *case.evidence(*found.answers)]
    return [in_one(check, TENANT, items or [Said(Status.PASS, "right")], facts(case, scopes) | values, evidence)]


def judge_gateway(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``google.inbound_gateway`` for the tenant.
    """
    scopes = google_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    given = gateway_list(case)
    if given is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", facts(case, scopes))]
    found = case.replay(plan_gateway(case)) or Reference((), (), "snapshot")
    missing = subtract(found.required, AddressSet(given.networks))
    own = of_google(beyond(case, given.listed.entries, found))
    more = [entry for entry in beyond(case, given.listed.entries, found) if entry not in own]
    items = _common(case, given, found, missing, more)
    if own:
        items.append(google_ranges_said(all_locked(scopes)))
    values = _values(case, given, found, missing, more, at_gateway=True) | {"google": shown(own)}
    evidence = [*given.evidence, *case.evidence(*found.answers)]
    return [in_one(check, TENANT, items or [Said(Status.PASS, "right")], facts(case, scopes) | values, evidence)]


def google_ranges_said(locked: bool) -> Said:
    """
    What is said of Google's own ranges in the inbound gateway's list: they defeat the lock.
    """
    if locked:
        return Said(Status.FAIL, "google_ranges_locked", causes=("google_ranges",))
    return Said(Status.WARN, "google_ranges", causes=("google_ranges",))


def _common(case: Case, given: GivenList, found: Reference, missing: list[Network], more: list[Entry]) -> list[Said]:
    """
    What can be wrong with either list, gravest first.
    """
    items = []
    wide = too_wide(more)
    if found.certain and missing and not given.listed.cut_off:
        items.append(Said(Status.FAIL, "missing", causes=("missing",)))
    if wide:
        items.append(Said(Status.FAIL, "too_wide", {"wide": shown(wide)}, causes=("excess",)))
    if given.stray:
        items.append(Said(Status.FAIL, "stray_characters", causes=("stray_characters",)))
    if not found.certain:
        return [*items, not_known(case.environment, found)]
    if given.listed.cut_off:
        items.append(Said(Status.UNKNOWN, "cut_off", causes=("limit",)))
    if more:
        items.append(Said(Status.WARN, "excess", causes=("excess",)))
    return items


def _values(
    case: Case, given: GivenList, found: Reference, missing: list[Network], more: list[Entry], *, at_gateway: bool
) -> dict[str, Any]:
    """
    What the words about a list need, the lists to paste among it: see `put_right`.
    """
    return (
        about_ranges(case, found)
        | put_right(case, given.listed, found, at_gateway=at_gateway)
        | {
            "entries": len(given.listed.entries),
            "exported": "exported" if given.exported else "pasted",
            "missing": [str(network) for network in missing] if found.certain else "not_known",
            "issues": [str(issue) for issue in given.stray[:MOST_FAULTS]],
            "beyond": shown(more) if found.certain else "not_known",
            "count": len(more),
            "how_without_google": GATEWAY_WITHOUT_GOOGLE,
        }
    )
