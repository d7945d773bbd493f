"""
The way from the gateway to the platform: `route.*`, one finding for each inbound host or for each of its addresses.
"""

from __future__ import annotations

from ..results import Finding, Status
from .case import Case, Check
from .route_hosts import judge_host, judge_resolves, not_mail
from .route_reach import connect_said, each_address, greeting_said
from .route_recipient import delivery_said, recipient_said, relay_said, unknown_said
from .route_tls import certificate_said, starttls_said, tls_version_said
from .route_view import in_order, see_routes

_deliver = each_address(delivery_said)


def _judge_delivery(case: Case, check: Check) -> list[Finding]:
    if case.environment.send_test_message:
        return _deliver(case, check)
    routes = case.replay(see_routes(case))
    hosts = [
        check.finding(subject, Status.NOT_APPLICABLE, "not_asked_for", {"host": host.host}, causes=("not_asked_for",))
        for host in routes.hosts
        for subject in in_order(host.resolved.addresses) or (host.host,)
    ]
    unique = {finding.subject: finding for finding in hosts}
    return list(unique.values()) or not_mail(case, check)


CHECKS: tuple[Check, ...] = (
    Check("route.host", "route", judge_host, see_routes),
    Check("route.resolves", "route", judge_resolves, see_routes),
    Check("route.connect", "route", each_address(connect_said, after=""), see_routes),
    Check("route.greeting", "route", each_address(greeting_said, after="route.connect"), see_routes),
    Check("route.starttls", "route", each_address(starttls_said), see_routes),
    Check("route.tls_version", "route", each_address(tls_version_said), see_routes),
    Check("route.certificate", "route", each_address(certificate_said), see_routes),
    Check("route.recipient", "route", each_address(recipient_said), see_routes),
    Check("route.unknown_recipient", "route", each_address(unknown_said), see_routes),
    Check("route.relay", "route", each_address(relay_said), see_routes),
    Check("route.delivery", "route", _judge_delivery, see_routes),
)
