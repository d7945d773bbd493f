"""
``senders.direct``: who delivers straight to the platform today, and would be rejected by the lock?
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..environment import DomainScope, Phase, Platform
from ..environment.parts import Sender
from ..exports.kinds import Kind
from ..exports.microsoft import InboundConnector
from ..knowledge.regions import region
from ..observations import Plan
from ..results import Finding, Status
from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network
from .case import Case, Check
from .exported import MOST_SHOWN, evidence_of_kinds
from .pasted import networks_of, read_list
from .ranges import Reference, reference
from .said import unique
from .sightings import Sightings, Source, sightings
from .tenant import TENANT, concerned, facts, furthest, not_concerned, ways

WHOLE_WEEK = 7
"""
Days a trace has to cover before it can stand for an inventory: what sends once a week is in it.
"""
_MICROSOFT = (Platform.MICROSOFT_365, Platform.HYBRID)
_NARROWEST = 24


@dataclass(frozen=True, slots=True)
class _Look:
    """
    What every finding of one run is made from.
    """

    case: Case
    check: Check
    phase: Phase
    values: dict[str, Any]
    evidence: tuple[str, ...]


def plan(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``senders.direct``: the gateway's ranges, where an address has to be compared with them.
    """
    exports = case.exports
    given = exports.message_trace is not None or exports.aggregate_reports is not None
    if not given and not any(sender.ip for sender in case.environment.senders):
        return None
    return (yield from reference(case.environment))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``senders.direct`` for everybody who is named or was seen.
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    phase = furthest(scopes)
    seen = _seen(case, scopes, phase)
    values = facts(case, scopes) | _span(seen)
    evidence = evidence_of_kinds(case, Kind.MESSAGE_TRACE, Kind.AGGREGATE_REPORTS)
    look = _Look(case, check, phase, values, evidence)
    named = [_named(look, sender, seen) for sender in case.environment.senders]
    inventory = [network for sender in case.environment.senders if (network := _network(sender)) is not None]
    strangers = [source for source in seen.sources if not AddressSet(inventory).covers(ipaddress.ip_network(source.address))]
    found = [_stranger(look, source) for source in strangers[:MOST_SHOWN]]
    if len(strangers) > MOST_SHOWN:
        status = Status.FAIL if phase is Phase.LOCKDOWN else Status.WARN
        more = values | {"number": len(strangers) - MOST_SHOWN}
        found.append(check.finding(TENANT, status, "more", more, causes=("direct_sender",), evidence=evidence))
    if named or found:
        return unique([*named, *found])
    if phase is Phase.PREPARE:
        message = "read_early" if evidence else "other_phase"
        return [check.finding(TENANT, Status.NOT_APPLICABLE, message, values, causes=("other_phase",), evidence=evidence)]
    if not evidence:
        return [check.finding(TENANT, Status.MANUAL, "manual", values | {"ways": ways("direct", scopes)})]
    if seen.days < WHOLE_WEEK:
        message = "manual_short" if seen.since is not None else "manual_before"
        return [check.finding(TENANT, Status.MANUAL, message, values, evidence=evidence)]
    return [check.finding(TENANT, Status.PASS, "nobody", values, evidence=evidence)]


def _seen(case: Case, scopes: tuple[DomainScope, ...], phase: Phase) -> Sightings:
    environment = case.environment
    present = environment.present_gateway.ranges if environment.present_gateway is not None else ()
    front = _gateway(case) if phase is not Phase.PREPARE else []
    if present:
        front = [*front, *networks_of(present)]
    return sightings(case.exports, scopes, front)


def _gateway(case: Case) -> list[Network]:
    found = case.replay(plan(case))
    shipped = networks_of(region(case.environment.region).cidrs)
    return [*found.required, *found.tolerated, *shipped] if found is not None else shipped


def _span(seen: Sightings) -> dict[str, Any]:
    return {
        "days": seen.days,
        "through": seen.through,
        "since": seen.since.date().isoformat() if seen.since is not None else "-",
        "until": seen.last.date().isoformat() if seen.last is not None else "-",
        "least": WHOLE_WEEK,
    }


def _named(look: _Look, sender: Sender, seen: Sightings) -> Finding:
    network = _network(sender)
    mine = [source for source in seen.sources if network is not None and AddressSet([network]).covers(ipaddress.ip_network(source.address))]
    last = max((source.last for source in mine), default=None)
    values = look.values | {
        "sender": sender.name,
        "from": sender.from_ or "-",
        "ip": sender.ip or "-",
        "count": sum(source.count for source in mine),
        "last": last.date().isoformat() if last is not None else "-",
        "paste": _connector_for(look.case, sender.name, network),
    }
    here = replace(look, values=values, evidence=look.evidence if mine else ())
    return _excused(here, sender.name, network, sender.from_ or "") or _rejected(here, sender.name)


