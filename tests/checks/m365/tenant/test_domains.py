"""
Accepted domains and Reject Direct Send.
"""

from __future__ import annotations

from typing import Any

import pytest

DOMAINS, DIRECT = "m365.accepted_domains", "m365.direct_send"
MOVED = {"alder.example": ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")}
HYBRID = {"platform": "hybrid", "inbound_host": "mail.alder.example"}
RELAY = {"DomainType": "InternalRelay"}


def test_no_export_is_for_a_person(make: Any) -> None:
    """
    Without an export of the domains or of the organisation a person has to look.
    """
    assert ("manual", "m365.accepted_domains.manual") == (make.tenant().one(DOMAINS).status, make.tenant().one(DOMAINS).message.id)
    assert "m365.direct_send.manual_lockdown" == make.tenant("lockdown").one(DIRECT).message.id


def test_accepted(make: Any) -> None:
    """
    An authoritative domain passes under its own name, in either spelling, and nothing is asked.
    """
    tenant = make.tenant(domains=[make.domain(DomainName="BÜCHER.example")], parameters={"domains": ["xn--bcher-kva.example"]})

    assert {"xn--bcher-kva.example": "pass"} == {key: each.status.value for key, each in tenant.judge(DOMAINS).items()}
    assert [] == tenant.asked


@pytest.mark.parametrize("changes", [{"DomainName": "other.example"}, {"PendingRemoval": True}, {"OutboundOnly": True}])
def test_absent(make: Any, changes: dict[str, Any]) -> None:
    """
    A domain that is not accepted, is being removed or only sends fails.
    """
    found = make.tenant(domains=[make.domain(**changes)]).one(DOMAINS)

    assert ("fail", "absent", "alder.example") == (found.status, found.cause, found.subject)
    assert found.evidence


@pytest.mark.parametrize(("subdomains", "status"), [(True, "pass"), (False, "fail")])
def test_subdomain(make: Any, subdomains: bool, status: str) -> None:
    """
    A subdomain is accepted by its parent only where that takes subdomains.
    """
    tenant = make.tenant(domains=[make.domain(MatchSubDomains=subdomains)], parameters={"domains": ["mail.alder.example"]})

    assert status == tenant.one(DOMAINS).status


def test_external_relay(make: Any) -> None:
    """
    An external relay keeps no mail; the command makes it authoritative.
    """
    tenant = make.tenant(domains=[make.domain(DomainType="ExternalRelay")])

    assert ("fail", "external_relay") == tenant.brief(DOMAINS)
    tenant.paste(tenant.one(DOMAINS))
    assert ("pass", None) == tenant.brief(DOMAINS)


@pytest.mark.parametrize(
    ("outbound", "mx", "status", "cause"),
    [
        (None, {}, "warn", "internal_relay"),
        (None, MOVED, "warn", "internal_relay"),
        ([], {}, "warn", "internal_relay"),
        ([], MOVED, "fail", "loop"),
        ([{}], MOVED, "warn", "internal_relay"),
        ([{"Enabled": False}], MOVED, "fail", "loop"),
        ([{"RecipientDomains": ["other.example"]}], MOVED, "fail", "loop"),
        ([{"SmartHosts": ["eu-smtp-outbound-1.mimecast.com"]}], {}, "fail", "loop"),
        ([{"SmartHosts": [], "UseMXRecord": True}], MOVED, "fail", "loop"),
        ([{"SmartHosts": [], "UseMXRecord": True}], {}, "warn", "internal_relay"),
        (
            [{"RecipientDomains": ["smtp:*;1"], "SmartHosts": ["eu-smtp-inbound-1.mimecast.com"]}, {"Name": "Own"}],
            MOVED,
            "warn",
            "internal_relay",
        ),
        ([{"AllAcceptedDomains": True, "RecipientDomains": []}], MOVED, "warn", "internal_relay"),
        ([{"IsTransportRuleScoped": True}], MOVED, "fail", "loop"),
    ],
)
def test_internal_relay(make: Any, outbound: Any, mx: Any, status: str, cause: str) -> None:
    """
    An internal relay loops where what is unknown goes on to the gateway, by MX or by a connector; else it is warned of in the cloud.
    """
    connectors = None if outbound is None else [make.outbound(**each) for each in outbound]
    mx = mx or {"alder.example": ("mail.alder.example",)}
    tenant = make.tenant("cutover", domains=[make.domain(**RELAY)], outbound=connectors, mx=mx)

    assert (status, cause) == tenant.brief(DOMAINS)
    tenant.paste(tenant.one(DOMAINS))
    assert ("pass", None) == tenant.brief(DOMAINS)


def test_internal_relay_of_a_hybrid(make: Any) -> None:
    """
    With mailboxes in two places an internal relay fits, if a connector leads to the other place.
    """
    tenant = make.tenant("lockdown", domains=[make.domain(**RELAY)], outbound=[make.outbound()], mx=MOVED, parameters=HYBRID)

    assert ("pass", None) == tenant.brief(DOMAINS)


def test_unreadable_type_and_empty_export(make: Any) -> None:
    """
    A type that is left out and an export without domains say nothing.
    """
    domain = make.domain()
    domain["DomainType"] = None

    assert ("unknown", "not_in_export") == make.tenant(domains=[domain]).brief(DOMAINS)
    assert ("unknown", "empty_export") == make.tenant(domains=[]).brief(DOMAINS)


def test_parked_domains_need_none(make: Any) -> None:
    """
    A domain without mail is not looked for.
    """
    keys = {"domains": ["alder.example", {"name": "parked.example", "role": "parked"}]}

    assert {"alder.example"} == set(make.tenant(domains=[make.domain()], parameters=keys).judge(DOMAINS))


@pytest.mark.parametrize(
    ("phase", "on", "connectors", "expected"),
    [
        ("prepare", False, None, ("pass", None)),
        ("cutover", False, None, ("pass", None)),
        ("lockdown", False, None, ("warn", "off")),
        ("prepare", True, None, ("manual", "connectors_not_given")),
        ("prepare", True, [], ("fail", "rejects_gateway")),
        ("cutover", True, [{}], ("fail", "rejects_gateway")),
        ("lockdown", True, [], ("fail", "rejects_gateway")),
        ("prepare", True, [{"SenderIPAddresses": ["195.130.217.0/24"]}], ("fail", "rejects_gateway")),
        ("lockdown", True, [{"SenderIPAddresses": ["195.130.217.0/24"]}], ("fail", "rejects_gateway")),
        ("prepare", True, [{"SenderIPAddresses": "all", "Enabled": False}], ("fail", "rejects_gateway")),
        ("prepare", True, [{"SenderIPAddresses": "all"}], ("pass", None)),
        ("lockdown", True, [{"TlsSenderCertificateName": "*.mimecast.com"}], ("pass", None)),
        ("lockdown", True, [{"TlsSenderCertificateName": "*.mimecast.co.za"}], ("fail", "rejects_gateway")),
    ],
)
def test_direct_send(make: Any, phase: str, on: bool, connectors: Any, expected: tuple[str, str | None]) -> None:
    """
    Reject Direct Send waits for a connector that names the gateway, and is wanted at the end; the command puts it right.
    """
    made = None
    if connectors is not None:
        made = [
            make.connector(**{**each, **({"SenderIPAddresses": make.ranges} if each.get("SenderIPAddresses") == "all" else {})})
            for each in connectors
        ]
    tenant = make.tenant(phase, organization=make.organization(RejectDirectSend=on), connectors=made)
    finding = tenant.one(DIRECT)

    assert (*expected, "tenant") == (finding.status, finding.cause, finding.subject)
    if expected[0] in ("warn", "fail"):
        tenant.connectors = tenant.connectors if tenant.connectors is not None else [make.lock()]
        tenant.paste(finding)
        assert ("pass", None) == tenant.brief(DIRECT)
        tenant.undo(finding)
        assert expected == tenant.brief(DIRECT)


def test_direct_send_is_not_told(make: Any) -> None:
    """
    An export of the organisation that leaves the setting out, as ScubaGear's does, is for a person.
    """
    organization = [{"Name": "alder.onmicrosoft.example", "HybridConfigurationStatus": "NotConfigured"}]

    assert ("manual", "m365.direct_send.untold") == (
        make.tenant(organization=organization).one(DIRECT).status,
        make.tenant(organization=organization).one(DIRECT).message.id,
    )
    assert ("unknown", "empty_export") == make.tenant(organization=[]).brief(DIRECT)


def test_direct_send_is_settling(make: Any) -> None:
    """
    A setting of the organisation younger than an hour is not yet an answer.
    """
    tenant = make.tenant(organization=make.organization(WhenChanged="2026-11-24T21:40:00Z"))

    assert ("unknown", "settling") == tenant.brief(DIRECT)
