"""
Single values of an environment: text, numbers, days. Each function takes what stands in the file or the notebook, and gives what is meant.

All raise `Refusal` for what cannot be right.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from .refusal import Refusal

LONGEST_TEXT = 500
"""
Characters of an ordinary text.
"""
LONGEST_PASTE = 1 << 20
"""
Characters of a pasted list.
"""
LONGEST_PHONE = 60
"""
Characters of a telephone number with its extension.
"""
FEWEST_DIGITS = 3
"""
Digits of the shortest telephone number, such as 112.
"""
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,17})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789")})


def text(value: Any, limit: int = LONGEST_TEXT) -> str:
    """
    Text on one line, without the white space around it.

    Raises:
        Refusal: It is no text (papermill read a number or a truth value), is empty or too long, or holds a control character.
    """
    if isinstance(value, bool | int | float):
        raise Refusal("quote", value)
    if not isinstance(value, str):
        raise Refusal("not_text", value)
    if len(value) > limit:
        raise Refusal("too_long", value, limit=limit, length=len(value))
    plain = value.strip(" \t\r\n")
    for position, character in enumerate(plain, 1):
        if character == "\n":
            raise Refusal("lines", value)
        if _is_control(character):
            raise Refusal("control", value, character=character, position=position)
    if not plain:
        raise Refusal("empty", value)
    return plain


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff" or character in _DIRECTION


def pasted(value: Any) -> str:
    """
    Text as it was pasted, every character kept.

    Raises:
        Refusal: It is no text, has more than `LONGEST_PASTE` characters, or half a surrogate pair, which no file can hold.
    """
    if isinstance(value, bool | int | float):
        raise Refusal("quote", value)
    if not isinstance(value, str):
        raise Refusal("not_pasted", value)
    if len(value) > LONGEST_PASTE:
        raise Refusal("too_long", value, limit=LONGEST_PASTE, length=len(value))
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Refusal("surrogate", value)
    return value


def truth(value: Any) -> bool:
    """
    True or false, written as ``true``, ``yes``, ``on``, ``false``, ``no``, ``off`` in any case.
    """
    if isinstance(value, bool):
        return value
    word = value.casefold().strip() if isinstance(value, str) and len(value) < 20 else None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Refusal("truth", value)


def number(value: Any, least: float, most: float) -> float:
    """
    A number from `least` to `most`, digits with at most one point.
    """
    found = _number(value)
    if found is None or not least <= found <= most:
        raise Refusal("number", value, least=_short(least), most=_short(most))
    return found


def whole_number(value: Any, least: int, most: int) -> int:
    """
    A whole number from `least` to `most`.
    """
    found = _number(value)
    if found is None or not least <= found <= most or found != int(found) or (isinstance(value, str) and "." in value):
        raise Refusal("whole_number", value, least=least, most=most)
    return int(found)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**9 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip(" ")):
        return float(value) if "." in value else int(value)
    return None


def _short(value: float) -> str:
    return f"{value:g}" if value < 10**5 else str(int(value))


def port(value: Any) -> int:
    """
    A TCP or UDP port.
    """
    return whole_number(value, 1, 65535)


def day(value: Any) -> date:
    """
    A day as ``2026-12-31``.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    plain = text(value)
    if not _DAY.fullmatch(plain):
        raise Refusal("day", value)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        raise Refusal("day", value) from None


def moment(value: Any) -> str:
    """
    A day, or a day and time, in the ISO form, as given.
    """
    if isinstance(value, date):
        return value.isoformat()
    plain = text(value)
    if not _MOMENT.fullmatch(plain):
        raise Refusal("moment", value)
    try:
        datetime.fromisoformat(plain)
    except ValueError:
        raise Refusal("moment", value) from None
    return plain


def phone(value: Any) -> str:
    """
    A telephone number as people write it: spaces, brackets and an extension stay; there are at least three digits in it.
    """
    plain = text(value, LONGEST_PHONE)
    if sum(map(str.isdecimal, plain)) < FEWEST_DIGITS:
        raise Refusal("phone", value)
    return plain


def world(value: Any) -> str:
    """
    The name of a sandbox world.
    """
    plain = text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", plain):
        raise Refusal("sandbox_name", value)
    return plain


def bounded(limit: int) -> Callable[[Any], str]:
    """
    A function that takes text of at most `limit` characters.
    """

    def take(value: Any) -> str:
        return text(value, limit)

    return take


def safe_name(customer: str) -> str:
    """
    A customer's name as one part of a path on any system: letters, digits, ``.``, ``_`` and ``-``, at most 80 bytes.

    Letters of every script stay. What is left of ``../../x`` is ``x``; nothing left, or a name Windows reserves, is made usable.

    >>> safe_name("Alder & Sons, Ltd.")
    'Alder-Sons-Ltd'
    """
    plain = unicodedata.normalize("NFKC", customer[:400].encode("utf-8", "replace").decode("utf-8"))
    kept = re.sub(r"[^\w.-]+", "-", plain)
    kept = re.sub(r"\.{2,}", ".", kept)
    kept = re.sub(r"-{2,}", "-", kept).strip("-._ ")
    kept = kept.encode("utf-8")[:80].decode("utf-8", "ignore").rstrip("-._ ")
    if not kept:
        return "customer"
    return f"customer-{kept}"[:80] if kept.partition(".")[0].casefold() in _RESERVED else kept
