"""
The start page: known customers, a new one, a made-up one.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from runbook_lib import interactive
from runbook_lib.environment import load_environment, save_environment
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting.start import Customer, render_start
from runbook_lib.results import SCHEMA, Status
from runbook_lib.sandbox import scenario
from runbook_lib.widgets import StartPage
from runbook_lib.workspace import WORKSPACE_VARIABLE, Entry, Workspace

from .conftest import Traffic


@pytest.fixture
def page(workspace: Workspace, catalogue: Catalogue) -> StartPage:
    """
    The start page of an empty workspace.
    """
    return StartPage(workspace, catalogue)


def _button(page: StartPage) -> Any:
    return next(part for part in page.widget.children[1].children if isinstance(part, ipywidgets.Button))


def test_empty_workspace(page: StartPage) -> None:
    """
    Without a customer the page says so, and names what can be done.
    """
    assert "None yet. Make one below, or try a made-up one." in page._list.html
    assert "alder-pre" == page.practice.chosen.value


def test_practice(page: StartPage, workspace: Workspace, traffic: Traffic) -> None:
    """
    A made-up customer becomes a file of this workspace, is listed, and its notebook is opened.
    """
    page.practice.platform.value = "google_workspace"
    page.practice.chosen.value = "acacia-pre"
    page.practice.start.click()
    (entry,) = workspace.entries()

    assert "acacia-pre" == load_environment(entry.file).sandbox
    assert [{"open": f"{entry.slug}/{entry.slug}.ipynb"}] == traffic.custom(page._list)
    assert (workspace.root / entry.slug / f"{entry.slug}.ipynb").is_file()
    assert entry.customer in page._list.html
    assert f"{entry.customer} is there. The notebook opens." == page.status.text


def test_new_customer(page: StartPage, workspace: Workspace, traffic: Traffic) -> None:
    """
    What is typed becomes a file; then the form is empty again, without complaints.
    """
    made = {
        "customer": "Müller <b>",
        "platform": "on_premises",
        "region": "de",
        "domains": ["müller.example"],
        "inbound_host": "mx.a.example",
    }
    page.form.fill(made)
    _button(page).click()
    (entry,) = workspace.entries()

    assert made == load_environment(entry.file).as_given()
    assert [{"open": f"{entry.slug}/{entry.slug}.ipynb"}] == traffic.custom(page._list)
    assert "Müller &lt;b&gt;" in page._list.html
    assert {} == page.form.read()
    assert [] == [field.key for field in page.form.fields if field.refused]


def test_incomplete_customer(page: StartPage, workspace: Workspace, traffic: Traffic) -> None:
    """
    Pressed too early, all that is missing stands beside its field, how much beside the button, the cursor is in the first, and no file is
    made.
    """
    _button(page).click()

    assert [] == workspace.entries()
    assert "fail" == page.form_status.tone
    assert "5 things are missing or wrong" in page.form_status.text
    assert not page.status.text
    assert traffic.cursor is page.form.fields[0].control.comm


def test_file_that_cannot_be_loaded(workspace: Workspace, catalogue: Catalogue, entry: Callable[..., Entry]) -> None:
    """
    A broken file is listed with the reason, the others with their way to the notebook.
    """
    good = entry("alder-pre")
    (workspace.environments / "broken.yaml").write_text("customer: <script>\nregion: uk\n", encoding="utf-8")
    html = StartPage(workspace, catalogue)._list.html

    assert "broken.yaml" in html
    assert "<script" not in html
    assert f'data-rb-open="{good.slug}/{good.slug}.ipynb"' in html


def test_another_language(page: StartPage, workspace: Workspace, entry: Callable[..., Entry], traffic: Traffic) -> None:
    """
    The page goes on in it with what was typed, remembers it, and gives it to whoever is made here, one after the other.
    """
    entry("alder-pre")
    page.form.field("customer").fill({"customer": "Birch"})  # type: ignore[union-attr]  # it is there
    former = page.widget.children
    page._language.value = "de"

    assert "de" == Workspace(workspace.root).language
    assert {"customer": "Birch", "language": "de"} == page.form.read()
    assert "Letzter Bericht" in page._list.html
    assert page._language.comm is traffic.cursor
    assert [None, None, None] == [each.comm for each in former]
    for story in ("birch-half-moved", "elm-one-mx"):
        page.practice.chosen.value = story
        page.practice.start.click()
    assert ["de", "de", "en"] == [load_environment(each.file).language for each in workspace.entries()]
    page._language.value = "en"
    page.practice.chosen.value = "elm-one-mx"
    page.practice.start.click()
    assert "en" == load_environment(workspace.entries()[0].file).language


def test_a_practice_customer_that_is_there_is_opened_again(page: StartPage, workspace: Workspace, traffic: Traffic) -> None:
    """
    Chosen a second time, the one on the list is opened, and no other is made; once it is off the list a fresh one is.
    """
    for _ in range(2):
        page.practice.chosen.value = "elm-one-mx"
        page.practice.start.click()
    (elm,) = workspace.entries()

    assert f"{elm.customer} is on the list already. Its notebook opens." == page.status.text
    assert 2 == len([sent for sent in traffic.custom(page._list) if sent.get("open") == f"{elm.slug}/{elm.slug}.ipynb"])
    page._forget(elm.slug)
    page.practice.start.click()
    assert f"{elm.slug}-2" in [each.slug for each in workspace.entries()]


def test_a_customer_can_be_taken_off_the_list(page: StartPage, workspace: Workspace, entry: Callable[..., Entry]) -> None:
    """
    Every line has a way off the list and back: the file stays, which is said, its notebook still knows it, and opened again it is back too.
    """
    gone, stays = entry("alder-pre"), entry("birch-half-moved")
    page._list._handle_custom_msg({"shown": "still"}, [])
    assert [gone.slug, stays.slug] == sorted(re.findall(r'data-rb-tell="forget" data-rb-about="([^"]*)"', page._list.html))
    page._list._handle_custom_msg({"tell": "forget", "about": gone.slug}, [])
    page._list._handle_custom_msg({"tell": "forget", "about": "nobody"}, [])
    said = page.status.text

    assert re.findall(r'data-rb-tell="bring_back" data-rb-about="([^"]*)"', page._list.html) == [gone.slug]
    assert [stays.slug] == re.findall(r'data-rb-tell="forget" data-rb-about="([^"]*)"', page._list.html)
    assert f"The file {gone.file.name} stays, and below the list it can be put back." in said
    assert gone.file.is_file()
    known = workspace.entry_of(workspace.root / gone.slug)
    assert known is not None
    assert gone.file == known.file
    workspace.notebook_for(gone)
    assert {gone.slug, stays.slug} == {each.slug for each in workspace.entries()}
    workspace.forget(gone)
    page._list._handle_custom_msg({"tell": "bring_back", "about": gone.slug}, [])
    assert f"{gone.customer} is on the list again." == page.status.text
    assert {gone.slug, stays.slug} == {each.slug for each in workspace.entries()}
    assert "bring_back" not in page._list.html


def test_a_file_that_is_gone_can_be_taken_off(
    workspace: Workspace, catalogue: Catalogue, tmp_path: Path, entry: Callable[..., Entry]
) -> None:
    """
    A remembered file that is not there any more can be taken off the list too, the others stay.
    """
    elsewhere = tmp_path / "birch.yaml"
    shutil.copy(scenario("birch-half-moved").environment_file, elsewhere)
    gone = workspace.add(elsewhere)
    stays = entry("alder-pre")
    elsewhere.unlink()
    page = StartPage(workspace, catalogue)
    assert "birch.yaml" in page._list.html
    page._list._handle_custom_msg({"tell": "forget", "about": gone.slug}, [])

    assert "birch.yaml" not in page._list.html
    assert "birch.yaml is no longer on this list." == page.status.text
    assert [stays.slug] == [each.slug for each in Workspace(workspace.root).entries()]
    assert workspace.entry(gone.slug) is None


def test_list_is_drawn_anew_when_it_comes_into_view(page: StartPage, entry: Callable[..., Entry]) -> None:
    """
    What happened in a notebook meanwhile is there when one comes back, or stays: a customer, its domain, that it is made up. What was
    said to somebody who left goes.
    """
    page.status.say("Alder is there. The notebook opens.")
    made = entry("alder-pre")
    assert made.customer not in page._list.html
    page._list._handle_custom_msg({"shown": "still"}, [])
    stayed = page.status.text
    page._list._handle_custom_msg({"shown": "came"}, [])

    assert page._list.watched
    assert made.customer in page._list.html
    assert "alder-pre.example" in page._list.html
    assert "Made up, to practise with" in page._list.html
    assert ("Alder is there. The notebook opens.", "") == (stayed, page.status.text)


def test_an_error_is_still_there_when_one_comes_back(page: StartPage) -> None:
    """
    What went wrong, and what is missing in the form, is said until it is mended.
    """
    _button(page).click()
    page.status.say("The disk is full.", "fail")
    page._list._handle_custom_msg({"shown": "came"}, [])

    assert "5 things are missing or wrong" in page.form_status.text
    assert "The disk is full." == page.status.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"customer": "Alder Instruments & Sons"}, "Not ready"),
        ({"phase": "lockdown"}, ", for other details than now"),
        ({"domains": ["elsewhere.example"]}, "Looked at, no report yet"),
    ],
    ids=["renamed", "other phase", "other domains"],
)
def test_what_is_said_of_earlier_reports(
    workspace: Workspace, catalogue: Catalogue, entry: Callable[..., Entry], changed: dict[str, Any], said: str
) -> None:
    """
    A report stays linked when the customer gets another name or moves on; its verdict counts only for what it was about.
    """
    made = entry("alder-pre")
    workspace.save_seen(made.slug, {})
    environment = load_environment(made.file)
    folder = workspace.results_of(made.slug, environment)
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("", encoding="utf-8")
    document = {"schema": SCHEMA, "phase": "prepare", "environment": environment.as_given(), "verdict": "not_ready"}
    (folder / "result.json").write_text(json.dumps({**document, "finished": "2026-11-23T16:00:00Z"}), encoding="utf-8")
    save_environment(made.file, {**environment.as_given(), **changed})
    html = StartPage(workspace, catalogue)._list.html

    assert said in html
    assert ("domains" not in changed) == (f'data-rb-file="reports/{made.slug}/report.html"' in html)


def test_a_notebook_that_may_be_open_is_not_written(workspace: Workspace, catalogue: Catalogue, entry: Callable[..., Entry]) -> None:
    """
    The page brings a copy up to date when it is opened; drawn again it leaves it alone, and makes one that is gone.
    """
    made = entry("alder-pre")
    page = StartPage(workspace, catalogue)
    copy = workspace.root / made.slug / f"{made.slug}.ipynb"
    before = copy.read_bytes()
    save_environment(made.file, {**load_environment(made.file).as_given(), "language": "de"})
    page._list._handle_custom_msg({"shown": "came"}, [])
    assert before == copy.read_bytes()
    copy.unlink()
    page._list._handle_custom_msg({"shown": "came"}, [])

    assert "Route prüfen" in copy.read_text(encoding="utf-8")


def test_error_is_said(page: StartPage, workspace: Workspace) -> None:
    """
    A workspace that cannot be written to is said, not swallowed.
    """
    workspace.environments.rmdir()
    workspace.environments.write_text("in the way", encoding="utf-8")
    page.practice.start.click()

    assert "fail" == page.status.tone
    assert page.status.text


def test_page_in_the_notebook(workspace: Workspace, shown: list[Any], monkeypatch: pytest.MonkeyPatch, entry: Callable[..., Entry]) -> None:
    """
    The notebook gets the page and its static twin, in the language asked for.
    """
    entry("alder-pre")
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.root))
    interactive.start("de", interactive=True)
    html = "".join(each["data"].get("text/html", "") for each in shown)

    assert 2 == len(shown)
    assert 'lang="de"' in html
    assert "rb-twin" in html
    assert "Alder Instruments" in html


@pytest.mark.parametrize("language", ["en", "de"])
def test_list_of_customers(language: str) -> None:
    """
    Each line has name, verdict with sign and word, and its links; hostile names are text, in the live list and in the twin.
    """
    hostile = '"><script>alert(1)</script>\u202e'
    lines = [
        Customer(
            "a", hostile, "Microsoft 365", "Before", "Ready", Status.PASS, "today", notebook="a/x.ipynb", report="reports/a/report.html"
        ),
        Customer("b", hostile, problem=hostile, file=hostile),
    ]
    for twin in (False, True):
        html = render_start(lines, Catalogue(language), twin=twin).text
        assert "<script" not in html
        assert "\u202e" not in html
        assert r"\u202e" in html
        assert "✓" in html
        assert twin == ("<style" in html)
