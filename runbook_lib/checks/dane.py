"""
``dane.tlsa``: do the TLSA records of an MX host fit the certificate it serves, and is that protection kept when MX moves?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..environment import DomainScope, Phase, ProbeKind, Role
from ..knowledge.gateway import gateway
from ..observations import DnsOutcome, Problem, SmtpConnection, SmtpDialogue, Stage, Trouble
from ..results import Finding, Status
from ..standards.tlsa import Match, match_chain
from .case import Case, Check
from .dane_view import DaneView, HostDane, see_dane
from .dns_facts import causes_of, left_out, not_reached, shown, term
from .said import Said, cause_of, gravest
from .said import not_reached as stopped

_ABSENT = (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.LOOP)
_MISMATCHES = {
    Match.MISMATCH: "mismatch",
    Match.NAME: "hostname_mismatch",
    Match.EXPIRED: "expired",
    Match.CHAIN: "incomplete_chain",
}


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``dane.tlsa`` for every MX host of the domains that receive mail.
    """
    scopes = [scope for scope in case.environment.scopes if scope.role is Role.MAIL]
    skipped = left_out(case.environment, check, ["tenant"])
    if skipped is not None:
        return skipped
    found = case.replay(see_dane(case))
    findings = [_said(case, found, host).about(check, host.host) for host in found.hosts]
    return [*findings, *_nothing_listed(check, scopes, found)]


def _nothing_listed(check: Check, scopes: Sequence[DomainScope], found: DaneView) -> list[Finding]:
    """
    What is said for domains of which no MX host is known.
    """
    outcomes = {scope.name: found.domains[scope.name].mx.outcome for scope in scopes}
    unknown = [f"mx.present {name}" for name, outcome in outcomes.items() if not outcome.found and outcome not in _ABSENT]
    if unknown:
        return [not_reached(check, "tenant", unknown, unknown=True)]
    without = [f"mx.present {scope.name}" for scope in scopes if not found.domains[scope.name].mx.hosts]
    if without:
        return [not_reached(check, "tenant", without, unknown=False)]
    return [] if found.hosts else [check.finding("tenant", Status.NOT_APPLICABLE, "no_domain", causes=("no_mail",))]


def _said(case: Case, found: DaneView, host: HostDane) -> Said:
    values: dict[str, Any] = {
        "host": host.host,
        "name": host.name,
        "domains": [shown(scope) for scope in host.scopes],
        "outcome": term(host.resolved.outcome) if host.resolved is not None else "",
        "records": [str(record) for record in host.records],
        "gateway": gateway().name,
        "gateway_hosts": [each.host for each in found.gateway],
    }
    evidence = case.evidence(
        *(found.domains[scope.name].mx.recursive for scope in host.scopes),
        *(found.domains[scope.name].ds for scope in host.scopes),
        *(host.resolved.answers if host.resolved is not None else ()),
        *host.tlsa,
    )
    if host.resolved is not None and host.resolved.missing:
        return _with(stopped(f"mx.target {host.host}", Status.FAIL), evidence)
    before = _before_tlsa(found, host)
    if before is not None:
        status, message, causes = before
        return Said(status, f"dane.tlsa.{message}", values, causes, evidence)
    if host.tlsa_outcome not in (DnsOutcome.ANSWER, DnsOutcome.NODATA, DnsOutcome.NXDOMAIN):
        values["outcome"] = term(host.tlsa_outcome)
        if host.tlsa_outcome is DnsOutcome.BOGUS:
            return Said(Status.FAIL, "dane.tlsa.bogus", values, ("bogus",), evidence)
        return Said(Status.UNKNOWN, "dane.tlsa.no_answer", values, causes_of(host.tlsa_outcome), evidence)
    if not host.published:
        return Said(Status.PASS, "dane.tlsa.none", values, (), evidence)
    if not host.usable:
        return Said(Status.WARN, "dane.tlsa.unusable", values, ("unusable",), evidence)
    if ProbeKind.SMTP not in case.environment.probes:
        return Said(Status.NOT_APPLICABLE, "common.left_out", {"kind": "smtp"}, ("left_out",), evidence)
    served = gravest([_of_dialogue(case, host, dialogue, values) for dialogue in host.dialogues] or [_nowhere_to_ask(values)])
    if served.status is not Status.PASS:
        return _with(served, evidence)
    return _with(_after_the_move(case, found, host, served), evidence)


def _with(said: Said, evidence: Iterable[str]) -> Said:
    return replace(said, evidence=tuple(dict.fromkeys((*evidence, *said.evidence))))


