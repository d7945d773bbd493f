"""
`lockdown.direct`: can mail go round the gateway? Each door of the platform is asked from here, where the gateway is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..environment import DomainScope, Environment, InboundFirewall, Phase, ProbeKind
from ..exports.kinds import Kind
from ..knowledge.replies import Meaning
from ..observations import Envelope, PortState
from ..results import Finding, Status
from .case import Case, Check
from .dns_facts import causes_of, shown
from .exported import evidence_of_kinds
from .lock_export import exported_lock, exported_open
from .route_hosts import not_mail, resolves_said
from .route_reach import connect_said, firewalled, greeting_said, probe_cause
from .route_recipient import Heard, hear, values_of
from .route_view import AddressView, HostView, Routes, mx_moved, port_shown_open, see_routes
from .said import Said, cause_of, gravest, left_out, not_reached
from .tenant import ways


def judge_direct(case: Case, check: Check) -> Iterable[Finding]:
    """
    One finding for each door: every inbound host, and at lockdown the other names by which the same platform takes mail.
    """
    routes = case.replay(see_routes(case))
    if not routes.hosts:
        return not_mail(case, check)
    doors = [(host, False) for host in routes.hosts] + [(host, True) for host in routes.doors]
    return [_door(case, routes, host, other=other).about(check, host.host) for host, other in doors]


def _door(case: Case, routes: Routes, host: HostView, *, other: bool) -> Said:
    if ProbeKind.SMTP not in case.environment.probes:
        return left_out("smtp")
    if other and host.resolved.missing:
        values = {"host": host.host}
        return Said(Status.NOT_APPLICABLE, "lockdown.direct.no_such_door", values, ("no_such_door",), case.evidence(*host.resolved.answers))
    if other and (not host.addresses or all(view.problem is not None for view in host.addresses)):
        return _other_not_asked(case, host)
    if not host.addresses:
        resolved = resolves_said(case, host)
        return left_out("dns") if "left_out" in resolved.causes else not_reached(f"route.resolves {host.host}", resolved.status)
    return gravest([_address(case, routes, view) for view in host.addresses])


def _other_not_asked(case: Case, host: HostView) -> Said:
    # The other doors have no findings of the route that could be named as what stopped this one.
    evidence = case.evidence(*host.resolved.answers, *(view.dialogue for view in host.addresses))
    problem = next((view.problem for view in host.addresses if view.problem is not None), None)
    causes = (cause_of(problem),) if problem is not None else causes_of(host.resolved.outcome) or ("limit",)
    values = {"host": host.host, "cause": causes[0], "detail": problem.detail if problem is not None else ""}
    return Said(Status.UNKNOWN, "lockdown.direct.not_asked", values, causes, evidence)


def _address(case: Case, routes: Routes, view: AddressView) -> Said:
    if firewalled(case, view):
        return _unreachable(case, routes, view)
    locks = [each for each in hear(view, Envelope.VALID, Envelope.UNKNOWN, Envelope.NEUTRAL) if each.meaning is Meaning.LOCKED]
    stopped = None if locks else _stopped(case, routes, view)
    closing = [scope for scope in view.scopes if scope.phase is Phase.LOCKDOWN]
    opening = [scope for scope in view.scopes if scope.phase is not Phase.LOCKDOWN]
    said = [_closing(case, view, closing, stopped)] if closing else []
    said += [_opening(case, routes, view, opening, locks=locks, stopped=stopped)] if opening else []
    return gravest(said)


def _stopped(case: Case, routes: Routes, view: AddressView) -> Said | None:
    if view.problem is not None:
        return not_reached(f"route.connect {view.subject}", connect_said(case, routes, view).status)
    greeting = greeting_said(case, routes, view)
    if greeting.status in (Status.FAIL, Status.UNKNOWN):
        return not_reached(f"route.greeting {view.subject}", greeting.status)
    return None


def _unreachable(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    A door that a firewall keeps shut: good, where it is known that the fault is not on this side.
    """
    evidence = case.evidence(view.dialogue)
    values: dict[str, object] = {"where": view.where, "port": case.environment.inbound_port}
    if view.problem is None or port_shown_open(case.environment, routes, view):
        if routes.port is not None:
            evidence += case.evidence(routes.port)
        return Said(Status.PASS, "lockdown.direct.unreachable_from_here", values, ("unreachable_from_here",), evidence)
    blocked = routes.port is not None and routes.port.state is PortState.BLOCKED
    cause = "egress_blocked" if blocked else "connect_timeout"
    if routes.port is not None:
        evidence += case.evidence(routes.port)
    return Said(Status.UNKNOWN, "lockdown.direct.silence_unproven", values, (cause,), evidence)


def _closing(case: Case, view: AddressView, scopes: list[DomainScope], stopped: Said | None) -> Said:
    """
    A door that is to be shut: every question about its mailboxes has to be refused for the lock's reason.
    """
    recipients = {scope.test_recipient for scope in scopes if scope.test_recipient}
    if not recipients:
        values = {"host": view.host, "domains": [shown(scope) for scope in scopes]}
        return Said(Status.MANUAL, "lockdown.direct.no_recipient", values, ("no_recipient",), case.evidence(view.dialogue))
    if stopped is not None:
        return stopped
    heard = [each for each in hear(view, Envelope.VALID, Envelope.NEUTRAL) if each.result.transaction.recipient in recipients]
    locks = [each for each in heard if each.lock]
    # A lock that closes the connection leaves the later questions without an answer: they were refused with it.
    asked = [each for each in heard if not (each.reply is None and each.cause == "locked")] if locks else heard
    return gravest([_of_closed(case, view, each) for each in asked])


