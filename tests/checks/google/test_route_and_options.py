"""
The internal route and the three boxes of the inbound gateway.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

GOOGLE = "74.125.0.0/16,209.85.128.0/17"
RECORD = ("_spf.google.com", "TXT")
RIGHT = {"require_tls": True, "reject_all": False}


def _brief(finding: Any) -> tuple[Status, tuple[str, ...]]:
    return finding.status, finding.causes


def test_no_internal_route(customer: Any) -> None:
    """
    Without a route nothing is needed; with one and no list a person has to look.
    """
    assert (Status.NOT_APPLICABLE, ("not_needed",)) == _brief(customer("google.internal_route", allowlist="8.8.8.0/24"))
    assert (Status.MANUAL, ()) == _brief(customer("google.internal_route", internal_route=True))


def test_googles_ranges_on_the_allow_list(customer: Any) -> None:
    """
    With a route they have to be there, as Google publishes them today; both views are named.
    """
    customer.records = {RECORD: ["v=spf1 ip4:74.125.0.0/16 ip4:209.85.128.0/17 ~all"]}
    right = customer("google.internal_route", internal_route=True, allowlist=GOOGLE)
    missing = customer("google.internal_route", internal_route=True, allowlist="74.125.0.0/16")

    assert (Status.PASS, ()) == _brief(right)
    assert "article is followed" in right.words.observed
    assert (Status.FAIL, ("missing",)) == _brief(missing)
    assert Status.PASS is customer("google.internal_route", internal_route=True, allowlist=missing.words.paste).status
    assert ("excess",) == customer("google.allowlist", allowlist=f"195.130.217.0/24,91.220.42.0/24,{GOOGLE}").causes
    assert () == customer("google.allowlist", internal_route=True, allowlist=f"195.130.217.0/24,91.220.42.0/24,{GOOGLE}").causes


def test_dated_ranges_are_not_handed_out(customer: Any) -> None:
    """
    Where Google's record was not read the shipped list stands in for it, with its date, and is not pasted.
    """
    found = customer("google.internal_route", internal_route=True, allowlist=GOOGLE)

    assert (Status.FAIL, "google.internal_route.missing_dated") == (found.status, found.message.id)
    assert "" == found.words.paste
    assert "2026-11" in found.words.summary


@pytest.mark.parametrize(
    ("phase", "options", "status", "causes"),
    [
        ("prepare", None, Status.MANUAL, ()),
        ("prepare", {"require_tls": True}, Status.MANUAL, ()),
        ("prepare", RIGHT, Status.PASS, ()),
        ("cutover", RIGHT, Status.PASS, ()),
        ("prepare", {"require_tls": True, "reject_all": True}, Status.FAIL, ("reject_all",)),
        ("cutover", {"require_tls": True, "reject_all": True}, Status.FAIL, ("reject_all",)),
        ("lockdown", RIGHT, Status.FAIL, ("reject_all",)),
        ("lockdown", {"require_tls": True, "reject_all": True}, Status.PASS, ()),
        ("lockdown", {"require_tls": False, "reject_all": False}, Status.FAIL, ("reject_all", "require_tls")),
        ("prepare", {"require_tls": False}, Status.FAIL, ("require_tls",)),
        ("prepare", {**RIGHT, "detect_external_ip": True}, Status.PASS, ("detect_external_ip",)),
    ],
)
def test_boxes(customer: Any, phase: str, options: Any, status: Status, causes: tuple[str, ...]) -> None:
    """
    The boxes as stated are judged by phase; what is not stated is for a person.
    """
    assert (status, causes) == _brief(customer("google.gateway_options", phase=phase, gateway_options=options))


def test_both_views_on_the_third_box(customer: Any) -> None:
    """
    Google's recommendation and the article are both named, on or off, and it is said which is followed.
    """
    for detect in (True, False):
        found = customer("google.gateway_options", gateway_options={**RIGHT, "detect_external_ip": detect})
        said = f"{found.words.summary} {found.words.expected}"
        assert "article" in said
        assert "Google" in said
        assert "followed" in said


def test_a_domain_that_has_not_moved_keeps_the_box_off(customer: Any) -> None:
    """
    The lock holds for the whole tenant: a listed domain in an earlier phase, or an exported one with its MX elsewhere, forbids it.
    """
    users = [
        {
            "primaryEmail": "erika@alder.example",
            "aliases": ["erika@alder-two.example"],
            "nonEditableAliases": ["erika@alder.example.test-google-a.com"],
        }
    ]
    customer.records = {
        ("alder.example", "MX"): ["10 eu-smtp-inbound-1.mimecast.com", "10 eu-smtp-inbound-2.mimecast.com"],
        ("alder-two.example", "MX"): ["10 smtp.google.com"],
    }
    wave = ["alder.example", {"name": "alder-two.example", "phase": "prepare"}]

    assert (Status.FAIL, ("reject_all",)) == _brief(customer("google.gateway_options", phase="lockdown", gateway_options=RIGHT))
    waiting = customer("google.gateway_options", users, phase="lockdown", gateway_options=RIGHT)
    assert (Status.PASS, "google.gateway_options.reject_all_waits") == (waiting.status, waiting.message.id)
    assert "alder-two.example" in waiting.words.summary
    assert "test-google-a" not in waiting.words.summary
    assert Status.PASS is customer("google.gateway_options", phase="lockdown", domains=wave, gateway_options=RIGHT).status
    early = {**RIGHT, "reject_all": True}
    assert (Status.FAIL, ("reject_all",)) == _brief(
        customer("google.gateway_options", phase="lockdown", domains=wave, gateway_options=early)
    )
