"""
``lockdown.scope``: does every domain the tenant accepts have its MX at the gateway? The lock covers them all.
"""

from __future__ import annotations

from typing import Any, cast

from ..environment import Environment, Phase, ProbeKind, as_asked
from ..exports.kinds import Kind
from ..exports.microsoft import AcceptedDomain
from ..knowledge.gateway import gateway
from ..knowledge.platforms import provider_of, tenant_domain
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns, together
from ..results import Finding, Status
from ..standards.mx import MxView, see_mx, show
from .case import Case, Check
from .dns_facts import causes_of, term
from .exported import evidence_of_kinds
from .mx_gateway import Comparison, compare, expected_hosts, hosts_are_certain, records_to_publish
from .tenant import TENANT, concerned, facts, furthest, not_concerned, ways

MOST_ASKED = 200
"""
Domains whose MX records are asked for; a tenant has at most 900, and each is a question to the resolver.
"""

Seen = dict[str, tuple["MxView | DnsAnswer", tuple[DnsAnswer, ...]]]
"""
MX records by domain: from every side for a listed domain, else as the resolver gives them; and its addresses where it has none.
"""
_NONE = (DnsOutcome.NODATA, DnsOutcome.ANSWER)


def plan(case: Case) -> Plan[Seen]:
    """
    The questions of ``lockdown.scope``: the MX records of every accepted domain that can have any.
    """
    if not _due(case):
        return {}
    listed = {scope.name for scope in case.environment.scopes}
    names = [name for name in _domains(case) if _movable(name)][:MOST_ASKED]
    full, plain = [name for name in names if name in listed], [name for name in names if name not in listed]
    views, answers = yield [together([see_mx(name) for name in full]), together([_ask(name) for name in plain])]
    found = dict(zip(full, views, strict=True)) | dict(zip(plain, answers, strict=True))
    bare = [name for name, view in found.items() if _has_none(view)]
    hosts = {scope.inbound_host for scope in concerned(case, ()) if bare}
    addresses = yield from together([_ask_addresses(name) for name in (*bare, *hosts)])
    told = dict(zip(bare, addresses, strict=False))
    return {name: (view, told.get(name, ())) for name, view in found.items()}


def _ask(name: str) -> Plan[DnsAnswer]:
    return cast("DnsAnswer", (yield [DnsQuestion(name, "MX")])[0])


def _ask_addresses(name: str) -> Plan[tuple[DnsAnswer, ...]]:
    """
    A domain without MX records is its own mail host (RFC 5321 section 5.1).
    """
    return tuple((yield from ask_dns(DnsQuestion(name, "A"), DnsQuestion(name, "AAAA"))))


def _has_none(view: MxView | DnsAnswer) -> bool:
    hosts, null, outcome, _ = _records(view)
    return outcome in _NONE and not hosts and not null


def _due(case: Case) -> bool:
    scopes = concerned(case, ())
    return bool(scopes) and furthest(scopes) is not Phase.PREPARE and case.exports.accepted_domains is not None


def _domains(case: Case) -> dict[str, AcceptedDomain]:
    return {as_asked(each.domain_name): each for each in case.exports.accepted_domains or () if each.domain_name}


def _movable(name: str) -> bool:
    return "*" not in name and not tenant_domain(name)


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``lockdown.scope`` for every accepted domain.
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    if furthest(scopes) is Phase.PREPARE:
        return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
    if case.exports.accepted_domains is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", values | {"ways": ways("domains", scopes)})]
    evidence = evidence_of_kinds(case, Kind.ACCEPTED_DOMAINS)
    accepted = _domains(case)
    if not accepted:
        return [check.finding(TENANT, Status.UNKNOWN, "none_exported", values, causes=("empty_export",), evidence=evidence)]
    if ProbeKind.DNS not in case.environment.probes:
        return [check.finding(TENANT, Status.NOT_APPLICABLE, "common.left_out", {"kind": "dns"}, causes=("left_out",))]
    seen = case.replay(plan(case))
    found = [
        finding
        for name, each in accepted.items()
        if not _unasked(name, seen)
        for finding in (_of_domain(case, check, (name, each), seen, values, evidence), *_below(check, name, each, values, evidence))
    ]
    left = [name for name in accepted if _unasked(name, seen)]
    if left:
        more = values | {"number": len(left), "limit": MOST_ASKED, "example": left[0]}
        found.append(check.finding(TENANT, Status.UNKNOWN, "more", more, causes=("limit",), evidence=evidence))
    return found


def _unasked(name: str, seen: Seen) -> bool:
    return _movable(name) and name not in seen


