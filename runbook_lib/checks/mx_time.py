"""
``mx.consistency``, ``mx.ttl`` and ``mx.propagation``: do all servers say the same, how long is the old answer kept, who still gives it?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..environment import DomainScope, Phase, Role
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, Via, ask_dns, together
from ..results import Finding, Status
from ..standards.delegation import ServerAnswer, undecided, unheard
from ..standards.mx import MxView, mx_set, see_mx, show
from .case import Case, Check
from .dns_facts import causes_of, every_domain, no_mail, not_reached, shown, term
from .mx_gateway import compare_view, expected_hosts, hosts_are_certain

SHORT_TTL = 600
"""
Seconds an MX record may be kept at most when it is about to be changed.
"""
LEAD_TIME = 48 * 3600
"""
Seconds before the change by which the TTL has to be short.
"""


def judge_consistency(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.consistency`` for every domain.
    """
    return every_domain(case, check, _consistency)


def _consistency(case: Case, check: Check, scope: DomainScope) -> Finding:
    view = case.replay(see_mx(scope.name))
    evidence = case.evidence(*view.zone.answers, *view.answers)
    if view.zone.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    sets: dict[frozenset[tuple[int, str]], list[ServerAnswer]] = {}
    for one in view.servers:
        if one.answer is not None and one.definite:
            sets.setdefault(mx_set(one.answer), []).append(one)
    open_questions = undecided(view.servers)
    values: dict[str, Any] = {
        "domain": shown(scope),
        "servers": sum(len(group) for group in sets.values()),
        "who": [f"{one.server.label}: {_said(one.answer)}" for group in sets.values() for one in group if one.answer],
        "unheard": [f"{one.server.label}: {term(one.outcome)}" for one in unheard(view.servers)],
        "outcome": term(view.zone.outcome),
        "records": view.shown,
    }
    values["said"] = [*values["who"], *values["unheard"]]
    if len(sets) > 1:
        status = Status.WARN if scope.phase is Phase.PREPARE else Status.FAIL
        return check.finding(scope.name, status, "differ", values, causes=("differ",), evidence=evidence)
    if not sets:
        if view.zone.outcome is not DnsOutcome.ANSWER:
            return check.finding(scope.name, Status.UNKNOWN, "no_zone", values, causes=causes_of(view.zone.outcome), evidence=evidence)
        outcomes = [one.outcome for one in view.servers]
        return check.finding(scope.name, Status.UNKNOWN, "none_answers", values, causes=causes_of(*outcomes), evidence=evidence)
    if open_questions:
        causes = causes_of(*(one.outcome for one in open_questions))
        return check.finding(scope.name, Status.UNKNOWN, "some_silent", values, causes=causes, evidence=evidence)
    return check.finding(scope.name, Status.PASS, "same", values, evidence=evidence)


def _said(answer: DnsAnswer) -> str:
    records = sorted(answer.records, key=lambda record: (record.preference or 0, record.target or ""))
    return f"MX {' + '.join(map(show, records))}" if records else term(answer.outcome)


