"""
`lockdown.direct`: can mail go round the gateway? Each door of the platform is asked from here, where the gateway is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..environment import DomainScope, Environment, InboundFirewall, Phase, ProbeKind
from ..exports.addresses import AddressList
from ..exports.kinds import Kind
from ..exports.microsoft import TransportRule
from ..knowledge.replies import Meaning
from ..observations import Envelope, PortState, Trouble
from ..results import Finding, Status
from ..standards.ranges import AddressSet, subtract
from .case import Case, Check
from .dns_facts import causes_of, shown
from .exported import evidence_of_kinds
from .lock_export import exported_lock, exported_open, exported_rule
from .m365_remedies import disable_rule
from .pasted import networks_of
from .ranges import required_ranges
from .route_hosts import not_mail, resolves_said
from .route_reach import connect_said, firewalled, greeting_said, probe_cause
from .route_recipient import Heard, hear, values_of
from .route_view import AddressView, HostView, Routes, mx_moved, port_shown_open, see_routes
from .said import Said, cause_of, gravest, left_out, not_reached
from .tenant import ways

_SHUT = frozenset({"locked", "unreachable_from_here"})


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
    return _together([_address(case, routes, view) for view in host.addresses])


def _together(said: list[Said]) -> Said:
    """
    One saying of several: a door that takes mail here and refuses it there is open, and yet mail that is sent to it is lost.
    """
    worst = gravest(said)
    shut = any(_SHUT.intersection(each.causes) for each in said)
    mixed = worst.causes == ("open",) and shut
    return replace(worst, causes=("open", "partly_locked"), message="lockdown.direct.open_in_part") if mixed else worst


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
    control = routes.control(view)
    values: dict[str, object] = {"where": view.where, "port": case.environment.inbound_port}
    if view.problem is None or port_shown_open(case.environment, routes, view):
        if control is not None:
            evidence += case.evidence(control)
        return Said(Status.PASS, "lockdown.direct.unreachable_from_here", values, ("unreachable_from_here",), evidence)
    blocked = control is not None and control.state is PortState.BLOCKED and view.version != 6
    cause = "egress_blocked" if blocked else cause_of(view.problem) if view.problem.trouble is Trouble.UNREACHABLE else "connect_timeout"
    if control is not None:
        evidence += case.evidence(control)
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
    return _together([_of_closed(case, view, each) for each in asked])


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
        rule = exported_rule(case, view, heard.scopes)
        if rule is not None:
            values = {**values, "rule": rule.name, "ways": ways("lock", view.scopes)}
            evidence += case.evidence_of(rule)
            return Said(Status.UNKNOWN, "lockdown.direct.rule_unproven", values, ("stage_unproven",), evidence)
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
    asked = hear(view, Envelope.VALID)
    answered = [each for each in asked if each.meaning is not None]
    if case.environment.inbound_firewall is InboundFirewall.GATEWAY_ONLY:
        return Said(Status.WARN, "lockdown.direct.not_firewalled", {"where": view.where}, ("not_firewalled",), evidence)
    values: dict[str, object] = {"where": view.where, "phase": view.phase.value}
    if not asked:
        return Said(Status.NOT_APPLICABLE, "lockdown.direct.not_yet", values, ("not_yet",), evidence)
    if not answered:
        values |= {**values_of(view, asked[0]), "cause": asked[0].cause}
        return Said(Status.UNKNOWN, "lockdown.direct.no_answer", values, (asked[0].cause,), evidence)
    after_move = all(scope.phase is Phase.CUTOVER and mx_moved(case.environment, routes, scope) for scope in scopes)
    if after_move:
        evidence += case.evidence(*(answer for scope in scopes for answer in routes.mx[scope.name].answers))
    told = next((each for each in answered if each.about_mailbox), None)
    if told is None:
        cause = _other_cause(answered[0].meaning)
        unclear = answered[0].refused
        message = "unclear" if unclear else "undecided_after_move" if after_move else "undecided"
        return Said(Status.UNKNOWN, f"lockdown.direct.{message}", {**values, **values_of(view, answered[0])}, (cause,), evidence)
    rule = exported_rule(case, view, scopes) if told.meaning is Meaning.ACCEPTED else None
    if rule is not None:
        said = _locked_by_rule(case, scopes, {**values, **values_of(view, told)}, rule, moved=after_move)
        return replace(said, evidence=(*evidence, *said.evidence))
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
        return Said(Status.PASS, "lockdown.direct.locked_to_present", {**values, "present": name or ""}, ("locked", "to_present"), evidence)
    permanent = heard.reply is not None and heard.reply.code >= 500
    message = "locked_early" if permanent else "locked_early_temporary"
    return Said(Status.FAIL, f"lockdown.direct.{message}", values, ("locked_early",), evidence)


def _locked_by_rule(case: Case, scopes: list[DomainScope], values: dict[str, object], rule: TransportRule, *, moved: bool) -> Said:
    """
    A mail flow rule keeps strangers out of a door that has to stay open for now: behind DATA, so RCPT is accepted all the same.
    """
    environment, excepted = case.environment, rule.except_if_sender_ip_ranges or AddressList()
    values = {
        **values,
        "domain": [shown(scope) for scope in scopes],
        "rule": rule.name,
        "entries": list(excepted.texts),
        "paste": disable_rule(rule.name).lines,
    }
    evidence = case.evidence_of(rule)
    if _present_lock(environment):
        name = environment.present_gateway.name if environment.present_gateway is not None else None
        return Said(Status.PASS, "lockdown.direct.locked_to_present", {**values, "present": name or ""}, ("locked", "to_present"), evidence)
    if moved:
        return Said(Status.WARN, "lockdown.direct.rule_at_cutover", values, ("locked",), evidence)
    foreign = subtract(excepted.networks, AddressSet(networks_of(required_ranges(environment, case.observations))))
    if environment.present_gateway is None and not foreign:
        return Said(Status.FAIL, "lockdown.direct.rule_early", values, ("locked_early",), evidence)
    return Said(Status.UNKNOWN, "lockdown.direct.rule_in_force", values, ("locked",), evidence)


def _present_lock(environment: Environment) -> bool:
    return environment.present_gateway is not None and environment.present_gateway.locked


CHECKS: tuple[Check, ...] = (Check("lockdown.direct", "lockdown", judge_direct, see_routes),)
