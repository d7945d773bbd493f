"""
From one exported object to a typed value: keys without regard to case, PowerShell's odd shapes, and a note where a value cannot be read.

A value class is a frozen dataclass whose fields say by `column` which keys they come from and how they are read. A key that is not in the
export gives the field's default (``None``: not told), an empty or ``null`` list gives ``()`` (told, and empty). A value of the wrong type
gives the default and a `FieldProblem`; it never stops the reading. A list that was lost on the way (``System.Object[]``) does: `Refused`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..knowledge.text import Message
from .kinds import normal
from .refusing import Refused, shown

T = TypeVar("T")
LONGEST_TEXT = 20_000
MOST_PROBLEMS = 100
_LOST = re.compile(
    r"System\.(Object|String)\[\]|System\.Collections\.|@\{|Microsoft\.Exchange\.(Data|Management|Net)\.|Deserialized\.|\S*MultiValuedProperty"
)
_CUT = re.compile(r"(\.\.\.|…)\}?$")
_ELEMENT_KEYS = (
    "proxyaddressstring",
    "rawidentity",
    "expression",
    "addressstring",
    "smtpaddress",
    "address",
    "domain",
    "distinguishedname",
    "name",
    "value",
)


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """
    A value that could not be read, so that nothing is said about it.

    Args:
        subject: The object's name, ``""`` for the file as a whole.
        key: The platform's key.
        kind: ``not_text``, ``not_flag``, ``not_number``, ``not_date``, ``no_zone``, ``not_list``, ``not_known`` and so on.
        value: What stands there, printable and shortened.
    """

    subject: str
    key: str
    kind: str
    value: str = ""

    @property
    def message(self) -> Message:
        """
        The same as words.
        """
        return Message(f"exports.problem.{self.kind}", {"subject": self.subject, "column": self.key, "value": self.value})


@dataclass(slots=True)
class Reading:
    """
    One file being read.

    Args:
        csv: It is CSV, where every value is text.
        problems: What could not be read so far; at most `MOST_PROBLEMS` are kept.
        subject: The object that is being read.
    """

    csv: bool = False
    problems: list[FieldProblem] = field(default_factory=list)
    subject: str = ""

    def note(self, key: str, kind: str, value: Any = "") -> None:
        """
        Note a value that could not be read.
        """
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(FieldProblem(self.subject, key, kind, shown(value)))

    def lost(self, key: str, value: str) -> Refused:
        """
        The refusal of an export whose lists or inner objects did not survive.
        """
        return Refused("lost_lists" if self.csv else "truncated", column=key, value=shown(value))


class Record:
    """
    One exported object.

    Args:
        values: As it stands in the file.
    """

    __slots__ = ("_spelt", "_values")

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values: dict[str, Any] = {}
        self._spelt: dict[str, str] = {}
        for key, value in values.items():
            self._values[normal(key)] = value
            self._spelt[normal(key)] = key

    def find(self, keys: Iterable[str]) -> tuple[str, Any] | None:
        """
        The first of the keys that the object has, spelt as in the file, with its value; None where it has none of them.
        """
        for key in keys:
            plain = normal(key)
            if plain in self._values:
                return self._spelt[plain], self._values[plain]
        return None

    def get(self, *keys: str) -> Any:
        """
        The value of the first of the keys the object has, None where it has none.
        """
        found = self.find(keys)
        return found[1] if found else None

    def __iter__(self) -> Any:
        return iter(self._spelt.values())


Reader = Callable[[Reading, str, Any], Any]


@dataclass(frozen=True, slots=True)
class _Column:
    keys: tuple[str, ...]
    read: Reader
    empty: Any


def column(read: Reader, *keys: str, default: Any = None, empty: Any = None) -> Any:
    """
    A field of a value class.

    Args:
        read: How its value is read.
        keys: The platform's keys, the first that is there counts.
        default: Where the key is missing or the value cannot be read.
        empty: Where the value is ``null``.
    """
    return field(default=default, metadata={"column": _Column(keys, read, empty)})


def build(kind: type[T], record: Record, reading: Reading, **more: Any) -> T:
    """
    Make a value from an object.

    Args:
        kind: A value class with `column` fields.
        record: The object.
        reading: Takes the notes.
        more: Fields that are no columns.
    """
    name = record.get("Name", "Identity", "Id", "DomainName", "Thumbprint")
    reading.subject = shown(name) if isinstance(name, str) else ""
    made: dict[str, Any] = dict(more)
    for one in dataclasses.fields(kind):  # type: ignore[arg-type]  # kind is one of our dataclasses
        col = one.metadata.get("column")
        if col is None:
            continue
        found = record.find(col.keys)
        if found is None:
            continue
        key, value = found
        value = unwrap(value)
        if value is None or (reading.csv and value == ""):
            made[one.name] = col.empty
            continue
        read = col.read(reading, key, value)
        if read is not None:
            made[one.name] = read
    return kind(**made)


def unwrap(value: Any) -> Any:
    """
    What PowerShell's extended type system put around a value taken off again.

    ``{"value": […], "Count": 2}`` is a list, ``{"value": 1, "Value": "Enforce"}`` an enumeration and ``{"value": "/Date(…)/", …}`` a date.
    """
    for _ in range(3):
        if not isinstance(value, dict) or not value or len(value) > 4:
            return value
        inner = {key: item for key, item in value.items() if key.casefold() == "value"}
        rest = {key.casefold() for key in value if key not in inner}
        if not inner or not rest <= {"count", "displayhint", "datetime", "isunlimited"}:
            return value
        texts = [item for item in inner.values() if isinstance(item, str)]
        value = texts[0] if texts else next(iter(inner.values()))
    return value


def clean(value: str) -> str:
    """
    A text of bounded length without lone surrogates, which no file can store.
    """
    value = value[:LONGEST_TEXT]
    return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def elements(reading: Reading, key: str, value: Any) -> list[str] | None:
    """
    The elements of a list as texts, whatever PowerShell made of it: a list, one value alone, ``{a, b}``; ``null`` elements are left out.

    Raises:
        Refused: Only the type's name is left of the list, or it was cut off.
    """
    found: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        text = text_of(item)
        if text is None:
            if item is not None:
                reading.note(key, "not_list", item)
            continue
        if not isinstance(item, dict):
            guard(reading, key, text)
        found.append(text)
    return found


def guard(reading: Reading, key: str, text: str) -> None:
    """
    Refuse a text that is only what is left of a list or an object.
    """
    if _LOST.match(text):
        raise reading.lost(key, text)
    if text.startswith("{") and _CUT.search(text):
        raise reading.lost(key, text)


def text_of(item: Any) -> str | None:
    """
    One element as text; an object gives its telling key; None for what has none.
    """
    for _ in range(4):
        item = unwrap(item)
        if isinstance(item, str):
            return clean(item)
        if isinstance(item, bool) or item is None:
            return None
        if isinstance(item, int | float):
            return shown(item)
        if not isinstance(item, dict):
            return None
        plain = {normal(key): inner for key, inner in item.items()}
        item = next((plain[key] for key in _ELEMENT_KEYS if isinstance(plain.get(key), str | dict)), None)
    return None


def in_braces(text: str) -> str | None:
    """
    What stands between the braces of ``{a, b}``; None for a text without.
    """
    bare = text.strip()
    return bare[1:-1] if bare.startswith("{") and bare.endswith("}") else None
