"""
What the checks that rest on DNS have in common: causes of not knowing, and findings for what was left out or not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..environment import DomainScope, Environment
from ..observations import DnsOutcome
from ..results import Finding, Status
from . import said
from .case import Case, Check

_CAUSES = {
    DnsOutcome.SERVFAIL: ("dns_servfail",),
    DnsOutcome.REFUSED: ("dns_refused",),
    DnsOutcome.TIMEOUT: ("dns_timeout",),
    DnsOutcome.TRUNCATED: ("dns_truncated",),
    DnsOutcome.UNREACHABLE: ("dns_unreachable",),
    DnsOutcome.MALFORMED: ("protocol_error",),
    DnsOutcome.BOGUS: ("bogus", "dns_servfail"),
    DnsOutcome.LAME: ("lame",),
    DnsOutcome.INTERCEPTED: ("intercepted",),
    DnsOutcome.LOOP: ("cname_loop",),
    DnsOutcome.DISBELIEVED: ("resolver_denies_all",),
    DnsOutcome.OTHER: ("dns_error",),
    DnsOutcome.LIMIT: ("limit",),
    DnsOutcome.NOT_ASKED: ("not_asked",),
    DnsOutcome.NXDOMAIN: ("nxdomain",),
    DnsOutcome.NODATA: ("no_data",),
}
_TERMS = {
    DnsOutcome.SERVFAIL: "SERVFAIL",
    DnsOutcome.REFUSED: "REFUSED",
    DnsOutcome.TIMEOUT: "time-out",
    DnsOutcome.TRUNCATED: "truncated, no TCP",
    DnsOutcome.UNREACHABLE: "unreachable",
    DnsOutcome.MALFORMED: "no DNS message",
    DnsOutcome.BOGUS: "bogus (DNSSEC)",
    DnsOutcome.LAME: "lame",
    DnsOutcome.INTERCEPTED: "intercepted",
    DnsOutcome.LOOP: "CNAME loop",
    DnsOutcome.DISBELIEVED: "resolver_denies_all",
    DnsOutcome.OTHER: "error",
    DnsOutcome.LIMIT: "time limit",
    DnsOutcome.NOT_ASKED: "not asked",
    DnsOutcome.NXDOMAIN: "NXDOMAIN",
    DnsOutcome.NODATA: "no data",
    DnsOutcome.ANSWER: "answer",
}


def causes_of(*outcomes: DnsOutcome) -> tuple[str, ...]:
    """
    The causes a finding gives for DNS questions that ended like this, each once; of one question gravest first.
    """
    return tuple(dict.fromkeys(cause for outcome in outcomes for cause in _CAUSES.get(outcome, ())))


def term(outcome: DnsOutcome) -> str:
    """
    The technical term for the end of a DNS question; the same in every language.
    """
    return _TERMS[outcome]


def shown(scope: DomainScope) -> str:
    """
    A domain for people: an internationalised one in both forms.
    """
    return scope.name if scope.unicode == scope.name else f"{scope.unicode} ({scope.name})"


def left_out(environment: Environment, check: Check, subjects: Iterable[str], kind: str = "dns") -> list[Finding] | None:
    """
    The findings of a check whose kind of probe this run does not use.

    Returns:
        None where the run uses it.
    """
    if kind in environment.probes:
        return None
    return [said.left_out(kind).about(check, subject) for subject in subjects]


def every_domain(case: Case, check: Check, judge: Callable[[Case, Check, DomainScope], Finding]) -> list[Finding]:
    """
    The findings of a check that has one for every domain; where this run does not use DNS, that says so.
    """
    scopes = case.environment.scopes
    skipped = left_out(case.environment, check, (scope.name for scope in scopes))
    return skipped if skipped is not None else [judge(case, check, scope) for scope in scopes]


def not_reached(check: Check, subject: str, stoppers: Sequence[str], *, unknown: bool) -> Finding:
    """
    The finding of a check that could not be carried out because of another.

    Args:
        check: The check.
        subject: Its subject.
        stoppers: Names (``check subject``) of the findings that stopped it.
        unknown: One of them is itself unknown.
    """
    return said.not_reached(stoppers, Status.UNKNOWN if unknown else Status.FAIL).about(check, subject)


def no_mail(check: Check, scope: DomainScope) -> Finding:
    """
    The finding of a check that does not concern a domain without mail.
    """
    values = {"domain": shown(scope), "role": scope.role.value}
    return check.finding(scope.name, Status.NOT_APPLICABLE, "common.parked", values, causes=("no_mail",))
