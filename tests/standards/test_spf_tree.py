"""
The tree of SPF records: what it costs and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome
from runbook_lib.standards.spf_tree import survey

D = "alder.example"


def test_tree(carry_out: Callable[..., Any]) -> None:
    """
    Each look-up is shown with what it costs with all below it.
    """
    said = {
        (D, "TXT"): ["v=spf1 mx include:a.example include:b.example -all", "other"],
        (D, "MX"): ["10 mail.alder.example"],
        ("a.example", "TXT"): ["v=spf1 include:c.example ip4:192.0.2.0/24 ~all"],
        ("b.example", "TXT"): ["v=spf1 redirect=c.example"],
        ("c.example", "TXT"): ["v=spf1 ip4:198.51.100.0/24 -all redirect=nowhere.example"],
    }

    found, _ = carry_out(survey(D), said)

    assert (5, (), ()) == (found.lookups, found.flaws, found.open_ends)
    assert [
        "alder.example: 5",
        "  mx: 1",
        "  include:a.example: 2",
        "    include:c.example: 1",
        "  include:b.example: 2",
        "    redirect=c.example: 1",
    ] == list(found.root.lines())
    assert "mx 1, include:a.example 2 (include:c.example 1), include:b.example 2 (redirect=c.example 1)" == found.root.shown
    assert found.leads_to("c.example")
    assert not found.leads_to("nowhere.example")


@pytest.mark.parametrize(
    ("records", "issues"),
    [
        (["v=spf1 -all", "v=spf1 mx -all"], ["several"]),
        (["v=spf1 ip4:192.0.2.256 -all"], ["syntax"]),
        (["v=spf1 include:%{d -all"], ["syntax"]),
        (["v=spf1 redirect=a.example redirect=b.example"], ["syntax", "no_record"]),
        (["v=spf1 include:alder.example -all"], ["loop"]),
        (["v=spf1 include:nowhere.example -all"], ["no_record"]),
        ([f"v=spf1 {' '.join(['a:mail.alder.example'] * 11)} -all"], ["lookups"]),
        (["v=spf1 a:x.example a:y.example mx:z.example -all"], ["void_lookups"]),
        (["v=spf1 a:x.example a:y.example -all a:z.example"], []),
        (["v=spf1 exists:%{i}.x.example include:%{l}.y.example -all"], []),
    ],
)
def test_flaws(carry_out: Callable[..., Any], records: list[str], issues: list[str]) -> None:
    """
    What makes receivers give up is found wherever in the tree it is; what depends on the mail is counted and not held against the record.
    """
    found, _ = carry_out(survey(D), {(D, "TXT"): records, ("mail.alder.example", "A"): ["192.0.2.7"]})

    assert issues == [flaw.issue.value for flaw in found.flaws]


def test_what_could_not_be_asked(carry_out: Callable[..., Any]) -> None:
    """
    A record that could not be asked for is no missing record.
    """
    said = {(D, "TXT"): ["v=spf1 include:a.example -all"], ("a.example", "TXT"): DnsOutcome.SERVFAIL}

    found, _ = carry_out(survey(D), said)

    assert ((), (DnsOutcome.SERVFAIL,)) == (found.flaws, found.open_ends)


def test_endless_tree(carry_out: Callable[..., Any]) -> None:
    """
    A tree without end is cut off, and over the limit.
    """
    many = " ".join(f"include:%{{d{index}}}.{index}.example" for index in range(1, 12))
    said = {(f"x{index}.example", "TXT"): [f"v=spf1 {many}"] for index in range(50)} | {(D, "TXT"): [f"v=spf1 {many} -all"]}

    found, asked = carry_out(survey(D), said)

    assert "lookups" in [flaw.issue.value for flaw in found.flaws]
    assert len(asked) < 60


@pytest.mark.parametrize("text", [" v=spf1 -all", '"v=spf1 -all"', "v=spf1; -all", "spf1 -all", "v= spf1 -all"])
def test_record_that_is_none(carry_out: Callable[..., Any], text: str) -> None:
    """
    A text that receivers do not take for an SPF record is told apart from other texts.
    """
    found, _ = carry_out(survey(D), {(D, "TXT"): [text, "google-site-verification=abc"]})

    assert ((), (text,)) == (found.texts, found.others)
