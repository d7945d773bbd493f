"""
``domain.*``: do the name servers of each domain answer with authority and agree, and is the domain proved to be the customer's?
"""

from __future__ import annotations

from typing import Any

from ..environment import DomainScope, Role
from ..observations import DnsAnswer, DnsOutcome, Plan, together
from ..results import Finding, Status
from ..standards.delegation import ServerAnswer, Zone, ask_every_server, find_zone, without_ipv6_from_here
from . import domain_validation
from .belief import answers_nothing, ask_known_names, known_names
from .case import Case, Check
from .dns_facts import causes_of, every_domain, shown, term

_SILENT = (DnsOutcome.TIMEOUT, DnsOutcome.UNREACHABLE, DnsOutcome.TRUNCATED)
_FAULTS = {
    DnsOutcome.LAME: "lame",
    DnsOutcome.NODATA: "lame",
    DnsOutcome.NXDOMAIN: "lame",
    DnsOutcome.REFUSED: "refused",
    DnsOutcome.SERVFAIL: "servfail",
    DnsOutcome.MALFORMED: "protocol_error",
    DnsOutcome.OTHER: "dns_error",
    **dict.fromkeys(_SILENT, "silent"),
}
_ORDER = ("lame", "refused", "servfail", "silent", "no_address", "protocol_error", "dns_error", "disagree", "too_many")


def plan_delegation(case: Case) -> Plan[list[tuple[Zone, list[ServerAnswer]]]]:
    """
    The questions of ``domain.delegation``: the zone, and the SOA of every name server; where the resolver does not name a domain's name
    servers, also names that are known to exist.
    """
    seen = yield from together([_see_servers(scope.name) for scope in case.environment.scopes])
    if any(zone.outcome is not DnsOutcome.ANSWER for zone, _ in seen):
        yield from ask_known_names(case.environment)
    return seen


def _see_servers(domain: str) -> Plan[tuple[Zone, list[ServerAnswer]]]:
    zone = yield from find_zone(domain)
    return zone, (yield from ask_every_server(zone, zone.apex, "SOA"))


def judge_delegation(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``domain.delegation`` for every domain.
    """
    return every_domain(case, check, _delegation)


def _delegation(case: Case, check: Check, scope: DomainScope) -> Finding:
    zone, answers = case.replay(_see_servers(scope.name))
    evidence = case.evidence(*zone.answers, *(one.answer for one in answers if one.answer))
    values: dict[str, Any] = {"domain": shown(scope), "role": scope.role.value, "zone": zone.apex, "outcome": term(zone.outcome)}
    if zone.outcome is DnsOutcome.NXDOMAIN:
        message = "nxdomain" if scope.role is Role.MAIL else "nxdomain_no_mail"
        return check.finding(scope.name, Status.FAIL, message, values, causes=("nxdomain",), evidence=evidence)
    if zone.outcome is not DnsOutcome.ANSWER:
        return _no_zone(case, check, zone, scope.name, values)
    counted = without_ipv6_from_here(answers)
    good = [one for one in counted if _serial(one.answer) is not None]
    serials = {serial for one in good if (serial := _serial(one.answer)) is not None}
    faults = {one.server.label: _fault(one) for one in counted if one not in good}
    values |= {
        "servers": len({one.server.host for one in counted}),
        "answering": [f"{one.server.label}: SOA {_serial(one.answer)}" for one in good],
        "faulty": [f"{label}: {fault}" for label, fault in faults.items()],
        "serials": sorted(serials),
        "left_out": zone.left_out,
    }
    if not good:
        causes = causes_of(*(one.outcome for one in counted))
        return check.finding(scope.name, Status.UNKNOWN, "none_answers", values, causes=causes, evidence=evidence)
    found = {*faults.values(), *(("disagree",) if len(serials) > 1 else ()), *(("too_many",) if zone.left_out else ())}
    causes = tuple(cause for cause in _ORDER if cause in found)
    if causes:
        message = causes[0] if {"disagree", "too_many"}.issuperset(causes) else "faulty"
        return check.finding(scope.name, Status.WARN, message, values, causes=causes, evidence=evidence)
    open_causes = causes_of(*(one.outcome for one in counted if one not in good))
    if open_causes:
        return check.finding(scope.name, Status.UNKNOWN, "some_open", values, causes=open_causes, evidence=evidence)
    return check.finding(scope.name, Status.PASS, "agree", values, evidence=evidence)


def _no_zone(case: Case, check: Check, zone: Zone, domain: str, values: dict[str, Any]) -> Finding:
    """
    What is said where the resolver did not name the name servers: whether that is so for every name, or for this one.
    """
    known = case.replay(ask_known_names(case.environment))
    causes, evidence = causes_of(zone.outcome), case.evidence(*zone.answers)
    if zone.outcome is not DnsOutcome.DISBELIEVED and not answers_nothing(known):
        return check.finding(domain, Status.UNKNOWN, "no_zone", values, causes=causes, evidence=evidence)
    message = "resolver_denies_all" if zone.outcome is DnsOutcome.DISBELIEVED else "resolver_silent"
    values = {**values, "known": list(known_names(case.environment))}
    return check.finding(domain, Status.UNKNOWN, message, values, causes=(*causes, message), evidence=(*evidence, *case.evidence(*known)))


def _serial(answer: DnsAnswer | None) -> int | None:
    """
    The SOA serial a server answered with, None where it gave none.
    """
    if answer is None or answer.outcome is not DnsOutcome.ANSWER:
        return None
    for record in answer.records:
        fields = record.data.split()
        if record.rdtype == "SOA" and len(fields) == 7 and fields[2].isdigit():
            return int(fields[2])
    return None


def _fault(one: ServerAnswer) -> str:
    if one.answer is None:
        return "no_address" if one.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA, DnsOutcome.LOOP) else causes_of(one.outcome)[0]
    if one.outcome is DnsOutcome.ANSWER:
        return "protocol_error"
    return _FAULTS.get(one.outcome) or causes_of(one.outcome)[0]


CHECKS = (
    Check("domain.delegation", "domain", judge_delegation, plan_delegation),
    Check("domain.validation", "domain", domain_validation.judge, domain_validation.plan),
)