def judge_ttl(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.ttl`` for every domain.
    """
    return every_domain(case, check, _ttl)


def _ttl(case: Case, check: Check, scope: DomainScope) -> Finding:
    if scope.role is not Role.MAIL:
        return no_mail(check, scope)
    if scope.phase is not Phase.PREPARE:
        values: dict[str, Any] = {"domain": shown(scope), "phase": scope.phase.value}
        return check.finding(scope.name, Status.NOT_APPLICABLE, "later", values, causes=("phase",))
    view = case.replay(see_mx(scope.name))
    evidence = case.evidence(*view.answers)
    if view.outcome in (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.LOOP):
        return not_reached(check, scope.name, [f"mx.present {scope.name}"], unknown=False)
    ttl = max((record.ttl for answer in view.definite or (view.recursive,) for record in answer.records), default=0)
    kept = max((record.ttl for record in view.recursive.records), default=0)
    wait = max(LEAD_TIME, ttl, kept)
    values = {
        "domain": shown(scope),
        "ttl": ttl,
        "kept": kept,
        "limit": SHORT_TTL,
        "wait": wait,
        "earliest": (case.now + timedelta(seconds=wait)).isoformat(),
        "outcome": term(view.outcome),
        "records": view.shown,
    }
    if not view.outcome.found:
        return check.finding(scope.name, Status.UNKNOWN, "unknown", values, causes=causes_of(view.outcome), evidence=evidence)
    if ttl > SHORT_TTL:
        return check.finding(scope.name, Status.WARN, "long", values, causes=("long_ttl",), evidence=evidence)
    if not view.from_authority:
        outcomes = [one.outcome for one in view.servers] or [view.zone.outcome]
        return check.finding(scope.name, Status.UNKNOWN, "resolver_only", values, causes=causes_of(*outcomes), evidence=evidence)
    if kept > SHORT_TTL:
        values["earliest"] = (case.now + timedelta(seconds=kept)).isoformat()
        return check.finding(scope.name, Status.WARN, "still_kept", values, causes=("old_ttl_kept",), evidence=evidence)
    return check.finding(scope.name, Status.PASS, "short", values, evidence=evidence)


def plan_propagation(case: Case) -> Plan[Any]:
    """
    The questions of ``mx.propagation``: every domain's MX of its own servers and of every public resolver.
    """
    return together([_ask_resolvers(case, scope) for scope in case.environment.scopes if propagates(scope)])


def propagates(scope: DomainScope) -> bool:
    """
    True for a domain whose move the world has to see: it receives mail, and its phase is past prepare.
    """
    return scope.role is Role.MAIL and scope.phase is not Phase.PREPARE


@dataclass(frozen=True, slots=True)
class Spread:
    """
    How far a change of one domain's MX records has spread.

    Args:
        view: What its own servers say.
        resolvers: What every public resolver says, in the order of the environment.
        target: The hosts that all of them should name.
    """

    view: MxView
    resolvers: tuple[DnsAnswer, ...]
    target: frozenset[str]

    @property
    def old(self) -> tuple[DnsAnswer, ...]:
        """
        The resolvers that say something else.
        """
        return tuple(answer for answer in self.resolvers if answer.outcome.found and not self.is_new(answer))

    @property
    def moved(self) -> bool:
        """
        True where the domain's own servers name nothing else, so that an old answer ends with its TTL.
        """
        return set(self.view.hosts) == self.target and not self.view.null

    def is_new(self, answer: DnsAnswer) -> bool:
        """
        True for an answer that names exactly the new hosts.
        """
        return {record.target for record in answer.records} == self.target


def see_spread(case: Case, scope: DomainScope) -> Spread:
    """
    How far the change of one domain has spread, as far as it was observed.
    """
    view, answers = case.replay(_ask_resolvers(case, scope))
    return Spread(view, tuple(answers), frozenset(_new_hosts(case, view)))


def _ask_resolvers(case: Case, scope: DomainScope) -> Plan[tuple[MxView, list[DnsAnswer]]]:
    resolvers = case.environment.propagation_resolvers
    questions = [DnsQuestion(scope.name, "MX", Via.PROPAGATION, resolver) for resolver in resolvers]
    view, answers = yield [see_mx(scope.name), _ask_all(questions)]
    return view, answers


def _ask_all(questions: list[DnsQuestion]) -> Plan[list[DnsAnswer]]:
    return (yield from ask_dns(*questions)) if questions else []


def judge_propagation(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.propagation`` for every domain.
    """
    return every_domain(case, check, _propagation)


def _propagation(case: Case, check: Check, scope: DomainScope) -> Finding:
    if scope.role is not Role.MAIL:
        return no_mail(check, scope)
    if scope.phase is Phase.PREPARE:
        values: dict[str, Any] = {"domain": shown(scope)}
        return check.finding(scope.name, Status.NOT_APPLICABLE, "earlier", values, causes=("phase",))
    if not case.environment.propagation_resolvers:
        return check.finding(scope.name, Status.NOT_APPLICABLE, "none_to_ask", {"domain": shown(scope)}, causes=("none_to_ask",))
    spread = see_spread(case, scope)
    answers, old = spread.resolvers, spread.old
    evidence = case.evidence(*answers)
    heard = [answer for answer in answers if answer.outcome.found]
    left = max(map(remaining, old), default=0)
    values = {
        "domain": shown(scope),
        "resolvers": len(heard),
        "target": sorted(spread.target),
        "old": [f"{answer.question.server}: {_said(answer)}" for answer in old],
        "seen": [f"{answer.question.server}: {_said(answer)}" for answer in answers],
        "others": sorted({record.target or "." for answer in old for record in answer.records} - spread.target),
        "left": left,
        "until": (case.now + timedelta(seconds=left)).isoformat(),
        "silent": [f"{answer.question.server}: {term(answer.outcome)}" for answer in answers if not answer.outcome.found],
    }
    if not heard:
        causes = causes_of(*(answer.outcome for answer in answers))
        return check.finding(scope.name, Status.UNKNOWN, "none_answers", values, causes=causes, evidence=evidence)
    if old:
        message = "old" if spread.moved or not spread.view.hosts else _unmoved(spread)
        return check.finding(scope.name, Status.WARN, message, values, causes=("old_served",), evidence=evidence)
    return check.finding(scope.name, Status.PASS, "everywhere", values, evidence=evidence)


def _unmoved(spread: Spread) -> str:
    """
    What is said where the domain's own servers do not name exactly the new hosts, so that waiting does not help.
    """
    published = frozenset(record.target or "." for record in spread.view.records)
    shown_by_old = [frozenset(record.target or "." for record in answer.records) for answer in spread.old]
    if all(spread.target < hosts for hosts in (published, *shown_by_old)):
        return "beside"
    return "part" if any(spread.target & hosts for hosts in (published, *shown_by_old)) else "not_moved"


def _new_hosts(case: Case, view: MxView) -> set[str]:
    """
    The hosts the world should see: the gateway's, or what the zone says where their names are uncertain.
    """
    if not hosts_are_certain(case.environment) and view.hosts and not compare_view(case.environment, view).moved:
        return set(view.hosts)
    return set(expected_hosts(case.environment))


def remaining(answer: DnsAnswer) -> int:
    """
    Seconds for which a resolver goes on giving this answer (RFC 2308 section 5 for a negative one).
    """
    if answer.records:
        return max(record.ttl for record in answer.records)
    return answer.soa.ttl if answer.soa is not None else 0
