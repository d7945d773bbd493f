"""
The text catalogue: templates, values, languages.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.errors import KnowledgeError
from runbook_lib.knowledge.text import LANGUAGE_VARIABLE, Catalogue, Message, Words, languages, visible

NAMED = re.compile(r"(?<!\{)\{([a-z0-9_]+(?:\.[a-z0-9_]+){1,2})\}")


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{a}", {"a": "x"}, "x"),
        ("{a}", {"a": ["x"]}, "x"),
        ("{a}", {"a": ["x", "y", "z"]}, "x, y and z"),
        ("{a}", {"a": []}, "none"),
        ("{n} {n:plural:host|hosts}", {"n": 1}, "1 host"),
        ("{n} {n:plural:host|hosts}", {"n": 2}, "2 hosts"),
        ("{a:plural:host|hosts}", {"a": ["x", "y"]}, "hosts"),
        ("{t:date}", {"t": "2026-05-03"}, "3 May 2026"),
        ("{t:time}", {"t": "2026-05-03T14:05:00+02:00"}, "3 May 2026 12:05 UTC"),
        ("{t:said}", {"t": "2026-05-03"}, "3 May 2026"),
        ("{t:said}", {"t": "2026-05-03T14:05:00Z"}, "3 May 2026 14:05 UTC"),
        ("{s:duration}", {"s": 0.25}, "0.2 s"),
        ("{s:duration}", {"s": 10}, "10 s"),
        ("{s:duration}", {"s": 300}, "5 minutes"),
        ("{s:duration}", {"s": 3600}, "1 hour"),
        ("{s:duration}", {"s": 5400}, "90 minutes"),
        ("{s:duration}", {"s": 172800}, "2 days"),
        ("{a:lines}", {"a": ["x", "y"]}, "x\ny"),
        ("{a:commas}", {"a": ["x", "y"]}, "x,y"),
        ("@{{Add=$ranges}}", {}, "@{Add=$ranges}"),
        ("{a:platform}", {"a": "hybrid"}, "Exchange hybrid"),
        ("{a:platform}", {"a": ["hybrid", "microsoft_365"]}, "Exchange hybrid and Microsoft 365"),
        ("{a:region}", {"a": ["de", "eu", "mars"]}, "Germany, Europe / United Kingdom and mars"),
        ("{a:key}", {"a": "allowlist"}, '"Allow list, as pasted" (allowlist)'),
        ("{a:key}", {"a": ["region", "phase"]}, '"Gateway region" (region) and "Phase" (phase)'),
        ("{key.console_ranges}", {}, '"Address ranges the console shows" (console_ranges)'),
        ("{key.of_present.locked}", {}, '"The platform takes mail from it alone" (locked)'),
        ("{key.inbound_firewall.open}", {}, '"Anyone may connect" (open)'),
        ("{key.phase.cutover}", {}, '"Cut-over" (cutover)'),
        ("{gate.roll_back}", {}, '"Go back"'),
        ("{a:way}", {"a": []}, ""),
        ("{a:word}", {"a": "exported"}, "from the export"),
        ("{a:word}", {"a": "no such word"}, "no such word"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_templates(template: str, values: dict[str, object], expected: str) -> None:
    """
    A template shows each kind of value as the module's docstring says.
    """
    assert expected == Catalogue().fill(template, values)


def test_a_value_cannot_bring_a_field_of_its_own() -> None:
    """
    Braces in a value from outside are shown, not filled.
    """
    assert "{customer} x" == Catalogue().fill("{host} {customer}", {"host": "{customer}", "customer": "x"})


def test_a_missing_value_is_named() -> None:
    """
    A template that lacks a value says which, and in which text.
    """
    with pytest.raises(KnowledgeError, match=r"'mx\.x' needs a value 'host'"):
        Catalogue().fill("{host}", {}, "mx.x")


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    """
    Whatever comes in, what is shown has no control, format or odd space character.
    """
    shown = visible(text)

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\u00a0]", shown)


def test_control_characters_are_written_out() -> None:
    """
    An escape sequence and a direction override are shown as what they are.
    """
    assert "\\x1b[31m \\u202eevil" == visible("\x1b[31m \u202eevil")


def test_an_unknown_language_is_refused() -> None:
    """
    A language without texts is named together with those there are.
    """
    with pytest.raises(KnowledgeError, match="en"):
        Catalogue("xx")


def _messages(language: str = "en") -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for entry in files("runbook_lib.knowledge").joinpath("texts", language).iterdir():
        stack = [((), tomllib.loads(entry.read_text(encoding="utf-8")))]
        while stack:
            path, table = stack.pop()
            texts = {key: value for key, value in table.items() if isinstance(value, str)}
            if texts:
                found.append((".".join(path), texts))
            stack.extend(((*path, key), value) for key, value in table.items() if isinstance(value, dict))
    return found


def test_every_finding_message_says_what_was_expected_seen_and_by_what_rule() -> None:
    """
    A message with a summary also has expected, observed and source, and a remedy names who does it; a diagnosis is no finding.
    """
    lacking = [
        key
        for key, fields in _messages()
        if not key.startswith("explain.")
        and "summary" in fields
        and (not {"expected", "observed", "source"} <= fields.keys() or ("remedy" in fields) != ("who" in fields))
    ]

    assert [] == lacking


def test_texts_keep_the_voice() -> None:
    """
    No text begs, shouts or belittles: no "please", no "simply", no exclamation mark.
    """
    loud = [
        (key, name)
        for key, fields in _messages()
        for name, text in fields.items()
        if name not in ("paste", "way_back")
        and re.search(r"\b(please|simply|just)\b|!(?!=)", re.sub(r"[“\"]!", "", text), re.IGNORECASE)
        and not key.startswith("ui.status")
    ]

    assert [] == loud


def test_words_are_made_from_a_message() -> None:
    """
    A message id and its values come out as sentences.
    """
    words = Catalogue().words(Message("common.left_out", {"kind": "smtp"}))

    assert "Not looked at: this run was told to leave out smtp probes." == words.summary
    assert isinstance(words, Words)


@pytest.mark.parametrize(
    ("stopper", "shown"),
    [
        ("mx.gateway alder.example", '"MX and the gateway" (alder.example)'),
        (["route.starttls 192.0.2.7", "dnssec.status"], '"STARTTLS" (192.0.2.7) and "DNSSEC"'),
    ],
    ids=["one", "two"],
)
def test_findings_are_named_by_the_title_of_their_check(stopper: str | list[str], shown: str) -> None:
    """
    Where a sentence names findings, people read the title of the check and not its id.
    """
    words = Catalogue().words(Message("common.not_reached", {"stopper": stopper}))

    assert f"Not reached: first put right {shown}." == words.summary


def test_a_check_named_in_a_sentence_has_its_title() -> None:
    """
    A name with a dot in a template is a check, shown by its title; one that does not exist is refused.
    """
    catalogue = Catalogue()

    assert 'See "Way round the gateway".' == catalogue.fill("See {lockdown.direct}.", {})
    with pytest.raises(KnowledgeError, match=r"mx\.nothing"):
        catalogue.fill("See {mx.nothing}.", {})


@pytest.mark.parametrize(
    "name", ["key.attestations", "key.nothing", "key.phase.nothing", "key.of_present.nothing", "gate.nothing", "gate.question"]
)
def test_what_the_form_and_the_report_do_not_show_is_refused(name: str) -> None:
    """
    A key, a choice or a gate that people see nowhere cannot be named to them.
    """
    with pytest.raises(KnowledgeError, match=re.escape(name.split(".", 1)[1])):
        Catalogue().fill(f"See {{{name}}}.", {})


def test_keys_are_named_in_the_language_of_the_form() -> None:
    """
    The label is the one a person sees, in German as well, and in German quotation marks.
    """
    assert "Unter „Adressbereiche laut Konsole“ (console_ranges)." == Catalogue("de").fill("Unter {key.console_ranges}.", {})


@pytest.mark.parametrize("language", languages())
def test_everything_named_in_a_text_has_a_title(language: str) -> None:
    """
    No text of any language names a check, a gate, a key or a choice that has no title.
    """
    catalogue = Catalogue(language)
    named = {name for _, fields in _messages(language) for text in fields.values() for name in NAMED.findall(text)}

    assert {"key", "gate", "mx"} <= {name.split(".", 1)[0] for name in named}
    mark = catalogue.fields("words.quote")["text"][0]
    assert [] == [name for name in sorted(named) if not catalogue.fill(f"{{{name}}}", {}).startswith(mark)]


def test_there_is_english() -> None:
    """
    English is always there.
    """
    assert "en" in languages()


@pytest.mark.parametrize(("wanted", "expected"), [("de", "de"), (" DE\n", "de"), ("fr", "en"), ("", "en"), ("../en", "en")])
def test_what_belongs_to_no_customer_has_the_language_asked_for(monkeypatch: pytest.MonkeyPatch, wanted: str, expected: str) -> None:
    """
    ``RUNBOOK_LANGUAGE`` names it; where there are no texts in it, it is English.
    """
    monkeypatch.setenv(LANGUAGE_VARIABLE, wanted)

    assert expected == Catalogue().language


@pytest.mark.parametrize(
    ("issue", "words"),
    [
        ('1:49 "\\xa0207.82.80.0/24" invisible_characters → 207.82.80.0/24', "line 1, character 49: "),
        ('2:1 "10.0.0.0/8" private', 'line 2, character 1: "10.0.0.0/8" is private'),
        ('3:1 "10.1.0.0/16" overlap → 10.0.0.0/8', "lies within another entry: 10.0.0.0/8"),
        ('4:1 "9.9.9.9" duplicate → 30×', 'line 4, character 1: "9.9.9.9" stands there 30 times'),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_faults_of_a_list_are_words(issue: str, words: str) -> None:
    """
    People read where it is and what is wrong, not a code; what is no fault stays as it is.
    """
    assert words in Catalogue("en").fill("{issues:faults}", {"issues": [issue]})


def test_several_faults_stand_on_lines_of_their_own() -> None:
    """
    A line break in a fault is written out, so that only ours part them.
    """
    issues = ['2:1 "10.0.0.0/8" private', '3:1 "a\n• b" not_an_address']

    said = Catalogue("en").fill("2 entries: {issues:faults}", {"issues": issues})

    assert ["2 entries: ", '• line 2, character 1: "10.0.0.0/8" is private'] == said.split("\n")[:2]
    assert 3 == len(said.split("\n"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_lists_of_faults_stand_last(language: str) -> None:
    """
    What came behind them would belong to their last line.
    """
    catalogue = Catalogue(language)
    texts = [
        text for room in ("allowlist", "google") for key in catalogue.names(room) for text in catalogue.fields(f"{room}.{key}").values()
    ]
    listing = [text for text in texts if "{issues:faults}" in text]

    assert len(listing) > 5
    assert all(text.endswith("{issues:faults}") for text in listing)
