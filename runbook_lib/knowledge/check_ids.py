"""
The checks and steps there are, by the ids that environment files and results use (contract section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STEPS = ("intake", "domain", "ranges", "platform", "route", "mx", "authentication", "lockdown", "summary")
"""
The steps of every runbook, in order.
"""
TENANT = "tenant"
"""
Subject of what is about a whole tenant, or about nothing that could be named. It is for programs; people are shown the title alone.
"""


class SubjectKind(StrEnum):
    """
    What the findings of a check are about, as far as it decides how a subject is spelt.
    """

    NAME = "name"
    ADDRESS = "address"
    REGION = "region"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CheckId:
    """
    One check as people and files name it.

    Args:
        id: For example ``mx.gateway``.
        step: The step it belongs to.
        subject: What its findings are about.
    """

    id: str
    step: str
    subject: SubjectKind


def _of(step: str, subject: SubjectKind, *ids: str) -> tuple[CheckId, ...]:
    return tuple(CheckId(check, step, subject) for check in ids)


CHECKS: dict[str, CheckId] = {
    check.id: check
    for check in (
        *_of("intake", SubjectKind.OTHER, "present.gateway"),
        *_of("domain", SubjectKind.NAME, "domain.delegation", "domain.validation"),
        *_of("ranges", SubjectKind.REGION, "ranges.current"),
        *_of("ranges", SubjectKind.OTHER, "allowlist.syntax", "allowlist.coverage", "allowlist.excess"),
        *_of("platform", SubjectKind.NAME, "m365.accepted_domains"),
        *_of(
            "platform",
            SubjectKind.OTHER,
            "m365.connection_filter",
            "m365.bypass_rule",
            "m365.enhanced_filtering",
            "m365.inbound_connector",
            "m365.direct_send",
            "google.allowlist",
            "google.inbound_gateway",
            "google.gateway_options",
            "google.internal_route",
            "exchange.receive_connector",
            "exchange.relay_rights",
            "exchange.certificate",
            "exchange.hybrid",
            "exchange.firewall",
            "hosted.confirmation",
        ),
        *_of("route", SubjectKind.NAME, "gateway.accepts", "route.host", "route.resolves"),
        *_of("route", SubjectKind.OTHER, "gateway.test_connection", "gateway.delivery_policy", "recipients.coverage"),
        *_of(
            "route",
            SubjectKind.ADDRESS,
            "route.connect",
            "route.greeting",
            "route.starttls",
            "route.tls_version",
            "route.certificate",
            "route.recipient",
            "route.unknown_recipient",
            "route.relay",
            "route.delivery",
        ),
        *_of("mx", SubjectKind.NAME, "mx.present", "mx.target", "mx.gateway", "mx.consistency", "mx.ttl", "mx.propagation"),
        *_of(
            "authentication",
            SubjectKind.NAME,
            "mta_sts.policy",
            "dane.tlsa",
            "dnssec.status",
            "tls_rpt.record",
            "spf.record",
            "dmarc.record",
        ),
        *_of("lockdown", SubjectKind.NAME, "lockdown.direct", "lockdown.scope"),
        *_of("lockdown", SubjectKind.OTHER, "senders.direct", "delivery.headers"),
    )
}
"""
Every check of the contract, by id.
"""
