"""
The three ways of trust: one sound way is enough, one fault is told once, and what does harm is told always.
"""

from __future__ import annotations

from typing import Any

import pytest

FILTER = "m365.connection_filter"
RULE = "m365.bypass_rule"
SKIP = "m365.enhanced_filtering"
NOT_NEEDED = ("not_applicable", "trusted_otherwise")


def test_no_export_is_for_a_person(make: Any) -> None:
    """
    Without exports each of the three waits for a person, and nothing is asked.
    """
    tenant = make.tenant()

    assert {("manual", None)} == set(tenant.trust().values())
    assert {"m365.trust.manual"} == {tenant.one(each).message.id for each in (FILTER, RULE, SKIP)}
    assert [] == tenant.asked


def test_person_who_compares_is_given_the_ranges(make: Any) -> None:
    """
    Where the gateway's ranges are certain they are there to compare with; where they are not, the console is named.
    """
    known = make.tenant().one(FILTER).words
    unknown = make.tenant(parameters={"console_ranges": None}).one(FILTER).words

    assert "195.130.217.0/24" in known.paste.split()
    assert "" == unknown.paste
    assert "what its console shows counts" in unknown.remedy


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


@pytest.mark.parametrize("name", ["O'Brien", "x' -Enabled $false; Remove-Mailbox '*", "Mimecast\r\nRemove-Mailbox *", "“”‘’"])
@pytest.mark.parametrize("phase", ["prepare", "lockdown"])
def test_hostile_names_of_connectors(make: Any, name: str, phase: str) -> None:
    """
    Whatever a connector is called, the command names it and does nothing else.
    """
    changes = {"RestrictDomainsToIPAddresses": phase == "prepare"}
    tenant = make.tenant(phase, connectors=[make.lock(Name=name, **changes)])
    finding = tenant.one("m365.inbound_connector")

    assert "fail" == finding.status
    tenant.paste(finding)
    assert "pass" == tenant.one("m365.inbound_connector").status
