"""
Every check there is, in the order in which a report shows them within a step.
"""

from __future__ import annotations

from . import (
    allowlist,
    authentication,
    delivery,
    dnssec,
    domain,
    exchange,
    gateway,
    google,
    lockdown,
    m365,
    manual,
    mx,
    present,
    ranges,
    recipients,
    route,
    scope,
    senders,
)
from .case import Check

CHECKS: tuple[Check, ...] = (
    *domain.CHECKS,
    *ranges.CHECKS,
    *allowlist.CHECKS,
    *present.CHECKS,
    *manual.CHECKS,
    *m365.CHECKS,
    *google.CHECKS,
    *exchange.CHECKS,
    *gateway.CHECKS,
    *recipients.CHECKS,
    *route.CHECKS,
    *mx.CHECKS,
    *authentication.CHECKS,
    *dnssec.CHECKS,
    *senders.CHECKS,
    *scope.CHECKS,
    *lockdown.CHECKS,
    *delivery.CHECKS,
)
