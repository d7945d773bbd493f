"""
``mta_sts.policy``: does a domain's MTA-STS policy let senders deliver to the hosts its mail goes to, before and after the move?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from ..environment import DomainScope, Environment, Phase, ProbeKind, Role
from ..knowledge.gateway import gateway
from ..observations import DnsOutcome, HttpsAnswer, HttpsOutcome, Plan, together
from ..results import Finding, Status
from ..standards.mta_sts import (
    MOST_BYTES,
    Mode,
    StsPolicy,
    StsView,
    covers,
    parse_policy,
    policy_text,
    policy_url,
    see_policy,
    see_record,
    uncovered,
)
from ..standards.mx import MxView, see_mx
from ..standards.txt import zone_line
from .case import Case, Check
from .dns_facts import causes_of, every_domain, left_out, no_mail, not_reached, shown, term
from .mx_gateway import expected_hosts, hosts_are_certain

DAY = 86400
"""
Seconds senders are given, after the TTL of the record, to fetch a new policy.
"""
_UNKNOWN = {
    HttpsOutcome.TIMEOUT: "connect_timeout",
    HttpsOutcome.UNREACHABLE: "unreachable",
    HttpsOutcome.LIMIT: "limit",
    HttpsOutcome.PROXY: "proxy_error",
    HttpsOutcome.NOT_ASKED: "not_asked",
}
_REFUSED = {
    HttpsOutcome.NOT_RESOLVED: "not_resolved",
    HttpsOutcome.REFUSED: "connection_refused",
    HttpsOutcome.CERTIFICATE: "certificate",
    HttpsOutcome.HANDSHAKE: "handshake",
    HttpsOutcome.PROTOCOL: "protocol_error",
}


@dataclass(frozen=True, slots=True)
class Said:
    """
    A verdict on one domain.

    Args:
        status: The verdict.
        message: Message id, the check's own part.
        causes: Gravest first.
    """

    status: Status
    message: str
    causes: tuple[str, ...] = ()


def plan(case: Case) -> Plan[list[tuple[StsView, MxView]]]:
    """
    The questions of ``mta_sts.policy``.
    """
    return together([_look(case.environment, scope) for scope in case.environment.scopes if scope.role is Role.MAIL])


def _look(environment: Environment, scope: DomainScope) -> Plan[tuple[StsView, MxView]]:
    see = see_policy if ProbeKind.HTTPS in environment.probes else see_record
    results = yield [see(scope.name), see_mx(scope.name)]
    return cast("tuple[StsView, MxView]", tuple(results))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mta_sts.policy`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    if scope.role is not Role.MAIL:
        return no_mail(check, scope)
    environment = case.environment
    view, mx = case.replay(_look(environment, scope))
    if mx.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"mx.present {scope.name}"], unknown=False)
    announced = view.record is not None and view.record.valid
    if announced and ProbeKind.HTTPS not in environment.probes:
        return cast("list[Finding]", left_out(environment, check, [scope.name], "https"))[0]
    policy = parse_policy(view.fetched.body) if view.fetched is not None and view.served else None
    said = _verdict(environment, scope, view, mx, policy)
    if said is None:
        return not_reached(check, scope.name, [f"mx.present {scope.name}"], unknown=True)
    values = _values(case, scope, view, mx, policy)
    evidence = case.evidence(view.answer, *((view.fetched,) if view.fetched is not None else ()), *mx.answers)
    return check.finding(scope.name, said.status, said.message, values, causes=said.causes, evidence=evidence)


def _verdict(environment: Environment, scope: DomainScope, view: StsView, mx: MxView, policy: StsPolicy | None) -> Said | None:
    """
    What is to be said; None where it depends on MX records that could not be found out.
    """
    if not view.answer.outcome.found:
        return Said(Status.UNKNOWN, "unknown", causes_of(view.answer.outcome))
    if len(view.texts) > 1:
        return Said(Status.WARN, "several", ("several",))
    if view.record is None:
        return Said(Status.WARN, "not_recognised", ("not_recognised",)) if view.others else Said(Status.PASS, "none")
    if not view.record.valid:
        return Said(Status.WARN, "record_syntax", ("syntax",))
    if view.fetched is not None and policy is None:
        return _not_served(scope, view.fetched)
    if policy is None or not policy.valid:
        return Said(_unusable(scope), "policy_syntax", ("syntax", "not_served"))
    if policy.mode is Mode.NONE:
        return Said(Status.PASS, "switched_off")
    return _of_patterns(environment, scope, mx, policy)


def _not_served(scope: DomainScope, got: HttpsAnswer) -> Said:
    """
    RFC 8461 section 5: a sender that has no policy yet delivers as if there were none; one that keeps an old one goes on applying it.
    """
    too_large = got.outcome is HttpsOutcome.LIMIT and got.status is not None
    if got.outcome in _UNKNOWN and not too_large:
        return Said(Status.UNKNOWN, "not_fetched", (_UNKNOWN[got.outcome],))
    if got.outcome in _REFUSED:
        cause = _REFUSED[got.outcome]
    elif too_large or got.size > MOST_BYTES:
        cause = "too_large"
    elif got.status != 200:
        cause = "redirect" if got.location else "http_status"
    else:
        cause = "content_type"
    return Said(_unusable(scope), "not_served", ("not_served", cause))


def _unusable(scope: DomainScope) -> Status:
    """
    While MX moves, senders that keep a policy without the gateway cannot learn the new one: that loses mail. Before and long after, it
    does not.
    """
    return Status.FAIL if scope.phase is Phase.CUTOVER else Status.WARN


def _of_patterns(environment: Environment, scope: DomainScope, mx: MxView, policy: StsPolicy) -> Said | None:
    """
    Are the hosts covered that mail goes to in this phase?
    """
    enforced = policy.mode is Mode.ENFORCE
    present = mx.hosts if scope.phase is Phase.PREPARE else ()
    shut_out = uncovered(policy, present)
    if shut_out:
        all_of_them = enforced and len(shut_out) == len(present)
        return Said(
            Status.FAIL if all_of_them else Status.WARN, "present_left_out", ("present_left_out", *_gateway_cause(environment, policy))
        )
    if _gateway_cause(environment, policy):
        if not hosts_are_certain(environment):
            return Said(Status.UNKNOWN, "uncertain", ("gateway_left_out",))
        if scope.phase is Phase.PREPARE:
            return Said(Status.WARN, "prepare", ("gateway_left_out",))
        return (
            Said(Status.FAIL, "gateway_left_out", ("gateway_left_out",))
            if enforced
            else Said(Status.WARN, "testing", ("gateway_left_out",))
        )
    if scope.phase is Phase.PREPARE:
        return Said(Status.PASS, "covers_both") if mx.outcome.found else None
    if not _residual(environment, policy):
        return Said(Status.PASS, "covers")
    return Said(Status.PASS, "residual" if scope.phase is Phase.LOCKDOWN else "covers_old")


def _gateway_cause(environment: Environment, policy: StsPolicy) -> tuple[str, ...]:
    return ("gateway_left_out",) if uncovered(policy, expected_hosts(environment)) else ()


def _residual(environment: Environment, policy: StsPolicy) -> list[str]:
    """
    The patterns that cover none of the gateway's hosts.
    """
    return [pattern for pattern in policy.mx if not any(covers(pattern, host) for host in expected_hosts(environment))]


def _values(case: Case, scope: DomainScope, view: StsView, mx: MxView, policy: StsPolicy | None) -> dict[str, Any]:
    environment = case.environment
    hosts = expected_hosts(environment)
    ttl = max((record.ttl for record in view.answer.records), default=0)
    wait = ttl + DAY
    got = view.fetched
    patterns: Sequence[str] = policy.mx if policy is not None else ()
    return {
        "domain": shown(scope),
        "name": f"_mta-sts.{scope.name}",
        "url": policy_url(scope.name),
        "records": list(view.texts),
        "others": list(view.others),
        "outcome": term(view.answer.outcome),
        "gateway": gateway().name,
        "region": environment.region,
        "mode": policy.mode.value if policy is not None and policy.mode is not None else "",
        "max_age": policy.max_age or 0 if policy is not None else 0,
        "patterns": list(patterns),
        "wrong": [*policy.wrong, *(f"{key}: ?" for key in policy.keys)] if policy is not None else [],
        "present": list(mx.hosts),
        "present_left_out": list(uncovered(policy, mx.hosts)) if policy is not None else [],
        "gateway_left_out": list(uncovered(policy, hosts)) if policy is not None else [],
        "residual": _residual(environment, policy) if policy is not None else [],
        "why": _why(got),
        "ttl": ttl,
        "wait": wait,
        "earliest": (case.now + timedelta(seconds=wait)).isoformat(),
        "publish": _publish(environment, scope, mx, policy),
        "record": [zone_line(f"_mta-sts.{scope.name}", f"v=STSv1; id={case.now:%Y%m%d%H%M%S};")],
    }


def _why(got: HttpsAnswer | None) -> str:
    """
    What came instead of a policy, in technical terms.
    """
    if got is None:
        return ""
    if got.outcome is not HttpsOutcome.ANSWER:
        return " ".join(filter(None, (got.outcome.value.replace("_", " "), f"({got.detail})" if got.detail else "")))
    if got.status != 200:
        return " ".join(filter(None, (f"HTTP {got.status}", f"-> {got.location}" if got.location else "")))
    return f"HTTP 200, {got.content_type or 'no Content-Type'}, {got.size} bytes"


def _publish(environment: Environment, scope: DomainScope, mx: MxView, policy: StsPolicy | None) -> list[str]:
    """
    The policy to publish: before lockdown the present patterns and what they leave out, at lockdown the gateway's hosts alone.
    """
    hosts = expected_hosts(environment)
    mode = policy.mode if policy is not None and policy.mode is not None else Mode.TESTING
    age = policy.max_age if policy is not None and policy.max_age and policy.valid else 7 * DAY
    if scope.phase is Phase.LOCKDOWN:
        return policy_text(mode, hosts, age)
    kept = [pattern for pattern in policy.mx if f"mx: {pattern}" not in policy.wrong] if policy is not None else []
    present = mx.hosts if scope.phase is Phase.PREPARE else ()
    added = [host for host in (*present, *hosts) if not any(covers(pattern, host) for pattern in kept)]
    return policy_text(mode, dict.fromkeys([*kept, *added]), age)


CHECKS = (Check("mta_sts.policy", "authentication", judge, plan),)
