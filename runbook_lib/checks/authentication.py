"""
The authentication step: what a domain publishes about its mail. ``dnssec.status`` is judged in its own module.
"""

from __future__ import annotations

from . import dane, dmarc, mta_sts, spf, tls_rpt
from .case import Check

CHECKS: tuple[Check, ...] = (*mta_sts.CHECKS, *dane.CHECKS, *tls_rpt.CHECKS, *spf.CHECKS, *dmarc.CHECKS)
