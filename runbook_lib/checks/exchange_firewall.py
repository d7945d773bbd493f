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
from .exchange_rules import Source, access_list, netsh, nftables, plain_rules, short_name
from .exchange_view import EXCHANGE
from .pasted import networks_of
from .ranges import Reference, reference
from .tenant import TENANT, concerned, facts, not_concerned

HOSTED = (Platform.HOSTED_EXCHANGE.value,)
_MESSAGES = {(False, False): "let_in", (True, False): "let_in_pair", (False, True): "only_the_gateway", (True, True): "only_the_pair"}
"""
What is said, by whether Exchange Online delivers to on-premises and whether others are shut out.
"""


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
    hybrid = any(scope.platform is Platform.HYBRID for scope in scopes)
    online = provider("microsoft")
    sources = [Source(gateway().name, "gateway", tuple(outermost(found.required)))]
    if hybrid:
        # Exchange Online delivers to on-premises on the same port: shut out with the rest, mail between the two would stop.
        sources.append(Source(online.sends_as, "online", tuple(networks_of(online.ranges)), online.ranges_as_of))
    port, name = case.environment.inbound_port, short_name(gateway().name)
    values |= about_ranges(case, found) | {
        "port": port,
        "sender": online.sends_as,
        "online": list(online.ranges),
        "online_as_of": online.ranges_as_of,
        "online_list": online.ranges_at,
        "plain": plain_rules(sources, _hosts(scopes), port, locked=locked),
        "access_list": access_list(sources, port, f"{name.upper()}-IN", locked=locked),
        "nftables": nftables(sources, port, f"{name.lower()}_in", locked=locked),
        "netsh": netsh(sources, port),
    }
    message = _MESSAGES[hybrid, locked]
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
