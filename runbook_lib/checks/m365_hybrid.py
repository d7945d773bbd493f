"""
What a lock on Exchange Online means for a customer who also has Exchange on-premises.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..exports import InboundConnector, OutboundConnector
from .m365_view import is_on_premises


def attributing(connectors: Iterable[InboundConnector]) -> tuple[InboundConnector, ...]:
    """
    Connectors by whose certificate Exchange Online knows mail from on-premises as the organisation's own.

    A Partner connector for every domain that is restricted rejects mail from on-premises unless one of these takes it first (Microsoft:
    set up connectors to route mail between Microsoft 365 and your own email servers).
    """
    return tuple(one for one in connectors if is_on_premises(one) and one.enabled is not False and one.tls_sender_certificate_name)


def centralised(connectors: Iterable[OutboundConnector]) -> tuple[OutboundConnector, ...]:
    """
    Connectors that send all mail of the tenant through the servers on-premises (centralised mail transport).
    """
    return tuple(one for one in connectors if one.enabled is not False and one.route_all_messages_via_on_premises)
