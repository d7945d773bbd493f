"""
Lists in what was observed: lines that begin with a dot, behind a sentence. A terminal and a result document show them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..knowledge.text import ITEM

AT_ONCE = 5
"""
Items shown at once; a table with more of them in a cell hides the next row.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """
    What was observed, taken apart.

    Args:
        text: The sentences in front of the list, or all of it.
        items: The first few items.
        folded: The others.
    """

    text: str
    items: tuple[str, ...]
    folded: tuple[str, ...]


def told(observed: str) -> Told:
    """
    Take apart what was observed.
    """
    text, *items = observed.split(f"\n{ITEM}")
    shown = len(items) if len(items) <= AT_ONCE + 1 else AT_ONCE
    return Told(text, tuple(items[:shown]), tuple(items[shown:]))
