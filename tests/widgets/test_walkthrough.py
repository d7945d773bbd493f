"""
A whole walk: what cards find is what a headless run finds, and what a person changes is shown everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from runbook_lib.environment import environment_from_parameters, load_environment
from runbook_lib.procedures import notebook_of
from runbook_lib.reporting.labels import gravest
from runbook_lib.results import MIME_TYPE, Status
from runbook_lib.sandbox import scenario
from runbook_lib.session import Session
from runbook_lib.widgets import Home, Walkthrough
from runbook_lib.widgets.controls import Controls
from runbook_lib.widgets.fields import place_of
from runbook_lib.widgets.run import Looked
from runbook_lib.workspace import Entry

from .conftest import files_in, until

Begin = Callable[..., Walkthrough]
Loose = Callable[[str], Home]
STEPS = ("intake", "domain", "ranges", "platform", "route", "mx", "authentication", "lockdown")


def _values(name: str, **changed: Any) -> dict[str, Any]:
    return {**load_environment(scenario(name).environment_file).as_parameters(), **changed}


async def _all_steps(walk: Walkthrough) -> None:
    walk.show_inputs()
    for key in STEPS:
        await walk.step(key)
    await walk.finish()


async def _verified(walk: Walkthrough) -> None:
    walk.overview.controls.start.click()
    await walk.overview.worker.wait()


def _found(walk: Walkthrough) -> set[tuple[str, str, Status]]:
    assert walk.run is not None
    return {(each.check, each.subject, each.status) for found in walk.run.findings().values() for each in found}


def _watch(walk: Walkthrough) -> Controls:
    return walk._watches[0].controls


def _html(outputs: list[dict[str, Any]]) -> str:
    return "".join(each["data"].get("text/html", "") for each in outputs)


@pytest.mark.parametrize(
    "name", ["alder-pre", "acacia-cutover", "ash-locked", "heather-hybrid", "lilac-hosted", "zinnia-waves", "cedar-wrong-region"]
)
async def test_cards_find_what_a_headless_run_finds(walk: Begin, loose: Loose, name: str) -> None:
    """
    Verify everything comes to the same findings, status for status, as the same environment without a person.
    """
    values = _values(name)
    environment = environment_from_parameters(values)
    one = walk(loose(notebook_of(environment.platform)), values)
    await _all_steps(one)
    await _verified(one)
    async with Session(environment) as session:
        headless = {(each.check, each.subject, each.status) for each in await session.run()}

    assert "" == one.overview.status.tone, one.overview.status.text
    assert headless == _found(one)
    assert one.run is not None
    assert () == one.run.missing


async def test_step_by_step_is_the_same_as_all_at_once(walk: Begin, loose: Loose) -> None:
    """
    Each card's own button leads to the same findings in the end; a card shows its own step's alone.
    """
    values = _values("birch-half-moved")
    one, other = walk(loose("microsoft_365"), values), walk(loose("microsoft_365"), values)
    await _all_steps(one)
    await _verified(other)
    for key in STEPS:
        card = one._cards[key]
        card.controls.start.click()
        assert card.worker.busy
        await card.worker.wait()
        assert {key} >= {finding.step for finding in (card._seen.findings if card._seen else ())}

    assert _found(other) == _found(one)


async def test_steps_add_up_to_the_headline(walk: Begin, loose: Loose) -> None:
    """
    What the headline counts as not known is what the steps count together: not found out and to confirm, both.
    """
    one = walk(loose("microsoft_365"), {**_values("spruce-servfail"), "exports": [], "attestations": {}, "validation_codes": {}})
    await _all_steps(one)
    await _verified(one)
    words = [card._seen.state.word for card in one._cards.values() if card._seen is not None]
    total = sum(int(number) for word in words for number in re.findall(r"(\d+) (?:not found out|to confirm)", word))

    assert any("not found out" in word and "to confirm" in word for word in words)
    assert f"Not finished: {total} things are not yet known" in one.overview.panel.html


@pytest.mark.parametrize(
    ("name", "states", "said"),
    [
        ("alder-pre", ["Right so far", "Right so far"], "Next, in the change window: move the MX records"),
        ("alder-cutover", ["As it should be", "Right so far"], "Next: wait, at least 48 hours from the moment"),
        ("alder-locked", ["As it should be", "As it should be"], "Nothing is left to do."),
        ("kapok-refused", ["Has to wait", "Right so far"], "The MX records stay where they are until this is put right."),
    ],
)
async def test_what_is_still_to_come_is_not_called_done(walk: Begin, loose: Loose, name: str, states: list[str], said: str) -> None:
    """
    A step whose act is ahead is right so far, or has to wait where something elsewhere is wrong; the overview says what is next.
    """
    one = walk(loose("microsoft_365"), _values(name))
    await _all_steps(one)
    assert said not in one.overview.panel.html
    await _verified(one)

    assert states == [one._cards[key]._seen.state.word for key in ("mx", "lockdown")]
    assert said in one.overview.panel.html


async def test_second_click_does_nothing(walk: Begin, loose: Loose, traffic: Any) -> None:
    """
    While a step is looked at, Verify does nothing more, and Stop is there; afterwards it is gone, and the cursor is on Verify.
    """
    one = walk(loose("microsoft_365"), _values("oak-silent"))
    await one.step("route")
    card = one._cards["route"]
    card.controls.start.click()
    task = card.worker._task
    card.controls.start.click()
    assert task is card.worker._task
    await until(lambda: one.run and one.run.steps["route"].answered)
    assert "" == card.controls.stop.layout.display
    card.controls.stop.click()
    await card.worker.wait()

    assert one.run is not None
    assert one.run.steps["route"].looked is Looked.STOPPED
    assert "Stopped. What was found until then stands below." == card.status.text
    assert "none" == card.controls.stop.layout.display
    assert traffic.cursor is card.controls.start.comm
    assert "Stopped after" in card.found.html
    assert "Stopped after" in card.twin().text


async def test_finish_writes_report_and_result(walk: Begin, at_home: Any, entry: Callable[..., Entry], shown: list[Any]) -> None:
    """
    The answer is there once everything was looked at. The last button looks at what is missing, writes both files where the workspace looks
    for them, links the report and leaves the result in the notebook.
    """
    customer = entry("alder-pre")
    home = at_home(customer, "microsoft_365")
    one = walk(home, load_environment(customer.file).as_given())
    await _all_steps(one)
    assert "Not looked at yet: " in one.summary.answer.html
    await _verified(one)
    assert "Ready to move MX" in one.summary.answer.html
    assert "Of this no report has been written yet." in one.summary.answer.html
    for said in ("Ready to move MX", "Of this no report has been written yet."):
        assert said in one.summary.twin().text
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    report = customer.file.parents[1] / "reports" / "Alder-Instruments" / "report.html"
    stored = json.loads(report.with_name("result.json").read_text(encoding="utf-8"))

    assert "ready" == stored["verdict"]
    assert report.is_file()
    assert 'data-rb-file="reports/Alder-Instruments/report.html"' in one.summary.link.html
    assert [stored["findings"]] == [each["data"][MIME_TYPE]["findings"] for each in shown if MIME_TYPE in each["data"]]
    assert one.summary.status.text.startswith("Report written, ")
    assert "Of this no report has been written yet." not in one.summary.answer.html


async def test_twins_follow(walk: Begin, loose: Loose, shown: list[Any]) -> None:
    """
    Beside every live card stands the same as static HTML, without script, and it follows what is found.
    """
    one = walk(loose("microsoft_365"), _values("cedar-wrong-region"))
    await _all_steps(one)
    before = len(shown)
    await _verified(one)
    fresh = shown[before:]

    assert len(STEPS) + 3 == len([each for each in shown[:before] if "application/vnd.jupyter.widget-view+json" in each["data"]])
    assert fresh
    assert all(each["update"] for each in fresh)
    assert "What was found" in _html(fresh)
    assert "<script" not in _html(shown)


async def test_hostile_customer(walk: Begin, loose: Loose, shown: list[Any]) -> None:
    """
    A customer's name that is markup stays text in every card, its twin, the overview and the form.
    """
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=y>"
    one = walk(loose("microsoft_365"), _values("alder-pre", customer=hostile))
    await _all_steps(one)
    one.details._toggle()
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    states = ipywidgets.Widget.get_manager_state()["state"].values()
    markup = [each["state"].get("html", "") for each in states]
    markup += [each["state"].get("value", "") for each in states if each["model_name"] == "HTMLModel"]
    text = "".join(markup) + _html(shown)

    assert "fail" != one.summary.status.tone, one.summary.status.text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


async def test_changed_details_drop_what_was_found(walk: Begin, loose: Loose) -> None:
    """
    Another phase is another run: nothing of the old one is shown, its report neither, and its servers are stopped.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    await _all_steps(one)
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    former = one.run
    assert former is not None
    one.details.form.put("phase", "cutover")
    one.details._accept.click()
    await one.details.worker.wait()

    assert "" == one.details.status.tone, one.details.status.text
    assert former is not one.run
    assert former.session is None
    assert set() == _found(one)
    assert one.summary.result is None
    assert "" == one.summary.link.html
    assert "Not looked at yet." in one._cards["route"].found.html

    void = "What was found for the former details counts no longer"
    assert void in one.details.status.text
    one._cards["ranges"].controls.start.click()
    await one._cards["ranges"].worker.wait()
    assert void not in one.details.status.text
    assert "In use." in one.details.status.text


