"""
A watch over the cut-over: the MX checks again and again, until every name server and every resolver shows the new records.

`view` is pure: it says what a session's observations come to. `watch` asks anew before each view.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from .checks import Case
from .checks.dns_facts import causes_of, shown, term
from .checks.mx_time import Spread, propagates, remaining, see_spread
from .environment import DomainScope, Environment, Phase, Role
from .observations import NEVER, DnsAnswer, DnsOutcome
from .results import Finding, Status
from .session import Session
from .standards.delegation import ServerAnswer, undecided, without_ipv6_from_here
from .standards.mx import show

SCHEMA = "inbound-runbook/watch/1"
"""
Version of one look as JSON.
"""
WATCHED = ("mx.present", "mx.gateway", "mx.consistency", "mx.propagation")
EVERY_S = 30.0
LEAST_S = 5.0
"""
Seconds between two looks: by default, and at least, however soon an old answer ends.
"""


class Kind(StrEnum):
    """
    Who is asked.
    """

    AUTHORITY = "authority"
    RESOLVER = "resolver"


class State(StrEnum):
    """
    What one of them shows.
    """

    NEW = "new"
    """Exactly the new hosts."""
    PART = "part"
    """New hosts with others beside them, or some of the new ones missing."""
    OLD = "old"
    """Other hosts only."""
    NONE = "none"
    """No MX record."""
    UNKNOWN = "unknown"
    """It could not be found out."""
    ASIDE = "aside"
    """Not waited for: a listed server that does not hold the zone, or an address of one that answers at another."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    What one server shows of one domain.

    Args:
        domain: A-label.
        title: The domain for people.
        who: Host and address of a name server, a resolver as configured; ``""`` where the domain's name servers are not known.
        kind: Which of the two.
        state: What it shows.
        records: Its MX records, by preference.
        said: The same in one text, or the technical term for why there are none.
        cause: Why it is not known, None where it is.
        left: Seconds, from `at` on, until a resolver forgets an old answer; None where that is not known or changes nothing.
        at: When it was asked, None for never.
    """

    domain: str
    title: str
    who: str
    kind: Kind
    state: State
    records: tuple[str, ...] = ()
    said: str = ""
    cause: str | None = None
    left: int | None = None
    at: datetime | None = None

    def left_at(self, now: datetime) -> int | None:
        """
        Seconds left at a later time.
        """
        if self.left is None or self.at is None:
            return None
        return max(0, self.left - int((now - self.at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Tick:
    """
    One look at everything.

    Args:
        number: Counted from 1.
        at: When it was finished.
        rows: By domain, name servers first.
        findings: What the MX checks say of the domains that move, worded.
        complete: Every one of them shows the new records, and the checks say so too. What is not known is never complete.
        next_in: Seconds until the next look, 0 where there is none.
    """

    number: int
    at: datetime
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    complete: bool
    next_in: float

    @property
    def asked(self) -> tuple[Row, ...]:
        """
        The rows that are waited for.
        """
        return tuple(row for row in self.rows if row.state is not State.ASIDE)

    @property
    def done(self) -> int:
        """
        How many of those show the new records.
        """
        return sum(row.state is State.NEW for row in self.rows)

    @property
    def partly(self) -> int:
        """
        How many of them show the new records in part, or others beside them.
        """
        return sum(row.state is State.PART for row in self.rows)

    @property
    def open(self) -> tuple[Finding, ...]:
        """
        The findings that stand against it.
        """
        return tuple(finding for finding in self.findings if finding.status not in (Status.PASS, Status.NOT_APPLICABLE))

    def left_at(self, now: datetime) -> int | None:
        """
        Seconds until the last old answer is forgotten, None where no resolver says.
        """
        return max((left for row in self.rows if (left := row.left_at(now)) is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """
        The look as JSON has it.
        """
        rows = [{**asdict(row), "at": None if row.at is None else _stamp(row.at)} for row in self.rows]
        return {
            "schema": SCHEMA,
            "number": self.number,
            "at": _stamp(self.at),
            "complete": self.complete,
            "shown": self.done,
            "asked": len(self.asked),
            "left": self.left_at(self.at),
            "next_in": round(self.next_in, 1),
            "rows": rows,
            "findings": [{key: value for key, value in finding.to_json().items() if key != "evidence"} for finding in self.findings],
        }


def moving(environment: Environment) -> tuple[DomainScope, ...]:
    """
    The domains that are watched: they receive mail, and their phase is past prepare.
    """
    return tuple(scope for scope in environment.scopes if propagates(scope))


def as_moving(environment: Environment) -> Environment:
    """
    The environment as a watch judges it: where no domain has left phase prepare, all are taken to be at the cut-over.

    Returns:
        The environment itself where a domain has, or where none receives mail.
    """
    if moving(environment) or all(scope.role is not Role.MAIL for scope in environment.scopes):
        return environment
    domains = tuple(entry.model_copy(update={"phase": None}) for entry in environment.domains)
    return environment.model_copy(update={"phase": Phase.CUTOVER, "domains": domains})


def view(session: Session, *, number: int = 1, every: float = EVERY_S) -> Tick:
    """
    What a session's observations come to. Nothing is asked.

    Args:
        session: What it was told is judged by its own phases.
        number: Of this look.
        every: Seconds between two looks.
    """
    at = session.finished or session.started
    case = Case(session.environment, session.observations, at, session.exports)
    scopes = moving(session.environment)
    rows = tuple(row for scope in scopes for row in _rows(scope, see_spread(case, scope)))
    subjects = {scope.name for scope in scopes}
    findings = tuple(finding for finding in session.findings() if finding.check in WATCHED and finding.subject in subjects)
    complete = bool(scopes) and all(_settled(scope.name, rows, findings) for scope in scopes)
    return Tick(number, at, rows, findings, complete, 0.0 if complete else _wait(rows, at, every))


async def watch(session: Session, *, every: float = EVERY_S, lasting: float | None = None) -> AsyncGenerator[Tick, None]:
    """
    Look until the cut-over is complete everywhere; the last look is then the one that says so.

    It may be cancelled at any time. Whoever leaves it early closes it (`contextlib.aclosing`).

    Args:
        session: Asks; its earlier observations are let go of.
        every: Seconds between two looks. The next one is earlier where an old answer ends earlier, but hardly ever before `LEAST_S`.
        lasting: Seconds after which the last look is made in any case; None goes on.
    """
    ends = None if lasting is None else time.monotonic() + lasting
    for number in itertools.count(1):
        await session.look(checks=WATCHED)
        tick = view(session, number=number, every=every)
        session.observations.forget_former()
        if ends is not None:
            tick = replace(tick, next_in=max(0.0, min(tick.next_in, ends - time.monotonic())))
        yield tick
        if not tick.next_in:
            return
        await asyncio.sleep(tick.next_in)


def _rows(scope: DomainScope, spread: Spread) -> list[Row]:
    servers = without_ipv6_from_here(spread.view.servers)
    silent = {one.server.host for one in undecided(servers)}
    rows = [_of_server(scope, spread, one, waited_for=one.definite or one.server.host in silent) for one in servers]
    if not servers:
        outcome = spread.view.zone.outcome
        state = State.NONE if outcome is DnsOutcome.NXDOMAIN else State.UNKNOWN
        rows.append(Row(scope.name, shown(scope), "", Kind.AUTHORITY, state, said=term(outcome), cause=_cause(outcome)))
    return [*rows, *(_of_resolver(scope, spread, answer) for answer in spread.resolvers)]


def _of_server(scope: DomainScope, spread: Spread, one: ServerAnswer, *, waited_for: bool) -> Row:
    row = Row(scope.name, shown(scope), one.server.label, Kind.AUTHORITY, State.UNKNOWN if waited_for else State.ASIDE)
    if one.definite and one.answer is not None:
        return _with_answer(row, spread, one.answer)
    at = None if one.answer is None else _when(one.answer)
    return replace(row, said=term(one.outcome), cause=_cause(one.outcome), at=at)


def _of_resolver(scope: DomainScope, spread: Spread, answer: DnsAnswer) -> Row:
    row = Row(scope.name, shown(scope), answer.question.server, Kind.RESOLVER, State.UNKNOWN)
    if not answer.outcome.found:
        return replace(row, said=term(answer.outcome), cause=_cause(answer.outcome), at=_when(answer))
    row = _with_answer(row, spread, answer)
    ends = row.state is not State.NEW and spread.moved
    return replace(row, left=remaining(answer) or None) if ends else row


def _with_answer(row: Row, spread: Spread, answer: DnsAnswer) -> Row:
    records = sorted(answer.records, key=lambda record: (record.preference or 0, record.target or ""))
    texts = tuple(map(show, records))
    hosts = {record.target for record in records}
    if not hosts:
        state = State.NONE
    elif spread.is_new(answer):
        state = State.NEW
    else:
        state = State.PART if hosts & spread.target else State.OLD
    return replace(row, state=state, records=texts, said=" + ".join(texts) or term(answer.outcome), at=_when(answer))


def _settled(domain: str, rows: Sequence[Row], findings: Sequence[Finding]) -> bool:
    """
    True where a domain has moved everywhere; a waiver does not make it so.
    """
    own = [row for row in rows if row.domain == domain]
    heard = any(row.kind is Kind.AUTHORITY and row.state is State.NEW for row in own)
    found = {finding.check: finding for finding in findings if finding.subject == domain}
    passed = {check for check, finding in found.items() if finding.status is Status.PASS}
    seen = "mx.propagation" in passed or ("mx.propagation" in found and found["mx.propagation"].cause == "none_to_ask")
    return heard and seen and {"mx.gateway", "mx.consistency"} <= passed and all(row.state in (State.NEW, State.ASIDE) for row in own)


def _wait(rows: Sequence[Row], at: datetime, every: float) -> float:
    soonest = min((left for row in rows if (left := row.left_at(at)) is not None), default=every)
    return min(every, max(soonest, LEAST_S))


def _cause(outcome: DnsOutcome) -> str:
    return next(iter(causes_of(outcome)), "alias")


def _when(answer: DnsAnswer) -> datetime | None:
    return None if answer.at == NEVER else answer.at


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
