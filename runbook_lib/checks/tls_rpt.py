"""
``tls_rpt.record``: do senders know where to report mail that TLS kept them from delivering?
"""

from __future__ import annotations

from typing import Any

from ..environment import DomainScope, Role
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns, together
from ..results import Finding, Status
from ..standards.tls_rpt import TlsReportingView, parse_record, see_reporting
from ..standards.txt import zone_line
from .case import Case, Check
from .dns_facts import causes_of, every_domain, no_mail, not_reached, shown, term


def plan(case: Case) -> Plan[list[tuple[TlsReportingView, DnsAnswer | None]]]:
    """
    The questions of ``tls_rpt.record``.
    """
    return together([_look(scope.name) for scope in case.environment.scopes if scope.role is Role.MAIL])


def _look(domain: str) -> Plan[tuple[TlsReportingView, DnsAnswer | None]]:
    """
    The record; where there is none, whether there is the domain.
    """
    view = yield from see_reporting(domain)
    if view.answer.outcome is not DnsOutcome.NXDOMAIN:
        return view, None
    (apex,) = yield from ask_dns(DnsQuestion(domain, "TXT"))
    return view, apex


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``tls_rpt.record`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    if scope.role is not Role.MAIL:
        return no_mail(check, scope)
    view, apex = case.replay(_look(scope.name))
    if apex is not None and apex.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    record = parse_record(view.texts[0]) if view.texts else None
    values: dict[str, Any] = {
        "domain": shown(scope),
        "name": f"_smtp._tls.{scope.name}",
        "records": list(view.texts),
        "others": list(view.others),
        "reports": list(record.reports) if record else [],
        "wrong": list(record.wrong) if record else [],
        "outcome": term(view.answer.outcome),
        "publish": [zone_line(f"_smtp._tls.{scope.name}", f"v=TLSRPTv1; rua=mailto:postmaster@{scope.name}")],
    }
    status, message, causes = _verdict(view)
    return check.finding(scope.name, status, message, values, causes=causes, evidence=case.evidence(view.answer))


def _verdict(view: TlsReportingView) -> tuple[Status, str, tuple[str, ...]]:
    """
    A record that senders pass over costs the reports and no mail: a warning, as where there is none.
    """
    if not view.answer.outcome.found:
        return Status.UNKNOWN, "unknown", causes_of(view.answer.outcome)
    if len(view.texts) > 1:
        return Status.WARN, "several", ("several",)
    if not view.texts:
        if view.others:
            return Status.WARN, "not_recognised", ("not_recognised", "absent")
        return Status.WARN, "absent", ("absent",)
    if not parse_record(view.texts[0]).valid:
        return Status.WARN, "syntax", ("syntax",)
    return Status.PASS, "valid", ()


CHECKS = (Check("tls_rpt.record", "authentication", judge, plan),)