@pytest.mark.parametrize("name", ["validation_codes", "of_domain.inbound_host"])
async def test_a_key_leads_to_its_field(walk: Begin, loose: Loose, traffic: Any, name: str) -> None:
    """
    Pressed in a card, the name of a field opens the form and what the field is in, and sends the cursor there; a name that is none does
    nothing more.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    await one.step("domain")
    one._cards["domain"].found._handle_custom_msg({"tell": "field", "about": name}, [])
    one._cards["domain"].found._handle_custom_msg({"tell": "field", "about": "<nothing>"}, [])

    assert [{"cursor": place_of(name)}] == [sent for sent in traffic.custom(one.details._head) if "cursor" in sent]
    assert place_of(name) in _classes(one.details.widget)


def _classes(widget: ipywidgets.Widget) -> set[str]:
    return set(widget._dom_classes).union(*map(_classes, getattr(widget, "children", ())))


async def test_what_to_do_is_folded_once_a_step_is_through(walk: Begin, loose: Loose) -> None:
    """
    Open before, folded in the card and its twin where all is right and the step's act is done, open where that is still ahead.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    await _all_steps(one)
    before = {key: '<details class="rb-asked" open' in one._cards[key].head.html for key in ("ranges", "mx")}
    await _verified(one)
    after = {key: '<details class="rb-asked" open' in one._cards[key].head.html for key in ("ranges", "mx")}

    assert {"ranges": True, "mx": True} == before
    assert {"ranges": False, "mx": True} == after
    assert '<details class="rb-asked"><summary>' in one._cards["ranges"].twin().text
    assert '<details class="rb-asked" open><summary>' in one._cards["mx"].twin().text


