"""
Lists of entries: one row each, added, removed, changed; what is not touched stays to the character.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.widgets.form import Form
from runbook_lib.widgets.layout import sections
from runbook_lib.widgets.rows import MOST_ROWS, RowsField

from .conftest import Traffic

WORDS = Catalogue()
COMPLETE = {"customer": "C", "platform": "microsoft_365", "region": "eu", "domains": ["a.example"], "inbound_host": "mx.a.example"}
TEXT = st.text(max_size=12)
ENTRY = TEXT | st.integers() | st.dictionaries(st.sampled_from(["name", "role", "phase", "colour"]), TEXT, max_size=4)
LISTS = st.lists(ENTRY, max_size=4) | st.dictionaries(TEXT, TEXT | st.integers() | st.dictionaries(TEXT, TEXT, max_size=2), max_size=4)


def _rows(key: str, given: Any = None) -> RowsField:
    field = next(field for section in sections(WORDS) for field in section.fields if field.key == key)
    assert isinstance(field, RowsField)
    field.fill({} if given is None else {key: given})
    assert field.widget is not None
    return field


def _type(field: RowsField, row: int, part: int, value: str | bool) -> None:
    field._rows[row].parts[part].control.value = value


@pytest.mark.parametrize("key", ["domains", "contacts", "senders", "validation_codes", "connect_to", "waivers"])
@settings(max_examples=15)
@given(value=LISTS)
def test_untouched_rows_give_back_what_they_got(key: str, value: Any) -> None:
    """
    Lists and maps, right or wrong, with keys the rows have no field for, come back as they were.
    """
    assert {key: value} == _rows(key, value).read()


def test_what_is_wrong_in_a_row_is_said_there_once_there_are_rows() -> None:
    """
    Said before anybody has opened the form, it stands at its row and names no place by number.
    """
    field = next(field for section in sections(WORDS) for field in section.fields if field.key == "domains")
    field.fill({"domains": ["a.example", "b .example"]})
    field.refuse([("[1].name", "There is a blank in it.")])
    assert field.widget is not None

    assert [False, True] == [row.parts[0].refused for row in field._rows]
    assert "[1]" not in field._note.value


@pytest.mark.parametrize("value", [5, True, 1.5])
def test_what_is_no_list_does_no_harm(value: Any) -> None:
    """
    A number where a list is due is given back, and refused elsewhere in words.
    """
    assert {"domains": value} == _rows("domains", value).read()


def test_typed_domains() -> None:
    """
    A bare name is written as a name, one that has more as a map; umlauts stay, blank rows are nothing.
    """
    field = _rows("domains")
    field._add()
    field._add()
    _type(field, 0, 0, "müller.example")
    _type(field, 2, 0, "parked.example")
    _type(field, 2, 1, "parked")

    assert {"domains": ["müller.example", {"name": "parked.example", "role": "parked"}]} == field.read()


def test_domain_without_choice_is_as_the_others() -> None:
    """
    Nothing chosen for a domain means what counts for all: each phase can be chosen for it, the one that is the customer's default too.
    """
    field = _rows("domains", ["a.example"])
    phase = field._rows[0].more[0].control
    options = [value for _, value in phase.options]
    phase.value = "prepare"

    assert ["", "prepare", "cutover", "lockdown"] == options
    assert {"domains": [{"name": "a.example", "phase": "prepare"}]} == field.read()
    phase.value = ""
    assert {"domains": ["a.example"]} == field.read()


def test_role_of_a_domain_stands_once() -> None:
    """
    A domain receives mail where nothing else is chosen; a role that is given stays while another field of its row changes.
    """
    given = [{"name": "a.example", "role": "mail"}, {"name": "b.example", "role": "parked"}, "c.example"]
    field = _rows("domains", given)
    options = [value for _, value in field._rows[2].parts[1].control.options]
    _type(field, 0, 2, "anna@a.example")
    _type(field, 1, 1, "mail")

    assert ["mail", "parked", "send_only"] == options
    assert ["mail", "mail", "mail"] == [row.parts[1].control.value for row in field._rows]
    assert {"domains": [{**given[0], "test_recipient": "anna@a.example"}, "b.example", "c.example"]} == field.read()  # type: ignore[dict-item]  # the first is a map


def test_changed_entry_keeps_what_it_has() -> None:
    """
    A change to one field of a row leaves the others of that row, what is shown on demand too, and the other rows as they were.
    """
    one = {"name": "a.example", "phase": "cutover", "inbound_host": "mx.a.example"}
    field = _rows("domains", [one, {"name": "b.example"}, "c.example"])
    _type(field, 0, 2, "anna@a.example")

    assert {"domains": [{**one, "test_recipient": "anna@a.example"}, {"name": "b.example"}, "c.example"]} == field.read()


def test_no_stays_no() -> None:
    """
    A sender that was said to use no TLS is still said so when its name changes.
    """
    field = _rows("senders", [{"name": "Scanner", "ip": "192.0.2.7", "tls": False}])
    _type(field, 0, 0, "Printer")

    assert {"senders": [{"name": "Printer", "ip": "192.0.2.7", "tls": False}]} == field.read()


def test_typed_contacts(form: Form) -> None:
    """
    What is typed and ticked makes a contact; what is empty is left out. A change to one keeps the others as they were.
    """
    form.fill(COMPLETE)
    field = form.field("contacts")
    assert isinstance(field, RowsField)
    field._add()
    for part, value in enumerate(("Anna", "Administrator", "+44 1632 960001", "", True)):
        _type(field, 0, part, value)
    _type(field, 1, 0, "Support")
    _type(field, 1, 3, "support@gateway.example")
    made = form.accept()
    typed = form.read()
    _type(field, 1, 2, "+44 1632 960900")

    anna = {"name": "Anna", "role": "Administrator", "phone": "+44 1632 960001", "emergency": True}
    assert {**COMPLETE, "contacts": [anna, {"name": "Support", "email": "support@gateway.example"}]} == typed
    assert made is not None
    assert [True, False] == [one.emergency for one in made.contacts]
    assert anna == form.read()["contacts"][0]


def test_contact_whom_nobody_can_call(form: Form) -> None:
    """
    A name alone is refused where the number is to be typed, and right with either.
    """
    form.fill(COMPLETE)
    field = form.field("contacts")
    assert isinstance(field, RowsField)
    _type(field, 0, 0, "Anna")
    refused = form.accept()
    phone = field._rows[0].parts[2]

    assert refused is None
    assert ["phone"] == [part.key for part in field._rows[0].parts if part.refused]
    assert "nobody can be called" in phone._note.value

    _type(field, 0, 3, "anna@mobile.example")
    assert not field.refused
    assert form.accept() is not None


def test_removing(traffic: Traffic) -> None:
    """
    A removed row is gone, the cursor goes to the one before it, and the last row leaves a blank one.
    """
    told: list[Any] = []
    field = _rows("domains", ["a.example", "b.example", "c.example"])
    field.changed = told.append
    field._remove(field._rows[1])
    assert {"domains": ["a.example", "c.example"]} == field.read()
    assert traffic.cursor is field._rows[0].parts[0].control.comm
    field._remove(field._rows[0])
    field._remove(field._rows[0])

    assert {} == field.read()
    assert 1 == len(field._rows)
    assert [field] * 3 == told


def test_entries_beyond_the_rows_are_kept() -> None:
    """
    A list that is longer than what is shown keeps all it has, in order, when a row changes.
    """
    names = [f"d{number}.example" for number in range(MOST_ROWS + 7)]
    field = _rows("domains", names)
    _type(field, 0, 0, "first.example")

    assert MOST_ROWS == len(field._rows)
    assert {"domains": ["first.example", *names[1:]]} == field.read()


def test_map_beyond_the_rows_is_kept() -> None:
    """
    The same holds for a map.
    """
    codes = {f"d{number}.example": f"{number}e6" for number in range(MOST_ROWS + 3)}
    field = _rows("validation_codes", codes)
    _type(field, 1, 1, "12345e6789012")

    assert {"validation_codes": {**codes, "d1.example": "12345e6789012"}} == field.read()


def test_waivers_by_name() -> None:
    """
    The name of an exception becomes the key, the rest its map.
    """
    field = _rows("waivers")
    for part, value in enumerate(("mx.ttl a.example", "Moved soon", "Anna", "2026-12-31")):
        _type(field, 0, part, value)

    assert {"waivers": {"mx.ttl a.example": {"reason": "Moved soon", "by": "Anna", "expires": "2026-12-31"}}} == field.read()


def test_two_rows_of_one_name_are_refused(form: Form) -> None:
    """
    Of two codes for one domain only one could be kept: that is said, and nothing is accepted.
    """
    field = form.field("validation_codes")
    assert isinstance(field, RowsField)
    field.control  # noqa: B018  # it is shown
    field._add()
    for row, code in zip(field._rows, ("one", "two"), strict=True):
        row.parts[0].control.value, row.parts[1].control.value = "alder.example", code

    assert ["validation_codes"] == [problem.key for problem in form.problems() if "alder.example stands here twice" in problem.message]
    assert form.accept() is None


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_message_stands_at_its_row(form: Form, traffic: Traffic, blank: int) -> None:
    """
    What is wrong with the second entry stands at its field, blank rows before it or not, and there the cursor goes.
    """
    form.fill({"customer": "C", "platform": "microsoft_365", "region": "eu", "inbound_host": "mx.a.example"})
    field = form.field("domains")
    assert isinstance(field, RowsField)
    for _ in range(blank + 1):
        field._add()
    _type(field, blank, 0, "a.example")
    _type(field, blank + 1, 0, "no domain")

    assert form.accept() is None
    assert [blank + 1] == [index for index, row in enumerate(field._rows) if row.parts[0].refused]
    assert "no domain" in field._rows[blank + 1].parts[0]._note.value
    assert traffic.cursor is field._rows[blank + 1].parts[0].control.comm

    _type(field, blank + 1, 0, "b.example")
    assert not field.refused
    assert form.accept() is not None


def test_message_about_a_field_on_demand(form: Form, traffic: Traffic) -> None:
    """
    A field that is shown on demand gets its message and the cursor too, and is opened for it.
    """
    form.fill({"domains": ["a.example", {"name": "b.example", "inbound_host": "192.0.2.1"}]})
    form.accept()
    field = form.field("domains")
    assert isinstance(field, RowsField)
    wrong = field._rows[1].more[2]
    field.focus()

    assert wrong.refused
    assert traffic.cursor is wrong.control.comm
    assert wrong.widget in field._rows[1]._more_box.children


def _explained(field: RowsField) -> list[list[str]]:
    """
    Of each row the keys of the fields that show what they are for.
    """
    shown = [[part for part in row.shown if part._note.value] for row in field._rows]
    assert all(part.helping in part._note.value for row in shown for part in row), "a field cannot say what it is for at all"
    return [[part.key for part in row if " hidden>" not in part._note.value] for row in shown]


PARTS, MORE = ["name", "role", "test_recipient"], ["phase", "platform", "inbound_host"]


def test_only_the_first_row_explains() -> None:
    """
    However many rows there are, what their fields are for stands in the first alone; when that one goes, in the one that is first then.
    """
    field = _rows("domains", ["a.example", "b.example", "c.example"])
    filled = _explained(field)
    field._add()
    added = _explained(field)
    field._remove(field._rows[1])
    second_gone = _explained(field)
    field._remove(field._rows[0])
    first_gone = _explained(field)
    field.fill({"domains": ["d.example", "e.example"]})

    assert [PARTS, [], []] == filled
    assert [PARTS, [], [], []] == added
    assert [PARTS, [], []] == second_gone
    assert [PARTS, []] == first_gone
    assert [PARTS, []] == _explained(field)


def test_blank_row_explains() -> None:
    """
    A list without entries, and one whose last row was removed, has a blank row that says what its fields are for.
    """
    field = _rows("waivers")
    before = _explained(field)
    field._remove(field._rows[0])

    assert [["check", "reason", "by", "expires"]] == before == _explained(field)


def test_fields_on_demand_are_explained_where_they_are_first_seen() -> None:
    """
    What is shown on demand is explained in the first row that shows it, wherever that is.
    """
    field = _rows("domains", ["a.example", {"name": "b.example", "phase": "cutover"}, "c.example"])
    filled = _explained(field)
    field._rows[2]._toggle.click()
    third = _explained(field)
    field._rows[0]._toggle.click()
    first = _explained(field)
    field._rows[0]._toggle.click()
    field._rows[1]._toggle.click()

    assert [PARTS, MORE, []] == filled == third
    assert [PARTS + MORE, [], []] == first
    assert [PARTS, [], MORE] == _explained(field)


def test_row_that_explains_nothing_says_what_is_wrong(form: Form) -> None:
    """
    An error stands in every row, beside its field.
    """
    form.fill({"customer": "C", "domains": ["a.example", "no domain"]})
    form.accept()
    field = form.field("domains")
    assert isinstance(field, RowsField)
    note = field._rows[1].parts[0]._note.value

    assert note.startswith('<span class="rb-field-error" role="alert">')
    assert note.endswith(f'<span class="rb-help" hidden>{field._rows[1].parts[0].helping}</span>')


def test_more_opens_and_closes() -> None:
    """
    The fields for a domain that differs come and go with a click, and are there from the start where they say something.
    """
    field = _rows("domains", ["a.example", {"name": "b.example", "phase": "cutover"}])
    first, second = field._rows
    shown = [bool(row._more_box.children) for row in (first, second)]
    first._toggle.click()
    second._toggle.click()

    assert [False, True] == shown
    assert [True, False] == [bool(row._more_box.children) for row in (first, second)]
