"""
The translations: every language says what English says, with the same values in it.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from runbook_lib.environment import EnvironmentFileError, environment_from_parameters
from runbook_lib.knowledge.regions import CUSTOM, regions
from runbook_lib.knowledge.text import Catalogue, languages

TEXTS = files("runbook_lib.knowledge").joinpath("texts")
FIELD = re.compile(r"\{\{|\}\}|\{([a-z_0-9]+(?:\.[a-z_0-9]+){0,2})(?::([^{}]*))?\}")
UNTRANSLATED = frozenset({"paste", "way_back", "source", "classic", "new"})
"""
Fields that may be left to English: what is pasted, titles of documents, and names of menus.
"""
TRANSLATIONS = [
    (language, entry.name.removesuffix(".toml"))
    for language in languages()
    if language != "en"
    for entry in sorted(TEXTS.joinpath("en").iterdir(), key=lambda entry: entry.name)
]
LOUD = {"de": r"\b(bitte|einfach|nur mal|lediglich)\b|!(?!=)"}


def _flat(language: str, room: str) -> dict[tuple[str, str], str]:
    source = TEXTS.joinpath(language, f"{room}.toml")
    found: dict[tuple[str, str], str] = {}

    def walk(table: dict[str, Any], path: tuple[str, ...]) -> None:
        for key, value in table.items():
            if isinstance(value, dict):
                walk(value, (*path, key))
            else:
                found[".".join(path), key] = value

    if source.is_file():
        walk(tomllib.loads(source.read_text(encoding="utf-8")), ())
    return found


def _values(template: str) -> set[tuple[str, str]]:
    """
    What a template needs: each value's name with its form; of a plural only that it is one.
    """
    found = set()
    for match in FIELD.finditer(template):
        if match.group(1) is not None:
            form = match.group(2) or ""
            found.add((match.group(1), "plural" if form.startswith("plural:") else form))
    return found


@pytest.mark.parametrize(("language", "room"), TRANSLATIONS, ids=lambda value: value)
def test_a_translation_is_whole(language: str, room: str) -> None:
    """
    Every text of English is there, but for what is pasted, names of menus and titles of sources; and nothing English does not have.
    """
    english, translated = _flat("en", room), _flat(language, room)

    lacking = [key for key in english if key not in translated and key[1] not in UNTRANSLATED]
    assert [] == lacking
    assert [] == [key for key in translated if key not in english]


@pytest.mark.parametrize(("language", "room"), TRANSLATIONS, ids=lambda value: value)
def test_a_translation_has_the_same_values(language: str, room: str) -> None:
    """
    A sentence names what the English one names; only words for one and many may come and go with the grammar.
    """
    english = _flat("en", room)
    different = []
    for key, text in _flat(language, room).items():
        if key in english:
            given, made = _values(english[key]), _values(text)
            plain = [{one for one in values if one[1] != "plural"} for values in (given, made)]
            if plain[0] != plain[1] or not {name for name, _ in made} <= {name for name, _ in given}:
                different.append(key)

    assert [] == different


@pytest.mark.parametrize(("language", "room"), TRANSLATIONS, ids=lambda value: value)
def test_a_translation_keeps_the_voice(language: str, room: str) -> None:
    """
    It does not beg, shout or belittle either.
    """
    loud = [
        key
        for key, text in _flat(language, room).items()
        if key[1] not in UNTRANSLATED and re.search(LOUD[language], re.sub(r"[„“\"]!", "", text), re.IGNORECASE)
    ]

    assert [] == loud


@pytest.mark.parametrize("language", languages())
def test_every_region_has_a_name(language: str) -> None:
    """
    Each region of the snapshot, and an account with ranges of its own, has one name in each language; the English one is the snapshot's.
    """
    codes = [*(region.code for region in regions()), CUSTOM]
    names = _flat(language, "words")

    assert codes == [code for key, code in names if key == "words.region"]
    assert len(codes) == len({Catalogue(language).region(code) for code in codes})
    if language == "en":
        assert {region.code: region.title for region in regions()} == {
            region.code: Catalogue("en").region(region.code) for region in regions()
        }


def test_region_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A region that the words do not know yet goes by the snapshot's name, and one that nobody knows by its code.
    """
    catalogue = Catalogue("de")
    whole = catalogue._templates
    monkeypatch.setattr(catalogue, "_templates", lambda key: {} if key == "words.region" else whole(key))

    assert ["Germany", "mars"] == [catalogue.region(code) for code in ("de", "mars")]


@pytest.mark.parametrize(
    ("typed", "meant"), [("Deutschland", "de (Deutschland)"), ("south africa", "za (Südafrika)"), ("usa", "us (USA (Grid A))")]
)
def test_region_by_its_name(typed: str, meant: str) -> None:
    """
    Whoever types a region's name, in any language, is told its code, with the name in the language of the file.
    """
    given = {
        "customer": "A",
        "platform": "hybrid",
        "region": typed,
        "domains": ["a.example"],
        "inbound_host": "m.a.example",
        "language": "de",
    }
    with pytest.raises(EnvironmentFileError, match=re.escape(f"War {meant} gemeint?")):
        environment_from_parameters(given)
