"""
The text catalogue: all words for a person, one file a language and room, found by message id.

``texts/<language>/<room>.toml`` holds a table for each message id that begins with ``<room>.``; its keys are the fields of `Words`, or any
other name for text that is no finding (``text``, ``title``). A message or field that a language lacks is taken from English.

A template is plain text with ``{name}`` in it. A list becomes ``a, b and c``. Behind a colon may stand:

========================  ==========================================================
``{n:plural:host|hosts}``  one of two words, by a number or the length of a list
``{when:date}``           3 May 2026
``{when:time}``           3 May 2026 14:05 UTC
``{when:clock}``          14:05:30 UTC
``{when:said}``           one of these two, as somebody gave a day or a time
``{seconds:duration}``    10 s, 5 minutes, 2 hours, 3 days
``{items:lines}``         one a line, for pasting
``{items:commas}``        separated by a comma and no space, for pasting
``{names:check}``         findings by name, the check with its title
``{names:platform}``      platforms by the codes of the environment file, by their titles
``{codes:region}``        regions of the gateway by the codes of the environment file, by their names
``{check:claim}``         what a person says who confirms a check, a sentence of ``people.claims``
``{names:key}``           keys of the environment file, each with its label of the form
``{list:listed}``         a list by its key as with ``key``, or an exported one (``file#object``) by its file
``{issue:fault}``         a fault of a pasted list (``line:column "text" fault → meant``), the fault in words
``{issues:faults}``       several of these, each on a line of its own; stands last in a text and brings its full stop
``{items:kinds}``         items with a code in brackets behind them, the code in words
``{names:way}``           directions by the names of ``words.way``, one after the other
``{source:word}``         one of the words of ``words.value``; what is none of them stays as it is
========================  ==========================================================

A name with a dot in it needs no value. People read titles, ids are for programs:

===================================  =====================================================================================
``{mx.gateway}``                     the title of that check
``{gate.move_mx}``                   the title of that gate
``{key.console_ranges}``             the label the form has for that key of the environment file, and the key
``{key.of_present.locked}``          the same for a key inside another
``{key.inbound_firewall.open}``      a choice, as the form offers it and as the file has it
===================================  =====================================================================================

Doubled braces stand for themselves. Values come from outside: control characters and invisible ones are made visible here, and escaping for
HTML is the renderer's.
"""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import KnowledgeError
from .check_ids import TENANT
from .gates import gate_rules
from .regions import region

LANGUAGE_VARIABLE = "RUNBOOK_LANGUAGE"
"""
Environment variable with the language of what belongs to no customer: the command line, the start page.
"""
_FIELD = re.compile(r"\{\{|\}\}|\{([a-z_0-9]+(?:\.[a-z_0-9]+){0,2})(?::([^{}]*))?\}")
ITEM = "• "
"""
What a line begins with that is an item of a list, in a text of several lines.
"""
_FAULT = re.compile(r'(\d+):(\d+) "(.*)" (\w+)(?: → (.*))?', re.DOTALL)
_KIND = re.compile(r"\((\w+)\)$")
_TIMES = re.compile(r"([0-9]+)×")
_TITLES_OF_CHOICES = {"phase": "ui.phase_short", "platform": "ui.platform"}


@dataclass(frozen=True, slots=True)
class Message:
    """
    What is to be said, without the words: an id of the text catalogue and the values it needs.

    Args:
        id: For example ``mx.gateway.residual``.
        values: Texts, numbers, booleans, None, lists of them, and ISO dates; JSON can hold them.
    """

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """
    The sentences of one message in one language.

    Args:
        summary: One sentence a customer can read.
        expected: What would be right.
        observed: What was seen.
        remedy: What to do; ``""`` where nothing is to be done. A line that begins with four blanks is a command.
        who: Who does it: ``customer_dns``, ``tenant_admin``, ``gateway_admin``, ``server_admin``, ``network_admin``, ``provider``,
            ``consultant`` or ``""``.
        paste: Text to paste, ``""`` for none. A line that begins with ``##`` is the title of a block of its own.
        source: Rule, RFC or article.
    """

    summary: str = ""
    expected: str = ""
    observed: str = ""
    remedy: str = ""
    who: str = ""
    paste: str = ""
    source: str = ""


