"""
What can be wrong with an entry of a pasted list, and where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .pasted_signs import as_meant

_LONGEST_SHOWN = 60
MOST_FAULTS = 100
"""
Faults of one list that are told one by one; how many there are is told as well.
"""


class Fault(StrEnum):
    """
    What can be wrong with an entry, gravest first.
    """

    TOO_MANY = "too_many"
    NOT_AN_ADDRESS = "not_an_address"
    PREFIX = "wrong_prefix"
    """An address, and behind the slash no prefix that there is."""
    UNCLEAR = "unclear"
    """An address that may be only a part of what was meant."""
    EVERYTHING = "everything"
    """A prefix of /0: the whole Internet."""
    PRIVATE = "private"
    HOST_BITS = "host_bits"
    INVISIBLE = "invisible_characters"
    """No-break spaces, zero-width and control characters, a byte order mark."""
    STRAY = "stray_characters"
    """Quotes, brackets, dashes and digits that only look right."""
    SEPARATOR = "separator"
    """Entries parted by anything but a comma or a line break, or an empty entry."""
    SPACES = "stray_spaces"
    """Blanks around an entry or inside it."""
    NOTATION = "notation"
    """A network mask or a padded prefix instead of a prefix length."""
    RANGE = "range_notation"
    """First and last address with a dash."""
    OVERLAP = "overlap"
    DUPLICATE = "duplicate"
    """An entry that stands there several times; what is meant says how often."""
    RESERVED = "reserved"
    """Set aside for documentation, multicast or the future."""


_TOLD = (
    *(Fault.TOO_MANY, Fault.NOT_AN_ADDRESS, Fault.UNCLEAR, Fault.PREFIX),
    *(Fault.EVERYTHING, Fault.PRIVATE, Fault.HOST_BITS, Fault.RESERVED),
    *(Fault.INVISIBLE, Fault.STRAY, Fault.SEPARATOR, Fault.SPACES, Fault.NOTATION, Fault.RANGE, Fault.OVERLAP, Fault.DUPLICATE),
)
"""
In which order faults are told: what loses a range before what only looks untidy.
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """
    One fault and where it is.

    Args:
        fault: What.
        line: From 1.
        column: From 1, in characters.
        entry: Number of the entry, from 1.
        text: What stands there.
        meant: What should, ``""`` where that cannot be known; for an overlap what it lies in, for a duplicate how often: ``2×``.
        words: It is no address, and does not look like one either.
    """

    fault: Fault
    line: int
    column: int
    entry: int
    text: str
    meant: str = ""
    words: bool = False

    @property
    def inside(self) -> bool:
        """
        True for blanks inside an entry: a platform reads something else there, or nothing. Those around a dash are none.
        """
        return self.fault is Fault.SPACES and self.text == self.text.strip() and "-" not in map(as_meant, self.text)

    @property
    def gravity(self) -> int:
        """
        The smaller, the sooner it has to be seen.
        """
        return _TOLD.index(Fault.RESERVED if self.words else self.fault)

    def __str__(self) -> str:
        """
        ``line:column "text" fault -> meant``, the same in every language.
        """
        return f'{self.line}:{self.column} "{cut(self.text)}" {self.fault.value}' + (f" → {self.meant}" if self.meant else "")


def cut(text: str) -> str:
    """
    A text from a list, not longer than anybody reads.
    """
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
