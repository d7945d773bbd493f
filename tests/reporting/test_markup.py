"""
The line between text and markup.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.reporting.inputs import Inputs
from runbook_lib.reporting.labels import SIGNS
from runbook_lib.reporting.markup import Html, printable, render, shown, shown_deep
from runbook_lib.results import Result, Status


@given(st.text())
def test_shown_text_has_no_control_characters(text: str) -> None:
    """
    Nothing but line feeds and printable characters is left, and showing it twice changes nothing.
    """
    made = shown(text)

    assert all(character == "\n" or character.isprintable() for character in made)
    assert shown(made) == made


def test_keys_are_shown_too() -> None:
    """
    A mapping's keys come from outside as its values do.
    """
    assert shown_deep({"\x1b": ["\x00", 1, None, True]}) == {"\\x1b": ["\\x00", 1, None, True]}


def test_only_html_passes() -> None:
    """
    A text is escaped, markup is not.
    """
    empty = {"notes": [], "inputs": Inputs((), ()), "contacts": None, "attestations": [], "waivers": []}
    words = {"t": lambda key: key, "words": lambda key, field: key + field}
    made = render("inputs.html.j2", language="en", style=Html("<b>"), title="<b>", practice=False, twin=False, **words, **empty)

    assert made.text.count("<b>") == 1
    assert "&lt;b&gt;" in made.text


def test_printable_result_is_the_same_result(not_ready: Result) -> None:
    """
    A result without control characters goes through unchanged.
    """
    assert not_ready.to_json() == printable(not_ready).to_json()


def test_every_status_has_a_sign_of_its_own() -> None:
    """
    No two statuses look alike without their colour.
    """
    assert len(set(SIGNS.values())) == len(Status)
