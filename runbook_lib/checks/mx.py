"""
``mx.*``: where does mail for each domain go, and does everyone agree? ``mx.present`` and ``mx.target`` are judged here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from ..environment import DomainScope, Environment, Phase, Role
from ..knowledge.gateway import gateway
from ..knowledge.platforms import provider_of
from ..observations import DnsOutcome, DnsQuestion, Plan, ask_dns, together
from ..results import Finding, Status
from ..standards.addresses import HostAddresses, resolve_host
from ..standards.mx import MxView, see_mx
from ..standards.names import is_address, is_host_name, without_doubled
from . import mx_gateway, mx_time
from .case import Case, Check
from .dns_facts import causes_of, left_out, not_reached, shown, term
from .route_view import may_ask

_ABSENT = (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.LOOP)


def plan_views(case: Case) -> Plan[list[MxView]]:
    """
    The questions most ``mx`` checks rest on: every domain's MX from every side.
    """
    return together([see_mx(scope.name) for scope in case.environment.scopes])


def plan_present(case: Case) -> Plan[Any]:
    """
    The questions of ``mx.present``; a domain without MX is asked for its own addresses.
    """
    return together([_see_with_own_address(scope.name) for scope in case.environment.scopes])


def _see_with_own_address(domain: str) -> Plan[tuple[MxView, HostAddresses | None]]:
    view = yield from see_mx(domain)
    own = (yield from resolve_host(domain)) if view.outcome is DnsOutcome.NODATA else None
    return view, own


def judge_present(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.present`` for every domain.
    """
    scopes = case.environment.scopes
    skipped = left_out(case.environment, check, (scope.name for scope in scopes))
    return skipped if skipped is not None else [_present(case, check, scope) for scope in scopes]


def _present(case: Case, check: Check, scope: DomainScope) -> Finding:
    view, own = case.replay(_see_with_own_address(scope.name))
    evidence = case.evidence(*view.answers, *(own.answers if own else ()))
    values: dict[str, Any] = {
        "domain": shown(scope),
        "name": scope.name,
        "role": scope.role.value,
        "records": view.shown,
        "addresses": list(own.addresses) if own else [],
        "outcome": term(view.outcome),
        "servers": [f"{one.server.label}: {term(one.outcome)}" for one in view.servers if not one.definite],
        "publish": mx_gateway.records_to_publish(case.environment, scope.name),
        "null": [f"{scope.name}. 3600 IN MX 0 ."],
    }
    status, message, causes = _verdict(scope, view, own)
    return check.finding(scope.name, status, message, values, causes=causes, evidence=evidence)


def _verdict(scope: DomainScope, view: MxView, own: HostAddresses | None) -> tuple[Status, str, tuple[str, ...]]:
    if view.outcome is DnsOutcome.NXDOMAIN:
        return Status.FAIL, "nxdomain" if scope.role is Role.MAIL else "nxdomain_no_mail", ("nxdomain",)
    if view.outcome is DnsOutcome.LOOP:
        return Status.FAIL, "loop", ("cname_loop",)
    if not view.outcome.found:
        return Status.UNKNOWN, "bogus" if view.outcome is DnsOutcome.BOGUS else "unknown", causes_of(view.outcome)
    by_role = {Role.MAIL: _of_mail, Role.PARKED: _of_parked, Role.SEND_ONLY: _of_send_only}[scope.role]
    return by_role(scope, view, own)


def _of_mail(scope: DomainScope, view: MxView, own: HostAddresses | None) -> tuple[Status, str, tuple[str, ...]]:
    if view.null:
        return Status.FAIL, "null_beside" if view.hosts else "null", ("null_mx",)
    if view.hosts:
        return Status.PASS, "listed" if view.from_authority else "listed_resolver", ()
    status = Status.WARN if scope.phase is Phase.PREPARE else Status.FAIL
    return (status, "implicit", ("implicit_mx",)) if own and own.addresses else (status, "none", ("no_mx",))


def _of_parked(_scope: DomainScope, view: MxView, own: HostAddresses | None) -> tuple[Status, str, tuple[str, ...]]:
    if view.null:
        return (Status.WARN, "null_beside", ("null_mx",)) if view.hosts else (Status.PASS, "parked_null", ())
    if view.hosts:
        return Status.WARN, "parked_mx", ("receives_mail",)
    if own is not None and own.outcome is DnsOutcome.ANSWER:
        return Status.WARN, "parked_implicit", ("implicit_mx",)
    if own is not None and not own.missing:
        return Status.UNKNOWN, "unknown", causes_of(own.outcome)
    return Status.PASS, "parked_none", ()


def _of_send_only(_scope: DomainScope, view: MxView, _own: HostAddresses | None) -> tuple[Status, str, tuple[str, ...]]:
    if view.null:
        return Status.WARN, "send_only_null", ("null_mx",)
    return Status.PASS, "send_only_mx" if view.hosts else "send_only_none", ()


def plan_target(case: Case) -> Plan[Any]:
    """
    The questions of ``mx.target``: the addresses of every MX host that may be asked for.
    """
    return together([_see_hosts(scope.name) for scope in case.environment.scopes])


def _see_hosts(domain: str) -> Plan[tuple[MxView, dict[str, HostAddresses]]]:
    """
    Resolve what the resolver lists beside asking the name servers, and afterwards what only those list.
    """
    results = yield [see_mx(domain), _resolve_listed(domain)]
    view, resolved = cast("tuple[MxView, dict[str, HostAddresses]]", tuple(results))
    more = [host for host in view.hosts if may_be_asked(host) and host not in resolved]
    found = yield from together([resolve_host(host) for host in more])
    return view, {**resolved, **{one.host: one for one in found}}


