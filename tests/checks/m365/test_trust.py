"""
The three ways of trust: one sound way is enough, one fault is told once, and what does harm is told always.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

FILTER, RULE, SKIP = "m365.connection_filter", "m365.bypass_rule", "m365.enhanced_filtering"
NOT_NEEDED = ("not_applicable", "trusted_otherwise")


def test_no_export_is_for_a_person(make: Any) -> None:
    """
    Without exports each of the three waits for a person, and nothing is asked.
    """
    tenant = make.tenant()

    assert {("manual", None)} == set(tenant.trust().values())
    assert "m365.connection_filter.manual" == tenant.one(FILTER).message.id
    assert [] == tenant.asked


def test_other_platforms_are_not_concerned(make: Any) -> None:
    """
    Where no domain is on Microsoft 365 there is nothing to judge.
    """
    tenant = make.trusting(parameters={"platform": "on_premises", "inbound_host": "mail.alder.example"})

    assert {("not_applicable", "other_platform")} == set(tenant.trust().values())


@pytest.mark.parametrize(
    ("way", "exports"),
    [
        ("connection_filter", {"policies": "policy"}),
        ("bypass_rule", {"rules": "rule"}),
        ("enhanced_filtering", {"connectors": "connector"}),
    ],
)
@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
def test_one_sound_way_is_enough(make: Any, way: str, exports: dict[str, str], phase: str) -> None:
    """
    Each way passes when it is sound, in every phase, and the others are not needed.
    """
    sound = {"policy": make.policy(*make.ranges), "rule": make.rule(), "connector": make.connector(EFSkipIPs=make.ranges)}
    tenant = make.trusting(phase=phase, **{key: [sound[kind]] for key, kind in exports.items()})
    found = tenant.trust()

    assert ("pass", None) == found.pop(way)
    assert {NOT_NEEDED[0]} == {status for status, _ in found.values()}
    assert {NOT_NEEDED[1]} == {cause for _, cause in found.values()}


def test_nothing_at_all_fails_once(make: Any) -> None:
    """
    Where nothing trusts the gateway one finding fails, the one the procedure begins with, and its command puts it right.
    """
    tenant = make.trusting()
    found = tenant.trust()

    assert ("fail", "missing") == found["connection_filter"]
    assert ["fail", "not_applicable", "not_applicable"] == sorted(status for status, _ in found.values())
    tenant.paste(tenant.one(FILTER))
    assert ("pass", None) == tenant.brief(FILTER)


def test_connector_without_filtering_fails_once(make: Any) -> None:
    """
    Where the gateway's connector is there and nothing trusts it, Enhanced Filtering is what is missing.
    """
    tenant = make.trusting(connectors=[make.connector()])
    found = tenant.trust()

    assert ("fail", "off") == found["enhanced_filtering"]
    assert ["fail", "not_applicable", "not_applicable"] == sorted(status for status, _ in found.values())
    tenant.paste(tenant.one(SKIP))
    assert ("pass", None) == tenant.brief(SKIP)


def test_nothing_found_in_part_of_the_exports_is_for_a_person(make: Any) -> None:
    """
    An empty allow list is right where another way does the work: without the other exports a person has to look.
    """
    tenant = make.tenant(policies=[make.policy()])

    assert {"connection_filter": ("manual", "missing"), "bypass_rule": ("manual", None), "enhanced_filtering": ("manual", None)} == (
        tenant.trust()
    )


def test_ways_that_were_not_exported_ask_for_what_could_still_do_harm(make: Any) -> None:
    """
    With one sound way the others, not exported, still wait for a person, who is told that only harm is to be ruled out.
    """
    tenant = make.tenant(policies=[make.policy(*make.ranges)])

    assert "m365.bypass_rule.manual_trusted" == tenant.one(RULE).message.id
    assert "m365.enhanced_filtering.manual_trusted" == tenant.one(SKIP).message.id


@pytest.mark.parametrize(
    ("policy", "cause"),
    [
        ({"IPAllowList": ["195.130.217.0/24"]}, "missing"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.42.0/25", "213.167.81.0/25"]}, "missing"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.40.0/22", "213.167.81.0/25"]}, "too_wide"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25", "2001:db8::/64"]}, "too_wide"),
        ({"IPAllowList": ["195.130.217.0-195.130.218.10", "91.220.42.0/24", "213.167.81.0/25"]}, "too_wide"),
        ({"IPBlockList": ["91.220.42.7"], "IPAllowList": ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25"]}, "blocked"),
    ],
)
def test_connection_filter(make: Any, policy: dict[str, Any], cause: str) -> None:
    """
    Each fault of the allow and block lists is named, and the command that is given puts it right and can be undone.
    """
    tenant = make.trusting(policies=[make.policy(**policy)])
    finding = tenant.one(FILTER)
    before = tenant.policies[0].copy()

    assert ("fail", cause, "Default") == (finding.status, finding.cause, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(FILTER)
    tenant.undo(finding)
    assert {key: sorted(value) if isinstance(value, list) else value for key, value in before.items()} == {
        key: sorted(value) if isinstance(value, list) else value for key, value in tenant.policies[0].items()
    }


def test_over_the_limit(make: Any) -> None:
    """
    More than 1273 entries fail, though they cover what is required.
    """
    many = [f"10.{high}.{low}.1" for high in range(5) for low in range(256)]
    tenant = make.trusting(policies=[make.policy(*make.ranges, *many)])

    assert ("fail", "over_limit") == tenant.brief(FILTER)


def test_a_range_of_256_addresses_is_taken(make: Any) -> None:
    """
    A range of exactly 256 addresses is what Exchange Online still takes.
    """
    tenant = make.trusting(policies=[make.policy("195.130.217.0-195.130.217.255", *make.ranges[1:])])

    assert ("pass", None) == tenant.brief(FILTER)


def test_blocked_fails_whatever_else_is_sound(make: Any) -> None:
    """
    A blocked gateway address fails beside sound Enhanced Filtering, and the command touches the block list alone.
    """
    policy = make.policy(IPBlockList=["198.51.100.9", "195.130.217.5"])
    tenant = make.trusting(policies=[policy], connectors=[make.connector(EFSkipIPs=make.ranges)])

    assert ("fail", "blocked") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert (["198.51.100.9"], []) == (tenant.policies[0]["IPBlockList"], tenant.policies[0]["IPAllowList"])
    assert NOT_NEEDED == tenant.brief(FILTER)


def test_another_regions_ranges_are_too_much(make: Any) -> None:
    """
    Ranges of another region beside the right ones are warned of and can be taken out.
    """
    tenant = make.trusting(policies=[make.policy(*make.ranges, "41.74.206.0/24")])

    assert ("warn", "other_region") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert ("pass", None) == tenant.brief(FILTER)


def test_wrong_region_is_missing_and_begun(make: Any) -> None:
    """
    A list with only another region's ranges was meant for the gateway: it fails, and both are put right.
    """
    tenant = make.trusting(policies=[make.policy("41.74.206.0/24")])

    assert ("fail", "missing") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert ("pass", None) == tenant.brief(FILTER)


def test_wide_ranges_are_pasted_in_pieces(make: Any) -> None:
    """
    A region that publishes networks wider than /24 is pasted as networks of /24.
    """
    tenant = make.trusting(parameters={"region": "za", "console_ranges": ["41.74.192.0/22"]})
    paste = tenant.one(FILTER).words.paste.splitlines()[0]

    assert (
        "Set-HostedConnectionFilterPolicy -Identity 'Default' -IPAllowList @{Add='41.74.192.0/24','41.74.193.0/24','41.74.194.0/24',"
        in paste
    )
    assert "/22" not in paste


def test_settling(make: Any) -> None:
    """
    A right setting that is younger than an hour is not yet an answer; a wrong one is wrong at once.
    """
    young = "2026-11-24T21:30:00Z"
    right = make.trusting(policies=[make.policy(*make.ranges, WhenChangedUTC=young)])
    wrong = make.trusting(policies=[make.policy(make.ranges[0], WhenChangedUTC=young)])

    assert ("unknown", "settling") == right.brief(FILTER)
    assert ("fail", "missing") == wrong.brief(FILTER)


@pytest.mark.parametrize("allowed", [["195.130.217.0/24"], None])
def test_unknown_ranges(make: Any, allowed: list[str] | None) -> None:
    """
    Where the gateway's ranges are not known, a list is neither right nor wrong.
    """
    shipped = ["195.130.217.0/24", "91.220.42.0/24", "146.101.78.0/24", "207.82.80.0/24"]
    tenant = make.trusting(policies=[make.policy(*(allowed or shipped))], parameters={"console_ranges": None})

    assert ("unknown", "dns_servfail") == tenant.brief(FILTER)


def test_live_ranges(make: Any) -> None:
    """
    Without console ranges the live SPF record says what is required.
    """
    spf = {"eu._netblocks.mimecast.com": "v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 -all"}
    tenant = make.trusting(policies=[make.policy("195.130.217.0/24")], parameters={"console_ranges": None}, spf=spf)
    finding = tenant.one(FILTER)

    assert ("fail", ["91.220.42.0/24"]) == (finding.status, finding.message.values["missing"])
    assert 2 == len(finding.evidence)


def test_without_dns_a_person_compares(make: Any) -> None:
    """
    Where this run may not ask DNS and no console ranges were given, a person has to compare.
    """
    tenant = make.trusting(policies=[make.policy(*make.ranges)], parameters={"console_ranges": None, "probes": ["smtp"]})

    assert ("manual", "no_reference") == tenant.brief(FILTER)


def test_incomplete_and_empty_exports(make: Any) -> None:
    """
    An export that leaves out what matters, or has no policy, says nothing.
    """
    policy = make.policy()
    del policy["IPAllowList"]
    cut = make.trusting(policies=[policy])
    empty = make.trusting(policies=[])

    assert ("unknown", "not_in_export") == cut.brief(FILTER)
    assert ("unknown", "empty_export") == empty.brief(FILTER)


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


@pytest.mark.parametrize("phase", ["prepare", "lockdown"])
def test_conflict_with_enhanced_filtering(make: Any, phase: str) -> None:
    """
    A bypass rule beside Enhanced Filtering is warned of and is to be turned off; Enhanced Filtering passes.
    """
    tenant = make.trusting(phase=phase, rules=[make.rule()], connectors=[make.connector(EFSkipIPs=make.ranges)])

    assert ("warn", "conflicts_with_ef") == tenant.brief(RULE)
    assert ("pass", None) == tenant.brief(SKIP)
    tenant.paste(tenant.one(RULE))
    assert (NOT_NEEDED[0], ("pass", None)) == (tenant.one(RULE).status, tenant.brief(SKIP))


def test_conflict_with_unfinished_filtering(make: Any) -> None:
    """
    While Enhanced Filtering is incomplete the rule stays on, and no command takes it away.
    """
    tenant = make.trusting(rules=[make.rule()], connectors=[make.connector(EFSkipIPs=make.ranges[:1])])
    finding = tenant.one(RULE)

    assert ("warn", "conflicts_with_ef", "") == (finding.status, finding.cause, finding.words.paste)
    assert NOT_NEEDED[0] == tenant.one(SKIP).status


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


@pytest.mark.parametrize(
    "name", ["O'Brien", "x'; Remove-Mailbox '*", "a‘b’c‚d‛e", "line\nbreak'; calc", "\u202eevil", "tab\there", "\U000e0041tag"]
)
def test_hostile_names_stay_names(make: Any, name: str) -> None:
    """
    Whatever a connector, rule or policy is called, the command still names it, and nothing else is run.
    """
    skip = make.trusting(connectors=[make.connector(Name=f"Mimecast {name}")])
    rule = make.trusting(rules=[make.rule(Name=name, State="Disabled")])
    skip.paste(skip.one(SKIP))
    rule.paste(rule.one(RULE))

    assert ("pass", "pass") == (skip.one(SKIP).status, rule.one(RULE).status)
