"""
``m365.direct_send``: is mail in the tenant's own name turned away unless it comes by a connector, and does the gateway have one?
"""

from __future__ import annotations

from typing import Any

from ..exports import InboundConnector, Kind, Origin
from ..observations import Plan
from ..results import Finding, Status
from .case import Case, Check
from .m365_lock import new_lock
from .m365_remedies import Change, ready
from .m365_view import Tenant, by_hand, certificate_fits, is_partner, plan_ranges, see_tenant
from .ranges import Reference
from .said import Said
from .tenant import TENANT, not_concerned

DIRECT = "m365.direct_send"
_KIND = Kind.ORGANIZATION_CONFIGS
_CMDLET = "Set-OrganizationConfig"


def plan(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``m365.direct_send``: the ranges that a connector has to name.
    """
    return (yield from plan_ranges(case, _KIND))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``m365.direct_send``.
    """
    tenant = see_tenant(case, _KIND)
    if tenant is None:
        return [not_concerned(case, check)]
    configs = [one for one in case.exports.organization_configs or () if one.origin is not Origin.ON_PREMISES]
    if case.exports.organization_configs is not None and not configs:
        return [tenant.empty("Get-OrganizationConfig", _KIND).about(check, TENANT)]
    told = next((one for one in configs if one.reject_direct_send is not None), None)
    if told is None:
        return by_hand(case, check, "untold") if configs else by_hand(case, check, varies=True)
    said = _on(tenant) if told.reject_direct_send else _off(tenant)
    evidence = (*case.evidence_of(told), *said.evidence)
    settled = tenant.settled(said, told.when_changed)
    values = {**settled.values, "name": "RejectDirectSend"}
    return [Said(settled.status, settled.message, values, settled.causes, evidence).about(check, TENANT)]


def _off(tenant: Tenant) -> Said:
    if not tenant.locking:
        return tenant.said(Status.PASS, f"{DIRECT}.not_yet")
    change = Change(_CMDLET)
    change.switch("RejectDirectSend", to=True)
    return tenant.said(Status.WARN, f"{DIRECT}.off", {"paste": change.script.lines}, ("off",))


def _on(tenant: Tenant) -> Said:
    connectors = tenant.case.exports.inbound_connectors
    if connectors is None:
        return tenant.said(Status.MANUAL, f"{DIRECT}.connectors_needed", {}, ("connectors_not_given",))
    naming = [one for one in connectors if one.enabled is not False and _names_gateway(tenant, one)]
    more: dict[str, Any] = {"connectors": [one.name for one in naming], "missing": []}
    by_certificate = [one for one in naming if certificate_fits(tenant.environment, one.tls_sender_certificate_name or "")]
    if by_certificate:
        return tenant.said(Status.PASS, f"{DIRECT}.on", more, (), by_certificate)
    lacking = tenant.lacking(network for one in naming for network in _networks(one))
    if naming and lacking is None:
        return tenant.unsure(more, naming)
    if naming and not lacking:
        return tenant.said(Status.PASS, f"{DIRECT}.on", more, (), naming)
    more["missing"] = [str(network) for network in lacking or ()]
    more["paste"] = _remedy(tenant, naming, connectors)
    message = "rejects_part" if naming else "rejects_gateway"
    return tenant.said(Status.FAIL, f"{DIRECT}.{message}", more, ("rejects_gateway",), naming or connectors)


def _names_gateway(tenant: Tenant, connector: InboundConnector) -> bool:
    return tenant.holds_own(connector.sender_ip_addresses) or certificate_fits(
        tenant.environment, connector.tls_sender_certificate_name or ""
    )


def _networks(connector: InboundConnector) -> list[Any]:
    return list(connector.sender_ip_addresses.networks) if connector.sender_ip_addresses is not None else []


def _remedy(tenant: Tenant, naming: list[InboundConnector], connectors: tuple[InboundConnector, ...]) -> list[str]:
    """
    Name the gateway in its connector; where it has none, let direct mail in again until it is time to lock, and then make the lock.
    """
    partner = next((one for one in naming if is_partner(one)), None)
    if partner is not None:
        change = Change("Set-InboundConnector", partner.name)
        change.alter("SenderIPAddresses", ready(tenant.lacking(_networks(partner)) or ()))
        return change.script.lines
    if tenant.locking:
        return new_lock(tenant, [one.name for one in connectors]).lines
    change = Change(_CMDLET)
    change.switch("RejectDirectSend", to=False)
    return change.script.lines


CHECKS = (Check(DIRECT, "platform", judge, plan),)
