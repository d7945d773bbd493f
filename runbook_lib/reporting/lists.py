"""
Lists in what was expected and observed: lines that begin with a dot behind a sentence, and address ranges one after the other in one. A
terminal and a result document show them as they are; a page folds what would fill a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..knowledge.text import ITEM

AT_ONCE = 5
"""
Items shown at once; a table with more of them in a cell hides the next row.
"""
_NETWORK = r"[0-9a-fA-F:.]{2,45}/\d{1,3}"
_RANGES = re.compile(rf"{_NETWORK}(?:, {_NETWORK}){{{AT_ONCE - 1},999}}(?: \w{{1,5}} {_NETWORK})?")
"""
So many of them that nobody reads them in a sentence; in front of the last one stands a word for "and".
"""


@dataclass(frozen=True, slots=True)
class Part:
    """
    A part of a sentence.

    Args:
        text: What stands there.
        ranges: How many address ranges it consists of, 0 for any other text.
    """

    text: str
    ranges: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """
    What was expected or observed, taken apart.

    Args:
        parts: The sentences in front of the list, or all of it.
        items: The first few items.
        folded: The others.
    """

    parts: tuple[Part, ...]
    items: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()


def told(text: str) -> Told:
    """
    Take apart what was expected or observed.
    """
    sentences, *items = text.split(f"\n{ITEM}")
    shown = len(items) if len(items) <= AT_ONCE + 1 else AT_ONCE
    return Told(tuple(_parts(sentences)), tuple(items[:shown]), tuple(items[shown:]))


def _parts(sentences: str) -> Iterator[Part]:
    end = 0
    for match in _RANGES.finditer(sentences):
        if match.start() > end:
            yield Part(sentences[end : match.start()])
        yield Part(match[0], match[0].count("/"))
        end = match.end()
    if end < len(sentences):
        yield Part(sentences[end:])
