"""
``google.gateway_options``: the three tick boxes of the inbound gateway, by phase.
"""

from __future__ import annotations

from ..environment import GatewayOptions
from ..exports.kinds import Kind
from ..exports.recipients import Recipient
from ..observations import Plan, together
from ..results import Finding, Status
from ..standards.mx import MxView, see_mx
from ..standards.names import is_host_name, is_within
from .case import Case, Check
from .configured import in_one
from .exported import evidence_of_kinds
from .google_view import all_locked, google_scopes
from .mx_gateway import compare
from .said import Said
from .tenant import TENANT, facts, not_concerned

_RECIPIENTS = (Kind.GOOGLE_USERS, Kind.GOOGLE_GROUPS, Kind.GOOGLE_ALIASES)
_OF_GOOGLE = ("test-google-a.com", "google.com")
"""
Names below these are Google's own, given to every tenant.
"""
_MOST_DOMAINS = 50


def tenant_domains(case: Case) -> tuple[str, ...]:
    """
    The domains the tenant's exported users, groups and aliases are in, and exported accepted ones, beyond those that are listed.
    """
    listed = {scope.name for scope in case.environment.scopes} | {scope.unicode.lower() for scope in case.environment.scopes}
    found = dict.fromkeys(
        address.rpartition("@")[2].lower()
        for kind in _RECIPIENTS
        for recipient in case.exports.of(kind, Recipient) or ()
        for address in recipient.addresses
    ) | dict.fromkeys(domain.domain_name for domain in case.exports.accepted_domains or ())
    others = [name for name in found if name not in listed and is_host_name(name) and not any(is_within(name, own) for own in _OF_GOOGLE)]
    return tuple(others[:_MOST_DOMAINS])


def plan(case: Case) -> Plan[list[MxView]]:
    """
    The questions of ``google.gateway_options``: the MX of every domain of the tenant, where the box that locks it is off at lockdown.
    """
    scopes = google_scopes(case)
    options = case.environment.gateway_options
    if not scopes or options is None or options.reject_all is not False or not all_locked(scopes):
        return []
    return (yield from together([see_mx(name) for name in (*(scope.name for scope in scopes), *tenant_domains(case))]))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``google.gateway_options`` for the tenant.
    """
    scopes = google_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    options = case.environment.gateway_options or GatewayOptions(require_tls=None, reject_all=None, detect_external_ip=None)
    views = case.replay(plan(case))
    elsewhere = [view.domain for view in views if view.outcome.found and view.hosts and not compare(case.environment, view.hosts).moved]
    early = not all_locked(scopes)
    items = []
    if early and options.reject_all:
        items.append(Said(Status.FAIL, "reject_all_early", causes=("reject_all",)))
    if not early and options.reject_all is False:
        if elsewhere:
            items.append(Said(Status.PASS, "reject_all_waits", causes=("reject_all",)))
        else:
            items.append(Said(Status.FAIL, "reject_all_missing", causes=("reject_all",)))
    if options.require_tls is False:
        items.append(Said(Status.FAIL, "require_tls", causes=("require_tls",)))
    if options.reject_all is None or options.require_tls is None:
        items.append(Said(Status.MANUAL, "manual_early" if early else "manual_lockdown"))
    if options.detect_external_ip:
        items.append(Said(Status.PASS, "detecting", causes=("detect_external_ip",)))
    values = facts(case, scopes) | {
        "reject_all": _tick(options.reject_all),
        "require_tls": _tick(options.require_tls),
        "detect": _tick(options.detect_external_ip),
        "elsewhere": elsewhere,
    }
    evidence = [*case.evidence(*(answer for view in views for answer in view.answers))]
    if elsewhere:
        evidence += evidence_of_kinds(case, *_RECIPIENTS, Kind.ACCEPTED_DOMAINS)
    return [in_one(check, TENANT, items or [Said(Status.PASS, "right")], values, evidence)]


def _tick(value: bool | None) -> str:
    return "?" if value is None else "☑" if value else "☐"
