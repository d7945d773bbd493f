"""
``m365.accepted_domains``: does the tenant accept each mail domain, and does its type keep mail from going round in circles?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..environment import DomainScope, Phase, Platform
from ..exports import AcceptedDomain, Kind, Origin, OutboundConnector
from ..knowledge.gateway import gateway
from ..observations import Plan, together
from ..results import Finding, Status
from ..standards.mx import MxView, see_mx
from .case import Case, Check
from .dns_facts import shown
from .exported import evidence_of_kinds
from .m365_remedies import Change
from .m365_view import PLATFORMS, Tenant, by_hand
from .mx_gateway import compare_view, expected_hosts
from .said import Said
from .tenant import TENANT, concerned, not_concerned

DOMAINS = "m365.accepted_domains"
_KIND = Kind.ACCEPTED_DOMAINS
_CMDLET = "Set-AcceptedDomain"


def plan(case: Case) -> Plan[list[MxView]]:
    """
    The questions of ``m365.accepted_domains``: where MX leads, for domains that Exchange Online relays.
    """
    return (yield from together([see_mx(scope.name) for scope in _relayed(case)]))


def _relayed(case: Case) -> list[DomainScope]:
    online = _online(case)
    return [scope for scope in concerned(case, PLATFORMS) if _type(_accepted(scope, online)) == "internalrelay"]


def _online(case: Case) -> list[AcceptedDomain]:
    return [one for one in case.exports.accepted_domains or () if one.origin is not Origin.ON_PREMISES]


def _type(accepted: AcceptedDomain | None) -> str:
    return (accepted.domain_type or "").casefold() if accepted else ""


def _accepted(scope: DomainScope, domains: Iterable[AcceptedDomain]) -> AcceptedDomain | None:
    """
    The accepted domain a domain falls under: its own, else the nearest above it that takes its subdomains.
    """
    mine = {scope.name, scope.unicode.lower()}
    fitting = [
        one
        for one in domains
        if one.domain_name in mine or (one.match_sub_domains and any(name.endswith(f".{one.domain_name}") for name in mine))
    ]
    return max(fitting, key=lambda one: (one.domain_name in mine, len(one.domain_name)), default=None)


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``m365.accepted_domains`` for every domain with mail.
    """
    scopes = concerned(case, PLATFORMS)
    if not scopes:
        return [not_concerned(case, check)]
    if case.exports.accepted_domains is None:
        return by_hand(case, check)
    tenant = Tenant(case, scopes)
    online = _online(case)
    if not online:
        return [tenant.empty("Get-AcceptedDomain", _KIND).about(check, TENANT)]
    views = {view.domain: view for view in case.replay(plan(case))}
    return [_judge(tenant, scope, _accepted(scope, online), views.get(scope.name)).about(check, scope.name) for scope in scopes]


def _judge(tenant: Tenant, scope: DomainScope, accepted: AcceptedDomain | None, view: MxView | None) -> Said:
    more: dict[str, Any] = {"name": shown(scope), "type": accepted.domain_type or "?" if accepted else "-"}
    if accepted is None or accepted.pending_removal or accepted.outbound_only:
        said = tenant.said(Status.FAIL, f"{DOMAINS}.absent", more, ("absent",), [accepted] if accepted else ())
        return Said(said.status, said.message, said.values, said.causes, said.evidence or evidence_of_kinds(tenant.case, _KIND))
    change = Change(_CMDLET, accepted.name or accepted.domain_name)
    change.set("DomainType", "Authoritative", accepted.domain_type or "Authoritative")
    more["paste"] = change.script.lines
    kind = _type(accepted)
    if kind == "authoritative":
        return tenant.settled(tenant.said(Status.PASS, f"{DOMAINS}.accepted", more, (), [accepted]), accepted.when_changed)
    if kind == "externalrelay":
        return tenant.said(Status.FAIL, f"{DOMAINS}.external_relay", more, ("external_relay",), [accepted])
    if kind != "internalrelay":
        return tenant.incomplete(["DomainType"], more, [accepted])
    return _relay(tenant, scope, accepted, view, more)


def _relay(tenant: Tenant, scope: DomainScope, accepted: AcceptedDomain, view: MxView | None, more: dict[str, Any]) -> Said:
    """
    What is said of a domain whose unknown recipients are passed on.
    """
    connectors = tenant.case.exports.outbound_connectors
    onward = _onward(accepted.domain_name, connectors or ())
    at_gateway = _at_gateway(tenant, scope, view)
    evidence = tenant.case.evidence(*view.answers) if view else ()
    more |= {"connector": onward.name if onward else "-", "onward": list(onward.smart_hosts or ()) if onward else []}
    about = [accepted, *([onward] if onward else ())]
    back = onward is not None and _leads_back(tenant, onward, at_gateway=at_gateway)
    if back or (onward is None and connectors is not None and at_gateway):
        message = "loop_by_connector" if onward else "loop"
        said = tenant.said(Status.FAIL, f"{DOMAINS}.{message}", more, ("loop", "internal_relay"), about)
    elif scope.platform is Platform.HYBRID and onward is not None:
        said = tenant.settled(tenant.said(Status.PASS, f"{DOMAINS}.relay_fits", more, (), about), accepted.when_changed)
    else:
        said = tenant.said(Status.WARN, f"{DOMAINS}.internal_relay", more, ("internal_relay",), about)
        said = tenant.settled(said, accepted.when_changed)
    return Said(said.status, said.message, said.values, said.causes, (*said.evidence, *evidence))


def _at_gateway(tenant: Tenant, scope: DomainScope, view: MxView | None) -> bool:
    """
    True where MX leads to the gateway, or has to in this phase where that cannot be seen.
    """
    if view is None or not view.outcome.found:
        return scope.phase is not Phase.PREPARE
    return compare_view(tenant.environment, view).touches_gateway


def _onward(domain: str, connectors: Sequence[OutboundConnector]) -> OutboundConnector | None:
    """
    The outbound connector that takes mail for a domain: the most specific that is on and not left to a mail flow rule.
    """
    fitting = [
        (len(space.domain), one)
        for one in connectors
        if one.enabled is not False and not one.is_transport_rule_scoped
        for space in one.recipient_domains or ()
        if _covers(space.domain, domain)
    ]
    fitting += [
        (len(domain), one)
        for one in connectors
        if one.all_accepted_domains and one.enabled is not False and not one.is_transport_rule_scoped
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _covers(space: str, domain: str) -> bool:
    return space in ("*", domain) or (space.startswith("*.") and domain.endswith(space[1:]))


def _leads_back(tenant: Tenant, connector: OutboundConnector, *, at_gateway: bool) -> bool:
    hosts = [host.casefold().strip("[]").rstrip(".") for host in connector.smart_hosts or ()]
    if not hosts:
        return at_gateway
    wanted = expected_hosts(tenant.environment)
    return any(gateway().host(host) is not None or host in wanted for host in hosts)


CHECKS = (Check(DOMAINS, "platform", judge, plan),)
