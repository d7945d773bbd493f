"""
What the exported configuration says of the lock at one door, to be held against what the door itself says.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..environment import DomainScope
from ..exports.microsoft import InboundConnector, TransportRule
from ..knowledge.platforms import provider_of
from .case import Case
from .mail_rules import begun, keeps_strangers_out
from .route_view import AddressView
from .tied import ties


def exported_lock(case: Case, view: AddressView, scopes: Iterable[DomainScope]) -> InboundConnector | None:
    """
    The exported connector that shuts a door to everybody but the gateway for all of some domains; None where there is none.

    It rejects others where it is enabled, of type Partner, for sender domain ``*``, and restricted to addresses or to a certificate
    (New-InboundConnector). Limited to some accepted domains, it holds for those alone.
    """
    if not _of_microsoft(view):
        return None
    scopes = tuple(scopes)
    return next((each for each in case.exports.inbound_connectors or () if shuts(each) and _for_all(each, scopes)), None)


def exported_rule(case: Case, view: AddressView, scopes: Iterable[DomainScope]) -> TransportRule | None:
    """
    The exported mail flow rule that keeps everybody but certain addresses out, for all of some domains; None where there is none.
    """
    if not _of_microsoft(view):
        return None
    scopes = tuple(scopes)
    for each in case.exports.transport_rules or ():
        domains = {domain.lower().rstrip(".") for domain in each.recipient_domain_is or ()}
        for_all = not each.sender_domain_is and (not domains or all({scope.name, scope.unicode} & domains for scope in scopes))
        if for_all and begun(each, case.now) and keeps_strangers_out(each, case.now):
            return each
    return None


def exported_open(case: Case, view: AddressView) -> bool:
    """
    True where the connectors were exported, and neither they nor the exported rules turn anybody away.
    """
    if case.exports.inbound_connectors is None or not _of_microsoft(view):
        return False
    by_rule = any(tie.kind == "rule" for tie in ties(case.environment, case.exports, (), case.now))
    return not by_rule and not any(map(shuts, case.exports.inbound_connectors))


def shuts(connector: InboundConnector) -> bool:
    """
    True for a connector that rejects whatever is not from the addresses or with the certificate it names.
    """
    everybody = any(space.domain == "*" for space in connector.sender_domains or ())
    by_address = bool(connector.restrict_domains_to_ip_addresses and connector.sender_ip_addresses)
    by_certificate = bool(connector.restrict_domains_to_certificate)
    partner = (connector.connector_type or "").casefold() == "partner"
    return connector.enabled is not False and partner and everybody and (by_address or by_certificate)


def _for_all(connector: InboundConnector, scopes: tuple[DomainScope, ...]) -> bool:
    named = connector.holds_for
    return not named or all({scope.name, scope.unicode.lower()} & named for scope in scopes)


def _of_microsoft(view: AddressView) -> bool:
    found = provider_of(view.host)
    return found is not None and found.code == "microsoft"
