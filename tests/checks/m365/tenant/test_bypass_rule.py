"""
Bypass rules: exactly the gateway, at work, and nobody else.
"""

from __future__ import annotations

from typing import Any

import pytest

RULE = "m365.bypass_rule"
NOT_NEEDED = ("not_applicable", "trusted_otherwise")


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"SenderIpRanges": ["195.130.217.0/24", "91.220.42.0/24"]}, ("missing",)),
        ({"ExceptIfSenderIpRanges": ["91.220.42.16/28"]}, ("missing",)),
        ({"State": "Disabled"}, ("disabled",)),
        ({"Mode": "Audit"}, ("audit",)),
        ({"Mode": "AuditAndNotify", "SenderIpRanges": ["195.130.217.0/24"]}, ("audit", "missing")),
        ({"ExpiryDate": "2026-11-01T00:00:00Z"}, ("expired",)),
        ({"ActivationDate": "2026-12-01T00:00:00Z"}, ("not_yet_active",)),
        ({"SubjectContainsWords": ["news"]}, ("narrowed",)),
        ({"RecipientDomainIs": ["other.example"]}, ("narrowed",)),
        ({"FromScope": "InOrganization"}, ("narrowed",)),
        ({"AttachmentHasExecutableContent": True}, ("narrowed",)),
        ({"Conditions": ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.SomethingNewPredicate"]}, ("narrowed",)),
        ({"ExceptIfRecipientDomainIs": ["alder.example"]}, ("narrowed",)),
        ({"ExceptIfSentTo": ["anna@alder.example"]}, ("narrowed",)),
        ({"Exceptions": ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.SentToPredicate"]}, ("narrowed",)),
    ],
)
def test_bypass_rule(make: Any, changes: dict[str, Any], causes: tuple[str, ...]) -> None:
    """
    Each fault of a bypass rule is named; the command puts it right.
    """
    tenant = make.trusting(rules=[make.rule(**changes)])
    finding = tenant.one(RULE)

    assert ("fail", causes, "Mimecast bypass") == (finding.status, finding.causes, finding.subject)
    tenant.paste(finding)
    assert {"pass"} == {found.status for found in tenant.judge(RULE).values() if found.status != "not_applicable"}
    tenant.undo(finding)
    assert causes == tenant.one(RULE).causes


@pytest.mark.parametrize(
    "changes",
    [
        {"FromScope": "NotInOrganization"},
        {"RecipientDomainIs": ["alder.example", "other.example"]},
        {"ExpiryDate": "2027-11-01T00:00:00Z", "ActivationDate": "2026-11-01T00:00:00Z"},
        {"ExceptIfSenderIpRanges": ["192.0.2.1"]},
        {"ExceptIfRecipientDomainIs": ["other.example"]},
        {"Conditions": ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.SenderIpRangesPredicate"]},
    ],
)
def test_conditions_that_leave_a_rule_sound(make: Any, changes: dict[str, Any]) -> None:
    """
    Conditions that hold for all mail from the gateway do no harm.
    """
    assert ("pass", None) == make.trusting(rules=[make.rule(**changes)]).brief(RULE)


@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
@pytest.mark.parametrize(
    "changes",
    [
        {"SenderIpRanges": None},
        {"SenderIpRanges": [], "SubjectContainsWords": ["invoice"]},
        {"SenderIpRanges": ["0.0.0.0-255.255.255.255"]},
        {"SenderIpRanges": None, "ActivationDate": "2026-12-01T00:00:00Z"},
    ],
)
def test_open_bypass(make: Any, phase: str, changes: dict[str, Any]) -> None:
    """
    SCL -1 without an address that keeps anybody out fails in every phase, beside a sound way too.
    """
    tenant = make.trusting(phase=phase, rules=[make.rule(Name="Trust all", **changes)], policies=[make.policy(*make.ranges)])
    finding = tenant.one(RULE)

    assert ("fail", "open_bypass", "Trust all") == (finding.status, finding.cause, finding.subject)
    tenant.paste(finding)
    assert NOT_NEEDED == tenant.brief(RULE)


@pytest.mark.parametrize("changes", [{"State": "Disabled"}, {"Mode": "Audit"}, {"FromScope": "InOrganization"}, {"SetSCL": 5}])
def test_rules_that_open_nothing(make: Any, changes: dict[str, Any]) -> None:
    """
    A rule that is off, only tested, for mail from inside, or with another SCL opens nothing.
    """
    tenant = make.trusting(rules=[make.rule(SenderIpRanges=None, **changes)], policies=[make.policy(*make.ranges)])

    assert NOT_NEEDED == tenant.brief(RULE)


@pytest.mark.parametrize(
    ("earlier", "status", "cause"),
    [
        ({"FromScope": "NotInOrganization"}, "fail", "shadowed"),
        ({}, "fail", "shadowed"),
        ({"SenderIpRanges": ["91.220.42.0/24"]}, "fail", "shadowed"),
        ({"RecipientDomainIs": ["alder.example"]}, "fail", "shadowed"),
        ({"SubjectContainsWords": ["news"]}, "warn", "shadowed"),
        ({"RecipientDomainIs": ["other.example"]}, "warn", "shadowed"),
        ({"SenderIpRanges": ["192.0.2.0/24"]}, "pass", None),
        ({"FromScope": "InOrganization"}, "pass", None),
        ({"State": "Disabled"}, "pass", None),
        ({"StopRuleProcessing": False}, "pass", None),
        ({"Priority": 7}, "pass", None),
    ],
)
def test_shadowed(make: Any, earlier: dict[str, Any], status: str, cause: str | None) -> None:
    """
    An earlier rule that stops processing shadows the bypass, wholly or in part; one that takes other mail does not.
    """
    first = make.rule(**{"Name": "Stop", "SetSCL": None, "SenderIpRanges": None, "StopRuleProcessing": True, **earlier})
    tenant = make.trusting(rules=[make.rule(Priority=3), first])
    finding = tenant.one(RULE)

    assert (status, cause) == (finding.status, finding.cause)
    if cause:
        tenant.rules[1]["Priority"] = 1
        tenant.paste(finding)
        assert ("pass", None) == tenant.brief(RULE)


def test_ranges_spread_over_rules(make: Any) -> None:
    """
    Several rules count together; what they lack together is told once.
    """
    first, second = make.rule(Name="A", SenderIpRanges=make.ranges[:1]), make.rule(Name="B", SenderIpRanges=make.ranges[1:2], Priority=1)
    third = make.rule(Name="C", SenderIpRanges=make.ranges[2:], Priority=2)
    whole = make.trusting(rules=[first, second, third]).judge(RULE)
    part = make.trusting(rules=[first, second]).judge(RULE)

    assert {"A": "pass", "B": "pass", "C": "pass"} == {key: each.status.value for key, each in whole.items()}
    assert {"A": "fail", "B": "not_applicable"} == {key: each.status.value for key, each in part.items()}


def test_rule_for_somebody_else(make: Any) -> None:
    """
    A bypass for other addresses is nobody's concern here.
    """
    tenant = make.trusting(rules=[make.rule(SenderIpRanges=["192.0.2.9"])], policies=[make.policy(*make.ranges)])

    assert ("not_applicable", "tenant") == (tenant.one(RULE).status, tenant.one(RULE).subject)


def test_rule_with_too_much(make: Any) -> None:
    """
    A rule that bypasses the filter for more than the gateway is warned of.
    """
    tenant = make.trusting(rules=[make.rule(SenderIpRanges=[*make.ranges, "192.0.2.9"])])

    assert ("warn", "excess") == tenant.brief(RULE)
    tenant.paste(tenant.one(RULE))
    assert ("pass", None) == tenant.brief(RULE)
