"""
Google's two lists: missing and foreign ranges, characters that do not belong there, and the list that puts it right.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.checks.pasted import read_list
from runbook_lib.reporting.actions import next_actions
from runbook_lib.results import Status

BOTH = "195.130.217.0/24,91.220.42.0/24"
LISTS = [("google.allowlist", "allowlist"), ("google.inbound_gateway", "gateway_list")]


def _brief(finding: Any) -> tuple[Status, tuple[str, ...]]:
    return finding.status, finding.causes


@pytest.mark.parametrize("check", ["google.allowlist", "google.inbound_gateway"])
def test_nothing_given(customer: Any, check: str) -> None:
    """
    Without a list a person has to look, and is told where.
    """
    found = customer(check)

    assert (Status.MANUAL, f"{check}.manual") == (found.status, found.message.id)
    assert "Admin console" in found.words.remedy


@pytest.mark.parametrize("check", ["google.allowlist", "google.inbound_gateway", "google.gateway_options", "google.internal_route"])
def test_other_platform(customer: Any, check: str) -> None:
    """
    Where no domain is at Google nothing is asked.
    """
    keys = {"platform": "on_premises", "inbound_host": "mail.alder.example", "gateway_list": BOTH}

    assert (Status.NOT_APPLICABLE, ("other_platform",)) == _brief(customer(check, **keys))


@pytest.mark.parametrize("which", LISTS)
@pytest.mark.parametrize(
    ("text", "status", "causes"),
    [
        (BOTH, Status.PASS, ()),
        ("195.130.217.0/25\n195.130.217.128/25\n91.220.42.0/24", Status.PASS, ()),
        ("91.220.42.0/24", Status.FAIL, ("missing",)),
        ("195.130.217.0/25,91.220.42.0/24", Status.FAIL, ("missing",)),
        (f"{BOTH},8.8.8.0/24", Status.WARN, ("excess",)),
        (f"{BOTH},12.0.0.0/8", Status.FAIL, ("excess",)),
        ("195.130.217.0/24, 91.220.42.0/24", Status.FAIL, ("stray_characters",)),
        ("195.130.217.0/24,\u00a091.220.42.0/24", Status.FAIL, ("stray_characters",)),
        ("195.130.217.0/24;91.220.42.0/24", Status.FAIL, ("stray_characters",)),
        (f"{BOTH},8.8.8.0/33", Status.FAIL, ("stray_characters",)),
        (f"{BOTH}\n8.8.8.0\n/24", Status.FAIL, ("stray_characters",)),
        (f"{BOTH},our gateway", Status.FAIL, ("stray_characters",)),
        ("\u200b91.220.42.0/24,8.8.8.0/24", Status.FAIL, ("missing", "stray_characters", "excess")),
    ],
)
def test_what_a_list_comes_to(customer: Any, which: tuple[str, str], text: str, status: Status, causes: tuple[str, ...]) -> None:
    """
    Ranges are compared as sets of addresses; all faults are named, the gravest first.
    """
    check, key = which
    found = customer(check, **{key: text})

    assert (status, causes) == _brief(found)
    assert found.evidence


@pytest.mark.parametrize(("check", "key"), LISTS)
def test_the_list_handed_out_passes(customer: Any, check: str, key: str) -> None:
    """
    What a finding gives to paste has commas and no space, and the check it came from passes with it.
    """
    for text in ("91.220.42.0/24", "195.130.217.0/24 ,91.220.42.0/24", "x", f"{BOTH},8.8.8.0/24", f"{BOTH},12.0.0.0/8"):
        pasted = customer(check, **{key: text}).words.paste

        assert [] == read_list(pasted).issues
        assert " " not in pasted
        assert Status.PASS is customer(check, **{key: pasted}).status


@given(text=st.text(alphabet="0123456789./,; \n\u00a0-", max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_text_leads_to_a_list_without_a_failure(customer: Any, text: str) -> None:
    """
    Whatever was pasted, the list handed out is accepted; strangers in it may be warned of.
    """
    found = customer("google.inbound_gateway", gateway_list=text)
    if found.status is Status.FAIL:
        assert customer("google.inbound_gateway", gateway_list=found.words.paste).status in (Status.PASS, Status.WARN)


def test_a_range_that_reaches_too_far_is_cut_and_not_dropped(customer: Any) -> None:
    """
    What of it is the gateway's stays in the list; where something is far too wide every finding hands out the same list.
    """
    one, other = BOTH.split(",")
    pasted = f"{one},91.220.42.0-91.220.43.255,12.0.0.0/8"
    checks = ("google.allowlist", "allowlist.syntax", "allowlist.excess")
    found = [one for check in checks for one in customer.every(check, allowlist=pasted).values() if one.subject in ("tenant", "allowlist")]

    assert 3 == len(found)
    assert {f"{one},{other}"} == {each.words.paste for each in found}


def test_what_is_not_known_is_not_called_none(customer: Any) -> None:
    """
    Without the gateway's ranges nobody knows what is missing in a list.
    """
    found = customer("google.allowlist", console_ranges=None, allowlist="12.0.0.0/8")

    assert "Beyond the gateway's ranges: not known. Missing: not known." in found.words.observed


def test_what_is_kept(customer: Any) -> None:
    """
    A missing range is added to what is there; nobody's entry is taken out with it.
    """
    assert f"{BOTH},8.8.8.0/24" == customer("google.allowlist", allowlist="91.220.42.0/24,8.8.8.0/24").words.paste


def test_the_gateway_list_counts_for_the_allow_list(customer: Any, exported: Any) -> None:
    """
    Google leaves a range of the inbound gateway out of the allow list, so its absence there is no fault.
    """
    found = customer("google.allowlist", exported("91.220.42.0/24"), gateway_list="195.130.217.0/24")

    assert (Status.PASS, "google.allowlist.by_gateway_list") == (found.status, found.message.id)
    assert (Status.FAIL, ("missing",)) == _brief(customer("google.allowlist", exported("91.220.42.0/24")))


def test_an_entry_in_both_lists_has_no_effect(customer: Any) -> None:
    """
    That Google ignores an allow-list entry which is also an inbound gateway is said, with both sources, and is no fault.
    """
    found = customer("google.allowlist", allowlist=BOTH, gateway_list=BOTH)

    assert (Status.PASS, ("no_effect",)) == _brief(found)
    assert "Mimecast" in found.words.source
    assert "support.google.com" in found.words.source


def test_the_export_goes_before_the_paste(customer: Any, exported: Any) -> None:
    """
    Ranges are the exported ones; stray characters in the pasted text are named all the same.
    """
    ranges = BOTH.split(",")

    assert (Status.PASS, ()) == _brief(customer("google.allowlist", exported(*ranges), allowlist="91.220.42.0/24"))
    assert (Status.FAIL, ("stray_characters",)) == _brief(customer("google.allowlist", exported(*ranges), allowlist=" 8.8.8.8"))
    assert (Status.FAIL, ("stray_characters",)) == _brief(customer("google.allowlist", exported(ranges[0], f"{ranges[1]} ")))
    assert (Status.FAIL, ("missing",)) == _brief(customer("google.allowlist", exported()))


def test_ranges_that_are_not_known(customer: Any) -> None:
    """
    Where the live ranges cannot be read nothing is said; where nobody asked, a person has to name them.
    """
    unknown = customer("google.allowlist", console_ranges=None, allowlist="91.220.42.0/24")
    silent = customer("google.allowlist", console_ranges=None, allowlist="91.220.42.0/24", probes=["smtp"])
    stray = customer("google.allowlist", console_ranges=None, allowlist=" 91.220.42.0/24")

    assert (Status.UNKNOWN, ("dns_servfail",)) == _brief(unknown)
    assert (Status.MANUAL, ("no_reference",)) == _brief(silent)
    assert (Status.FAIL, ("stray_characters", "dns_servfail")) == _brief(stray)
    assert "91.220.42.0/24" == stray.words.paste


def test_live_ranges(customer: Any) -> None:
    """
    Without console ranges the live SPF record is what is required.
    """
    customer.records = {("eu._netblocks.mimecast.com", "TXT"): ["v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 -all"]}

    assert Status.PASS is customer("google.inbound_gateway", console_ranges=None, gateway_list=BOTH).status
    assert ("missing",) == customer("google.inbound_gateway", console_ranges=None, gateway_list="91.220.42.0/24").causes


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.PASS), ("cutover", Status.PASS), ("lockdown", Status.WARN)])
def test_the_old_gateway_may_stay_until_the_lock(customer: Any, phase: str, status: Status) -> None:
    """
    Ranges of what stands in front today are no excess before every domain is locked.
    """
    old = {"name": "Old", "ranges": ["5.9.1.0/24"]}
    found = customer("google.inbound_gateway", phase=phase, present_gateway=old, gateway_list=f"{BOTH},5.9.1.0/24")

    assert status is found.status


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.WARN), ("cutover", Status.WARN), ("lockdown", Status.FAIL)])
@pytest.mark.parametrize("check", ["google.inbound_gateway", "google.internal_route"])
def test_googles_ranges_in_the_gateway_list(customer: Any, check: str, phase: str, status: Status) -> None:
    """
    They defeat the lock: warned of before, failed with it; the list handed out is the one without them.
    """
    found = customer(check, phase=phase, gateway_list=f"{BOTH},74.125.0.0/16,209.85.128.0/17")

    assert (status, ("google_ranges",)) == _brief(found)
    assert BOTH.replace(",", "\n") == found.words.paste
    assert Status.FAIL is not customer(check, phase=phase, gateway_list=found.words.paste).status


FILE = "0.json#gmail.email_spam_filter_ip_allowlist"


def test_exported_allow_list_is_judged_where_none_was_pasted(customer: Any, exported: Any) -> None:
    """
    What an export shows needs no person's word: where it lacks a range that is a fault, not a question.
    """
    lists = customer.every("allowlist.coverage", exported("195.130.217.0/24"), gateway_list="195.130.217.0/24")

    assert {FILE: (Status.FAIL, ("missing",)), "gateway_list": (Status.FAIL, ("missing",))} == {
        key: _brief(one) for key, one in lists.items()
    }
    assert '"0.json" (the exported email allowlist) lacks 91.220.42.0/24.' in lists[FILE].words.summary
    assert lists[FILE].evidence


@pytest.mark.parametrize("check", ["allowlist.syntax", "allowlist.excess"])
def test_exported_allow_list_is_looked_through(customer: Any, exported: Any, check: str) -> None:
    """
    How it is written and what is too much in it is seen as in a pasted one.
    """
    found = customer.every(check, exported(f" {BOTH.partition(',')[0]}", "12.0.0.0/8"))

    assert {FILE: Status.FAIL} == {key: one.status for key, one in found.items() if key != "console_ranges"}


def test_range_of_the_inbound_gateway_is_not_missing_in_an_export(customer: Any, exported: Any) -> None:
    """
    Google leaves it out of the allow list by itself.
    """
    found = customer.every("allowlist.coverage", exported(), gateway_list=BOTH)

    assert {FILE: "by_gateway_list", "gateway_list": "covered"} == {key: one.message.id.rpartition(".")[2] for key, one in found.items()}


def test_pasted_list_that_an_export_contradicts(customer: Any, exported: Any) -> None:
    """
    Both are judged; the pasted one that lacks what the export has is said to be perhaps out of date.
    """
    found = customer.every(
        "allowlist.coverage", exported(*BOTH.split(",")), allowlist="91.220.42.0/24", gateway_list=BOTH.replace(",", "\n")
    )
    outdated = customer.every("allowlist.coverage", exported(*BOTH.split(",")), allowlist="91.220.42.0/24")

    assert [Status.PASS] * 3 == [one.status for one in found.values()]
    assert (Status.FAIL, ("missing",)) == _brief(outdated["allowlist"])
    assert "One of the two is out of date." in outdated["allowlist"].words.summary
    assert Status.PASS is outdated[FILE].status


@pytest.mark.parametrize(
    ("which", "check", "text"),
    [
        ("allowlist", "google.allowlist", "195.130.217.0/24, 8.8.8.0/24"),
        ("gateway_list", "google.inbound_gateway", "195.130.217.0/24, 8.8.8.0/24"),
        ("gateway_list", "google.inbound_gateway", "195.130.217.0/24,91.220.42.0/24,74.125.0.0/16"),
        ("allowlist", "google.allowlist", f"{BOTH},12.0.0.0/8"),
        ("gateway_list", "google.inbound_gateway", f"{BOTH},8.8.8.0/24"),
    ],
)
def test_one_field_is_one_thing_to_do(customer: Any, which: str, check: str, text: str) -> None:
    """
    Whatever is wrong with a list, all that is said of it leads to the same list to paste; only entries to be asked about are
    a second thing to do.
    """
    found = [customer(check, **{which: text})]
    found += [customer.every(f"allowlist.{part}", **{which: text})[which] for part in ("syntax", "coverage", "excess")]
    actions = next_actions([finding for finding in found if finding.status is not Status.PASS])

    assert len(actions) <= (2 if "8.8.8.0" in text and ", " in text else 1)
    assert all(which in action.first.words.summary or action.first.check == check for action in actions)


def test_a_console_list_that_has_to_be_put_right_is_not_handed_out(customer: Any) -> None:
    """
    Private ranges and the whole Internet in what the console shows are never said to be trusted by anybody.
    """
    console = "195.130.217.0/24, 10.0.0.0/8, 0.0.0.0/0"
    found = [
        customer("google.inbound_gateway", gateway_list="91.220.42.0/24", console_ranges=console),
        customer("google.allowlist", allowlist="91.220.42.0/24", console_ranges=console),
    ]

    assert ["195.130.217.0/24\n91.220.42.0/24", "195.130.217.0/24,91.220.42.0/24"] == [one.words.paste for one in found]


@pytest.mark.parametrize("check", ["google.inbound_gateway", "google.internal_route"])
def test_the_whole_internet_is_not_called_googles(customer: Any, check: str) -> None:
    """
    Taking Google's own ranges out of the inbound gateway never empties it, and what is far too wide is called that.
    """
    found = customer(check, gateway_list="0.0.0.0/0,74.125.0.0/16")

    assert found.words.paste in {BOTH.replace(",", "\n"), ""}
    assert "0.0.0.0/0" not in str(found.message.values["google"])
    assert ("trusts far more" in found.words.summary) is (check == "google.inbound_gateway")


def test_allow_list_and_inbound_gateway_stay_two_things_to_do(customer: Any) -> None:
    """
    They may need the same list, but in two places.
    """
    text = "91.220.42.0/24,8.8.8.0/24"
    found = [customer("google.allowlist", allowlist=text), customer("google.inbound_gateway", gateway_list=text)]
    found += [customer.every("allowlist.excess", allowlist=text, gateway_list=text)[key] for key in ("allowlist", "gateway_list")]

    assert len(next_actions(found)) == 4