@pytest.mark.parametrize(("customer", "worst_there"), [("cedar-wrong-region", Status.FAIL), ("mallow-unconfirmed", Status.MANUAL)])
async def test_what_to_do_is_folded_where_something_is_wrong(walk: Begin, loose: Loose, customer: str, worst_there: Status) -> None:
    """
    What was found, with its remedy, is seen first; a step that only waits for a person's word keeps its instructions open.
    """
    values = _values(customer)
    one = walk(loose(notebook_of(load_environment(scenario(customer).environment_file).platform)), values)
    await _all_steps(one)
    await _verified(one)
    worst = {key: gravest(finding.status for finding in one.run.result().findings if finding.step == key) for key in one._cards}
    folded = {key for key, card in one._cards.items() if '<details class="rb-asked"><summary>' in card.head.html}

    assert {key for key, status in worst.items() if status is Status.FAIL} <= folded
    assert folded.isdisjoint(key for key, status in worst.items() if status in (Status.MANUAL, Status.UNKNOWN))
    assert worst_there in worst.values()


async def test_unchanged_details_and_exceptions_keep_what_was_found(walk: Begin, loose: Loose) -> None:
    """
    Details taken over without a change, or with another exception, are judged anew and not asked again.
    """
    one = walk(loose("microsoft_365"), _values("cedar-wrong-region", allow_private=False))
    await _verified(one)
    former = one.run
    assert former is not None
    broken = next(each for each in sorted(_found(one)) if each[2] is Status.FAIL)
    one.details._accept.click()
    await one.details.worker.wait()
    assert former is one.run
    one.details.form.put("waivers", {f"{broken[0]} {broken[1]}": {"reason": "Known", "by": "Anna", "expires": "2999-12-31"}})
    one.details._accept.click()
    await one.details.worker.wait()

    assert "" == one.details.status.tone, one.details.status.text
    assert former is one.run
    assert (broken[0], broken[1], Status.WAIVED) in _found(one)


