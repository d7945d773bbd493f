"""
``exchange.relay_rights``: may anybody relay through a connector the gateway's addresses end at? A probe from elsewhere cannot see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..exports import AnonymousRight, ReceiveConnector
from ..exports.kinds import Kind
from ..results import Finding, Status
from ..standards.ranges import outermost
from .case import Case, Check
from .configured import about_ranges
from .exchange_view import (
    anonymous,
    exchange_scopes,
    full_name,
    landings,
    of_connector,
    plan_connectors,
    ranges,
    servers,
    subjects,
    trusts,
)
from .exported import evidence_of_kinds
from .m365_remedies import UNDO, quoted
from .ranges import Reference
from .said import Said
from .tenant import TENANT, facts, not_concerned

RELAY = "ms-Exch-SMTP-Accept-Any-Recipient"
"""
The extended right by which mail for any recipient is taken.
"""
NOBODY = "NT AUTHORITY\\ANONYMOUS LOGON"
_ANYBODY = {4: 16, 6: 32}
"""
Networks with a shorter prefix than this hold strangers.
"""


def relays(rows: Iterable[AnonymousRight]) -> bool:
    """
    True where the anonymous user may relay, by all rows of one connector: denied goes before allowed, the connector's own before inherited.
    """
    own = [row for row in rows if any(right.casefold() == RELAY.casefold() for right in row.extended_rights or ())]
    for inherited in (False, True):
        level = [row for row in own if bool(row.is_inherited) is inherited]
        if level:
            return not any(row.deny for row in level)
    return False


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``exchange.relay_rights`` for every connector that the gateway's addresses or the Internet can reach.
    """
    scopes = exchange_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    rights, connectors = case.exports.anonymous_rights, case.exports.receive_connectors
    if rights is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    evidence = evidence_of_kinds(case, Kind.ANONYMOUS_RIGHTS, Kind.RECEIVE_CONNECTORS)
    if connectors:
        return _of_connectors(case, check, connectors, rights, values, evidence)
    if not rights:
        return [check.finding(TENANT, Status.MANUAL, "not_exported", values, causes=("not_exported",), evidence=evidence)]
    return _of_rights(check, rights, values, evidence)


def _of_rights(check: Check, rights: Sequence[AnonymousRight], values: dict[str, Any], evidence: tuple[str, ...]) -> list[Finding]:
    """
    The findings where only the permissions were exported, so that it is not known whom a connector is for.
    """
    found = []
    for name in dict.fromkeys(row.identity for row in rights):
        told = values | {"connector": name or "?", "remote": ["?"], "paste": _commands([name])}
        if relays(row for row in rights if row.identity == name):
            found.append(check.finding(name or TENANT, Status.FAIL, "relay", told, causes=("relay",), evidence=evidence))
        else:
            found.append(check.finding(name or TENANT, Status.PASS, "right_alone", told, evidence=evidence))
    return found


def _of_connectors(  # noqa: PLR0917  # one value of a finding each
    case: Case,
    check: Check,
    connectors: Sequence[ReceiveConnector],
    rights: Sequence[AnonymousRight],
    values: dict[str, Any],
    evidence: tuple[str, ...],
) -> list[Finding]:
    reference = case.replay(plan_connectors(case)) or Reference((), (), "snapshot")
    reached = _reached(connectors, reference)
    named = subjects(connectors)
    values = values | about_ranges(case, reference)
    found = []
    for connector in connectors:
        if connector.enabled is False:
            continue
        rows = [row for row in rights if of_connector(row, connector)]
        relay = relays(rows)
        if not relay and connector not in reached and not _outside(connector):
            continue
        if not relay and connector not in reached and reference.certain and not trusts(connector):
            continue
        told = values | {
            "connector": connector.name,
            "remote": [entry.text for entry in ranges(connector)][:20] or ["?"],
            "paste": _commands([full_name(connector)]),
        }
        said = _verdict(connector, rows, rights, relay=relay, hit=connector in reached, reference=reference)
        found.append(check.finding(named[connector], said.status, said.message, told, causes=said.causes, evidence=evidence))
    return found or [check.finding(TENANT, Status.PASS, "none_reached", values, evidence=evidence)]


def _verdict(
    connector: ReceiveConnector,
    rows: Sequence[AnonymousRight],
    rights: Sequence[AnonymousRight],
    *,
    relay: bool,
    hit: bool,
    reference: Reference,
) -> Said:
    if relay and (hit or connector.remote_ip_ranges is None or _wide(connector)):
        return Said(Status.FAIL, "relay", causes=("relay",))
    if relay and _outside(connector) and not reference.certain:
        return Said(Status.UNKNOWN, "unknown", causes=reference.causes or ("no_reference",))
    if relay and _outside(connector):
        return Said(Status.WARN, "relay_outside", causes=("relay",))
    if relay:
        return Said(Status.PASS, "relay_inside", causes=("relay_inside",))
    if trusts(connector):
        return _of_trusting(connector, hit=hit, reference=reference)
    if not rows and anonymous(connector, rights) is not False:
        return Said(Status.MANUAL, "not_exported", causes=("not_exported",))
    return Said(Status.PASS, "right")


def _of_trusting(connector: ReceiveConnector, *, hit: bool, reference: Reference) -> Said:
    """
    A connector that takes whoever comes in for one of the organisation's own, so that they may relay whatever the anonymous user may.
    """
    anybody = connector.remote_ip_ranges is None or _wide(connector)
    if hit or (anybody and not reference.certain):
        return Said(Status.FAIL, "externally_secured", causes=("externally_secured",))
    if anybody:
        return Said(Status.FAIL, "externally_secured_outside", causes=("externally_secured",))
    if not reference.certain:
        return Said(Status.UNKNOWN, "unknown", causes=reference.causes or ("no_reference",))
    return Said(Status.WARN, "externally_secured_outside", causes=("externally_secured",))


def _reached(connectors: Sequence[ReceiveConnector], reference: Reference) -> set[ReceiveConnector]:
    """
    The connectors that any of the gateway's ranges ends at.
    """
    if not reference.certain:
        return set()
    return {
        each for server in servers(connectors) for landing in landings(server, outermost(reference.required)) for each in landing.connectors
    }


def _outside(connector: ReceiveConnector) -> bool:
    """
    True where a connector takes addresses of the Internet.
    """
    return any(network.is_global or not network.is_private for entry in ranges(connector) for network in entry.networks)


def _wide(connector: ReceiveConnector) -> bool:
    """
    True where those are so many that they are anybody's.
    """
    return any(
        not network.is_private and network.prefixlen < _ANYBODY[network.version]
        for entry in ranges(connector)
        for network in entry.networks
    )


def _commands(names: Iterable[str]) -> list[str]:
    """
    The commands that take the right away, and the ways back.
    """
    told = [name for name in names if name]
    tail = f"-User {quoted(NOBODY)} -ExtendedRights {quoted(RELAY)}"
    return [
        *(f"Get-ReceiveConnector -Identity {quoted(name)} | Remove-ADPermission {tail}" for name in told),
        *(f"{UNDO}Get-ReceiveConnector -Identity {quoted(name)} | Add-ADPermission {tail}" for name in told),
    ]
