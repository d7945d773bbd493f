"""
Mail flow rules that keep strangers out: the other way, beside a connector, to lock a tenant. They turn mail away behind DATA, so no SMTP
dialogue that ends at RCPT shows them. Source: Microsoft, Manage mail flow using a third-party cloud service.
"""

from __future__ import annotations

from datetime import datetime

from ..exports.microsoft import TransportRule

_WHOSE_MAIL = {"FromScope", "SentToScope", "RecipientDomainIs", "SenderDomainIs"}
"""
Conditions that say whose mail a rule is for; any other one looks at what is in it.
"""
_INSIDE = "inorganization"


def keeps_strangers_out(rule: TransportRule, now: datetime) -> bool:
    """
    True for a rule that turns away whatever comes from outside and not from the addresses it excepts, for whole domains.

    Args:
        rule: As exported.
        now: A rule that has ended keeps nobody out; one that begins later will.
    """
    turns_away = bool(rule.reject_message_reason_text or rule.delete_message or rule.quarantine or rule.redirect_message_to)
    idle = rule.state == "Disabled" or rule.mode not in (None, "Enforce") or (rule.expiry_date is not None and rule.expiry_date <= now)
    for_own_mail = (rule.from_scope or "").casefold() == _INSIDE or (rule.sent_to_scope or "").casefold() not in ("", _INSIDE)
    content = set(rule.looks_at) - _WHOSE_MAIL
    return bool(rule.except_if_sender_ip_ranges) and turns_away and not idle and not for_own_mail and not content


def begun(rule: TransportRule, now: datetime) -> bool:
    """
    True where a rule is at work already.
    """
    return rule.activation_date is None or rule.activation_date <= now
