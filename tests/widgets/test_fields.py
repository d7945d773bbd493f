"""
Single fields: what was filled in comes back as it was, what is typed comes back as typed.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.widgets.fields import ChoiceField, Field, FlagField, GroupField, LinesField
from runbook_lib.widgets.layout import sections
from runbook_lib.widgets.pasted import PastedField

from .conftest import Traffic

WORDS = Catalogue()
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES, max_size=3)
ALL = [field.key for section in sections(WORDS) for field in section.fields]


def _field(key: str) -> Field:
    return next(field for section in sections(WORDS) for field in section.fields if field.key == key)


def _notes(field: Field) -> str:
    assert field.widget is not None
    return str(field._note.value)


@pytest.mark.parametrize("made", [False, True], ids=["closed", "shown"])
@settings(max_examples=25)
@given(value=VALUES, key=st.sampled_from([key for key in ALL if key not in ("domains", "senders")]))
def test_untouched_field_gives_back_what_it_got(made: bool, value: Any, key: str) -> None:
    """
    Whatever stands in the environment, right or wrong, comes back as it was and of the same type, whether the field was shown or not.
    """
    field = _field(key)
    field.fill({key: value})
    if made:
        assert field.widget is not None
    found = field.read()

    assert ({} if value is None else {key: value}) == found
    assert type(value) is type(found.get(key))


@pytest.mark.parametrize("code", ["12345e6789012", "0123456701234", "1_000", "0x10", "yes", "null", "1e5", "2026-12-31", "~"])
def test_codes_stay_text(code: str) -> None:
    """
    What is typed is text, however much it looks like a number, a date or a truth value.
    """
    field = _field("account_code")
    field.control.value = f"  {code}\t"

    assert {"account_code": code} == field.read()


def test_emptied_field_is_left_out() -> None:
    """
    A value that somebody removes is not given any more; white space is none.
    """
    field = _field("inbound_host")
    field.fill({"inbound_host": "mail.alder.example"})
    field.control.value = " "

    assert {} == field.read()


def test_filling_tells_nobody() -> None:
    """
    Only what a person does is a change.
    """
    told: list[str] = []
    field = _field("customer")
    field.changed = lambda changed: told.append(changed.key)
    field.fill({"customer": "A"})
    field.control.value = "B"
    field.fill({"customer": "C"})
    field.control.value = "D"

    assert ["customer", "customer"] == told


@pytest.mark.parametrize("value", ["uk", "", "<b>", "a\u200bb", 5, True])
def test_unknown_choice_is_shown(value: Any) -> None:
    """
    A value that is no choice is there to be seen, with what is invisible in it made visible, and comes back as it was.
    """
    field = _field("region")
    field.fill({"region": value})
    labels = dict(field.control.options)

    assert field.control.value in labels.values()
    assert {"region": value} == field.read()
    assert "\u200b" not in "".join(labels)


def test_choice_of_yes_and_no() -> None:
    """
    Google's tick boxes are on, off or not given: off is a value.
    """
    group = _field("gateway_options")
    assert isinstance(group, GroupField)
    first, second, third = group.parts
    first.control.value, second.control.value = "true", "false"

    assert {"gateway_options": {"require_tls": True, "reject_all": False}} == group.read()
    assert isinstance(third, ChoiceField)


@pytest.mark.parametrize("given", [None, False, True, "no", "yes"])
def test_flag_there_and_back(given: Any) -> None:
    """
    Ticked and unticked again, a flag says what it said before; a tick says yes.
    """
    field = _field("allow_private")
    assert isinstance(field, FlagField)
    field.fill({"allow_private": given})
    before = field.read()
    field.control.value = not field.control.value
    turned = field.read()
    field.control.value = not field.control.value

    assert before == field.read()
    assert turned == ({} if given in (True, "yes") else {"allow_private": True})


def test_lines() -> None:
    """
    One entry a line; blank lines and the white space around an entry are nothing.
    """
    field = _field("gateway_hosts")
    assert isinstance(field, LinesField)
    field.control.value = " a.example\r\n\n\tb.example \n"

    assert {"gateway_hosts": ["a.example", "b.example"]} == field.read()


def test_empty_list_that_means_something_stays() -> None:
    """
    No propagation resolvers at all is a value, and untouched it is still there.
    """
    field = _field("propagation_resolvers")
    field.fill({"propagation_resolvers": []})
    assert field.widget is not None

    assert {"propagation_resolvers": []} == field.read()


def test_group_gives_back_what_it_has_no_field_for() -> None:
    """
    An unknown key of a map stays as long as nobody changes the group, so that it is refused in words and not lost.
    """
    group = _field("gateway_options")
    group.fill({"gateway_options": {"colour": "red"}})
    assert group.widget is not None

    assert {"gateway_options": {"colour": "red"}} == group.read()


def test_group_says_what_is_wrong_at_the_part() -> None:
    """
    Within a map the message stands at its field, and the cursor goes there.
    """
    group = _field("present_gateway")
    assert isinstance(group, GroupField)
    group.refuse([(".ranges[1]", "is none."), ("", "whole.")])
    name, _, ranges, _ = group.parts

    assert "[1]: is none." in _notes(ranges)
    assert ranges.refused
    assert not name.refused
    assert "whole." in group._error


def test_cursor_goes_to_the_wrong_part(traffic: Traffic) -> None:
    """
    A group that gets the cursor passes it on to what is wrong in it, else to its first field.
    """
    group = _field("present_gateway")
    assert isinstance(group, GroupField)
    group.focus()
    assert traffic.cursor is group.parts[0].control.comm
    group.refuse([(".ranges[0]", "is none.")])
    group.focus()

    assert traffic.cursor is group.parts[2].control.comm


@pytest.mark.parametrize("key", ["customer", "console_ranges", "region", "gateway_hosts"])
def test_hostile_text_is_shown_as_text(key: str) -> None:
    """
    Markup in a message stays text, and what nobody would see is written out.
    """
    field = _field(key)
    field.refuse([("", '<script>alert("x")</script>\u202e\x1b')])
    note = _notes(field)

    assert "<script" not in note
    assert "&lt;script&gt;" in note
    assert not {"\u202e", "\x1b"} & set(note)


def test_message_goes_when_it_is_mended() -> None:
    """
    Nothing stands beside a field in which all is right.
    """
    field = _field("customer")
    before = _notes(field)
    field.refuse([("", "wrong")])
    said = _notes(field)
    field.refuse(())

    assert 'role="alert"' in said
    assert before == _notes(field)
    assert not field.refused


def test_error_of_a_handler_is_shown() -> None:
    """
    An exception in what is told of a change is handed on to be said.
    """
    failed: list[Exception] = []
    field = _field("customer")

    def broken(_: Field) -> None:
        raise ValueError("no")

    field.changed, field.failed = broken, failed.append
    field.control.value = "x"

    assert ["no"] == [str(error) for error in failed]


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_field_has_its_words(language: str) -> None:
    """
    Every field can be shown and has a label of its own, in both languages; three of them are lists as pasted.
    """
    fields = [field for section in sections(Catalogue(language)) for field in section.fields]
    for field in fields:
        assert field.label
        assert field.widget is not None

    assert ["console_ranges", "allowlist", "gateway_list"] == [field.key for field in fields if isinstance(field, PastedField)]
