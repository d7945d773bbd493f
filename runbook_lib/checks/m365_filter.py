"""
``m365.connection_filter``: does the IP allow list hold the gateway's addresses, and the block list none of them?
"""

from __future__ import annotations

from ..exports import AddressList, ConnectionFilterPolicy, Kind
from ..results import Status
from ..standards.ranges import AddressSet
from .m365_remedies import Change, ready
from .m365_trust import FILTER, Judged, Way
from .m365_view import MOST_SHOWN, Tenant, too_wide

MOST_ENTRIES = 1273
"""
Entries Exchange Online takes in each of the two lists.
"""
_CMDLET = "Set-HostedConnectionFilterPolicy"


def filter_way(tenant: Tenant) -> Way:
    """
    The connection filter as a way of trust.
    """
    policies = tenant.case.exports.connection_filter_policies
    nothing = tenant.empty("Get-HostedConnectionFilterPolicy", Kind.CONNECTION_FILTER_POLICIES)
    effective = [policy for policy in policies or () if policy.is_default] or list(policies or ())
    items = tuple(_judge(tenant, policy) for policy in effective)
    return Way(FILTER, tenant.case.exports.given(Kind.CONNECTION_FILTER_POLICIES), items, nothing)


def _judge(tenant: Tenant, policy: ConnectionFilterPolicy) -> Judged:
    allowed, blocked = policy.ip_allow_list, policy.ip_block_list or AddressList()
    if allowed is None:
        return Judged(policy.name, tenant.incomplete(["IPAllowList"], {"name": policy.name}, [policy]), sound=None)
    wanted = AddressSet(tenant.required) if tenant.required else tenant.own
    held_back = [entry.text for entry in blocked.entries if any(wanted.touches(each) for each in entry.networks)]
    begun = tenant.touches(allowed)
    wide = [entry.text for entry in allowed.entries if too_wide(entry)]
    beyond = tenant.beyond(allowed)
    dropped = [*wide, *(text for texts in beyond.values() for text in texts)]
    lacking = tenant.lacking(allowed.networks)
    kept = [network for entry in allowed.entries if entry.text not in dropped for network in entry.networks]
    change = Change(_CMDLET, policy.name)
    change.alter("IPBlockList", remove=held_back)
    if begun:
        change.alter("IPAllowList", ready(tenant.lacking(kept) or ()), dropped)
    more = {
        "name": policy.name,
        "entries": len(allowed),
        "limit": MOST_ENTRIES,
        "blocked": held_back[:MOST_SHOWN],
        "wide": wide[:MOST_SHOWN],
        "missing": [str(network) for network in lacking or ()],
        "beyond": dropped[:MOST_SHOWN],
        "paste": change.script.lines,
    }
    causes = [
        *(("blocked",) if held_back else ()),
        *(("missing",) if lacking and begun else ()),
        *(("too_wide",) if wide else ()),
        *(("over_limit",) if len(allowed) > MOST_ENTRIES else ()),
    ]
    if held_back and not tenant.required:
        return Judged(policy.name, tenant.unsure(more, [policy]), sound=None, begun=begun, always=True)
    if causes and (begun or held_back):
        said = tenant.said(Status.FAIL, f"{FILTER}.{causes[0]}", more, causes, [policy])
        return Judged(policy.name, said, begun=begun, always=bool(held_back))
    if not begun:
        if tenant.required:
            change.alter("IPAllowList", ready(tenant.required), dropped)
        said = tenant.said(Status.FAIL, f"{FILTER}.nothing", {**more, "paste": change.script.lines}, ("missing",), [policy])
        return Judged(policy.name, said, begun=False)
    if lacking is None:
        return Judged(policy.name, tenant.unsure(more, [policy]), sound=None)
    found = ("excess", Status.WARN) if beyond else ("listed", Status.PASS)
    said = tenant.said(found[1], f"{FILTER}.{found[0]}", more, tuple(beyond), [policy])
    settled = tenant.settled(said, policy.when_changed)
    return Judged(policy.name, settled, sound=True if settled is said else None)
