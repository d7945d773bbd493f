"""
What a value is refused with: a message of the text catalogue and what it needs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..knowledge.text import Catalogue, visible

LONGEST_SHOWN = 80
"""
How many characters of a value an error repeats.
"""
_CREDENTIALS = re.compile(r"(?<=//)\S*@")


@dataclass(frozen=True, slots=True)
class Word:
    """
    A word of ours among the values of a message, in the language the message is said in.

    Args:
        name: Field of ``environment_words.value``.
        count: What it counts, if anything.
    """

    name: str
    count: int = 0

    def words(self, catalogue: Catalogue) -> str:
        """
        The word itself.
        """
        return catalogue.text("environment_words.value", self.name, count=self.count)


class Refusal(ValueError):  # noqa: N818  # it never leaves the room; errors for people end in Error
    """
    A value that cannot be used.

    Args:
        message: A message id; without a dot in it, the part behind ``environment.``.
        value: What stands there; it is shortened, and credentials in a URL are left out.
        values: What else the message needs; words and sentences of ours as `Word` and `Refusal`.
    """

    def __init__(self, message: str, value: Any = None, /, **values: Any) -> None:
        self.message = message
        self._value = value
        self.values = values
        super().__init__(message)

    def words(self, catalogue: Catalogue) -> str:
        """
        The sentence in the language of a catalogue.
        """
        values = {name: value.words(catalogue) if isinstance(value, Word | Refusal) else value for name, value in self.values.items()}
        key = self.message if "." in self.message else f"environment.{self.message}"
        return catalogue.text(key, **{"value": shown(self._value, catalogue), **values})

    def __str__(self) -> str:
        return self.words(Catalogue())


class Refusals(ValueError):  # noqa: N818  # see Refusal
    """
    Several keys that do not fit together.

    Args:
        found: Key, what stands there, why it is refused. A key that begins with a dot is one of the map that is refused.
    """

    def __init__(self, found: Sequence[tuple[str, Any, Refusal]]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(f"{key}: {refusal}" for key, _, refusal in found))


def shown(value: Any, catalogue: Catalogue | None = None) -> str:
    """
    A value as an error repeats it: one line, printable, at most `LONGEST_SHOWN` characters, no credentials.

    Args:
        value: What stands there.
        catalogue: For the words in place of a list, a map or a number that is too long; English where there is none.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return Word("map_of", len(value)).words(catalogue or Catalogue())
    if isinstance(value, list | tuple | set | frozenset):
        return Word("list_of", len(value)).words(catalogue or Catalogue())
    if isinstance(value, int) and abs(value) > 10**60:
        return Word("long_number").words(catalogue or Catalogue())
    return _one_line(value)


def has_credentials(value: Any) -> bool:
    """
    True for a text that has a user name or a password before an ``@`` of a URL.
    """
    return isinstance(value, str) and _CREDENTIALS.search(value) is not None


def _one_line(value: Any) -> str:
    text = visible(_CREDENTIALS.sub("…@", str(value)[: LONGEST_SHOWN * 4]))
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    The known word that a misspelt one most resembles, None where none does.

    Case, and whether words are joined by ``_``, ``-``, ``.`` or a space, do not count. A beginning ("google") or a number in it ("m365")
    is resemblance enough.
    """
    plain = {_plain(candidate): candidate for candidate in known}
    said = _plain(word[:100])
    found = difflib.get_close_matches(said, plain, n=1, cutoff=0.6)
    if found:
        return plain[found[0]]
    number = re.search(r"[0-9]{3,}", said)
    return next((plain[key] for key in plain if (len(said) > 2 and key.startswith(said)) or (number and number.group() in key)), None)


def _plain(word: str) -> str:
    return re.sub(r"[-_. ]+", "_", word.casefold().strip())