async def test_confirming_and_taking_back(walk: Begin, at_home: Any, entry: Callable[..., Entry], traffic: Any) -> None:
    """
    A name is due; then what waited for a person passes, in the card, the file and the next walk; taken back, which is asked once, it waits
    again.
    """
    customer = entry("beech-unconfirmed")
    home = at_home(customer, "microsoft_365")
    one = walk(home, load_environment(customer.file).as_given())
    await _all_steps(one)
    await _verified(one)
    card = next(card for card in one._cards.values() if card.confirming._rows)
    before = _found(one)
    check, row = next((key.checks[0], row) for key, row in card.confirming._rows.items() if len(key.checks) == 1)
    by, note, done = row.children[2].children
    done.click()
    assert "A name is due" in row.children[3].value
    assert row.children[1].value
    assert traffic.cursor is by.comm
    by.value, note.value = "Anna <b>", "on the phone"
    done.click()
    confirmed = _found(one)
    said = load_environment(customer.file).attestations[check]
    again = walk(replace(home, draft=None), load_environment(customer.file).as_given())

    assert "" == card.status.tone, card.status.text
    assert ("Anna <b>", "on the phone") == (said.by, said.note)
    assert {Status.PASS} == {status for each, _, status in confirmed if each == check}
    assert confirmed == _found(again)
    (row,) = (row for key, row in card.confirming._rows.items() if (key.checks, key.kind) == ((check,), "said"))
    _, back, question, sure, keep = row.children
    back.click()
    assert ["none", "none", "", "", ""] == [each.layout.display for each in row.children]
    assert "Take back the word of Anna &lt;b&gt; of " in question.value
    assert traffic.cursor is keep.comm
    keep.click()
    assert ["", "", "none", "none", "none"] == [each.layout.display for each in row.children]
    assert traffic.cursor is back.comm
    assert confirmed == _found(one)

    back.click()
    sure.click()
    assert before == _found(one)
    assert check not in load_environment(customer.file).attestations


async def test_a_word_of_another_phase_is_named_before_it_is_replaced(walk: Begin, loose: Loose) -> None:
    """
    Only one word is kept for a check: whose it was is said where another one is given.
    """
    said = {"by": "Piet <b>", "at": "2026-11-20", "phase": "prepare"}
    given = {
        **_values("alder-cutover"),
        "attestations": {"gateway.test_connection": said, "gateway.delivery_policy": {**said, "phase": "cutover"}},
    }
    one = walk(loose("microsoft_365"), given)
    await _all_steps(one)
    await _verified(one)
    rows = one._cards["route"].confirming._rows
    (row,) = (row for key, row in rows.items() if (key.checks, key.kind) == (("gateway.test_connection",), "open"))

    assert "It takes the place of what Piet &lt;b&gt; confirmed on 20 November 2026 for the phase prepare" in row.children[1].value
    assert {"said"} == {key.kind for key in rows if key.checks == ("gateway.delivery_policy",)}


async def test_a_word_for_a_whole_step_is_taken_back_for_one_check(walk: Begin, at_home: Any, entry: Callable[..., Entry]) -> None:
    """
    What was confirmed for a step at once stays confirmed for its other checks.
    """
    customer = entry("alder-pre")
    assert "platform" in load_environment(customer.file).attestations
    one = walk(at_home(customer, "microsoft_365"), load_environment(customer.file).as_given())
    await _all_steps(one)
    await _verified(one)
    rows = one._cards["platform"].confirming._rows
    (first, row), *rest = ((key.checks, row) for key, row in rows.items() if key.kind == "said")
    others = [checks for checks, _ in rest]
    row.children[3].click()
    assert one.run is not None
    found = {finding.check: finding for finding in one.run.findings()["platform"]}

    assert len(others) > 1
    assert {Status.MANUAL} == {found[check].status for check in first}
    assert {Status.PASS} == {found[check].status for checks in others for check in checks}
    assert {*first, "platform"}.isdisjoint(load_environment(customer.file).attestations)


