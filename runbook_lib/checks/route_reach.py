"""
How far a dialogue with an inbound host got: TCP, greeting, firewall. What the later route checks rest on.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from ..environment import InboundFirewall, ProbeKind
from ..knowledge.replies import Meaning, classify
from ..observations import Direction, PortState, SmtpConnection, SmtpReply, Trouble
from ..results import Finding, Status
from .case import Case, Check
from .route_hosts import not_mail, resolves_said
from .route_view import AddressView, HostView, Routes, exempt, firewall_expected, port_shown_open, see_routes
from .said import Said, cause_of, left_out, not_reached, unique

JudgeOne = Callable[[Case, Routes, AddressView], Said]
_EXCERPT = 500


def each_address(judge: JudgeOne, *, after: str = "route.greeting") -> Callable[[Case, Check], list[Finding]]:
    """
    Make a judge of one address into a judge of a check.

    Args:
        judge: Says what one address shows.
        after: The check it needs; where that is not well, what stopped it is named instead. ``""`` for the first.
    """

    def judged(case: Case, check: Check) -> list[Finding]:
        routes = case.replay(see_routes(case))
        if not routes.hosts:
            return not_mail(case, check)
        return unique(finding for host in routes.hosts for finding in _of_host(case, check, routes, host, judge, after=after))

    return judged


def _of_host(case: Case, check: Check, routes: Routes, host: HostView, judge: JudgeOne, *, after: str) -> Iterable[Finding]:
    if ProbeKind.SMTP not in case.environment.probes:
        yield from (left_out("smtp").about(check, subject) for subject in host.resolved.addresses or (host.host,))
        return
    asked = {view.address for view in host.addresses}
    stopper = f"route.resolves {host.host}"
    resolved = resolves_said(case, host)
    for address in [each for each in host.resolved.addresses if each not in asked] if host.addresses else host.resolved.addresses:
        yield not_reached(stopper, resolved.status).about(check, address)
    if not host.addresses and not host.resolved.addresses:
        stopped = left_out("dns") if "left_out" in resolved.causes else not_reached(stopper, resolved.status)
        yield stopped.about(check, host.host)
    for view in host.addresses:
        said = _stopped(case, routes, view, after)
        yield (said or judge(case, routes, view)).about(check, view.subject)


def firewalled(case: Case, view: AddressView) -> bool:
    """
    True where a firewall that is meant to keep probes out did: refused, silent, unreachable, or greeted with a refusal.
    """
    if not firewall_expected(case.environment, view):
        return False
    problem = view.problem
    if problem is not None:
        return problem.trouble in (Trouble.REFUSED, Trouble.TIMEOUT, Trouble.UNREACHABLE)
    greeting = view.first.greeting if view.first is not None else None
    if greeting is None or greeting.code < 500:
        return False
    meaning = classify(greeting, "greeting", view.platform).meaning
    return meaning is Meaning.CLIENT_REFUSED or not meaning.about_probe


def _firewalled(case: Case, view: AddressView) -> Said | None:
    if not firewalled(case, view):
        return None
    declared = case.environment.inbound_firewall is InboundFirewall.GATEWAY_ONLY
    values = {"where": view.where, "reason": "inbound_firewall: gateway_only" if declared else "phase: lockdown"}
    return Said(Status.NOT_APPLICABLE, "route.firewalled", values, ("firewalled",), case.evidence(view.dialogue))


def _stopped(case: Case, routes: Routes, view: AddressView, after: str) -> Said | None:
    barred = _firewalled(case, view)
    if barred is not None or not after:
        return barred
    connect = connect_said(case, routes, view)
    if view.problem is not None:
        return not_reached(f"route.connect {view.subject}", connect.status)
    if after == "route.connect":
        return None
    greeting = greeting_said(case, routes, view)
    if greeting.status in (Status.FAIL, Status.UNKNOWN):
        return not_reached(f"route.greeting {view.subject}", greeting.status)
    return None


def connect_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.connect`: does TCP open?
    """
    environment = case.environment
    problem = view.problem
    values = {"where": view.where, "port": environment.inbound_port, "seconds": environment.timeout}
    evidence = case.evidence(view.dialogue)
    if problem is None:
        took = view.first.connect_ms if view.first is not None else None
        return Said(Status.PASS, "route.connect.open", {**values, "ms": round(took or 0.0)}, (), evidence)
    values["detail"] = problem.detail
    if problem.trouble is Trouble.REFUSED:
        return Said(Status.FAIL, "route.connect.refused", values, ("connection_refused",), evidence)
    if problem.trouble is Trouble.TIMEOUT:
        control = routes.control(view)
        if control is not None and not exempt(environment, view):
            evidence += case.evidence(control)
            values["controls"] = [each.host for each in control.tries if each.opened]
        if port_shown_open(environment, routes, view):
            message = "route.connect.timeout_near" if exempt(environment, view) else "route.connect.timeout"
            return Said(Status.FAIL, message, values, ("connect_timeout",), evidence)
        if control is not None and control.state is PortState.BLOCKED and view.version != 6:
            return Said(Status.UNKNOWN, "route.connect.egress_blocked", values, ("egress_blocked", "connect_timeout"), evidence)
        return Said(Status.UNKNOWN, "route.connect.timeout_unproven", values, ("connect_timeout",), evidence)
    if problem.trouble is Trouble.UNREACHABLE and _no_ipv6_here(routes, view):
        return Said(Status.NOT_APPLICABLE, "route.connect.no_ipv6", values, ("no_ipv6",), evidence)
    names = {Trouble.UNREACHABLE: "unreachable", Trouble.PROXY: "proxy", Trouble.LOCAL: "local"}
    return Said(Status.UNKNOWN, f"route.connect.{names.get(problem.trouble, 'limit')}", values, (cause_of(problem),), evidence)


