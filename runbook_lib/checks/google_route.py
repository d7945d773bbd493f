"""
``google.internal_route``: Google's own ranges are on the allow list where an internal route exists, and never in the inbound gateway.
"""

from __future__ import annotations

from ..knowledge.sending_ranges import sending_record
from ..observations import Plan
from ..results import Finding, Status
from ..standards.ranges import AddressSet, subtract
from ..standards.spf import Expansion, expand_ranges
from .case import Case, Check
from .configured import in_one
from .google_lists import google_ranges_said
from .google_view import (
    GATEWAY_WITHOUT_GOOGLE,
    all_locked,
    allow_list,
    gateway_list,
    google_networks,
    google_scopes,
    list_to_paste,
    lists_to_paste,
    of_google,
    shown,
)
from .ranges import reference
from .said import Said
from .tenant import TENANT, facts, not_concerned


def plan(case: Case) -> Plan[Expansion | None]:
    """
    The questions of ``google.internal_route``: what Google publishes, where it has to be held against an allow list.
    """
    if not google_scopes(case) or not case.environment.internal_route or allow_list(case) is None:
        return None
    return (yield from expand_ranges(sending_record("google_workspace").name))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``google.internal_route`` for the tenant.

    What Google publishes goes before the dated list that is shipped; only what it publishes is handed out to be pasted.
    """
    scopes = google_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    needed = case.environment.internal_route
    allowed, at_gateway = allow_list(case), gateway_list(case)
    live = case.replay(plan(case))
    certain = live is not None and live.complete
    google = list(live.networks) if live is not None and certain else google_networks()
    missing = subtract(google, AddressSet(allowed.networks)) if allowed is not None else []
    own = of_google(at_gateway.listed.entries) if at_gateway is not None else []
    items = []
    if own:
        items.append(google_ranges_said(all_locked(scopes)))
    if needed and allowed is None:
        items.append(Said(Status.MANUAL, "manual"))
    elif needed and missing:
        items.append(Said(Status.FAIL, "missing" if certain else "missing_dated", causes=("missing",)))
    elif needed:
        items.append(Said(Status.PASS, "right"))
    record = sending_record("google_workspace")
    against = case.replay(reference(case.environment))
    values = facts(case, scopes) | {
        "missing": [str(network) for network in missing],
        "required": [str(network) for network in google],
        "google": shown(own),
        "how_without_google": GATEWAY_WITHOUT_GOOGLE,
        "record": record.name,
        "as_of": record.as_of,
        "source": record.name if certain else f"{record.title} {record.as_of}",
        "paste": [",".join(list_to_paste(allowed.listed.cleaned if allowed is not None else (), google if certain else ()))],
        "paste_only": lists_to_paste(case, at_gateway.listed, against, at_gateway=True)[1] if at_gateway is not None else [],
    }
    evidence = [*(allowed.evidence if allowed is not None and needed else ()), *(at_gateway.evidence if at_gateway is not None else ())]
    if live is not None:
        evidence += case.evidence(*live.answers)
    return [in_one(check, TENANT, items or [Said(Status.NOT_APPLICABLE, "not_needed", causes=("not_needed",))], values, evidence)]
