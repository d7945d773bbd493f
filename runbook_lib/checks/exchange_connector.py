"""
``exchange.receive_connector``: does each of the gateway's ranges end at one connector that takes anonymous mail and trusts nobody?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..exports import ReceiveConnector
from ..exports.kinds import Kind
from ..knowledge.gateway import gateway
from ..results import Finding, Status
from ..standards.ranges import AddressSet, Network, outermost
from .case import Case, Check
from .configured import about_ranges, in_one, not_known
from .exchange_commands import only_for, repair
from .exchange_view import (
    ANONYMOUS,
    Server,
    anonymous,
    delivers_online,
    exchange_scopes,
    is_front,
    landings,
    plan_connectors,
    ranges,
    servers,
    subjects,
    trusts,
)
from .exported import evidence_of_kinds
from .ranges import Reference
from .said import Said
from .tenant import TENANT, facts, not_concerned

_NEEDED = (("permission_groups", "PermissionGroups"), ("auth_mechanism", "AuthMechanism"))
_MOST_SHOWN = 20


@dataclass(slots=True)
class _Seen:
    """
    What is said while the servers are gone through.

    Args:
        about: By connector.
        networks: The ranges each takes.
        gaps: ``server: range`` that none takes.
        untold: ``server: columns`` that the export lacks.
    """

    about: dict[ReceiveConnector, list[Said]] = field(default_factory=dict)
    networks: dict[ReceiveConnector, list[Network]] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)

    def say(self, connector: ReceiveConnector, said: Said) -> None:
        """
        Add to what is said of a connector, once.
        """
        items = self.about.setdefault(connector, [])
        if not any(item.message == said.message for item in items):
            items.append(said)


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``exchange.receive_connector`` for every connector the gateway's mail ends at, and for the tenant where it ends at none.
    """
    scopes = exchange_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    connectors = case.exports.receive_connectors
    if connectors is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    evidence = evidence_of_kinds(case, Kind.RECEIVE_CONNECTORS)
    if not connectors:
        return [check.finding(TENANT, Status.FAIL, "none", values, causes=("no_connector",), evidence=evidence)]
    found = case.replay(plan_connectors(case)) or Reference((), (), "snapshot")
    values |= about_ranges(case, found)
    evidence = (*evidence, *case.evidence(*found.answers))
    if not found.certain:
        return [in_one(check, TENANT, [not_known(case.environment, found)], values, evidence)]
    required = outermost(found.required)
    seen = _see(case, servers(connectors), required)
    return _findings(case, check, seen, required, values, evidence=evidence)


def _see(case: Case, every: Sequence[Server], required: Sequence[Network]) -> _Seen:
    seen = _Seen()
    for server in every:
        if server.untold:
            seen.untold.append(f"{server.name or '?'}: {', '.join(server.untold)}")
            continue
        for landing in landings(server, required):
            if landing.gap:
                seen.gaps.append(f"{server.name or '?'}: {landing.network}")
            for connector in landing.connectors:
                seen.networks.setdefault(connector, []).append(landing.network)
                _look(case, seen, connector, required)
            for narrow in _narrow(landing.connectors, landing.network):
                seen.say(narrow, Said(Status.WARN, "split", causes=("split",)))
        for connector in _wrong_role(server, required):
            seen.say(connector, Said(Status.WARN, "wrong_role", causes=("wrong_role",)))
    return seen


def _look(case: Case, seen: _Seen, connector: ReceiveConnector, required: Sequence[Network]) -> None:
    """
    Say what one connector does with whoever comes from the gateway's addresses.
    """
    untold = [column for name, column in _NEEDED if getattr(connector, name) is None]
    if trusts(connector):
        said = Said(Status.FAIL, "externally_secured", causes=("externally_secured",))
    elif untold:
        said = Said(Status.MANUAL, "not_told", {"columns": untold}, causes=("incomplete_export",))
    elif not anonymous(connector, case.exports.anonymous_rights):
        message = "not_anonymous_own" if only_for(connector, required) else "not_anonymous"
        said = Said(Status.FAIL, message, causes=("not_anonymous",))
    else:
        said = Said(Status.PASS, "right")
    seen.say(connector, said)


def _narrow(connectors: Sequence[ReceiveConnector], network: Network) -> list[ReceiveConnector]:
    """
    Where several connectors share a range, those whose own entries do not hold all of it.
    """
    if len(connectors) < 2:
        return []
    return [each for each in connectors if not AddressSet(part for entry in ranges(each) for part in entry.networks).covers(network)]


def _wrong_role(server: Server, required: Sequence[Network]) -> list[ReceiveConnector]:
    """
    Connectors of the transport service on the front end's port that were meant for the gateway.
    """
    if not server.has_front_end:
        return []
    gateway_set = AddressSet(required)
    behind = [each for each in server.on_port if not is_front(each)]
    return [each for each in behind if any(gateway_set.touches(network) for entry in ranges(each) for network in entry.networks)]


def _findings(
    case: Case, check: Check, seen: _Seen, required: Sequence[Network], values: dict[str, Any], *, evidence: tuple[str, ...]
) -> list[Finding]:
    connectors = case.exports.receive_connectors or ()
    named = subjects(connectors)
    online = delivers_online(exchange_scopes(case))
    name = f"From {gateway().name}"
    sound = [server for server in servers(connectors) if not server.untold]
    values = values | {
        "paste": [line for server in sound for line in repair(server, required, name, case.exports.anonymous_rights)],
        "gaps": seen.gaps[:_MOST_SHOWN],
        "untold": seen.untold[:_MOST_SHOWN],
        "servers": [server.name or "?" for server in servers(connectors)],
    }
    tenant = []
    if seen.gaps:
        tenant.append(Said(Status.FAIL, "no_connector", causes=("no_connector",)))
    if seen.untold:
        tenant.append(Said(Status.MANUAL, "incomplete", causes=("incomplete_export",)))
    found = [
        in_one(check, named[connector], _where(items, online=online), values | _of(connector, seen.networks.get(connector, [])), evidence)
        for connector, items in seen.about.items()
    ]
    if tenant:
        found.append(in_one(check, TENANT, _where(tenant, online=online), values, evidence))
    return found


def _where(items: list[Said], *, online: bool) -> list[Said]:
    """
    What matters where the gateway delivers to Exchange Online: whether its shared addresses are trusted, and nothing else.
    """
    if not online:
        return items
    kept = [item for item in items if item.status is Status.PASS or "externally_secured" in item.causes]
    return kept or [Said(Status.NOT_APPLICABLE, "delivers_online", causes=("delivers_online",))]


def _of(connector: ReceiveConnector, networks: Sequence[Network]) -> dict[str, Any]:
    return {
        "connector": connector.name,
        "takes": list(dict.fromkeys(map(str, networks))),
        "remote": [entry.text for entry in ranges(connector)][:_MOST_SHOWN],
        "groups": sorted(connector.permission_groups or ()),
        "mechanisms": sorted(connector.auth_mechanism or ()),
        "role": connector.transport_role or "?",
        "needed": ANONYMOUS,
    }
