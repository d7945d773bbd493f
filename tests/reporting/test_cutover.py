"""
The cut-over plan on the report.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import render_report
from runbook_lib.reporting.cutover import cutover_view
from runbook_lib.results import Result

MOVE = {
    "domain": "alder.example",
    "title": "alder.example",
    "phase": "prepare",
    "former": {
        "records": [{"preference": 10, "host": "mail.alder.example", "ttl": 3600}],
        "ttl": 3600,
        "at": "2026-11-20T22:00:00Z",
        "origin": "seen",
    },
    "ttl": 3600,
    "kept": 100,
    "still_served": None,
    "moved": False,
    "publish": ["alder.example. 300 IN MX 10 eu-smtp-inbound-1.mimecast.com."],
    "remove": ["alder.example. 3600 IN MX 10 mail.alder.example."],
    "way_back": ["alder.example. 600 IN MX 10 mail.alder.example."],
}
PLAN = {
    "domains": [MOVE],
    "milestones": [
        {"id": "lower_ttl", "offset": -172800},
        {"id": "move", "offset": 0},
        {"id": "old_gone", "offset": 3600},
        {"id": "lock", "offset": None},
    ],
    "lock_after": 7200,
    "settle": 3600,
}


def test_a_section_of_its_own(ready: Result, catalogue: Catalogue) -> None:
    """
    Times, records to publish and to remove, and the way back stand on the page.
    """
    page = render_report(replace(ready, cutover=PLAN), catalogue)

    for text in ("Cut-over plan", "2 days before T", "T + 1 hour", *MOVE["publish"], *MOVE["remove"], *MOVE["way_back"]):
        assert text in page


def test_no_plan_no_section(ready: Result, catalogue: Catalogue) -> None:
    """
    An older document without a plan has no such section.
    """
    assert "Cut-over plan" not in render_report(replace(ready, cutover=None), catalogue)


def test_what_is_not_known_says_so(catalogue: Catalogue) -> None:
    """
    Unknown times and unknown records are told as such, with what to do instead.
    """
    view = cutover_view({**PLAN, "domains": [{**MOVE, "former": None, "ttl": None, "way_back": []}]}, catalogue)
    assert view is not None

    assert view.milestones[-1][0] == "not known"
    assert "48 hours" in view.milestones[-1][2]
    assert view.back_records == ""
    assert "not known" in view.back[-1]


def test_many_domains_are_folded(ready: Result, catalogue: Catalogue) -> None:
    """
    Beyond a few domains the rest is folded, and all are there.
    """
    moves = [{**MOVE, "domain": f"d{number}.example", "title": f"d{number}.example"} for number in range(40)]
    page = render_report(replace(ready, cutover={**PLAN, "domains": moves}), catalogue)

    assert "37 further domains" in page
    assert "d39.example" in page


@pytest.mark.parametrize("plan", [{"domains": [7]}, {"domains": [{"domain": "x"}]}, {"domains": 3}, {**PLAN, "milestones": [{}]}])
def test_damaged_plan(ready: Result, catalogue: Catalogue, plan: dict[str, Any]) -> None:
    """
    A damaged plan costs its section and not the report.
    """
    assert "Cut-over plan" not in render_report(replace(ready, cutover=plan), catalogue)