def visible(text: str) -> str:
    r"""
    Text from outside with every control, format and unassigned character written out (``\\x1b``, ``\\u202e``).

    A line feed and a tab are written out as well; spaces other than the ordinary one too.
    """
    return "".join(character if _harmless(character) else _written_out(character) for character in text)


def _harmless(character: str) -> bool:
    category = unicodedata.category(character)
    return character == " " or not category.startswith(("C", "Z"))


def _written_out(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


class Catalogue:
    """
    The texts of one language.

    Args:
        language: Two-letter code for which there is a folder of texts; None takes `own_language`.

    Raises:
        KnowledgeError: There is none.
    """

    def __init__(self, language: str | None = None) -> None:
        language = own_language() if language is None else language
        if language not in languages():
            raise KnowledgeError(Catalogue().text("words.no_language", language=language, known=languages()))
        self.language = language
        self._forms: Mapping[str, Callable[[Any], str]] = {
            "said": lambda value: self._date(str(value), "time" if "T" in str(value) else "date"),
            "date": lambda value: self._date(str(value), "date"),
            "time": lambda value: self._date(str(value), "time"),
            "clock": lambda value: f"{_utc(str(value)):%H:%M:%S} UTC",
            "duration": lambda value: self._duration(float(value)),
            "lines": lambda value: "\n".join(visible(str(item)) for item in value),
            "commas": lambda value: ",".join(visible(str(item)) for item in value),
            "word": self._words,
            "kinds": self._kinds,
            "fault": lambda value: self._fault(str(value)),
            "faults": self._faults,
            "platform": lambda value: self._each(value, self._templates("ui.platform").__getitem__),
            "region": lambda value: self._each(value, self.region),
            "claim": self._claim,
            "way": self._ways,
            "listed": lambda value: self._listed(str(value)),
            "key": lambda value: self._each(value, self._key),
            "check": lambda value: self._each(value, self._finding),
        }

    def words(self, message: Message) -> Words:
        """
        The sentences of a finding's message.

        Raises:
            KnowledgeError: There is no such message, or a value it needs is not given.
        """
        fields = self._templates(message.id)
        made = {key: self.fill(template, message.values, message.id) for key, template in fields.items() if key in Words.__slots__}
        return Words(**made)

    def text(self, key: str, field: str = "text", /, **values: Any) -> str:
        """
        One text that is no finding, for example a title.

        Raises:
            KnowledgeError: There is none.
        """
        fields = self._templates(key)
        if field not in fields:
            raise KnowledgeError(f"The text {key!r} has no {field!r}.")
        return self.fill(fields[field], values, key)

    def fields(self, key: str) -> Mapping[str, str]:
        """
        All fields of one text as they stand, unfilled.
        """
        return self._templates(key)

    def region(self, code: str) -> str:
        """
        The name of a region of the gateway: the snapshot's where this language has none, and the code itself where there is no such region.
        """
        named = self._templates("words.region").get(code)
        if named is not None:
            return named
        try:
            return region(code).title
        except KnowledgeError:
            return code

    def _claim(self, value: Any) -> str:
        name = str(value)
        claims = self._templates("people.claims")
        return self.fill(claims[name], {}) if name in claims else f"{self._title(name)}."

    def names(self, prefix: str) -> tuple[str, ...]:
        """
        The texts there are below a key, each by what follows it, in order.
        """
        room = _room("en", prefix.split(".", 1)[0])
        return tuple(key.removeprefix(f"{prefix}.") for key in room if key.startswith(f"{prefix}."))

    def has(self, key: str) -> bool:
        """
        True where there is a text of this id.
        """
        room = key.split(".", 1)[0]
        return key in _room("en", room)

    def fill(self, template: str, values: Mapping[str, Any], where: str = "") -> str:
        """
        Put values into a template.
        """

        def put(match: re.Match[str]) -> str:
            if match.group(1) is None:
                return match.group(0)[0]
            if "." in match.group(1):
                return self._named(match.group(1))
            if match.group(1) not in values:
                raise KnowledgeError(f"The text {where!r} needs a value {match.group(1)!r}.")
            return self._shown(values[match.group(1)], match.group(2) or "")

        return _FIELD.sub(put, template)

    def _shown(self, value: Any, form: str) -> str:
        if form.startswith("plural:"):
            one, _, many = form.removeprefix("plural:").partition("|")
            count = value if isinstance(value, int | float) else len(value)
            return one if count == 1 else many
        made = self._forms.get(form)
        return self._plain(value) if made is None else made(value)

    def _each(self, value: Any, show: Callable[[str], str]) -> str:
        """
        One text, or a list of them, each shown the same way.
        """
        return self._plain([show(str(name)) for name in ([value] if isinstance(value, str) else value)])

    def _words(self, value: Any) -> str:
        words = self._templates("words.value")
        return self._plain(words.get(value, value) if isinstance(value, str) else [words.get(str(item), item) for item in value])

    def _kinds(self, value: Any) -> str:
        words = self._templates("words.value")
        return self._plain([_KIND.sub(lambda match: f"({words.get(match[1], match[1])})", str(item)) for item in value])

    def _ways(self, value: Any) -> str:
        ways = self._templates("words.way")
        return "".join(_joined(self.fill(ways[name], {}, f"words.way {name}") for name in value))

    def _listed(self, subject: str) -> str:
        file, exported, _ = subject.partition("#")
        return self.text("words.list", "exported", file=file) if exported else self._key(file)

    def _faults(self, issues: Sequence[str]) -> str:
        said = [self._fault(issue) for issue in issues]
        return "".join(f"\n{ITEM}{one}" for one in said) if len(said) > 1 else f"{self._plain(said)}."

    def _fault(self, issue: str) -> str:
        found = _FAULT.fullmatch(issue)
        if found is None:
            return visible(issue)
        words = self._templates("form.fault")
        line, column, text, fault, meant = found.groups()
        values: dict[str, Any] = {"line": line, "column": column, "text": text, "fault": words.get(fault, fault)}
        times = _TIMES.fullmatch(meant or "")
        if times is not None:
            return self.fill(words["item_times"], values | {"times": int(times[1])})
        if meant in (None, text):
            return self.fill(words["item"], values)
        kind = "item_within" if fault == "overlap" else "item_meant"
        return self.fill(words[kind], values | {"meant": meant.replace(",", ", ")})

    def _finding(self, name: str) -> str:
        check, _, subject = name.partition(" ")
        return f"{self._title(check)} ({subject})" if subject not in ("", TENANT) else self._title(check)

    def _named(self, name: str) -> str:
        kind, _, rest = name.partition(".")
        if kind == "key":
            return self._key(rest)
        if kind == "gate":
            titles = self._templates("ui.gate")
            if rest not in gate_rules():
                raise KnowledgeError(f"There is no gate {visible(rest)!r}.")
            return self._quoted(titles[rest])
        return self._title(name)

    def _key(self, key: str) -> str:
        """
        The label that the form has for a key or for a choice, with what stands in the file behind it.
        """
        outer, _, inner = key.rpartition(".")
        choices = _TITLES_OF_CHOICES.get(outer, f"form.choice.{outer}")
        label = self._templates(choices).get(inner) if outer and self.has(choices) else None
        if label is None:
            label = self._templates(f"form.{key}").get("label") if self.has(f"form.{key}") else None
        if label is None:
            raise KnowledgeError(f"The form has no label for {visible(key)!r}.")
        return f"{self._quoted(label)} ({inner})"

    def references(self) -> Mapping[str, str]:
        """
        What ``{key.…}`` can become: each reference to a field of the form or to a choice, with the field's key.
        """
        found: dict[str, str] = {}
        for name in self.names("form"):
            kind, _, outer = name.partition(".")
            if "label" in self._templates(f"form.{name}"):
                found.setdefault(self._key(name), name)
            elif kind == "choice":
                found |= {self._key(f"{outer}.{value}"): outer for value in self._templates(f"form.{name}")}
        for outer, titles in _TITLES_OF_CHOICES.items():
            found |= {self._key(f"{outer}.{value}"): outer for value in self._templates(titles)}
        return found

    def _title(self, check: str) -> str:
        titles = self._templates("ui.check")
        if check not in titles:
            raise KnowledgeError(f"The check {visible(check)!r} has no title.")
        return self._quoted(titles[check])

    def _quoted(self, name: str) -> str:
        """
        A name in the quotation marks of the language.
        """
        return self._templates("words.quote")["text"].replace("{name}", name)

    def _plain(self, value: Any) -> str:
        if isinstance(value, str):
            return visible(value)
        if isinstance(value, Sequence):
            items = [self._plain(item) for item in value]
            if not items:
                return self._templates("words.list")["none"]
            return items[0] if len(items) == 1 else ", ".join(items[:-1]) + self._templates("words.list")["and"] + items[-1]
        return visible(str(value))

    def _date(self, value: str, form: str) -> str:
        when = _utc(value)
        day = self.text("words.date", "day", day=when.day, month=self._templates("words.month")[str(when.month)], year=when.year)
        return day if form == "date" else self.text("words.date", "time", date=day, clock=f"{when:%H:%M}")

    def _duration(self, seconds: float) -> str:
        for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if seconds >= 2 * size or seconds == size:
                count = round(seconds / size, 1)
                return self.text("words.unit", name, n=int(count) if count == int(count) else count)
        return self.text("words.unit", "second", n=round(seconds) if seconds >= 1 or seconds == 0 else round(seconds, 1))

    def load(self, keys: Iterable[str]) -> None:
        """
        Read the rooms of some ids now, so that nobody waits for them later.
        """
        for room in {key.split(".", 1)[0] for key in keys}:
            for language in {"en", self.language}:
                _room(language, room)

    def _templates(self, key: str) -> Mapping[str, str]:
        room = key.split(".", 1)[0]
        english = _room("en", room).get(key)
        if english is None:
            raise KnowledgeError(f"There is no text {key!r}.")
        if self.language == "en":
            return english
        return {**english, **_room(self.language, room).get(key, {})}


def _utc(value: str) -> datetime:
    when = datetime.fromisoformat(value)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _joined(sentences: Iterable[str]) -> Iterator[str]:
    """
    Sentences one after the other; behind a command on a line of its own the next one begins a new line.
    """
    before = ""
    for sentence in sentences:
        if before:
            yield "\n" if before.rpartition("\n")[2].startswith("    ") else " "
        yield sentence
        before = sentence


def languages() -> tuple[str, ...]:
    """
    The languages there are texts in.
    """
    return tuple(sorted(entry.name for entry in files(__package__).joinpath("texts").iterdir() if entry.is_dir()))


def own_language() -> str:
    """
    The language of what belongs to no customer: the one `LANGUAGE_VARIABLE` names, if there are texts in it, else English.
    """
    wanted = os.environ.get(LANGUAGE_VARIABLE, "").strip().lower()
    return wanted if wanted in languages() else "en"


@cache
def _room(language: str, room: str) -> Mapping[str, Mapping[str, str]]:
    source = files(__package__).joinpath("texts", language, f"{room}.toml")
    if not source.is_file():
        return {}
    found: dict[str, Mapping[str, str]] = {}
    _flatten(tomllib.loads(source.read_text(encoding="utf-8")), (), found)
    return found


def _flatten(table: Mapping[str, Any], path: tuple[str, ...], found: dict[str, Mapping[str, str]]) -> None:
    texts = {key: value.strip("\n") for key, value in table.items() if isinstance(value, str)}
    if texts:
        found[".".join(path)] = texts
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(value, (*path, key), found)
