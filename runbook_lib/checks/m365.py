"""
``m365.*``: what a Microsoft 365 tenant's exported configuration says, held against what the gateway needs and what the phase allows.
"""

from __future__ import annotations

from ..exports import Kind
from ..observations import Plan
from ..results import Finding
from . import m365_connectors, m365_direct, m365_domains
from .case import Case, Check
from .m365_filter import filter_way
from .m365_rules import rule_way
from .m365_skip import skip_way
from .m365_trust import FILTER, RULE, SKIP, decide
from .m365_view import plan_ranges, see_tenant
from .ranges import Reference
from .tenant import not_concerned

_TRUST = (Kind.CONNECTION_FILTER_POLICIES, Kind.TRANSPORT_RULES, Kind.INBOUND_CONNECTORS)


def plan_trust(case: Case) -> Plan[Reference | None]:
    """
    The questions of the three ways of trust: the required ranges.
    """
    return (yield from plan_ranges(case, *_TRUST))


def judge_trust(case: Case, check: Check) -> list[Finding]:
    """
    Judge one of the three ways of trust in the light of the other two.
    """
    tenant = see_tenant(case, *_TRUST)
    if tenant is None:
        return [not_concerned(case, check)]
    return decide(tenant, check, (filter_way(tenant), rule_way(tenant), skip_way(tenant)))


CHECKS: tuple[Check, ...] = (
    *(Check(key, "platform", judge_trust, plan_trust) for key in (FILTER, RULE, SKIP)),
    *m365_connectors.CHECKS,
    *m365_domains.CHECKS,
    *m365_direct.CHECKS,
)
