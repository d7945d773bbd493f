"""
``exchange.*`` and ``hosted.*``: servers of the customer's own, as exported, and what only people can confirm.
"""

from __future__ import annotations

from . import exchange_certificate, exchange_connector, exchange_firewall, exchange_hybrid, exchange_rights
from .case import Check
from .exchange_view import plan_connectors

CHECKS: tuple[Check, ...] = (
    Check("exchange.receive_connector", "platform", exchange_connector.judge, plan_connectors),
    Check("exchange.relay_rights", "platform", exchange_rights.judge, plan_connectors),
    Check("exchange.certificate", "platform", exchange_certificate.judge, plan_connectors),
    Check("exchange.hybrid", "platform", exchange_hybrid.judge, exchange_hybrid.plan),
    Check("exchange.firewall", "platform", exchange_firewall.judge_firewall, exchange_firewall.plan_firewall, everywhere=True),
    Check("hosted.confirmation", "platform", exchange_firewall.judge_hosted, exchange_firewall.plan_hosted, everywhere=True),
)
