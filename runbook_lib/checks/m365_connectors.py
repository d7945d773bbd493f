"""
``m365.inbound_connector``: does nothing restrict mail while MX still leads elsewhere, and is the tenant locked to the gateway at the end?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ..environment import DomainScope, Phase
from ..exports import InboundConnector, Kind
from ..observations import Plan
from ..results import Finding, Status
from .case import Case, Check
from .dns_facts import shown
from .exported import evidence_of_kinds
from .m365_lock import CMDLET, CONNECTOR, Lock, judge_locked, of_old_gateway, without_gateway
from .m365_moves import Move, see_moves
from .m365_remedies import Change, Script
from .m365_view import (
    PLATFORMS,
    Tenant,
    by_hand,
    certificate_fits,
    from_everywhere,
    is_on_premises,
    plan_ranges,
    see_tenant,
)
from .ranges import Reference
from .said import Said, unique
from .tenant import TENANT, concerned, not_concerned

_KIND = Kind.INBOUND_CONNECTORS


def plan(case: Case) -> Plan[tuple[Reference | None, tuple[Move, ...]]]:
    """
    The questions of ``m365.inbound_connector``: the required ranges, and where MX leads for domains that are being moved.
    """
    found, moves = yield [plan_ranges(case, _KIND), see_moves(case, _moving(case))]
    return cast("Reference | None", found), cast("tuple[Move, ...]", moves)


def _moving(case: Case) -> tuple[DomainScope, ...]:
    scopes = concerned(case, PLATFORMS)
    if not case.exports.given(_KIND) or any(scope.phase is Phase.PREPARE for scope in scopes):
        return ()
    return tuple(scope for scope in scopes if scope.phase is Phase.CUTOVER)


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``m365.inbound_connector`` for every connector that matters.
    """
    tenant = see_tenant(case, _KIND)
    connectors = case.exports.inbound_connectors
    if tenant is None:
        return [not_concerned(case, check)]
    if connectors is None:
        return by_hand(case, check, varies=True)
    if tenant.locking:
        found = judge_locked(tenant, connectors)
    else:
        found = _judge_early(_Early(tenant, case.replay(see_moves(case, _moving(case)))), connectors)
    evidence = evidence_of_kinds(case, _KIND)
    findings = [said.about(check, subject or TENANT) for subject, said in found]
    return unique(_with_evidence(finding, evidence) for finding in findings)


def _with_evidence(finding: Finding, evidence: Sequence[str]) -> Finding:
    return finding if finding.evidence else replace(finding, evidence=tuple(evidence))


@dataclass(frozen=True)
class _Early:
    """
    A tenant that is not to be locked yet.

    Args:
        tenant: The tenant.
        moves: How far the domains have moved that are being moved.
    """

    tenant: Tenant
    moves: tuple[Move, ...]

    def reached(self, connector: InboundConnector) -> list[DomainScope]:
        """
        The domains a connector holds for.
        """
        named = connector.holds_for
        return [scope for scope in self.tenant.scopes if not named or {scope.name, scope.unicode.lower()} & named]

    def waiting(self, connector: InboundConnector) -> tuple[list[DomainScope], list[Move]]:
        """
        The domains that a restriction of this connector would be too early for, and those of which that is not known.
        """
        environment = self.tenant.environment
        done = {move.scope.name: move.done(environment) for move in self.moves}
        reached = self.reached(connector)
        early = [scope for scope in reached if scope.phase is not Phase.LOCKDOWN and done.get(scope.name, False) is False]
        unsure = [move for move in self.moves if done[move.scope.name] is None and move.scope in reached]
        return early, unsure


def _judge_early(early: _Early, connectors: Sequence[InboundConnector]) -> list[tuple[str, Said]]:
    tenant = early.tenant
    judged = [(one.name, _connector(early, one)) for one in connectors if one.enabled is not False]
    found = [(name, said) for name, said in judged if said is not None]
    if found:
        return found
    names = [one.name for one in connectors]
    if not connectors:
        return [(TENANT, tenant.said(Status.NOT_APPLICABLE, f"{CONNECTOR}.none_yet", {"name": "-"}, ("none",)))]
    return [(TENANT, tenant.said(Status.PASS, f"{CONNECTOR}.nothing_restricts", {"name": "-", "others": names}, (), connectors))]


def _connector(early: _Early, one: InboundConnector) -> Said | None:
    """
    What is said of one connector before the lock; None where it has nothing to do with mail for the domains.
    """
    tenant = early.tenant
    serves = tenant.serves(one)
    lock = Lock(tenant, one, pilot=True)
    if is_on_premises(one):
        return _of_on_premises(tenant, one)
    everywhere = from_everywhere(one)
    if not (serves or everywhere) or not early.reached(one):
        return None
    if one.connector_type is None:
        return tenant.incomplete(["ConnectorType"], lock.values, [one])
    restricting = lock.by_address or lock.by_certificate
    waiting, unsure = early.waiting(one)
    if restricting and everywhere and _of_others(tenant, lock):
        return _locked_to_others(tenant, lock, waiting)
    if restricting and everywhere and of_old_gateway(tenant, one) and not tenant.lacking(lock.addresses.networks):
        return tenant.settled(tenant.said(Status.PASS, f"{CONNECTOR}.present_lock", lock.values, (), [one]), one.when_changed)
    return _of_partner(tenant, lock, waiting, unsure)