def _before_tlsa(found: DaneView, host: HostDane) -> tuple[Status, str, tuple[str, ...]] | None:
    """
    Why TLSA records do not count for a host, None where they do (RFC 7672 section 2.2): MX and addresses have to be secure.
    """
    if not host.mx_secure:
        unproved = any(found.domains[scope.name].signed_unproved for scope in host.scopes)
        if unproved:
            return Status.UNKNOWN, "not_validating", ("not_validating",)
        open_ends = [outcome for scope in host.scopes if not (outcome := found.domains[scope.name].ds.outcome).found]
        if open_ends:
            return Status.UNKNOWN, "signing_unknown", causes_of(open_ends[0])
        return Status.PASS, "not_signed", ()
    resolved = host.resolved
    if resolved is None:
        return Status.NOT_APPLICABLE, "not_a_host", ("invalid_name",)
    if any(answer.outcome is DnsOutcome.BOGUS for answer in resolved.answers):
        return Status.FAIL, "bogus", ("bogus",)
    if resolved.outcome is not DnsOutcome.ANSWER:
        return Status.UNKNOWN, "address_unknown", causes_of(resolved.outcome)
    return None if host.secure else (Status.PASS, "host_not_signed", ())


def _nowhere_to_ask(values: dict[str, Any]) -> Said:
    return Said(Status.UNKNOWN, "dane.tlsa.not_seen", {**values, "why": "private_address"}, ("private_address",))


def _of_dialogue(case: Case, host: HostDane, dialogue: SmtpDialogue, common: dict[str, Any]) -> Said:
    """
    What one address serves.
    """
    evidence = case.evidence(dialogue)
    address = dialogue.question.address
    values = {**common, "where": f"{host.host} ({address})" if address else host.host}
    chain = next((each.tls.chain for each in dialogue.connections if each.tls is not None and each.tls.chain), ())
    if not chain:
        return _without_chain(dialogue, values, evidence)
    values |= {"subject": chain[0].subject, "spki": chain[0].spki_sha256, "sha256": chain[0].sha256}
    values["publish"] = [f"{host.name}. 3600 IN TLSA 3 1 1 {chain[0].spki_sha256}"]
    result = match_chain(host.usable, chain, host.names, case.now)
    if result is Match.MATCHES:
        return Said(Status.PASS, "dane.tlsa.matches", values, (), evidence)
    if result is Match.NOT_SENT:
        return Said(Status.UNKNOWN, "dane.tlsa.not_sent", values, ("incomplete_chain",), evidence)
    cause = _MISMATCHES[result]
    return Said(Status.FAIL, f"dane.tlsa.{cause}", values, tuple(dict.fromkeys(("mismatch", cause))), evidence)


def _without_chain(dialogue: SmtpDialogue, values: dict[str, Any], evidence: tuple[str, ...]) -> Said:
    opened = [each for each in dialogue.connections if each.connected]
    if any(_without_starttls(each) for each in opened):
        return Said(Status.FAIL, "dane.tlsa.no_starttls", values, ("absent",), evidence)
    problems = [each.problem for each in (*opened, *dialogue.connections) if each.problem is not None]
    problem = next(iter(problems), dialogue.problem) or Problem(Trouble.PROTOCOL, Stage.STARTTLS)
    why = " ".join(filter(None, (problem.trouble.value, problem.detail)))
    return Said(Status.UNKNOWN, "dane.tlsa.not_seen", {**values, "why": why}, (cause_of(problem),), evidence)


def _without_starttls(connection: SmtpConnection) -> bool:
    """
    True where a server greeted, answered EHLO and offered no STARTTLS.
    """
    if connection.ehlo is None or not connection.ehlo.positive:
        return False
    return not any(capability.split(" ", 1)[0] == "STARTTLS" for capability in connection.capabilities)


def _after_the_move(case: Case, found: DaneView, host: HostDane, served: Said) -> Said:
    """
    A host that is protected today: does the protection go on at the gateway?
    """
    moving = any(scope.phase is Phase.PREPARE for scope in host.scopes) and host.host not in [each.host for each in found.gateway]
    if not moving or not found.gateway:
        return served
    evidence = case.evidence(*(answer for each in found.gateway for answer in each.tlsa))
    if any(each.protected for each in found.gateway):
        return _with(served, evidence)
    open_ends = [each.open_end for each in found.gateway if each.open_end is not None]
    if open_ends:
        values = {**served.values, "outcome": term(open_ends[0])}
        return Said(Status.UNKNOWN, "dane.tlsa.gateway_unknown", values, causes_of(open_ends[0]), evidence)
    return Said(Status.WARN, "dane.tlsa.ends_with_move", served.values, ("ends_with_move",), (*served.evidence, *evidence))


CHECKS = (Check("dane.tlsa", "authentication", judge, see_dane),)
