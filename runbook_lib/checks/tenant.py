"""
What the checks of a whole tenant have in common: whom they concern, by platform and phase.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..environment import DomainScope, Phase, Platform
from ..knowledge import check_ids
from ..knowledge.gateway import gateway
from ..results import Finding, Status
from .case import Case, Check
from .dns_facts import shown
from .mx_gateway import expected_hosts
from .route_view import mail_scopes

TENANT = check_ids.TENANT
_FAMILIES = {
    Platform.MICROSOFT_365: ("microsoft",),
    Platform.GOOGLE_WORKSPACE: ("google",),
    Platform.ON_PREMISES: ("exchange",),
    Platform.HYBRID: ("exchange", "microsoft"),
    Platform.HOSTED_EXCHANGE: ("provider",),
}
_OTHERWISE = {("lock", Platform.HYBRID): ("hybrid", "microsoft")}
"""
What a platform does its own way.
"""


def ways(about: str, scopes: Iterable[DomainScope]) -> list[str]:
    """
    How something is done on the platforms of some domains, and on no others.

    Args:
        about: What, for example ``lock``.
        scopes: The domains.

    Returns:
        Names of ``words.way``, for the form ``:way`` of a text.
    """
    return list(dict.fromkeys(f"{about}_{family}" for scope in scopes for family in _families(about, scope.platform)))


def _families(about: str, platform: Platform) -> tuple[str, ...]:
    return _OTHERWISE.get((about, platform), _FAMILIES[platform])


def furthest(scopes: Iterable[DomainScope]) -> Phase:
    """
    The furthest phase of some domains.
    """
    return Phase.furthest(scope.phase for scope in scopes)


def concerned(case: Case, platforms: Iterable[str]) -> tuple[DomainScope, ...]:
    """
    The domains with mail that are on one of these platforms; on any where none is named.
    """
    wanted = set(platforms)
    return tuple(scope for scope in mail_scopes(case.environment) if not wanted or scope.platform.value in wanted)


def not_concerned(case: Case, check: Check) -> Finding:
    """
    The finding of a check that concerns no domain of this environment.
    """
    mail = mail_scopes(case.environment)
    if not mail:
        domains = [shown(scope) for scope in case.environment.scopes]
        roles = list(dict.fromkeys(scope.role.value for scope in case.environment.scopes))
        return check.finding(TENANT, Status.NOT_APPLICABLE, "common.parked", {"domain": domains, "role": roles}, causes=("no_mail",))
    platforms = list(dict.fromkeys(scope.platform.value for scope in mail))
    return check.finding(TENANT, Status.NOT_APPLICABLE, "common.other_platform", {"platform": platforms}, causes=("other_platform",))


def facts(case: Case, scopes: Iterable[DomainScope]) -> dict[str, object]:
    """
    What the words about a tenant need.
    """
    environment = case.environment
    mine = tuple(scopes)
    return {
        "gateway": gateway().name,
        "region": environment.region,
        "gateway_hosts": list(expected_hosts(environment)),
        "hosts": list(dict.fromkeys(scope.inbound_host for scope in mine)),
        "domains": [shown(scope) for scope in mine],
        "phase": furthest(mine).value,
        "policy": environment.delivery_policy.value if environment.delivery_policy is not None else "-",
    }
