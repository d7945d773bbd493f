"""
The cut-over: how long the old MX records go on being used, when the platform may be locked, what to publish, and the way back.

All times are relative to T, the moment when the last authoritative server gives the new records. A resolver that asked just before T keeps
the old answer for its TTL (RFC 1035 section 3.2.1), so only the authoritative servers' TTL tells how long; what a resolver has left of it
does not. Pure: from what was observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..checks.case import Case
from ..checks.dns_facts import shown
from ..checks.mx_gateway import Comparison, compare, compare_view, expected_hosts, records_to_publish
from ..checks.mx_time import LEAD_TIME, SHORT_TTL
from ..checks.route_view import mail_scopes
from ..environment import DomainScope, Phase
from ..knowledge.gateway import gateway
from ..knowledge.platforms import platform_facts
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Via
from ..standards.mx import MxView, see_mx
from .recorded import FormerMx, OldMx

SLACK = 3600
"""
Seconds added before the lock: for deliveries under way, and resolvers that keep an answer a little longer than told.
"""
GIVE_UP = 5 * 86400
"""
Seconds after which senders have given up or delivered what they queued under the old records (RFC 5321 section 4.5.4.1: 4 to 5 days).
"""
_WATCH = (3600, 86400, 3 * 86400)
_UNTIL_LOCK = frozenset({"old_gone", "lock"})
"""
Milestones of which nobody wants to know any more once the platform is locked.
"""


@dataclass(frozen=True, slots=True)
class DomainMove:
    """
    One domain's part.

    Args:
        domain: A-label.
        title: For people.
        phase: Where it stands.
        former: Its MX records before the move, None where nobody knows them.
        ttl: Seconds for which the old answer may be kept after T, None where its own servers did not tell.
        kept: Seconds which the resolver that was asked has left of the old answer, None where it was not told.
        still_served: Seconds for which a public resolver goes on giving the old answer, seen now after the move; None where none does.
        moved: The gateway's hosts are published, and nothing else; None where that is not known.
        publish: The records to publish.
        remove: The records to remove.
        way_back: The records of the way back.
    """

    domain: str
    title: str
    phase: Phase
    former: FormerMx | None
    ttl: int | None
    kept: int | None
    still_served: int | None
    moved: bool | None
    publish: tuple[str, ...]
    remove: tuple[str, ...]
    way_back: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """
        As the result document has it.
        """
        return {
            "domain": self.domain,
            "title": self.title,
            "phase": self.phase.value,
            "former": self.former.to_json() if self.former is not None else None,
            "ttl": self.ttl,
            "kept": self.kept,
            "still_served": self.still_served,
            "moved": self.moved,
            "publish": list(self.publish),
            "remove": list(self.remove),
            "way_back": list(self.way_back),
        }


@dataclass(frozen=True, slots=True)
class Milestone:
    """
    One moment of the cut-over.

    Args:
        id: ``lower_ttl``, ``move``, ``watch``, ``old_gone``, ``lock``, ``cancel_old``; its words are ``cutover.<id>``.
        offset: Seconds from T, negative before it; None where it cannot be told.
        not_before: Where it cannot be told, the moment before which it is not, as seen from what a resolver still gives out; None for none.
    """

    id: str
    offset: int | None
    not_before: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """
        As the result document has it.
        """
        not_before = self.not_before.isoformat(timespec="seconds") if self.not_before is not None else None
        return {"id": self.id, "offset": self.offset, "not_before": not_before}


@dataclass(frozen=True, slots=True)
class CutoverPlan:
    """
    The whole cut-over.

    Args:
        domains: Every domain with mail.
        milestones: In order of time; those of unknown time stand where they belong.
        lock_after: Seconds after the last domain's T before which the platform must not be locked, None where it cannot be told.
        settle: Seconds a platform needs until unlocking is in force, the slowest of all.
    """

    domains: tuple[DomainMove, ...]
    milestones: tuple[Milestone, ...]
    lock_after: int | None
    settle: int

    @property
    def recorded(self) -> frozenset[str]:
        """
        The domains whose way back is known to the last record.
        """
        return frozenset(move.domain for move in self.domains if move.former is not None and move.former.origin != "left")

    @property
    def held(self) -> dict[str, datetime]:
        """
        Until when, at least, nothing may be locked for a domain that has moved: what was seen last may be kept for its TTL from then on.
        """
        moved = {move.domain: move.former for move in self.domains if move.moved and move.former is not None}
        seen = {domain: (former.seen_at, former.ttl) for domain, former in moved.items()}
        return {domain: at + timedelta(seconds=ttl + SLACK) for domain, (at, ttl) in seen.items() if at is not None and ttl is not None}

    def once_locked(self) -> CutoverPlan:
        """
        The plan of a platform that is locked: what leads to the lock is behind it.
        """
        return replace(self, milestones=tuple(one for one in self.milestones if one.id not in _UNTIL_LOCK))

    def to_json(self) -> dict[str, Any]:
        """
        As the result document has it under ``cutover``.
        """
        return {
            "domains": [move.to_json() for move in self.domains],
            "milestones": [milestone.to_json() for milestone in self.milestones],
            "lock_after": self.lock_after,
            "settle": self.settle,
        }


def cutover_plan(case: Case, before: Mapping[str, FormerMx] | None = None) -> CutoverPlan:
    """
    Work out the cut-over from what was observed.

    Args:
        case: The customer.
        before: MX records as an earlier run recorded them, by domain (see `recorded.former_of`).
    """
    moves = tuple(_move(case, scope, (before or {}).get(scope.name)) for scope in mail_scopes(case.environment))
    ttls = [move.ttl for move in moves]
    longest = max((ttl for ttl in ttls if ttl is not None), default=None)
    gone = longest if longest is not None and None not in ttls else None
    lock_after = gone + SLACK if gone is not None else None
    return CutoverPlan(moves, _milestones(case, moves, gone), lock_after, _settle(case))


def _milestones(case: Case, moves: Sequence[DomainMove], gone: int | None) -> tuple[Milestone, ...]:
    """
    What is still ahead, or may be: nobody lowers a TTL or moves records any more where that is behind every domain.
    """
    moved = bool(moves) and all(move.moved for move in moves)
    left = max((move.still_served for move in moves if moved and move.still_served is not None), default=None)

    def after(seconds: int) -> tuple[int | None, datetime | None]:
        if gone is not None:
            return gone + seconds, None
        return None, case.now + timedelta(seconds=left + seconds) if left is not None else None

    long = any(move.phase is Phase.PREPARE and not move.moved and (move.ttl is None or move.ttl > SHORT_TTL) for move in moves)
    timed = [Milestone("lower_ttl", -LEAD_TIME)] if long else []
    timed += [] if moved else [Milestone("move", 0)]
    timed += [Milestone("watch", seconds) for seconds in _WATCH]
    timed += [Milestone("old_gone", *after(0)), Milestone("lock", *after(SLACK))]
    if case.environment.present_gateway is not None:
        timed.append(Milestone("cancel_old", *after(GIVE_UP)))
    return tuple(sorted(timed, key=lambda one: one.offset if one.offset is not None else _WATCH[-1] + 1))


def _settle(case: Case) -> int:
    return max((platform_facts(scope.platform).settle_s for scope in mail_scopes(case.environment)), default=0)


def _move(case: Case, scope: DomainScope, before: FormerMx | None) -> DomainMove:
    view = case.replay(see_mx(scope.name))
    compared = compare_view(case.environment, view)
    found = view.outcome is DnsOutcome.ANSWER and bool(view.records)
    moved = compared.moved if view.outcome.found else None
    former = _former(case, scope, view, compared, before)
    own = {*expected_hosts(case.environment)}
    remove = [_line(scope.name, record) for record in view.records if record.target not in own] if found else []
    return DomainMove(
        domain=scope.name,
        title=shown(scope),
        phase=scope.phase,
        former=former,
        ttl=former.ttl if former is not None else None,
        kept=max((record.ttl for record in view.recursive.records), default=None) if not moved else None,
        still_served=_still_served(case, scope) if scope.phase is not Phase.PREPARE else None,
        moved=moved,
        publish=tuple(records_to_publish(case.environment, scope.name)),
        remove=tuple(remove),
        way_back=tuple(_way_back(scope.name, former)),
    )


def _former(case: Case, scope: DomainScope, view: MxView, compared: Comparison, before: FormerMx | None) -> FormerMx | None:
    """
    The records before the move: as seen now, where the domain has not moved; else as an earlier run saw them, what is left of them, what a
    resolver still gives out, or the hosts the environment names.
    """
    old = [record for record in view.records if record.target in compared.residual] if compared.touches_gateway else list(view.records)
    if view.outcome is DnsOutcome.ANSWER and old and not compared.touches_gateway:
        return _seen(case, view, old)
    if before is not None:
        return before
    if view.outcome is DnsOutcome.ANSWER and old:
        return replace(_seen(case, view, old), origin="left")
    held = _still_held(case, scope)
    if held is not None:
        return held
    present = case.environment.present_gateway
    if present is not None and present.hosts and scope.phase is not Phase.PREPARE:
        facts = gateway()
        return FormerMx(tuple(OldMx(facts.mx_preference, host, facts.mx_ttl) for host in present.hosts), None, "", "named")
    return None


def _seen(case: Case, view: MxView, records: Iterable[DnsRecord]) -> FormerMx:
    listed = tuple(OldMx(record.preference or 0, record.target or "", record.ttl) for record in records)
    ttl = max((record.ttl for answer in view.definite for record in answer.records), default=None)
    kept = max((record.ttl for record in view.recursive.records), default=0)
    # A resolver that still holds them with a longer TTL got them before the TTL was lowered: others did as well.
    longest = max(ttl, kept) if ttl is not None else None
    return FormerMx(listed, longest, case.now.isoformat(timespec="seconds"), "seen")


def _still_held(case: Case, scope: DomainScope) -> FormerMx | None:
    """
    The records before the move as a public resolver still gives them out, None where none does.
    """
    for resolver in case.environment.propagation_resolvers:
        answer = case.observations.answer(DnsQuestion(scope.name, "MX", Via.PROPAGATION, resolver))
        hosts = [record.target for record in answer.records if record.target] if isinstance(answer, DnsAnswer) else []
        if isinstance(answer, DnsAnswer) and hosts and not compare(case.environment, hosts).touches_gateway:
            records = tuple(OldMx(record.preference or 0, record.target or "", record.ttl) for record in answer.records)
            return FormerMx(records, None, case.now.isoformat(timespec="seconds"), "seen")
    return None


def _still_served(case: Case, scope: DomainScope) -> int | None:
    target = {*expected_hosts(case.environment)}
    left = []
    for resolver in case.environment.propagation_resolvers:
        answer = case.observations.answer(DnsQuestion(scope.name, "MX", Via.PROPAGATION, resolver))
        if isinstance(answer, DnsAnswer) and answer.records and {record.target for record in answer.records} != target:
            left.append(max(record.ttl for record in answer.records))
    return max(left, default=None)


def _way_back(domain: str, former: FormerMx | None) -> list[str]:
    """
    Records for a zone file. They are published with a short TTL, whatever theirs was: who goes back may want to go forth again.
    """
    if former is None:
        return []
    return [f"{domain}. {min(old.ttl, SHORT_TTL)} IN MX {old.preference} {old.host}." for old in former.records]


def _line(domain: str, record: DnsRecord) -> str:
    return f"{domain}. {record.ttl} IN MX {record.preference or 0} {record.target or ''}."
