"""
Checks that a person answers: those of the table ``manual.toml``, and three that the environment answers in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..environment import GatewayOptions, Phase
from ..knowledge.manual import ManualCheck, manual_checks
from ..results import Finding, Status
from .case import Case, Check
from .tenant import TENANT, concerned, facts, furthest, not_concerned

_GOOGLE = ("google_workspace",)


def _judge(entry: ManualCheck) -> Callable[[Case, Check], Iterable[Finding]]:
    def judged(case: Case, check: Check) -> list[Finding]:
        scopes = concerned(case, entry.platforms)
        if not scopes:
            return [not_concerned(case, check)]
        values = facts(case, scopes)
        if entry.phases and not any(scope.phase.value in entry.phases for scope in scopes):
            return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
        if entry.needs and not getattr(case.environment, entry.needs):
            return [check.finding(TENANT, Status.NOT_APPLICABLE, "not_needed", values, causes=("not_needed",))]
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


def _judge_options(case: Case, check: Check) -> list[Finding]:
    """
    `google.gateway_options`: the three tick boxes of the inbound gateway, by phase.
    """
    scopes = concerned(case, _GOOGLE)
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    options = case.environment.gateway_options or GatewayOptions(require_tls=None, reject_all=None, detect_external_ip=None)
    early = any(scope.phase is not Phase.LOCKDOWN for scope in scopes)
    values |= {
        "reject_all": _tick(options.reject_all),
        "require_tls": _tick(options.require_tls),
        "detect": _tick(options.detect_external_ip),
    }
    causes = []
    if options.reject_all is True and early:
        causes.append("reject_all")
    if options.reject_all is False and all(scope.phase is Phase.LOCKDOWN for scope in scopes):
        causes.append("reject_all")
    if options.require_tls is False:
        causes.append("require_tls")
    if causes:
        message = ("reject_all_early" if early else "reject_all_missing") if causes[0] == "reject_all" else "require_tls"
        return [check.finding(TENANT, Status.FAIL, message, values, causes=causes)]
    if options.reject_all is None or options.require_tls is None:
        return [check.finding(TENANT, Status.MANUAL, "manual_early" if early else "manual_lockdown", values)]
    advice = ("detect_external_ip",) if options.detect_external_ip else ()
    return [check.finding(TENANT, Status.PASS, "detecting" if advice else "right", values, causes=advice)]


def _tick(value: bool | None) -> str:
    return "?" if value is None else "☑" if value else "☐"


_BY_HAND = tuple(Check(entry.id, entry.step, _judge(entry), everywhere=entry.everywhere) for entry in manual_checks())
CHECKS: tuple[Check, ...] = (
    Check("present.gateway", "intake", _judge_present),
    *_BY_HAND,
    Check("google.gateway_options", "platform", _judge_options),
    Check("senders.direct", "lockdown", _judge_senders),
)
