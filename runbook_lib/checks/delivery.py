"""
``delivery.headers``: did a delivered message go through the gateway, was it not judged again behind it, and did its authentication survive?
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..environment import DomainScope, Phase
from ..exports.kinds import Kind
from ..exports.messages import DeliveredMessage
from ..knowledge.platforms import Provider, provider_of
from ..knowledge.regions import region
from ..observations import Plan
from ..results import Finding, Status
from ..standards.addresses import is_private
from ..standards.ranges import AddressSet
from .case import Case, Check
from .exported import evidence_of_kinds, spellings
from .mx_gateway import expected_hosts
from .pasted import networks_of
from .ranges import Reference, reference
from .said import Said, gravest, unique
from .tenant import TENANT, concerned, facts, furthest, not_concerned, ways

if TYPE_CHECKING:
    from ..explain.headers import Hop, MessageView

_RECIPIENTS = ("Delivered-To", "X-Original-To", "To")
_MOST_HOPS = 30
_LOST = ("fail", "permerror")


@dataclass(frozen=True, slots=True)
class _Way:
    """
    How a message got to the platform.

    Args:
        view: Its header.
        entering: The hop by which it came to the platform, None where none can be told.
        gateway: The gateway's addresses.
        provider: Whose cloud the platform is, None for a server of somebody's own.
    """

    view: MessageView
    entering: Hop | None
    gateway: AddressSet
    provider: Provider | None


def plan(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``delivery.headers``: the gateway's ranges, where there is a message.
    """
    if case.exports.messages is None or not _due(case):
        return None
    return (yield from reference(case.environment))


