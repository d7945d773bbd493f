"""
``dnssec.status``: is a domain signed and valid, not signed, or broken?
"""

from __future__ import annotations

from typing import Any

from ..environment import DomainScope
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns, together
from ..results import Finding, Status
from .case import Case, Check
from .dns_facts import causes_of, every_domain, not_reached, shown, term


def plan(case: Case) -> Plan[list[list[DnsAnswer]]]:
    """
    The questions of ``dnssec.status``.
    """
    return together([_ask(scope.name) for scope in case.environment.scopes])


def _ask(domain: str) -> Plan[list[DnsAnswer]]:
    """
    SOA, MX and DS of a domain; DS of its zone where it is not one itself.
    """
    answers = yield from ask_dns(DnsQuestion(domain, "SOA"), DnsQuestion(domain, "MX"), DnsQuestion(domain, "DS"))
    zone = answers[0].soa.name if answers[0].outcome is DnsOutcome.NODATA and answers[0].soa else domain
    if zone and zone != domain:
        answers = [*answers[:2], *(yield from ask_dns(DnsQuestion(zone, "DS")))]
    return answers


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``dnssec.status`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    answers = case.replay(_ask(scope.name))
    soa, mx, ds = answers
    evidence = case.evidence(*answers)
    bogus = [one for one in answers if one.outcome is DnsOutcome.BOGUS]
    open_ones = [one for one in answers if not one.outcome.found]
    values: dict[str, Any] = {
        "domain": shown(scope),
        "types": [one.question.rdtype for one in bogus],
        "reason": next((one.extended_error for one in bogus if one.extended_error), "") or "",
        "outcome": term(open_ones[0].outcome) if open_ones else "",
    }
    if bogus:
        return check.finding(scope.name, Status.FAIL, "bogus", values, causes=("bogus",), evidence=evidence)
    if soa.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    if soa.authentic and soa.outcome.found and (mx.authentic or not mx.outcome.found):
        return check.finding(scope.name, Status.PASS, "secure", values, evidence=evidence)
    if ds.outcome is DnsOutcome.ANSWER:
        return check.finding(scope.name, Status.UNKNOWN, "not_validating", values, causes=("not_validating",), evidence=evidence)
    if open_ones:
        causes = causes_of(open_ones[0].outcome)
        return check.finding(scope.name, Status.UNKNOWN, "unknown", values, causes=causes, evidence=evidence)
    return check.finding(scope.name, Status.PASS, "insecure", values, evidence=evidence)


CHECKS = (Check("dnssec.status", "authentication", judge, plan),)
