"""
``mx.gateway``: does mail for a domain go to the gateway's own hosts, and to nothing else?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..environment import DomainScope, Environment, Phase, Role
from ..knowledge.gateway import HostKind, gateway
from ..knowledge.regions import region, regions
from ..observations import DnsOutcome
from ..results import Finding, Status
from ..standards.mx import MxView, see_mx, show
from .case import Case, Check
from .dns_facts import causes_of, every_domain, no_mail, not_reached, shown, term


def expected_hosts(environment: Environment) -> tuple[str, ...]:
    """
    The gateway's hosts for this customer: those the console shows, else those of the region.
    """
    return environment.gateway_hosts or region(environment.region).mx


def hosts_are_certain(environment: Environment) -> bool:
    """
    False where the names are a guess by analogy, so that a mismatch proves nothing.
    """
    return bool(environment.gateway_hosts) or region(environment.region).mx_confidence != "low"


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    MX hosts set beside the gateway's.

    Args:
        right: Those that are the gateway's hosts for this customer.
        wrong_region: Inbound hosts of another region.
        outbound: Outbound hosts of the gateway.
        unknown: Other hosts of the gateway.
        residual: Hosts that are not the gateway's.
        missing: The gateway's hosts that are not published.
    """

    right: tuple[str, ...]
    wrong_region: tuple[str, ...]
    outbound: tuple[str, ...]
    unknown: tuple[str, ...]
    residual: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def moved(self) -> bool:
        """
        True where exactly the gateway's hosts are published.
        """
        return bool(self.right) and not self.causes

    @property
    def touches_gateway(self) -> bool:
        """
        True where any host is the gateway's, right or wrong.
        """
        return bool(self.right or self.wrong_region or self.outbound or self.unknown)

    @property
    def causes(self) -> tuple[str, ...]:
        """
        What is wrong for a domain that has moved, gravest first.
        """
        if not self.touches_gateway:
            return ("not_moved",)
        found = {
            "wrong_region": self.wrong_region,
            "outbound_host": self.outbound,
            "unknown_gateway_host": self.unknown,
            "residual": self.residual,
            "one_missing": self.missing if self.right else (),
        }
        return tuple(cause for cause, hosts in found.items() if hosts)


def compare(environment: Environment, hosts: Iterable[str]) -> Comparison:
    """
    Set MX hosts beside the gateway's.

    A host that the environment names as the present gateway's is an old host, even where it is called like one of the new gateway.
    """
    expected = expected_hosts(environment)
    old = environment.present_gateway.hosts if environment.present_gateway else ()
    sorted_hosts: dict[str, list[str]] = {"right": [], "wrong_region": [], "outbound": [], "unknown": [], "residual": []}
    for host in hosts:
        sorted_hosts[_kind(host, environment.region, expected, old)].append(host)
    groups = {key: tuple(value) for key, value in sorted_hosts.items()}
    return Comparison(**groups, missing=tuple(host for host in expected if host not in groups["right"]))


def _kind(host: str, code: str, expected: Sequence[str], old: Sequence[str]) -> str:
    if host in expected:
        return "right"
    named = gateway().host(host)
    if named is None or host in old:
        return "residual"
    if named.kind is HostKind.OUTBOUND:
        return "outbound"
    if named.kind is HostKind.INBOUND and named.region != code and host in region_hosts():
        return "wrong_region"
    return "unknown"


def region_hosts() -> frozenset[str]:
    """
    The inbound hosts of every region there is.
    """
    return frozenset(host for one in regions() for host in one.mx)


def compare_view(environment: Environment, view: MxView) -> Comparison:
    """
    Set a domain's MX records beside the gateway's hosts; a null MX beside others counts as an old host.
    """
    return compare(environment, (*view.hosts, ".") if view.null and view.hosts else view.hosts)


def records_to_publish(environment: Environment, domain: str) -> list[str]:
    """
    The MX records of the gateway as a zone file has them.
    """
    facts = gateway()
    return [f"{domain}. {facts.mx_ttl} IN MX {facts.mx_preference} {host}." for host in expected_hosts(environment)]


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``mx.gateway`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    if scope.role is not Role.MAIL:
        return no_mail(check, scope)
    environment = case.environment
    view = case.replay(see_mx(scope.name))
    evidence = case.evidence(*view.answers)
    comparison = compare_view(environment, view)
    values: dict[str, Any] = {
        "domain": shown(scope),
        "region": environment.region,
        "gateway": gateway().name,
        "present": view.shown,
        "hosts": list(view.hosts),
        "expected": list(expected_hosts(environment)),
        "publish": records_to_publish(environment, scope.name),
        "wrong": [*comparison.wrong_region, *comparison.outbound, *comparison.unknown],
        "residual": list(comparison.residual),
        "remove": [show(record) for record in view.records if (record.target or ".") in comparison.residual],
        "missing": list(comparison.missing),
        "outcome": term(view.outcome),
    }
    nothing_to_record = scope.phase is Phase.PREPARE and view.outcome.found and not view.hosts
    if nothing_to_record or view.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.LOOP):
        return not_reached(check, scope.name, [f"mx.present {scope.name}"], unknown=False)
    if not view.outcome.found:
        return check.finding(scope.name, Status.UNKNOWN, "unknown", values, causes=causes_of(view.outcome), evidence=evidence)
    if scope.phase is Phase.PREPARE and not comparison.touches_gateway:
        return check.finding(scope.name, Status.PASS, "recorded", values, evidence=evidence)
    if comparison.moved:
        if scope.phase is Phase.PREPARE:
            return check.finding(scope.name, Status.WARN, "moved", values, causes=("moved",), evidence=evidence)
        return check.finding(scope.name, Status.PASS, "at_gateway", values, evidence=evidence)
    if not hosts_are_certain(environment):
        return check.finding(scope.name, Status.UNKNOWN, "uncertain", values, causes=comparison.causes, evidence=evidence)
    message = "mixed" if scope.phase is Phase.PREPARE else comparison.causes[0]
    stale = _still_old(environment, view) if message == "residual" else []
    if stale:
        message, values = "residual_stale", values | {"servers": stale}
    return check.finding(scope.name, Status.FAIL, message, values, causes=comparison.causes, evidence=evidence)


def _still_old(environment: Environment, view: MxView) -> list[str]:
    """
    The name servers that give the old records alone, where the others give the gateway's alone: then nothing is to be removed.
    """
    told = [(one.server.label, one.answer) for one in view.servers if one.answer is not None and one.definite]
    sets = [(label, compare(environment, [record.target or "." for record in answer.records])) for label, answer in told]
    if not all(each.moved or not each.touches_gateway for _, each in sets):
        return []
    return [label for label, each in sets if not each.moved]
