"""
The cut-over plan on the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue, languages
from runbook_lib.reporting import render_report
from runbook_lib.reporting.cutover import cutover_view, wait_for_lock
from runbook_lib.results import Answer, Gate, Result

TakeApart = Callable[[str], Any]
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
    Unknown times and unknown records are told as such, with what to do instead, before all else.
    """
    view = cutover_view({**PLAN, "domains": [{**MOVE, "former": None, "ttl": None, "way_back": []}]}, catalogue)
    assert view is not None

    assert view.milestones[-1].when == "time not known"
    assert "48 hours" in view.milestones[-1].why
    assert view.back_records == ""
    assert "not known" in view.back[0]


@pytest.mark.parametrize(
    ("moved", "said"),
    [(None, "this run could not see the MX records"), (False, "this run saw no MX record but the gateway's"), (True, "after its move")],
)
def test_unknown_records_say_why(catalogue: Catalogue, moved: bool | None, said: str) -> None:
    """
    That a domain was seen after its move is said only of one that was; nothing is said of a TTL of records nobody knows.
    """
    view = cutover_view({**PLAN, "domains": [{**MOVE, "former": None, "ttl": None, "way_back": [], "moved": moved}]}, catalogue)
    assert view is not None
    former, kept, _ = (value for _, value in view.domains[0].facts)

    assert said in former
    assert kept == "not known, since the old records are not"


@pytest.mark.parametrize(
    ("ahead", "said"), [(("lower_ttl", "old_gone"), "Once it is lowered, look again"), (("old_gone",), "as their own name")]
)
def test_times_count_with_the_ttl_of_today(catalogue: Catalogue, ahead: tuple[str, ...], said: str) -> None:
    """
    Where the TTL is still to be lowered the times after the move are those without that, which is said.
    """
    view = cutover_view({**PLAN, "milestones": [{"id": name, "offset": 86400} for name in ahead]}, catalogue)
    assert view is not None

    assert said in view.milestones[-1].why
    assert ("lower_ttl" in ahead) == view.milestones[-1].why_first


@pytest.mark.parametrize("language", languages())
def test_a_time_that_is_not_known_reads_as_one(language: str) -> None:
    """
    Before an unknown time, what happens then is named as an event: "not known: no resolver has it any more" said the opposite.
    """
    words = Catalogue(language)
    view = cutover_view({**PLAN, "milestones": [{"id": name, "offset": None} for name in ("old_gone", "lock", "cancel_old")]}, words)
    assert view is not None

    assert {words.text("cutover.time", "unknown")} == {one.when for one in view.milestones}
    assert not [one for one in view.milestones if one.what.startswith(("No ", "Not ", "Kein ", "Nicht "))]


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


def test_a_least_time_to_wait_is_said_as_one(catalogue: Catalogue) -> None:
    """
    Where only the least time is known it is given, and that it is no more than that.
    """
    late = {"offset": None, "not_before": "2026-11-23T12:04:00+00:00"}
    view = cutover_view({**PLAN, "milestones": [{"id": name, **late} for name in ("old_gone", "lock")]}, catalogue)
    assert view is not None

    assert {"not before 23 November 2026 12:04 UTC"} == {one.when for one in view.milestones}
    assert "Another one may keep them longer" in view.milestones[0].why
    assert "Without the old TTL" in view.milestones[1].why


@pytest.mark.parametrize(
    ("lock", "wait"),
    [
        ({"id": "lock", "offset": 90000}, "25 hours from the moment the last MX record moved"),
        ({"id": "lock", "offset": None}, "at least 48 hours from the moment the last MX record moved"),
        ({"id": "lock", "offset": None, "not_before": "2026-12-02T21:00:00+00:00"}, "until 2 December 2026 21:00 UTC at least"),
    ],
)
def test_nobody_locks_at_once(ready: Result, catalogue: Catalogue, take_apart: TakeApart, lock: dict[str, Any], wait: str) -> None:
    """
    After the move the gate and what is next name the wait that the plan has worked out.
    """
    plan = {**PLAN, "milestones": [lock]}
    moved = replace(ready, phase="cutover", findings=(), cutover=plan, gates={"lock": Gate(Answer.GO)})
    words = take_apart(render_report(moved, catalogue)).words

    assert "Lock the platform ✓ Go, after the wait" in words
    assert f"Wait first: {wait}" in words
    assert f"Next: wait, {wait}" in words


def test_no_wait_without_a_plan(catalogue: Catalogue) -> None:
    """
    A document without the milestone, or a damaged one, says nothing of a wait.
    """
    assert "" == wait_for_lock(None, catalogue)
    assert "" == wait_for_lock({**PLAN, "milestones": []}, catalogue)
    assert "" == wait_for_lock({**PLAN, "milestones": [{}]}, catalogue)
