"""
Checks that a person answers: those of the table ``manual.toml``, and two that the environment answers in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..environment import Phase
from ..knowledge.manual import ManualCheck, manual_checks
from ..results import Finding, Status
from .case import Case, Check
from .tenant import TENANT, concerned, facts, furthest, not_concerned


def _judge(entry: ManualCheck) -> Callable[[Case, Check], Iterable[Finding]]:
    def judged(case: Case, check: Check) -> list[Finding]:
        scopes = concerned(case, entry.platforms)
        if not scopes:
            return [not_concerned(case, check)]
        values = facts(case, scopes)
        if entry.phases and not any(scope.phase.value in entry.phases for scope in scopes):
            return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
        message = f"manual_{furthest(scopes).value}" if entry.varies else "manual"
        return [check.finding(TENANT, Status.MANUAL, message, values)]

    return judged


def _judge_present(case: Case, check: Check) -> list[Finding]:
    """
    `present.gateway`: does anything tie the platform to the gateway that stands in front today?
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    if all(scope.phase is not Phase.PREPARE for scope in scopes):
        return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
    present = case.environment.present_gateway
    if present is None:
        return [check.finding(TENANT, Status.PASS, "none_named", values)]
    values |= {"present": present.name or ", ".join(present.hosts) or "?", "ranges": list(present.ranges)}
    return [check.finding(TENANT, Status.MANUAL, "locked" if present.locked else "manual", values)]


def _judge_senders(case: Case, check: Check) -> list[Finding]:
    """
    `senders.direct`: who would be rejected by the lock?
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    phase = furthest(scopes)
    senders = case.environment.senders
    if not senders and phase is Phase.PREPARE:
        return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
    if not senders:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    status, message = (Status.FAIL, "rejected") if phase is Phase.LOCKDOWN else (Status.WARN, "will_be_rejected")
    made = {
        sender.name: check.finding(
            sender.name,
            status,
            message,
            {**values, "sender": sender.name, "from": sender.from_ or "-", "ip": sender.ip or "-"},
            causes=("direct_sender",),
        )
        for sender in senders
    }
    return list(made.values())


_BY_HAND = tuple(Check(entry.id, entry.step, _judge(entry), everywhere=entry.everywhere) for entry in manual_checks())
CHECKS: tuple[Check, ...] = (
    Check("present.gateway", "intake", _judge_present),
    *_BY_HAND,
    Check("senders.direct", "lockdown", _judge_senders),
)