def _of_partner(tenant: Tenant, lock: Lock, waiting: Sequence[DomainScope], unsure: Sequence[Move]) -> Said | None:
    one = lock.connector
    found = {
        "restricted_too_early": lock.by_address or lock.by_certificate,
        "tls_too_early": from_everywhere(one) and one.require_tls is True,
    }
    early = [cause for cause, is_so in found.items() if is_so]
    wrong = ["treats_as_internal"] if one.treat_messages_as_internal else []
    more: dict[str, Any] = {
        **lock.values,
        "waiting": [shown(scope) for scope in waiting],
        "unsure": [shown(move.scope) for move in unsure],
        "paste": _freed(one, lock, release=bool(early)).lines,
    }
    if early and waiting:
        causes = [*early, *wrong]
        return tenant.said(Status.FAIL, f"{CONNECTOR}.{causes[0]}", more, causes, [one])
    if early and unsure:
        causes = list(dict.fromkeys(cause for move in unsure for cause in move.causes))
        said = tenant.said(Status.UNKNOWN, f"{CONNECTOR}.mx_unknown", more, causes, [one])
        return _and_answers(tenant, said, unsure)
    if wrong:
        return tenant.said(Status.FAIL, f"{CONNECTOR}.treats_as_internal", more, wrong, [one])
    if early and found["restricted_too_early"]:
        return lock.said()
    if lock.untold:
        return tenant.incomplete(lock.untold, more, [one])
    return tenant.settled(
        tenant.said(Status.PASS, f"{CONNECTOR}.nothing_restricts", {**more, "others": [one.name]}, (), [one]), one.when_changed
    )


def _and_answers(tenant: Tenant, said: Said, moves: Sequence[Move]) -> Said:
    return replace(said, evidence=(*said.evidence, *tenant.case.evidence(*(answer for move in moves for answer in move.answers))))


def _of_on_premises(tenant: Tenant, one: InboundConnector) -> Said | None:
    more = {**Lock(tenant, one).values, "paste": without_gateway(tenant, one).lines}
    if tenant.holds_own(one.sender_ip_addresses):
        return tenant.said(Status.FAIL, f"{CONNECTOR}.wrong_type", more, ("wrong_type",), [one])
    if tenant.serves(one) and one.treat_messages_as_internal:
        more["paste"] = _freed(one, Lock(tenant, one), release=False).lines
        return tenant.said(Status.FAIL, f"{CONNECTOR}.treats_as_internal", more, ("treats_as_internal",), [one])
    return None


def _of_others(tenant: Tenant, lock: Lock) -> bool:
    """
    True where a connector admits only somebody else: what stands in front today.
    """
    by_address = lock.by_address and bool(lock.addresses) and not tenant.touches(lock.addresses)
    name = lock.connector.tls_sender_certificate_name or ""
    return by_address or (lock.by_certificate and bool(name) and not certificate_fits(tenant.environment, name))


def _locked_to_others(tenant: Tenant, lock: Lock, waiting: Sequence[DomainScope]) -> Said:
    """
    Before the move `present.gateway` says what such a connector lacks; from the move on it turns the gateway away.
    """
    one = lock.connector
    more: dict[str, Any] = {**lock.values, "waiting": [shown(scope) for scope in waiting], "paste": lock.remedy().lines}
    if all(scope.phase is Phase.PREPARE for scope in waiting) and waiting:
        more["stopper"] = [f"present.gateway {one.name}"]
        return tenant.said(Status.NOT_APPLICABLE, f"{CONNECTOR}.tied_elsewhere", more, ("present_gateway",), [one])
    more["paste"] = _freed(one, lock, release=True).lines
    return tenant.said(Status.FAIL, f"{CONNECTOR}.restricted_too_early", more, ("restricted_too_early",), [one])


def _freed(one: InboundConnector, lock: Lock, *, release: bool) -> Script:
    """
    The command that takes restrictions off a connector, and lets nothing through it as internal.
    """
    change = Change(CMDLET, one.name)
    if release and lock.by_address:
        change.switch("RestrictDomainsToIPAddresses", to=False)
    if release and lock.by_certificate:
        change.switch("RestrictDomainsToCertificate", to=False)
    if release and one.require_tls:
        change.switch("RequireTls", to=False)
    if one.treat_messages_as_internal:
        change.switch("TreatMessagesAsInternal", to=False)
    return change.script


CHECKS = (Check(CONNECTOR, "platform", judge, plan),)