def _of_closed(case: Case, view: AddressView, heard: Heard) -> Said:
    evidence = case.evidence(view.dialogue)
    values = values_of(view, heard)
    if heard.lock:
        if exported_open(case, view):
            evidence += evidence_of_kinds(case, Kind.INBOUND_CONNECTORS)
            return Said(Status.PASS, "lockdown.direct.locked_not_exported", values, ("locked", "export_disagrees"), evidence)
        return Said(Status.PASS, "lockdown.direct.locked", values, ("locked",), evidence)
    if heard.meaning is Meaning.ACCEPTED:
        connector = exported_lock(case, view, heard.scopes)
        if connector is not None:
            values = {**values, "connector": connector.name}
            evidence += case.evidence_of(connector)
            return Said(Status.UNKNOWN, "lockdown.direct.stage_unproven", values, ("stage_unproven",), evidence)
        return Said(Status.FAIL, "lockdown.direct.open", {**values, "ways": ways("lock", view.scopes)}, ("open",), evidence)
    if heard.meaning is None:
        return Said(Status.UNKNOWN, "lockdown.direct.no_reply", {**values, "cause": heard.cause}, (heard.cause,), evidence)
    return Said(Status.UNKNOWN, "lockdown.direct.other_reason", values, (_other_cause(heard.meaning),), evidence)


def _opening(case: Case, routes: Routes, view: AddressView, scopes: list[DomainScope], *, locks: list[Heard], stopped: Said | None) -> Said:
    """
    A door that has to stay open for now: a lock means that mail is being refused.
    """
    mine = [each for each in locks if any(scope in each.scopes for scope in scopes)]
    if mine:
        return gravest([_too_early(case, routes, view, each, scope) for each in mine for scope in scopes if scope in each.scopes])
    if stopped is not None:
        return stopped
    evidence = case.evidence(view.dialogue)
    answered = [each for each in hear(view, Envelope.VALID) if each.meaning is not None]
    if case.environment.inbound_firewall is InboundFirewall.GATEWAY_ONLY:
        return Said(Status.WARN, "lockdown.direct.not_firewalled", {"where": view.where}, ("not_firewalled",), evidence)
    values = {"where": view.where, "phase": view.phase.value}
    if not answered:
        return Said(Status.NOT_APPLICABLE, "lockdown.direct.not_yet", values, ("not_yet",), evidence)
    after_move = all(scope.phase is Phase.CUTOVER and mx_moved(case.environment, routes, scope) for scope in scopes)
    if after_move:
        evidence += case.evidence(*(answer for scope in scopes for answer in routes.mx[scope.name].answers))
    told = next((each for each in answered if each.about_recipient), None)
    if told is None:
        cause = _other_cause(answered[0].meaning)
        message = "undecided_after_move" if after_move else "undecided"
        return Said(Status.UNKNOWN, f"lockdown.direct.{message}", {**values, **values_of(view, answered[0])}, (cause,), evidence)
    message = "open_after_move" if after_move else "open_rightly"
    return Said(Status.PASS, f"lockdown.direct.{message}", {**values, **values_of(view, told)}, (), evidence)


def _other_cause(meaning: Meaning | None) -> str:
    if meaning is None:
        return "protocol_error"
    return probe_cause(meaning) if meaning.about_probe else meaning.value


def _too_early(case: Case, routes: Routes, view: AddressView, heard: Heard, scope: DomainScope) -> Said:
    evidence = case.evidence(view.dialogue)
    values = {**values_of(view, heard), "domain": shown(scope)}
    if scope.phase is Phase.CUTOVER:
        view_of_mx = routes.mx.get(scope.name)
        evidence += case.evidence(*view_of_mx.answers) if view_of_mx is not None else ()
        moved = mx_moved(case.environment, routes, scope)
        if moved:
            return Said(Status.WARN, "lockdown.direct.locked_at_cutover", values, ("locked",), evidence)
        if moved is None:
            return Said(Status.UNKNOWN, "lockdown.direct.locked_mx_unknown", values, ("locked",), evidence)
    if _present_lock(case.environment):
        name = case.environment.present_gateway.name if case.environment.present_gateway is not None else None
        return Said(Status.PASS, "lockdown.direct.locked_to_present", {**values, "present": name or ""}, ("locked",), evidence)
    permanent = heard.reply is not None and heard.reply.code >= 500
    message = "locked_early" if permanent else "locked_early_temporary"
    return Said(Status.FAIL, f"lockdown.direct.{message}", values, ("locked_early",), evidence)


def _present_lock(environment: Environment) -> bool:
    return environment.present_gateway is not None and environment.present_gateway.locked


CHECKS: tuple[Check, ...] = (Check("lockdown.direct", "lockdown", judge_direct, see_routes),)