def _resolve_listed(domain: str) -> Plan[dict[str, HostAddresses]]:
    (answer,) = yield from ask_dns(DnsQuestion(domain, "MX"))
    hosts = dict.fromkeys(record.target for record in answer.records if record.target and may_be_asked(record.target))
    found = yield from together([resolve_host(host) for host in hosts])
    return {one.host: one for one in found}


def may_be_asked(host: str) -> bool:
    """
    True for an MX host whose addresses may be asked for: a host name, no IP address.
    """
    return is_host_name(host) and not is_address(host)


@dataclass(frozen=True, slots=True)
class _Listed:
    """
    One MX host, the domains that list it, and what became of its name.
    """

    host: str
    scopes: tuple[DomainScope, ...]
    views: tuple[MxView, ...]
    found: HostAddresses | None


def judge_target(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.target`` for every MX host of every domain.
    """
    scopes = case.environment.scopes
    skipped = left_out(case.environment, check, (scope.name for scope in scopes))
    if skipped is not None:
        return skipped
    domains: dict[str, list[DomainScope]] = {}
    views: dict[str, MxView] = {}
    resolved: dict[str, HostAddresses] = {}
    for scope in scopes:
        view, found = case.replay(_see_hosts(scope.name))
        views[scope.name] = view
        resolved |= found
        for host in view.hosts:
            domains.setdefault(host, []).append(scope)
    listed = [_Listed(host, tuple(found), tuple(views[one.name] for one in found), resolved.get(host)) for host, found in domains.items()]
    findings = [_target(case, check, one) for one in listed]
    return [*findings, *_nothing_listed(check, scopes, views, found_any=bool(findings))]


def _nothing_listed(check: Check, scopes: Iterable[DomainScope], views: dict[str, MxView], *, found_any: bool) -> list[Finding]:
    """
    What is said for domains of which no MX host is known.
    """
    unknown = [
        f"mx.present {scope.name}" for scope in scopes if not views[scope.name].outcome.found and views[scope.name].outcome not in _ABSENT
    ]
    if unknown:
        return [not_reached(check, "tenant", unknown, unknown=True)]
    without = [scope for scope in scopes if not views[scope.name].hosts]
    stopped = [f"mx.present {scope.name}" for scope in without if scope.role is Role.MAIL]
    if stopped:
        return [not_reached(check, "tenant", stopped, unknown=False)]
    if found_any:
        return []
    values = {"domains": [shown(scope) for scope in without]}
    return [check.finding("tenant", Status.NOT_APPLICABLE, "none", values, causes=("no_mail",))]


def _target(case: Case, check: Check, listed: _Listed) -> Finding:
    host, found = listed.host, listed.found
    meant = next(filter(None, (doubled(case.environment, host, view) for view in listed.views)), "")
    addresses = found.addresses if found else ()
    bad = [address for address in addresses if not may_ask(case.environment, host, address, 25)]
    values: dict[str, Any] = {
        "host": host,
        "domains": [shown(scope) for scope in listed.scopes],
        "meant": meant,
        "addresses": list(addresses),
        "private": bad,
        "aliases": [record.target or "" for record in found.aliases] if found else [],
        "outcome": term(found.outcome) if found else "",
    }
    evidence = case.evidence(*(answer for view in listed.views for answer in view.answers), *(found.answers if found else ()))
    causes = _target_causes(host, meant, found, bad)
    if causes:
        status = Status.WARN if causes == ["cname"] else Status.FAIL
        return check.finding(host, status, causes[0], values, causes=causes, evidence=evidence)
    if found is None or found.outcome is not DnsOutcome.ANSWER:
        outcome = found.outcome if found else DnsOutcome.NOT_ASKED
        return check.finding(host, Status.UNKNOWN, "unknown", values, causes=causes_of(outcome), evidence=evidence)
    return check.finding(host, Status.PASS, "addresses", values, evidence=evidence)


def _target_causes(host: str, meant: str, found: HostAddresses | None, bad: list[str]) -> list[str]:
    if is_address(host):
        return ["ip_literal"]
    causes = []
    if meant:
        causes.append("zone_doubled")
    if not is_host_name(host):
        causes.append("invalid_name")
    elif found is not None:
        if found.outcome is DnsOutcome.LOOP:
            causes.append("cname_loop")
        elif found.missing:
            causes.append("dangling")
        if bad:
            causes.append("private_address")
        if found.aliases and found.outcome in (DnsOutcome.ANSWER, DnsOutcome.NODATA, DnsOutcome.NXDOMAIN):
            causes.append("cname")
    return causes


def doubled(environment: Environment, host: str, view: MxView) -> str:
    """
    The host that was meant where a zone editor appended the zone to it once more, else ``""``.

    That is so where what stands before the zone is itself a name in the zone, a gateway host, a host the environment names, or ends in the
    name of a mail provider.
    """
    for zone in dict.fromkeys((view.zone.apex, view.domain)):
        meant = without_doubled(host, zone)
        if not meant:
            continue
        named = (*mx_gateway.expected_hosts(environment), environment.inbound_host)
        if meant == zone or meant.endswith(f".{zone}") or meant in named or gateway().host(meant) is not None:
            return meant
        if provider_of(meant) is not None:
            return meant
    return ""


CHECKS = (
    Check("mx.present", "mx", judge_present, plan_present),
    Check("mx.target", "mx", judge_target, plan_target),
    Check("mx.gateway", "mx", mx_gateway.judge, plan_views),
    Check("mx.consistency", "mx", mx_time.judge_consistency, plan_views),
    Check("mx.ttl", "mx", mx_time.judge_ttl, plan_views),
    Check("mx.propagation", "mx", mx_time.judge_propagation, mx_time.plan_propagation),
)