def _no_ipv6_here(routes: Routes, view: AddressView) -> bool:
    # A machine without IPv6 says of every IPv6 address that it cannot be reached; that is no fault of the host's.
    if not view.address or ipaddress.ip_address(view.address).version != 6:
        return False
    views = [each for host in (*routes.hosts, *routes.doors) for each in host.addresses if each.address]
    of_six = [each for each in views if ipaddress.ip_address(each.address).version == 6]
    fours = [each for each in views if each.host == view.host and each not in of_six]
    return all(each.problem is not None and each.problem.trouble is Trouble.UNREACHABLE for each in of_six) and any(
        each.problem is None for each in fours
    )


def greeting_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.greeting`: 220, and a sane EHLO or HELO?
    """
    del routes
    connection = view.first
    evidence = case.evidence(view.dialogue)
    values = {"where": view.where, "seconds": case.environment.timeout}
    if connection is None:
        return Said(Status.UNKNOWN, "route.greeting.garbage", {**values, "reply": ""}, ("protocol_error",), evidence)
    for stage, reply in (("greeting", connection.greeting), ("ehlo", connection.ehlo)):
        if reply is None:
            return _no_reply(connection, stage, values, evidence)
        if not reply.positive or (stage == "greeting" and reply.code != 220):
            return _bad_greeting(reply, stage, view, values, evidence)
    odd = [each for reply in (connection.greeting, connection.ehlo) if reply is not None for each in reply.irregular]
    values |= {"greeting": shown(connection.greeting), "hello": connection.hello or "EHLO"}
    if odd:
        return Said(Status.WARN, "route.greeting.irregular", {**values, "odd": list(dict.fromkeys(odd))}, ("irregular",), evidence)
    return Said(Status.PASS, "route.greeting.sane", values, (), evidence)


def _no_reply(connection: SmtpConnection, stage: str, values: dict[str, object], evidence: tuple[str, ...]) -> Said:
    problem = connection.problem
    trouble = problem.trouble if problem is not None else Trouble.PROTOCOL
    said = " ".join(line.text for line in connection.transcript if line.who is Direction.SERVER)[:_EXCERPT]
    values = {**values, "stage": stage, "reply": said, "detail": problem.detail if problem is not None else ""}
    names = {Trouble.TIMEOUT: "silent", Trouble.CLOSED: "closed", Trouble.LIMIT: "endless", Trouble.PROXY: "proxy"}
    cause = cause_of(problem) if problem is not None else "protocol_error"
    return Said(Status.UNKNOWN, f"route.greeting.{names.get(trouble, 'garbage')}", values, (cause,), evidence)


def _bad_greeting(reply: SmtpReply, stage: str, view: AddressView, values: dict[str, object], evidence: tuple[str, ...]) -> Said:
    meaning = classify(reply, stage, view.platform).meaning
    values = {**values, "reply": shown(reply)}
    if reply.code < 400:
        return Said(Status.UNKNOWN, "route.greeting.garbage", values, ("protocol_error",), evidence)
    if meaning.about_probe:
        return Said(Status.UNKNOWN, "route.greeting.about_probe", values, (probe_cause(meaning),), evidence)
    if reply.code < 500:
        return Said(Status.UNKNOWN, "route.greeting.temporary", values, ("temporary",), evidence)
    return Said(Status.FAIL, "route.greeting.refused", values, ("refused",), evidence)


def probe_cause(meaning: Meaning) -> str:
    """
    The cause of a reply that is about the probe.
    """
    return meaning.value if meaning in (Meaning.RATE_LIMITED, Meaning.DIRECT_SEND_REJECTED) else "probe_reputation"


def shown(reply: SmtpReply | None) -> str:
    """
    A reply for people: code and text, at most 500 characters.
    """
    return f"{reply.code} {reply.text}"[:_EXCERPT] if reply is not None else ""
