"""
Cards for the notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import Html, Paste, Todo, Way, render_card, render_inputs, render_summary
from runbook_lib.results import Result

TakeApart = Callable[[str], Any]


@pytest.fixture(scope="module")
def card(not_ready: Result, catalogue: Catalogue) -> Html:
    """
    The card of a step with all a card can have.
    """
    todo = Todo(
        "Prove each domain",
        (Way("New console", ("Account → Onboarding",)),),
        "Customer's DNS",
        ("Publish it.",),
        (Paste("DNS", "a IN TXT x"),),
        "Soon.",
    )
    findings = [finding for finding in not_ready.findings if finding.step in ("domain", "route")]
    return render_card(
        "Domains",
        "Why so.",
        catalogue,
        todo=[todo],
        paste=[Paste("", "more")],
        findings=findings,
        observations=not_ready.observations,
        practice=True,
    )


def test_card_has_all_its_parts_in_order(card: Html, take_apart: TakeApart) -> None:
    """
    Why, what to do, what was found, what to do about it; all open.
    """
    words = take_apart(card.text).words
    parts = [
        "Practice data",
        "Domains",
        "Why so.",
        "What to do",
        "Prove each domain",
        "New console",
        "a IN TXT x",
        "What was found",
        "Certificate",
        "What to do next",
    ]

    assert sorted(map(words.index, parts)) == list(map(words.index, parts))


def test_card_needs_no_script_and_no_click(card: Html, take_apart: TakeApart) -> None:
    """
    A card is static: no script, no button, no input; only the evidence is folded.
    """
    tags = [tag for tag, _ in take_apart(card.text).elements]

    assert not {"script", "button", "input", "a"} & set(tags)
    assert "Evidence (1)" in card.text


def test_card_shows_only_its_own_evidence(card: Html) -> None:
    """
    Observations that no finding of the step names are not repeated.
    """
    assert "RCPT TO" in card.text
    assert "mta-sts.alder.example" not in card.text


def test_hostile_text_stays_text(hostile: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Titles, things to do, findings, observations and inputs bring no element in.
    """
    text = hostile.findings[0].words.summary
    todo = Todo(text, (Way(text, (text,)),), text, (text,), (Paste(text, text),), text)
    cards = [
        render_card(
            text, text, catalogue, todo=[todo], paste=[Paste(text, text)], findings=hostile.findings, observations=hostile.observations
        ),
        render_inputs(text, [text], hostile.environment, catalogue),
        render_summary(hostile, catalogue),
    ]
    tags = {tag for card in cards for tag, _ in take_apart(card.text).elements}

    assert not {"script", "img"} & tags
    assert not any(character in card.text for card in cards for character in "\x00\x1b\u202e")


def test_summary_says_what_is_missing(not_ready: Result, ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    The last card has the answer with its sign, the gates, the picture and what to do next.
    """
    words = take_apart(render_summary(not_ready, catalogue).text).words

    assert "✕ Not ready: 2 things are broken" in words
    assert "Remove the record of preference 20." in words
    assert "✓ Ready to move MX" in take_apart(render_summary(ready, catalogue).text).words


def test_card_is_shown_by_a_notebook(card: Html) -> None:
    """
    IPython shows it as HTML.
    """
    assert card._repr_html_() == card.text == str(card)


def test_card_without_anything_is_a_heading(catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    A step that asks nothing and found nothing shows its title and no empty parts.
    """
    page = take_apart(render_card("Title", "", catalogue).text)

    assert page.headings == [2]
    assert page.all("table") == []