async def test_one_word_for_what_is_looked_at_as_one(walk: Begin, at_home: Any, entry: Callable[..., Entry]) -> None:
    """
    The three ways in which Microsoft 365 can trust the gateway are confirmed together, and taken back together.
    """
    customer = entry("alder-pre")
    one = walk(at_home(customer, "microsoft_365"), {**load_environment(customer.file).as_given(), "exports": [], "attestations": {}})
    await _all_steps(one)
    await _verified(one)
    confirming = one._cards["platform"].confirming
    ways = ("m365.connection_filter", "m365.bypass_rule", "m365.enhanced_filtering")
    row = next(row for key, row in confirming._rows.items() if (key.checks, key.kind) == (ways, "open"))
    assert "Connection filter, Bypass rule, Enhanced Filtering" == row.children[0].value
    row.children[2].children[0].value = "Mira Okafor"
    row.children[2].children[2].click()

    assert {"Mira Okafor"} == {load_environment(customer.file).attestations[way].by for way in ways}
    assert one.run is not None
    found = {finding.check: finding.status for finding in one.run.findings()["platform"]}
    assert {Status.PASS} == {found[way] for way in ways}
    next(row for key, row in confirming._rows.items() if (key.checks, key.kind) == (ways, "said")).children[3].click()
    assert set(ways).isdisjoint(load_environment(customer.file).attestations)


async def test_error_is_said(walk: Begin, loose: Loose) -> None:
    """
    Whatever goes wrong behind a button stands in the status line beside it.
    """

    def refuse(*_: Any) -> tuple[str, str]:
        raise OSError("No space left on device")

    one = walk(replace(loose("microsoft_365"), deliver=refuse), _values("alder-pre"))
    await one.finish()
    one.summary.controls.start.click()
    await one.summary.worker.wait()

    assert "fail" == one.summary.status.tone
    assert "OSError: No space left on device" in one.summary.status.text


async def test_unknown_world_is_said(walk: Begin, loose: Loose) -> None:
    """
    A practice customer that there is not is said in words, at every button.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre", sandbox="nowhere"))
    await one.step("ranges")
    one._cards["ranges"].controls.start.click()
    await one._cards["ranges"].worker.wait()
    status = one._cards["ranges"].status

    assert "fail" == status.tone
    assert "nowhere" in status.text
    assert "Error" not in status.text


async def test_incomplete_details(walk: Begin, loose: Loose) -> None:
    """
    As long as something is missing the form is open, no card asks anything, and every button says what is to be done first.
    """
    one = walk(loose("microsoft_365"), {"customer": "New"})
    await _all_steps(one)
    for controls in (one._cards["route"].controls, one.overview.controls, one.summary.controls, _watch(one)):
        controls.start.click()
        await controls.worker.wait()
        assert "fail" == controls.status.tone
        assert controls.status.text.startswith("The details of the customer are not complete.")

    assert one.run is None
    assert one.details._body.children
    assert "The details of the customer are not complete." in one._cards["route"].found.html


async def test_details_that_become_complete(walk: Begin, loose: Loose) -> None:
    """
    Once the form is right, the cards that stand there already can be used.
    """
    one = walk(loose("microsoft_365"), {"customer": "New"})
    await _all_steps(one)
    one.details.form.fill(_values("alder-pre"))
    one.details._accept.click()
    await one.details.worker.wait()
    card = one._cards["ranges"]
    card.controls.start.click()
    await card.worker.wait()

    assert "" == card.status.tone, card.status.text
    assert _found(one)


async def test_wrong_notebook_is_said(walk: Begin, loose: Loose) -> None:
    """
    A customer of another platform is not looked at here; the words name the right notebook.
    """
    one = walk(loose("microsoft_365"), _values("acacia-pre"))
    one.details._accept.click()
    await one.details.worker.wait()

    assert one.run is None
    assert "fail" == one.details.status.tone
    assert "Google Workspace has one of its own" in one.details.status.text


async def test_watch(walk: Begin, loose: Loose) -> None:
    """
    Before the move there is nothing to watch, and a phase that is only typed is said to be; with other details a watch that goes on is
    stopped.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    await one.step("mx")
    controls = _watch(one)
    controls.start.click()
    await controls.worker.wait()
    assert ("", True) == (controls.status.tone, controls.status.text.startswith("Nothing to watch yet"))
    assert "not saved" not in controls.status.text
    one.details.form.put("phase", "cutover")
    controls.start.click()
    await controls.worker.wait()
    assert controls.status.text.endswith("The form holds changes that are not saved yet.")

    other = walk(loose("microsoft_365"), _values("birch-half-moved"))
    await other.step("mx")
    controls = _watch(other)
    controls.start.click()
    part = next(each for each in other._cards["mx"].widget.children if controls.widget in getattr(each, "children", ()))
    await until(lambda: part.children[1].html)
    assert controls.worker.busy
    other.details.form.put("timeout", "3")
    other.details._accept.click()
    await other.details.worker.wait()

    assert not controls.worker.busy
    assert "" == controls.status.text


