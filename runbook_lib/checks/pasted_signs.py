"""
The characters of a pasted list: which cannot be seen, which only look like a blank, a dash, a slash or a digit.
"""

from __future__ import annotations

import unicodedata

_LIKE = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2044\u2215", "/"),
}
"""
Characters that look like those that were meant.
"""
_PAGE_BREAKS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
FOREIGN_SEPARATORS = "\u060c\u3001\uff0c\uff1b"
"""
What parts entries elsewhere in the world.
"""


def visible_part(text: str) -> str:
    """
    A text without blanks and what cannot be seen.
    """
    return "".join(character for character in text if not (is_hidden(character) or _is_space(character)))


def _is_space(character: str) -> bool:
    return character in " \t" or is_odd_space(character)


def is_odd_space(character: str) -> bool:
    """
    True for a blank that is neither the ordinary one nor a tab, and for a page break.
    """
    return character in _PAGE_BREAKS or (character != " " and unicodedata.category(character) in {"Zs", "Zl", "Zp"})


def is_hidden(character: str) -> bool:
    """
    True for what nobody sees: a control or format character, one without a meaning.
    """
    return character != "\t" and character not in _PAGE_BREAKS and unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"}


def as_meant(character: str) -> str:
    """
    What a character was meant to be: a blank, a dash, a slash, a digit of another width. A raised digit is none: it is a footnote.
    """
    if character.isascii() and character.isprintable():
        return character
    if _is_space(character):
        return " "
    if character in _LIKE:
        return _LIKE[character]
    if character not in FOREIGN_SEPARATORS and unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<font>")):
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) == 1 and plain not in ",;|" else character
    return character