def _stranger(look: _Look, source: Source) -> Finding:
    subject = str(source.address)
    values = look.values | {
        "sender": subject,
        "from": source.sender or "-",
        "ip": subject,
        "count": source.count,
        "last": source.last.date().isoformat(),
        "connector": source.connector or "-",
        "paste": "",
    }
    here = replace(look, values=values)
    excused = _excused(here, subject, ipaddress.ip_network(source.address), source.sender)
    if excused is None and source.inside:
        status = Status.UNKNOWN if look.phase is Phase.LOCKDOWN else Status.WARN
        return look.check.finding(subject, status, "perhaps_inside", values, causes=("origin_unclear",), evidence=look.evidence)
    return excused or _rejected(here, subject)


def _rejected(look: _Look, subject: str) -> Finding:
    status, message = (Status.FAIL, "rejected") if look.phase is Phase.LOCKDOWN else (Status.WARN, "will_be_rejected")
    platform = look.case.environment.platform
    message += "_microsoft" if platform in _MICROSOFT else "_google" if platform is Platform.GOOGLE_WORKSPACE else ""
    return look.check.finding(subject, status, message, look.values, causes=("direct_sender",), evidence=look.evidence)


def _network(sender: Sender) -> Network | None:
    return ipaddress.ip_network(sender.ip, strict=False) if sender.ip else None


def _excused(look: _Look, subject: str, network: Network | None, sender: str) -> Finding | None:
    """
    The finding of somebody whom the lock lets through all the same; None for everybody else.
    """
    environment = look.case.environment
    message = ""
    if network is not None:
        message = _let_through(look.case, network)
    own = _own_connector(look.case.exports.inbound_connectors or (), network, sender) if environment.platform in _MICROSOFT else None
    if message or own is None:
        return look.check.finding(subject, Status.PASS, message, look.values, evidence=look.evidence) if message else None
    evidence = (*look.evidence, *look.case.evidence_of(own))
    return look.check.finding(subject, Status.PASS, "own_connector", look.values | {"connector": own.name}, evidence=evidence)


def _let_through(case: Case, network: Network) -> str:
    """
    Why the lock lets an address through, by what the environment says; ``""`` where it does not.
    """
    environment = case.environment
    if AddressSet(_gateway(case)).covers(network):
        return "through_gateway"
    at_google = environment.platform is Platform.GOOGLE_WORKSPACE and environment.gateway_list is not None
    if at_google and AddressSet(read_list(environment.gateway_list or "").networks).covers(network):
        return "listed"
    own_server = environment.platform in (Platform.ON_PREMISES, Platform.HYBRID)
    return "inside" if own_server and is_private(str(network.network_address)) else ""


def _own_connector(connectors: Iterable[InboundConnector], network: Network | None, sender: str) -> InboundConnector | None:
    domain = sender.rpartition("@")[2].lower()
    return next((each for each in connectors if each.enabled is not False and _takes(each, network, domain)), None)


def _takes(connector: InboundConnector, network: Network | None, domain: str) -> bool:
    listed = connector.sender_ip_addresses
    held = network is not None and listed is not None and AddressSet(listed.networks).covers(network)
    kind = (connector.connector_type or "").casefold()
    if kind == "onpremises":
        return held
    spaces = [space.domain for space in connector.sender_domains or ()]
    named = any(space != "*" and (domain == space or (space.startswith("*.") and domain.endswith(space[1:]))) for space in spaces)
    if kind != "partner" or not domain or not named or connector.restrict_domains_to_certificate:
        return False
    return held if connector.restrict_domains_to_ip_addresses else True


def _connector_for(case: Case, name: str, network: Network | None) -> str:
    """
    The command that gives a fixed address a connector of its own; ``""`` where that cannot be done.
    """
    if case.environment.platform not in _MICROSOFT or network is None or network.version != 4 or network.prefixlen < _NARROWEST:
        return ""
    title = "".join(character for character in name if character.isalnum() or character in " -_.")[:50].strip()
    address = str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
    return (
        f"New-InboundConnector -Name 'Direct sender {title}' -ConnectorType OnPremises -SenderDomains '*' `\n"
        f"  -SenderIPAddresses @('{address}') -RequireTls $false"
    )


CHECKS: tuple[Check, ...] = (Check("senders.direct", "lockdown", judge, plan),)