def _of_domain(  # noqa: PLR0917  # one value of a finding each
    case: Case, check: Check, named: tuple[str, AcceptedDomain], seen: Seen, values: dict[str, Any], evidence: tuple[str, ...]
) -> Finding:
    name, domain = named
    values = values | {"domain": name, "type": domain.domain_type or "-"}
    if tenant_domain(name):
        message = "tenant_coexistence" if domain.is_coexistence_domain or name.count(".") > 2 else "tenant_domain"
        return check.finding(name, Status.WARN, message, values, causes=("cannot_move",), evidence=evidence)
    if "*" in name:
        return check.finding(name, Status.MANUAL, "wildcard", values, causes=("wildcard",), evidence=evidence)
    view, addresses = seen[name]
    evidence = (*evidence, *case.evidence(*(view.answers if isinstance(view, MxView) else (view,)), *addresses))
    hosts, null, outcome, records = _records(view)
    compared = compare(case.environment, (*hosts, ".") if null and hosts else hosts)
    values |= {
        "present": records,
        "outcome": term(outcome),
        "expected": list(expected_hosts(case.environment)),
        "publish": records_to_publish(case.environment, name),
        "gateway": gateway().name,
    }
    if addresses:
        own = [record.data for answer in addresses for record in answer.records]
        status, message, causes = _without_mx(case, addresses, own)
        return check.finding(name, status, message, values | {"addresses": own}, causes=causes, evidence=evidence)
    status, message, causes = _judged(case.environment, outcome, hosts, compared, null=null)
    listed = next((scope for scope in case.environment.scopes if scope.name == name), None)
    if message == "at_platform" and listed is not None:
        message = "planned" if listed.phase is Phase.PREPARE else "listed"
    return check.finding(name, status, message, values, causes=causes, evidence=evidence)


def _below(check: Check, name: str, domain: AcceptedDomain, values: dict[str, Any], evidence: tuple[str, ...]) -> list[Finding]:
    """
    What is said of the subdomains that a domain takes mail for as well.
    """
    if domain.match_sub_domains is not True or not _movable(name):
        return []
    more = values | {"domain": f"*.{name}", "type": domain.domain_type or "-"}
    return [check.finding(f"*.{name}", Status.MANUAL, "wildcard", more, causes=("wildcard",), evidence=evidence)]


def _without_mx(case: Case, addresses: tuple[DnsAnswer, ...], own: list[str]) -> tuple[Status, str, tuple[str, ...]]:
    """
    A domain with neither MX records nor an address takes no mail; one with an address takes it there, if something listens.
    """
    unknown = [answer.outcome for answer in addresses if not answer.outcome.found]
    if own:
        hosts = {scope.inbound_host for scope in case.environment.scopes}
        questions = [DnsQuestion(host, kind) for host in hosts for kind in ("A", "AAAA")]
        known = [case.observations.answer(question) for question in questions]
        at_host = {record.data for answer in known if isinstance(answer, DnsAnswer) for record in answer.records}
        if at_host.intersection(own):
            return Status.FAIL, "implicit_mx_here", ("implicit_mx",)
        return Status.WARN, "implicit_mx", ("implicit_mx",)
    return (Status.UNKNOWN, "unknown", causes_of(*unknown)) if unknown else (Status.PASS, "no_mail", ("no_mx",))


def _records(view: MxView | DnsAnswer) -> tuple[tuple[str, ...], bool, DnsOutcome, list[str]]:
    if isinstance(view, MxView):
        return view.hosts, view.null, view.outcome, view.shown
    found = sorted(view.records, key=lambda record: (record.preference or 0, record.target or ""))
    hosts = tuple(dict.fromkeys(record.target for record in found if record.target))
    return hosts, any(record.target == "" for record in found), view.outcome, [show(record) for record in found]


def _judged(
    environment: Environment, outcome: DnsOutcome, hosts: tuple[str, ...], compared: Comparison, *, null: bool
) -> tuple[Status, str, tuple[str, ...]]:
    if outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA) or (outcome is DnsOutcome.ANSWER and not hosts and not null):
        return Status.PASS, "no_mail", ("no_mx",)
    if outcome is not DnsOutcome.ANSWER:
        return Status.UNKNOWN, "unknown", causes_of(outcome)
    if not hosts:
        return Status.PASS, "no_mail", ("null_mx",)
    if compared.moved:
        return Status.PASS, "at_gateway", ()
    if not hosts_are_certain(environment) and compared.touches_gateway:
        return Status.UNKNOWN, "uncertain", compared.causes
    inbound = {scope.inbound_host for scope in environment.scopes}
    at_platform = any(host in inbound or provider_of(host) is not None for host in hosts)
    return Status.FAIL, "at_platform" if at_platform else "elsewhere", compared.causes


CHECKS: tuple[Check, ...] = (Check("lockdown.scope", "lockdown", judge, plan),)
