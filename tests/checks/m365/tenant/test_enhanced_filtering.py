"""
Enhanced Filtering: all of the gateway, for everyone.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

SKIP = "m365.enhanced_filtering"


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"Enabled": False, "EFSkipIPs": ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25"]}, ("off",)),
        ({"EFSkipIPs": ["195.130.217.0/24"]}, ("missing",)),
        ({"EFSkipIPs": ["195.130.217.0-195.130.217.255", "91.220.42.0/24"]}, ("missing",)),
        ({"EFUsers": ["a@alder.example", "b@alder.example"]}, ("users_set",)),
        ({"EFTestMode": True}, ("test_mode",)),
        ({"EFSkipLastIP": True}, ("skip_last_ip",)),
        ({"EFSkipLastIP": True, "EFSkipIPs": []}, ("skip_last_ip", "missing")),
        ({"SenderDomains": ["smtp:partner.example;1"]}, ("sender_domains",)),
        ({"AssociatedAcceptedDomains": ["other.example"]}, ("pilot_only",)),
        ({"EFUsers": ["a@alder.example"], "EFTestMode": True, "EFSkipIPs": ["91.220.42.0/24"]}, ("missing", "test_mode", "users_set")),
    ],
)
def test_enhanced_filtering(make: Any, changes: dict[str, Any], causes: tuple[str, ...]) -> None:
    """
    Each fault of Enhanced Filtering is named; the command puts it right and can be undone.
    """
    tenant = make.trusting(connectors=[make.connector(**{"EFSkipIPs": make.ranges, **changes})])
    finding = tenant.one(SKIP)

    assert ("fail", causes, "Mimecast inbound") == (finding.status, finding.causes, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(SKIP)
    tenant.undo(finding)
    assert causes == tenant.one(SKIP).causes


def test_a_connector_that_restricts_is_not_turned_on_early(make: Any) -> None:
    """
    No command turns on a connector that would lock the tenant before its time.
    """
    tenant = make.trusting(connectors=[make.lock(Enabled=False, EFSkipIPs=make.ranges)])

    assert ("fail", "off", "") == (*tenant.brief(SKIP), tenant.one(SKIP).words.paste)


@pytest.mark.parametrize(
    ("extra", "cause"), [("10.0.0.0/8", "private"), ("40.107.1.0/24", "microsoft_ranges"), ("41.74.206.0/24", "other_region")]
)
def test_skipping_too_much(make: Any, extra: str, cause: str) -> None:
    """
    Private, Microsoft's and other regions' addresses have no place among the hops to skip.
    """
    tenant = make.trusting(connectors=[make.connector(EFSkipIPs=[*make.ranges, extra])])

    assert ("warn", cause) == tenant.brief(SKIP)
    tenant.paste(tenant.one(SKIP))
    assert ("pass", None) == tenant.brief(SKIP)


def test_filtering_of_somebody_else(make: Any) -> None:
    """
    Enhanced Filtering for another service's addresses is not the gateway's.
    """
    other = make.connector(Name="Other", SenderIPAddresses=["192.0.2.0/24"], EFSkipIPs=["192.0.2.0/24"])

    assert "tenant" == make.trusting(connectors=[other]).one(SKIP).subject


def test_ranges_not_known_and_filtering_off(make: Any) -> None:
    """
    Where the ranges are not known, Enhanced Filtering that is off is still off, and no command is made up.
    """
    tenant = make.trusting(connectors=[make.connector()], parameters={"console_ranges": None}, mx={"alder.example": DnsOutcome.SERVFAIL})

    assert ("fail", "off", "") == (*tenant.brief(SKIP), tenant.one(SKIP).words.paste)


def test_untold_keys(make: Any) -> None:
    """
    Enhanced Filtering is not judged without the keys it rests on.
    """
    connector = make.connector(EFSkipIPs=make.ranges)
    del connector["EFUsers"]

    assert ("unknown", "not_in_export") == make.trusting(connectors=[connector]).brief(SKIP)
