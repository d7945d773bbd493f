"""
What a value is refused with: a message of the text catalogue and what it needs.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..knowledge.text import Catalogue, visible

LONGEST_SHOWN = 80
"""
How many characters of a value an error repeats.
"""
_CREDENTIALS = re.compile(r"(?<=//)\S*@")


class Refusal(ValueError):  # noqa: N818  # it never leaves the room; errors for people end in Error
    """
    A value that cannot be used.

    Args:
        message: The part of the message id behind ``environment.``.
        value: What stands there; it is shortened, and credentials in a URL are left out.
        values: What else the message needs.
    """

    def __init__(self, message: str, value: Any = None, /, **values: Any) -> None:
        self.message = message
        self.values = {"value": shown(value), **values}
        super().__init__(message)

    def __str__(self) -> str:
        return Catalogue().text(f"environment.{self.message}", **self.values)


class Refusals(ValueError):  # noqa: N818  # see Refusal
    """
    Several keys that do not fit together.

    Args:
        found: Key, what stands there, why it is refused.
    """

    def __init__(self, found: Sequence[tuple[str, Any, Refusal]]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(f"{key}: {refusal}" for key, _, refusal in found))


def shown(value: Any) -> str:
    """
    A value as an error repeats it: one line, printable, at most `LONGEST_SHOWN` characters, no credentials.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return f"a map of {len(value)}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    return _one_line(value)


def _one_line(value: Any) -> str:
    if isinstance(value, str):
        text = value[: LONGEST_SHOWN * 4]
    elif isinstance(value, int) and abs(value) > 10**60:
        return "a number of more than 60 digits"
    else:
        text = str(value)[: LONGEST_SHOWN * 4]
    text = visible(_CREDENTIALS.sub("…@", text))
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
