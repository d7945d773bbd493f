"""
JSON, bounded: one document or several one after the other, as PowerShell, the Policy API and GAM write them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .refusing import Refused

DEEPEST = 64
"""
Levels of lists and objects; real exports have fewer than ten.
"""
MOST_CONTAINERS = 1_500_000
MOST_VALUES = 4_000_000
"""
Lists and objects, and commas, in one file. More than real exports of the largest size that is read hold; less than what fills the memory.
"""
MOST_DOCUMENTS = 20_000
"""
Documents one after the other in one file (GAM writes one a line).
"""
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")


def load_documents(text: str) -> list[Any]:
    """
    The JSON documents of a file, in order.

    Raises:
        Refused: It is no JSON, is cut off, or is nested deeper or holds more than any export does.
    """
    _bound(text)
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    found: list[Any] = []
    position = _skip(text, 0)
    try:
        while position < len(text):
            if len(found) >= MOST_DOCUMENTS:
                raise Refused("too_many_documents", limit=MOST_DOCUMENTS)
            document, position = decoder.raw_decode(text, position)
            found.append(document)
            position = _skip(text, position)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise Refused("json_cut_off" if cut else "not_json", line=error.lineno, column=error.colno) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("not_json", line=1, column=1) from error
    return found


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _no_constant(name: str) -> Any:
    raise Refused("json_constant", name=name)


def _bound(text: str) -> None:
    containers = text.count("[") + text.count("{")
    if containers > MOST_CONTAINERS or text.count(",") > MOST_VALUES:
        raise Refused("too_many_values")
    if containers > DEEPEST:
        _deep(text)


def _deep(text: str) -> None:
    depth = 0
    for match in _TOKENS.finditer(text):
        first = match.group()[0]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Refused("too_deep", limit=DEEPEST)
        elif first in "]}":
            depth -= 1
