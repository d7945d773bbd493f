"""
``m365.enhanced_filtering``: does Microsoft 365 look past all of the gateway's hops, for everyone?
"""

from __future__ import annotations

from typing import Any

from ..exports import AddressList, InboundConnector, Kind
from ..results import Status
from .m365_remedies import NONE, OFF, ON, Change, listed, ready
from .m365_trust import SKIP, Judged, Way
from .m365_view import MOST_SHOWN, Tenant, from_everywhere, is_partner, said_of

_CMDLET = "Set-InboundConnector"
_FAULTS = ("off", "skip_last_ip", "missing", "test_mode", "users_set", "sender_domains", "pilot_only")
"""
What can be wrong, gravest first.
"""


def skip_way(tenant: Tenant) -> Way:
    """
    Enhanced Filtering as a way of trust.
    """
    connectors = tenant.case.exports.inbound_connectors
    nothing = tenant.said(Status.FAIL, f"{SKIP}.none", {"name": "-"}, ("off",))
    serving = [connector for connector in connectors or () if tenant.serves(connector)]
    chosen = [connector for connector in serving if begun(connector)] or sorted(serving, key=lambda one: one.enabled is False)
    return Way(SKIP, tenant.case.exports.given(Kind.INBOUND_CONNECTORS), tuple(_judge(tenant, one) for one in chosen), nothing)


def begun(connector: InboundConnector) -> bool:
    """
    True where any setting of Enhanced Filtering is made.
    """
    return bool(connector.ef_skip_last_ip or connector.ef_skip_ips or connector.ef_users or connector.ef_test_mode)


def in_effect(tenant: Tenant) -> tuple[InboundConnector, ...]:
    """
    Connectors on which Enhanced Filtering is at work for the gateway's mail, completely or not.
    """
    return tuple(
        connector
        for connector in tenant.case.exports.inbound_connectors or ()
        if tenant.serves(connector)
        and connector.enabled is not False
        and not connector.ef_test_mode
        and (connector.ef_skip_last_ip or tenant.touches(connector.ef_skip_ips))
    )


def _judge(tenant: Tenant, connector: InboundConnector) -> Judged:
    skipped = connector.ef_skip_ips or AddressList()
    lacking = tenant.lacking(skipped.networks)
    beyond = tenant.beyond(skipped, skipping=True)
    more: dict[str, Any] = {
        "name": connector.name,
        "enabled": said_of(connector.enabled),
        "last": said_of(connector.ef_skip_last_ip),
        "test": said_of(connector.ef_test_mode),
        "skipped": list(skipped.texts)[:MOST_SHOWN],
        "missing": [str(network) for network in lacking or ()],
        "users": list(connector.ef_users or ())[:MOST_SHOWN],
        "beyond": [text for texts in beyond.values() for text in texts][:MOST_SHOWN],
        "domains_set": [space.domain for space in connector.sender_domains or ()],
        "pilot": list(connector.associated_accepted_domains or ()),
    }
    needed = {"Enabled": connector.enabled, "EFSkipIPs": connector.ef_skip_ips, "EFUsers": connector.ef_users}
    untold = [key for key, value in needed.items() if value is None]
    causes = _faults(tenant, connector, missing=bool(lacking))
    if untold and (not causes or "EFSkipIPs" in untold):
        return Judged(connector.name, tenant.incomplete(untold, more, [connector]), sound=None)
    if causes:
        more["paste"] = _remedy(tenant, connector, causes, known=lacking is not None)
        said = tenant.said(Status.FAIL, f"{SKIP}.{causes[0]}", more, causes, [connector])
        return Judged(connector.name, said, begun=begun(connector))
    if lacking is None:
        return Judged(connector.name, tenant.unsure(more, [connector]), sound=None)
    said = tenant.said(Status.PASS, f"{SKIP}.on", more, (), [connector])
    if beyond:
        dropped = [text for texts in beyond.values() for text in texts]
        kept = [network for entry in skipped.entries if entry.text not in dropped for network in entry.networks]
        change = Change(_CMDLET, connector.name)
        change.alter("EFSkipIPs", ready(tenant.lacking(kept) or ()), dropped)
        said = tenant.said(Status.WARN, f"{SKIP}.excess", {**more, "paste": change.script.lines}, tuple(beyond), [connector])
    settled = tenant.settled(said, connector.when_changed)
    return Judged(connector.name, settled, sound=True if settled is said else None)


def _faults(tenant: Tenant, connector: InboundConnector, *, missing: bool) -> tuple[str, ...]:
    off = connector.enabled is False or not (connector.ef_skip_last_ip or connector.ef_skip_ips)
    found = {
        "off": off,
        "skip_last_ip": connector.ef_skip_last_ip is True,
        "missing": missing and not off,
        "test_mode": connector.ef_test_mode is True,
        "users_set": bool(connector.ef_users),
        "sender_domains": is_partner(connector) and connector.sender_domains is not None and not from_everywhere(connector),
        "pilot_only": not tenant.covers_all(connector),
    }
    return tuple(cause for cause in _FAULTS if found[cause])


def _remedy(tenant: Tenant, connector: InboundConnector, causes: tuple[str, ...], *, known: bool) -> list[str]:
    """
    The command that puts a connector's Enhanced Filtering right; empty where it takes more than that.
    """
    restricting = connector.restrict_domains_to_ip_addresses or connector.restrict_domains_to_certificate or connector.require_tls
    if connector.enabled is False and is_partner(connector) and restricting and not tenant.locking:
        return []
    needs_ranges = {"off", "skip_last_ip", "missing"} & set(causes)
    if needs_ranges and not known:
        return []
    change = Change(_CMDLET, connector.name)
    if connector.enabled is False:
        change.set("Enabled", ON, OFF)
    if connector.ef_skip_last_ip:
        change.set("EFSkipLastIP", OFF, ON)
    change.alter("EFSkipIPs", ready(tenant.lacking((connector.ef_skip_ips or AddressList()).networks) or ()))
    if connector.ef_test_mode:
        change.set("EFTestMode", OFF, ON)
    if connector.ef_users:
        change.set("EFUsers", NONE, listed(connector.ef_users))
    if "sender_domains" in causes:
        change.alter("SenderDomains", ["*"])
    if "pilot_only" in causes:
        change.set("AssociatedAcceptedDomains", NONE, listed(connector.associated_accepted_domains or ()))
    return change.script.lines
