"""
``google.*``: Google Workspace as pasted and exported.
"""

from __future__ import annotations

from . import google_lists, google_options, google_route
from .case import Check

CHECKS: tuple[Check, ...] = (
    Check("google.allowlist", "platform", google_lists.judge_allowlist, google_lists.plan_allowlist),
    Check("google.inbound_gateway", "platform", google_lists.judge_gateway, google_lists.plan_gateway),
    Check("google.gateway_options", "platform", google_options.judge, google_options.plan),
    Check("google.internal_route", "platform", google_route.judge, google_route.plan),
)
