"""
Single fields: what was filled in comes back as it was, what is typed comes back as typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape, unescape
from typing import Any

import ipywidgets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.environment import Environment, Platform
from runbook_lib.knowledge.text import Catalogue, languages
from runbook_lib.widgets.fields import ChoiceField, Field, FlagField, GroupField, LinesField
from runbook_lib.widgets.layout import sections, start_fields
from runbook_lib.widgets.pasted import PastedField
from runbook_lib.widgets.rows import RowsField

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


def _choices(field: Field) -> dict[str, str]:
    """
    What can be chosen in a field: each value with its label.
    """
    return {value: label for label, value in field.control.options}


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", ["phase", "tls_policy", "inbound_firewall", "validation_method"])
def test_default_stands_once(key: str, language: str) -> None:
    """
    Every option stands once, in its order; the default says that it is one, is chosen from the start, and gives nothing to the file.
    """
    words = Catalogue(language)
    field = next(field for section in sections(words) for field in section.fields if field.key == key)
    default = str(Environment.model_fields[key].default)
    named = words.fields("ui.phase" if key == "phase" else f"form.choice.{key}")
    plain = {value: named[value] for value in _choices(field)}

    assert {**plain, default: words.text("walk.default", choice=plain[default])} == _choices(field)
    assert len(plain) == len(field.control.options)
    assert default == field.control.value
    assert {} == field.read()


@pytest.mark.parametrize(("language", "label"), [("en", "Germany (de)"), ("de", "Deutschland (de)")])
def test_regions_are_named_in_the_language_of_the_form(language: str, label: str) -> None:
    """
    The regions to choose from have names in the words of the form, each with its code.
    """
    field = next(field for field in start_fields(Catalogue(language)) if field.key == "region")

    assert label == _choices(field)["de"]


def test_default_that_is_given_stays() -> None:
    """
    A file that names the default keeps its line, until another value is chosen; back at the default it is as it was.
    """
    field = _field("phase")
    field.fill({"phase": "prepare"})
    seen = [field.control.value, field.read()]
    for value in ("lockdown", "prepare"):
        field.control.value = value
        seen.append(field.read())

    assert ["prepare", {"phase": "prepare"}, {"phase": "lockdown"}, {"phase": "prepare"}] == seen


@pytest.mark.parametrize("given", [{}, {"phase": "cutover"}, {"phase": "no such phase"}, {"phase": ""}])
def test_default_that_is_chosen_is_left_out(given: dict[str, str]) -> None:
    """
    Who chooses another value and then the default leaves the key out: it means the same.
    """
    field = _field("phase")
    field.fill(given)
    before = field.read()
    field.control.value = "lockdown"
    field.control.value = "prepare"

    assert given == before
    assert {} == field.read()


def test_empty_value_is_not_shown_as_the_default() -> None:
    """
    An empty value is refused, so what is shown is no choice, beside all that can be chosen.
    """
    field = _field("tls_policy")
    field.fill({"tls_policy": ""})
    labels = _choices(field)

    assert "Choose" == labels[field.control.value]
    assert ["opportunistic", "strict", ""] == list(labels)
    assert {"tls_policy": ""} == field.read()


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


def _shown(widget: ipywidgets.Widget) -> str:
    """
    All that is to be read in a widget; what is hidden in it is not.
    """
    own = (getattr(widget, "description", ""), widget.value if isinstance(widget, ipywidgets.HTML) else "")
    return " ".join([*own, *map(_shown, getattr(widget, "children", ()))])


def _with_parts(field: Field) -> Iterator[Field]:
    yield field
    if isinstance(field, RowsField):
        parts, more = field._make_row()
        yield from (*parts, *more)
    if isinstance(field, GroupField):
        yield from field.parts


@pytest.mark.parametrize("language", languages())
def test_what_a_domain_has_of_its_own_is_called_so(language: str) -> None:
    """
    A field of one domain and that of the whole customer cannot be taken for each other by their labels.
    """
    words = Catalogue(language)
    keys = ("phase", "platform", "inbound_host", "test_recipient")

    assert [] == [key for key in keys if words.text(f"form.{key}", "label") == words.text(f"form.of_domain.{key}", "label")]


@pytest.mark.parametrize("language", languages())
def test_every_field_is_explained(language: str) -> None:
    """
    In every language each field of the form and of the start page, the parts of rows and groups among them, shows its label, what it is
    for and an example; no two texts are left the same by mistake.
    """
    words = Catalogue(language)
    fields = [field for section in sections(words) for field in section.fields]
    for field in (part for each in (*fields, *start_fields(words)) for part in _with_parts(each)):
        texts = words.fields(field._words)
        label, helping, example = (texts[name].strip() for name in ("label", "help", "example"))
        shown = _shown(field.widget)

        assert 3 == len({label, helping, example} - {""}), field._words
        assert label in unescape(shown), field._words
        assert escape(helping) in shown, field._words
        assert escape(words.text("walk.example", example=example)) in shown, field._words

    assert ["console_ranges", "allowlist", "gateway_list"] == [field.key for field in fields if isinstance(field, PastedField)]


@pytest.mark.parametrize("language", languages())
def test_examples_of_platforms(language: str) -> None:
    """
    An example of its own belongs to a platform that there is, and is shown for that one alone, in a field that is shown already too.
    """
    words = Catalogue(language)
    field = Field("inbound_host", words)
    before = _notes(field)
    own = {name.removeprefix("example_"): text for name, text in words.fields("form.inbound_host").items() if name.startswith("example_")}
    assert {"microsoft_365", "google_workspace"} == set(own)
    for platform in Platform:
        field.fit(platform.value)
        expected = own.get(platform.value, words.text("form.inbound_host", "example"))

        assert escape(words.text("walk.example", example=expected)) in _notes(field)
    field.fit("")
    assert before == _notes(field)


def test_label_of_a_group_is_text() -> None:
    """
    A group shows its label as a title above its parts, and its message between the two.
    """
    group = _field("present_gateway")
    group.refuse([("", "<b>whole</b>")])
    shown = _shown(group.widget)

    assert shown.index("Gateway in front today</span>") < shown.index("&lt;b&gt;whole") < shown.index("Its name")


def test_explained_elsewhere() -> None:
    """
    A field whose like is explained already keeps its words for those who ask for them, and says what is wrong to everyone.
    """
    field = _field("customer")
    field.bare(bare=True)
    quiet = _notes(field)
    field.refuse([("", "wrong")])
    wrong = _notes(field)
    field.bare(bare=False)

    assert f'<span class="rb-help" hidden>{field.helping}</span>' == quiet
    assert wrong.endswith(quiet)
    assert "Customer: wrong</span>" in wrong
    assert f'<span class="rb-help">{field.helping}</span>' in _notes(field)
