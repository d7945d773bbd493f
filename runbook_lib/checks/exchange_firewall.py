"""
``exchange.firewall`` and ``hosted.confirmation``: what only the people who run the network or the servers can confirm, with what to paste.
"""

from __future__ import annotations

from ..environment import DomainScope, Phase, Platform
from ..knowledge.gateway import gateway
from ..knowledge.platforms import provider
from ..observations import Plan
from ..results import Finding, Status
from ..standards.ranges import outermost
from .case import Case, Check
from .configured import about_ranges
from .exchange_rules import access_list, netsh, nftables, plain_rules, short_name
from .exchange_view import EXCHANGE
from .pasted import networks_of
from .ranges import Reference, reference
from .tenant import TENANT, concerned, facts, not_concerned

HOSTED = (Platform.HOSTED_EXCHANGE.value,)


def plan_firewall(case: Case) -> Plan[Reference | None]:
    """
    The gateway's ranges, for the rules.
    """
    return (yield from reference(case.environment)) if concerned(case, EXCHANGE) else None


def plan_hosted(case: Case) -> Plan[Reference | None]:
    """
    The gateway's ranges, for the letter.
    """
    return (yield from reference(case.environment)) if concerned(case, HOSTED) else None


def judge_firewall(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``exchange.firewall`` for the tenant: a person confirms it. The rules are handed out where the ranges are known.
    """
    scopes = concerned(case, EXCHANGE)
    if not scopes:
        return [not_concerned(case, check)]
    found = case.replay(plan_firewall(case))
    values = facts(case, scopes)
    if found is None or not found.certain:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    locked = all(scope.phase is Phase.LOCKDOWN for scope in scopes)
    hybrid = locked and any(scope.platform is Platform.HYBRID for scope in scopes)
    online = provider("microsoft")
    # In a hybrid pair Exchange Online delivers to on-premises on the same port: shut out with the rest, the pair would break.
    networks = [*outermost(found.required), *(networks_of(online.ranges) if hybrid else [])]
    port, name = case.environment.inbound_port, short_name(gateway().name)
    values |= about_ranges(case, found) | {
        "port": port,
        "online": list(online.ranges),
        "online_as_of": online.ranges_as_of,
        "plain": plain_rules(networks, _hosts(scopes), port, locked=locked),
        "access_list": access_list(networks, port, f"{name.upper()}-IN", locked=locked),
        "nftables": nftables(networks, port, f"{name.lower()}_in", locked=locked),
        "netsh": netsh(networks, port, f"SMTP from {name}"),
    }
    message = "only_the_pair" if hybrid else "only_the_gateway" if locked else "let_in"
    return [check.finding(TENANT, Status.MANUAL, message, values, evidence=case.evidence(*found.answers))]


def judge_hosted(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``hosted.confirmation`` for the tenant: the provider's word in writing. The letter is handed out where the ranges are known.
    """
    scopes = concerned(case, HOSTED)
    if not scopes:
        return [not_concerned(case, check)]
    found = case.replay(plan_hosted(case))
    values = facts(case, scopes)
    if found is None or not found.certain:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    values |= about_ranges(case, found) | {"port": case.environment.inbound_port}
    return [check.finding(TENANT, Status.MANUAL, "letter", values, evidence=case.evidence(*found.answers))]


def _hosts(scopes: tuple[DomainScope, ...]) -> list[str]:
    return list(dict.fromkeys(scope.inbound_host for scope in scopes))