def _due(case: Case) -> bool:
    scopes = concerned(case, ())
    return bool(scopes) and furthest(scopes) is not Phase.PREPARE


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``delivery.headers`` for every delivered message.
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    if not _due(case):
        return [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
    messages = case.exports.messages
    if not messages:
        return [check.finding(TENANT, Status.MANUAL, "manual", {**values, "ways": ways("headers", scopes)})]
    from ..explain.headers import read_message  # noqa: PLC0415  # only who has a message needs it

    against = case.replay(plan(case))
    known = (*against.required, *against.tolerated) if against is not None else ()
    gateway = AddressSet((*known, *networks_of(region(case.environment.region).cidrs)))
    evidence = (*evidence_of_kinds(case, Kind.MESSAGE), *(case.evidence(*against.answers) if against is not None else ()))
    found = []
    for file, message in messages:
        scope = _scope_of(message, scopes)
        view = read_message(message.header)
        provider = provider_of(scope.inbound_host)
        way = _Way(view, _entering(case, view, gateway, provider), gateway, provider)
        said = gravest([_path(case, way), *_filtering(way), *_authentication(way)])
        found.append(
            check.finding(
                file, said.status, said.message, values | _shown(file, way) | dict(said.values), causes=said.causes, evidence=evidence
            )
        )
    return unique(found)


def _scope_of(message: DeliveredMessage, scopes: tuple[DomainScope, ...]) -> DomainScope:
    names = spellings(scopes)
    text = " ".join(value for name in _RECIPIENTS for value in message.values(name)).lower()
    mentioned = {part.rpartition("@")[2].strip("<>,;\"'") for part in text.split() if "@" in part}
    return next((scope for scope in scopes if any(names.get(domain) == scope.name for domain in mentioned)), scopes[0])


def _entering(case: Case, view: MessageView, gateway: AddressSet, provider: Provider | None) -> Hop | None:
    """
    The newest hop by which the platform took the message from somebody else.

    A server of the customer's own is not known by name: there it is the hop by which the gateway handed the message on.
    """
    newest = list(reversed(view.hops))
    if provider is None:
        return next((hop for hop in newest if from_gateway(case, hop, gateway) and not hop.to_gateway), newest[-1] if newest else None)
    return next((hop for hop in newest if provider.is_server(hop.taken_by) and not provider.is_server(hop.sent_by)), None)


def from_gateway(case: Case, hop: Hop, gateway: AddressSet) -> bool:
    """
    True where the gateway handed the message over, by its name or its address.
    """
    if hop.from_gateway or hop.sent_by in expected_hosts(case.environment):
        return True
    return bool(hop.address) and gateway.covers(ipaddress.ip_network(hop.address))


def _path(case: Case, way: _Way) -> Said:
    through = [hop for hop in way.view.hops if from_gateway(case, hop, way.gateway) or hop.to_gateway]
    if not way.view.hops:
        return Said(Status.UNKNOWN, "no_hops", {}, ("no_hops",))
    if not through:
        return Said(Status.FAIL, "bypassed", {}, ("bypassed",))
    if way.entering is None:
        return Said(Status.UNKNOWN, "not_entered", {}, ("not_entered",))
    if not from_gateway(case, way.entering, way.gateway):
        return Said(Status.FAIL, "detour", {}, ("detour",))
    inside = bool(way.entering.address) and way.gateway.covers(ipaddress.ip_network(way.entering.address))
    mine = case.environment.region
    if way.entering.region not in ("", mine) and not inside:
        return Said(Status.WARN, "other_region", {"found": way.entering.region}, ("other_region",))
    if way.entering.address and not inside and not is_private(way.entering.address):
        return Said(Status.WARN, "not_in_ranges", {"address": way.entering.address, "name": way.entering.sent_by}, ("not_in_ranges",))
    return Said(Status.PASS, "whole", {})


def _filtering(way: _Way) -> list[Said]:
    """
    Was the message judged again behind the gateway?
    """
    microsoft, google = way.view.microsoft, way.view.google
    if way.provider is None:
        return []
    if way.provider.code == "google":
        judged = google is not None and google.judged_spam
        return [Said(Status.FAIL, "judged_spam", {}, ("judged_spam",))] if judged else []
    if microsoft is None:
        return [Said(Status.UNKNOWN, "no_fields", {}, ("no_fields",))]
    if microsoft.judged_spam:
        return [Said(Status.FAIL, "judged_spam", {}, ("judged_spam",))]
    if microsoft.filtering_skipped or microsoft.original_sender:
        return []
    if microsoft.skip_listed:
        return [Said(Status.WARN, "not_for_all", {}, ("not_for_all",))]
    if microsoft.cip and _is_gateway(way, microsoft.cip):
        return [Said(Status.WARN, "judged_again", {}, ("judged_again",))]
    return [] if microsoft.cip else [Said(Status.UNKNOWN, "no_fields", {}, ("no_fields",))]


def _is_gateway(way: _Way, text: str) -> bool:
    try:
        return way.gateway.covers(ipaddress.ip_network(text))
    except ValueError:
        return False


def _authentication(way: _Way) -> list[Said]:
    """
    Do SPF, DKIM and DMARC still say behind the gateway what they said in front of it?
    """
    view = way.view
    if way.provider is None:
        return []
    results = {method: verdict.result for method in ("dmarc", "compauth", "arc", "spf", "dkim") if (verdict := view.verdict(method))}
    if not results:
        return [Said(Status.UNKNOWN, "no_results", {}, ("no_results",))]
    saved = results.get("compauth") == "pass" or results.get("arc") == "pass"
    if results.get("dmarc") in _LOST and not saved:
        return [Said(Status.FAIL, "authentication_lost", {}, ("authentication_lost",))]
    if results.get("compauth") in _LOST:
        return [Said(Status.WARN, "authentication_weak", {}, ("authentication_weak",))]
    return []


def _shown(file: str, way: _Way) -> dict[str, Any]:
    view, microsoft, google = way.view, way.view.microsoft, way.view.google
    marks = []
    if microsoft is not None:
        pairs = {"SCL": microsoft.scl, "SFV": microsoft.sfv, "IPV": microsoft.ipv, "CIP": microsoft.cip}
        marks += [f"{key}:{value}" for key, value in pairs.items() if value not in (None, "")]
        marks += [f"SkipListedInternetSender:{microsoft.skip_listed}"] if microsoft.skip_listed else []
        marks += [f"ExternalOriginalInternetSender:{microsoft.original_sender}"] if microsoft.original_sender else []
    if google is not None:
        marks += [f"X-Gm-Spam:{google.spam}"] if google.spam else []
    verdicts = [f"{method}={verdict.result}" for method in ("spf", "dkim", "dmarc", "arc", "compauth") if (verdict := view.verdict(method))]
    return {
        "file": file,
        "message_subject": view.subject,
        "path": [_hop(hop) for hop in view.hops[-_MOST_HOPS:]],
        "entering": _hop(way.entering) if way.entering is not None else "-",
        "marks": marks,
        "results": verdicts,
        "seconds": view.took_s if view.took_s is not None else 0,
    }


def _hop(hop: Hop) -> str:
    address = f" [{hop.address}]" if hop.address else ""
    delay = f" (+{hop.delay_s:.0f} s)" if hop.delay_s is not None else ""
    return f"{hop.sent_by or '?'}{address} → {hop.taken_by or '?'}{delay}"


CHECKS: tuple[Check, ...] = (Check("delivery.headers", "lockdown", judge, plan),)
