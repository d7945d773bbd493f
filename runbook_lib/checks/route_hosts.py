"""
`route.host` and `route.resolves`: is it the right kind of host, and does it have addresses?
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from ..environment import ProbeKind
from ..knowledge.gateway import gateway
from ..knowledge.platforms import plausible, provider_of, wanted_provider
from ..observations import DnsOutcome
from ..results import Finding, Status
from ..standards.addresses import is_public
from .case import Case, Check
from .dns_facts import causes_of, no_mail, shown, term
from .mx_gateway import expected_hosts
from .route_view import HostView, connect_target, in_order, mail_scopes, see_routes
from .said import Said, left_out

_MISSING: Mapping[DnsOutcome, str] = {DnsOutcome.NXDOMAIN: "nxdomain", DnsOutcome.NODATA: "no_address", DnsOutcome.LOOP: "cname_loop"}


def judge_host(case: Case, check: Check) -> list[Finding]:
    """
    `route.host`: a plausible host of this platform, and not the gateway's own.
    """
    routes = case.replay(see_routes(case))
    if not routes.hosts:
        return not_mail(case, check)
    return [host_said(case, host).about(check, host.host) for host in routes.hosts]


def judge_resolves(case: Case, check: Check) -> list[Finding]:
    """
    `route.resolves`: the inbound host has public addresses.
    """
    routes = case.replay(see_routes(case))
    if not routes.hosts:
        return not_mail(case, check)
    return [resolves_said(case, host).about(check, host.host) for host in routes.hosts]


def not_mail(case: Case, check: Check) -> list[Finding]:
    """
    What a check of routes says where no domain receives mail.
    """
    mail = {scope.name for scope in mail_scopes(case.environment)}
    return [no_mail(check, scope) for scope in case.environment.scopes if scope.name not in mail]


def host_said(case: Case, host: HostView) -> Said:
    """
    What is to be said of an inbound host's name.
    """
    own = expected_hosts(case.environment)
    platforms = list(dict.fromkeys(scope.platform.value for scope in host.scopes))
    domains = [shown(scope) for scope in host.scopes]
    values = {"host": host.host, "domains": domains, "platform": platforms, "gateway": gateway().name}
    evidence = case.evidence(*host.resolved.answers)
    names = (host.host, *(alias.target for alias in host.resolved.aliases if alias.target))
    if any(name in own for name in names):
        return Said(Status.FAIL, "route.host.mail_loop", values, ("mail_loop", "gateway"), evidence)
    if any(gateway().host(name) is not None for name in names):
        return Said(Status.FAIL, "route.host.gateway", values, ("gateway",), evidence)
    misplaced = [scope for scope in host.scopes if not plausible(scope.platform, host.host)]
    if not misplaced:
        return Said(Status.PASS, "route.host.plausible", values, (), evidence)
    found, wanted = provider_of(host.host), wanted_provider(misplaced[0].platform)
    values["platform"] = [misplaced[0].platform.value]
    if wanted is not None:
        return Said(
            Status.WARN,
            "route.host.unknown_form",
            {**values, "example": wanted.example, "place": [f"host_{wanted.code}"]},
            ("unknown_form",),
            evidence,
        )
    values["provider"] = found.title if found is not None else ""
    return Said(Status.WARN, "route.host.other_provider", values, ("unknown_form",), evidence)


def resolves_said(case: Case, host: HostView) -> Said:
    """
    What is to be said of an inbound host's addresses.
    """
    environment = case.environment
    resolved = host.resolved
    evidence = case.evidence(*resolved.answers)
    chain = [alias.target or "" for alias in resolved.aliases]
    values = {"host": host.host, "addresses": in_order(resolved.addresses), "aliases": chain, "seconds": environment.timeout}
    if resolved.outcome is DnsOutcome.NOT_ASKED and ProbeKind.DNS not in environment.probes:
        return left_out("dns")
    if resolved.missing and not host.published:
        return Said(Status.WARN, "route.resolves.not_published", values, ("not_published",), evidence)
    if resolved.missing:
        cause = _MISSING[resolved.outcome]
        return Said(Status.FAIL, f"route.resolves.{cause}", values, (cause,), evidence)
    if not resolved.addresses:
        servers = list(dict.fromkeys(answer.server for answer in resolved.answers if answer.server))
        failed = [answer for answer in resolved.answers if answer.outcome is resolved.outcome]
        detail = next((answer.detail or answer.extended_error or "" for answer in failed), "")
        values |= {"outcome": term(resolved.outcome), "servers": servers, "detail": detail}
        message = "bogus" if resolved.outcome is DnsOutcome.BOGUS else "not_answered"
        return Said(Status.UNKNOWN, f"route.resolves.{message}", values, causes_of(resolved.outcome), evidence)
    return _of_addresses(case, host, values, evidence)


def _of_addresses(case: Case, host: HostView, values: Mapping[str, object], evidence: tuple[str, ...]) -> Said:
    environment = case.environment
    hidden = [
        address
        for address in host.resolved.addresses
        if not is_public(address) and connect_target(environment, host.host, address, environment.inbound_port) is None
    ]
    if hidden and not environment.allow_private:
        return Said(Status.FAIL, "route.resolves.private", {**values, "hidden": hidden}, ("private_address",), evidence)
    found = provider_of(host.host)
    if found is not None and found.ranges and not environment.allow_private:
        ranges = [ipaddress.ip_network(text) for text in found.ranges]
        outside = [text for text in host.resolved.addresses if not any(ipaddress.ip_address(text) in network for network in ranges)]
        if outside:
            facts = {"outside": outside, "provider": found.title, "as_of": found.ranges_as_of, "list": found.ranges_source}
            return Said(Status.WARN, "route.resolves.outside_ranges", {**values, **facts}, ("outside_ranges",), evidence)
    return Said(Status.PASS, "route.resolves.published", values, (), evidence)
