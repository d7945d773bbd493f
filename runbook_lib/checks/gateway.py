"""
`gateway.accepts`: do the gateway's own MX hosts take mail for each domain, before MX moves to them?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from ..environment import DomainScope, Environment, ProbeKind
from ..knowledge.replies import GATEWAY, Meaning, classify
from ..observations import DnsOutcome, Envelope, Plan, SmtpDialogue, SmtpQuestion, SmtpTransaction, TransactionResult, together
from ..results import GRAVITY, Finding, Status
from ..standards.addresses import HostAddresses, resolve_host
from .case import Case, Check
from .dns_facts import causes_of, no_mail, shown, term
from .mx_gateway import expected_hosts
from .route_reach import probe_cause
from .route_reach import shown as shown_reply
from .route_view import connect_target, mail_scopes, may_ask
from .said import Said, cause_of, gravest, left_out

PORT = 25
_MOST_ADDRESSES = 2
_FAILS = {
    Meaning.NOT_REGISTERED: ("not_registered", "wrong_region"),
    Meaning.RELAY_DENIED: ("not_registered", "wrong_region"),
    Meaning.DOMAIN_NOT_ACCEPTED: ("not_registered", "wrong_region"),
    Meaning.WRONG_HOST: ("wrong_region",),
    Meaning.OUTBOUND_HOST: ("outbound_host",),
    Meaning.INBOUND_DISABLED: ("inbound_disabled",),
    Meaning.RECIPIENT_VALIDATION: ("recipient_validation",),
    Meaning.UNKNOWN_RECIPIENT: ("recipient_validation",),
}
_HELD = {Meaning.GREYLISTED, Meaning.TEMPORARY}


@dataclass(frozen=True, slots=True)
class GatewayView:
    """
    One host of the gateway.

    Args:
        host: Its name.
        resolved: Its addresses.
        dialogues: With those that were asked.
    """

    host: str
    resolved: HostAddresses
    dialogues: tuple[SmtpDialogue, ...]


def see_gateway(case: Case) -> Plan[list[GatewayView]]:
    """
    Ask each of the gateway's hosts about the test recipients of all domains, at most two addresses a host, one dialogue an address.
    """
    environment = case.environment
    asked = tuple(dict.fromkeys(recipient for scope in mail_scopes(environment) if (recipient := own_recipient(scope))))
    transactions = tuple(SmtpTransaction(Envelope.VALID, environment.sender, recipient) for recipient in asked)
    if not transactions or ProbeKind.SMTP not in environment.probes:
        return []
    return (yield from together([_see_host(environment, host, transactions) for host in expected_hosts(environment)]))


def _see_host(environment: Environment, host: str, transactions: tuple[SmtpTransaction, ...]) -> Plan[GatewayView]:
    resolved = yield from resolve_host(host)
    public = [address for address in resolved.addresses if may_ask(environment, host, address, PORT)][:_MOST_ADDRESSES]
    if not resolved.addresses and connect_target(environment, host, "", PORT) is not None:
        public = [""]
    questions = [SmtpQuestion(host, address, PORT, transactions) for address in public]
    dialogues = cast("list[SmtpDialogue]", (yield questions)) if questions else []
    return GatewayView(host, resolved, tuple(dialogues))


def own_recipient(scope: DomainScope) -> str | None:
    """
    The test recipient of a domain, if it lies in that domain or below it: one elsewhere says nothing about this domain at the gateway.
    """
    domain = (scope.test_recipient or "").rpartition("@")[2]
    return scope.test_recipient if domain == scope.name or domain.endswith(f".{scope.name}") else None


def judge_accepts(case: Case, check: Check) -> Iterable[Finding]:
    """
    One finding for each domain.
    """
    views = case.replay(see_gateway(case))
    mail = {scope.name: scope for scope in mail_scopes(case.environment)}
    for scope in case.environment.scopes:
        if scope.name in mail:
            yield _of_domain(case, views, mail[scope.name]).about(check, scope.name)
        else:
            yield no_mail(check, scope)


def _of_domain(case: Case, views: Sequence[GatewayView], scope: DomainScope) -> Said:
    recipient = own_recipient(scope)
    if ProbeKind.SMTP not in case.environment.probes:
        return left_out("smtp")
    if recipient is None:
        values = {"domain": shown(scope), "given": scope.test_recipient or ""}
        message = "elsewhere" if scope.test_recipient else "no_recipient"
        return Said(Status.MANUAL, f"gateway.accepts.{message}", values, ("no_recipient",))
    if not views:
        return Said(Status.UNKNOWN, "gateway.accepts.no_hosts", {"domain": shown(scope)}, ("limit",))
    hosts = [_of_host(case, view, scope, recipient) for view in views]
    worst = gravest(hosts)
    return worst if worst.status is not Status.PASS else _all_well(case, views, scope, recipient)


def _all_well(case: Case, views: Sequence[GatewayView], scope: DomainScope, recipient: str) -> Said:
    values = {"domain": shown(scope), "recipient": recipient, "hosts": [view.host for view in views]}
    evidence = case.evidence(*(dialogue for view in views for dialogue in view.dialogues))
    return Said(Status.PASS, "gateway.accepts.accepted", values, (), evidence)


def _of_host(case: Case, view: GatewayView, scope: DomainScope, recipient: str) -> Said:
    """
    What one host says: a refusal counts wherever it is given, else one address that accepts is enough.
    """
    values = {"domain": shown(scope), "recipient": recipient, "host": view.host, "region": case.environment.region}
    if not view.dialogues:
        if view.resolved.outcome is DnsOutcome.NOT_ASKED and ProbeKind.DNS not in case.environment.probes:
            return left_out("dns")
        evidence = case.evidence(*view.resolved.answers)
        if view.resolved.outcome.found and view.resolved.addresses:
            return Said(Status.UNKNOWN, "gateway.accepts.private", values, ("private_address",), evidence)
        facts = {**values, "outcome": term(view.resolved.outcome)}
        message = "gateway.accepts.not_resolved" if view.resolved.missing else "gateway.accepts.not_looked_up"
        return Said(Status.UNKNOWN, message, facts, causes_of(view.resolved.outcome) or ("limit",), evidence)
    said = sorted((_of_dialogue(case, dialogue, values) for dialogue in view.dialogues), key=lambda each: GRAVITY.index(each.status))
    if said[0].status is Status.FAIL:
        return said[0]
    return next((each for each in said if each.status is Status.PASS), said[0])


def _of_dialogue(case: Case, dialogue: SmtpDialogue, common: dict[str, str]) -> Said:
    evidence = case.evidence(dialogue)
    address = dialogue.question.address
    where = f"{dialogue.question.host} ({address})" if address else dialogue.question.host
    values = {**common, "where": where, "seconds": case.environment.timeout}
    result = next((each for each in dialogue.results if each.transaction.recipient == common["recipient"]), None)
    reply = result.answer if result is not None else None
    stage = "mail" if result is not None and result.rcpt is None else "rcpt"
    if reply is None:
        greeting = next((each.greeting for each in dialogue.connections if each.greeting is not None and each.greeting.code >= 400), None)
        if greeting is None:
            return _no_reply(dialogue, result, values, evidence)
        reply, stage = greeting, "greeting"
    meaning = classify(reply, stage, GATEWAY).meaning
    values |= {"reply": shown_reply(reply)}
    if meaning is Meaning.ACCEPTED:
        return Said(Status.PASS, "gateway.accepts.accepted", {**values, "hosts": [dialogue.question.host]}, (), evidence)
    if meaning in _FAILS:
        return Said(Status.FAIL, f"gateway.accepts.{_FAILS[meaning][0]}", values, _FAILS[meaning], evidence)
    if meaning.about_probe:
        return Said(Status.UNKNOWN, "gateway.accepts.about_probe", values, (probe_cause(meaning),), evidence)
    if meaning in _HELD or reply.temporary:
        return Said(Status.UNKNOWN, "gateway.accepts.held_off", values, (meaning.value,), evidence)
    if stage in ("greeting", "mail"):
        return Said(Status.UNKNOWN, "gateway.accepts.about_probe", values, ("probe_reputation",), evidence)
    return Said(Status.FAIL, "gateway.accepts.refused", values, (meaning.value,), evidence)


def _no_reply(dialogue: SmtpDialogue, result: TransactionResult | None, values: dict[str, object], evidence: tuple[str, ...]) -> Said:
    problem = result.problem if result is not None else None
    problem = problem or dialogue.problem or next((each.problem for each in dialogue.connections if each.problem is not None), None)
    cause = cause_of(problem) if problem is not None else "protocol_error"
    return Said(Status.UNKNOWN, "gateway.accepts.no_answer", {**values, "cause": cause}, (cause,), evidence)


CHECKS: tuple[Check, ...] = (Check("gateway.accepts", "route", judge_accepts, see_gateway),)
