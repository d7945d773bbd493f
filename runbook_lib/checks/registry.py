"""
Every check there is, in the order in which a report shows them within a step.
"""

from __future__ import annotations

from . import allowlist, authentication, dnssec, domain, gateway, google, lockdown, manual, mx, ranges, route
from .case import Check

CHECKS: tuple[Check, ...] = (
    *domain.CHECKS,
    *ranges.CHECKS,
    *allowlist.CHECKS,
    *manual.CHECKS,
    *google.CHECKS,
    *gateway.CHECKS,
    *route.CHECKS,
    *mx.CHECKS,
    *authentication.CHECKS,
    *dnssec.CHECKS,
    *lockdown.CHECKS,
)