async def test_page_loaded_again(walk: Begin, loose: Loose) -> None:
    """
    A second page without the cells having been run again is told how its results get into the notebook; running them again ends that.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    one.show_inputs()
    for page, said in (("1", False), ("1", False), ("2", True)):
        one.overview.panel._handle_custom_msg({"page": page}, [])
        assert said == ("This notebook was loaded again" in one.overview._note.value)
    one.show_inputs()

    assert "" == one.overview._note.value


@pytest.mark.parametrize("language", ["de", "klingon"])
async def test_language(walk: Begin, loose: Loose, language: str) -> None:
    """
    The walk speaks the environment's language; one that there is not is refused in the form, in English.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre", language=language))
    await _all_steps(one)

    assert (language == "de") == (one.run is not None)
    assert ("de" if language == "de" else "en") == one.catalogue.language


async def test_memory_goes_on(walk: Begin, at_home: Any, entry: Callable[..., Entry], tmp_path: Path) -> None:
    """
    The next walk shows what the last one found, and when that was.
    """
    customer = entry("alder-pre")
    home = at_home(customer, "microsoft_365")
    values = load_environment(customer.file).as_given()
    one = walk(home, values)
    await _verified(one)
    other = walk(home, values)
    await other.step("route")

    assert _found(one) == _found(other)
    assert "Seen on " in other._cards["route"].found.html
    assert [] == files_in(tmp_path, "*.new")


async def test_a_word_that_cannot_be_kept_is_said_where_it_was_given(walk: Begin, at_home: Any, entry: Callable[..., Entry]) -> None:
    """
    Where somebody else changed the file nothing of it is lost: the error stands beside the button, and the file can be read again.
    """
    customer = entry("beech-unconfirmed")
    one = walk(at_home(customer, "microsoft_365"), load_environment(customer.file).as_given())
    await _all_steps(one)
    await _verified(one)
    card = next(card for card in one._cards.values() if card.confirming._rows)
    row = next(row for key, row in card.confirming._rows.items() if key.kind == "open")
    again = one.details._again
    assert "none" == again.layout.display
    customer.file.write_text(re.sub("timeout: .*", "timeout: 3  # by hand", customer.file.read_text("utf-8")), "utf-8")
    by, _, done = row.children[2].children
    by.value = "Anna"
    done.click()

    assert "was changed since it was read" in row.children[3].value
    assert "" == again.layout.display
    assert load_environment(customer.file).attestations == {}

    one.details._toggle()
    one.details.form.put("customer", "Beech & Co")
    again.click()
    await one.details.worker.wait()

    assert "none" == again.layout.display
    assert (3, "Beech & Co") == (one.details.environment().timeout, one.details.form.read()["customer"])
    one.details._accept.click()
    await one.details.worker.wait()
    assert (3, "Beech & Co") == (load_environment(customer.file).timeout, load_environment(customer.file).customer)
    assert "# by hand" in customer.file.read_text("utf-8")


async def test_a_wrong_platform_is_put_right(walk: Begin, at_home: Any, entry: Callable[..., Entry]) -> None:
    """
    A customer who turns out to be on another platform is saved, and it is said where its notebook is.
    """
    customer = entry("alder-pre")
    one = walk(at_home(customer, "microsoft_365"), load_environment(customer.file).as_given())
    one.details._toggle()
    one.details.form.put("platform", "on_premises")
    one.details._accept.click()
    await one.details.worker.wait()

    assert "on_premises" == load_environment(customer.file).platform.value
    assert "Open this customer from the start page" in one.details.status.text
    assert one.run is None


async def test_cards_follow_while_a_step_is_looked_at(walk: Begin, loose: Loose) -> None:
    """
    While a step is under way its heading, the list and its findings say so; what was answered last before a long wait is shown too.
    """
    one = walk(loose("microsoft_365"), _values("oak-silent"))
    await _all_steps(one)
    card = one._cards["route"]
    card.controls.start.click()
    await until(lambda: one.run is not None and len(one.run.steps["route"].answered) > 1)
    answered = len(one.run.steps["route"].answered) if one.run is not None else 0
    await until(lambda: card._seen is not None and card._seen.answered >= answered)

    assert card._seen is not None
    assert card._seen.looked is Looked.UNDER_WAY
    assert "Looking" in str(one.overview.panel.html)
    await card.worker.wait()
