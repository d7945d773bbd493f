"""
The pieces of a pasted list: what stands between its separators, what of it is plainly one entry, and what may be only a part of one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..standards.ranges import Network, between
from .pasted_faults import Fault
from .pasted_signs import FOREIGN_SEPARATORS, as_meant, is_hidden

_WRAPPING = "\"'`{}[]()<>@\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_DIGITS = 3
"""
The longest prefix length has as many.
"""
LEXEME = re.compile(rf"[^;|\s{FOREIGN_SEPARATORS}]+")
"""
What stands between blanks and separators.
"""
_BRACKETED = re.compile(r"([0-9A-Fa-f:.]+)[\])\"'](/[0-9.]+)")  # the opening one is off already
_BARE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){3}|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{2,60}")
"""
The shape of an address, whatever its numbers.
"""
_LOOKS = re.compile(r"[0-9]\.[0-9]+\.[0-9]|:[0-9A-Fa-f]*:|[/\\][0-9]|[0-9]/")
"""
What makes a text look like an address range.
"""
_LONE_PREFIX = re.compile(r"[/\\][0-9].*")
_FRAGMENT = re.compile(r"[./\\:]?[0-9]{1,3}(?:/[0-9]{0,3})?")
_FRAGMENT_6 = re.compile(r"(?=.*[0-9:])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4})*:?(?:/[0-9]{0,3})?")
_TO = frozenset({"to", "bis", "through", "thru", "until", "..", "...", "\u2026", "~", "->", "\u2192"})
"""
What people write between a first and a last address. Whether it is a range or a sentence nobody can know.
"""


class Line:
    """
    One line: as written, and with the characters that were meant, each with its place.
    """

    def __init__(self, number: int, raw: str) -> None:
        self.number, self.raw = number, raw
        self.usual = raw
        self.bulleted = False
        self._places: Sequence[int] = range(len(raw))
        if not (raw.isascii() and raw.replace("\t", "").isprintable()):
            self._places = [index for index, character in enumerate(raw) if not is_hidden(character)]
            self.usual = "".join(as_meant(raw[index]) for index in self._places)

    def place(self, index: int) -> int:
        """
        Where a character of the usual form stands in what was written.
        """
        return self._places[index] if index < len(self._places) else len(self.raw)

    def written(self, start: int, end: int) -> str:
        """
        What was written for a part of the usual form that is not empty.
        """
        return self.raw[self._places[start] : self._places[end - 1] + 1]


@dataclass(slots=True)
class Piece:
    """
    Something between two separators: an entry, a failed one, or words.
    """

    line: Line
    part: int
    """Number of the field it is in, from the start of the list."""
    start: int
    end: int
    text: str
    networks: tuple[Network, ...] = ()
    fault: Fault | None = None
    written: str = ""
    blank: int = -1
    """Where the first blank inside it stands, -1 for none."""
    gone: bool = False
    """It has become part of the piece before."""

    @property
    def bare(self) -> bool:
        """
        True for an address without a prefix.
        """
        return bool(self.networks) and _BARE.fullmatch(self.text) is not None

    @property
    def looks(self) -> bool:
        """
        True for what is no address range and looks like one.
        """
        return not self.networks and (self.blank >= 0 or self.fault is Fault.PREFIX or _LOOKS.search(self.text) is not None)

    @property
    def mark(self) -> bool:
        """
        True for a bullet, a dash and other marks.
        """
        return not self.networks and not any(map(str.isalnum, self.text))

    @property
    def attaches(self) -> bool:
        """
        True for a prefix alone, or a network mask: it belongs to an address.
        """
        return _LONE_PREFIX.fullmatch(self.text) is not None or (self.bare and self.text.startswith("255."))


def unwrapped(lexeme: str) -> str:
    """
    A lexeme without quotes, brackets and the full stop of a sentence around it. Inside it nothing is taken away: a footnote's number
    would become part of the address.
    """
    inner = lexeme.lstrip(_WRAPPING)
    bracketed = _BRACKETED.fullmatch(inner) if inner != lexeme else None
    inner = bracketed[1] + bracketed[2] if bracketed else inner.rstrip(f"{_WRAPPING}.")
    return inner or lexeme


def joined(pieces: list[Piece]) -> list[Piece]:
    """
    The pieces of a field, with those put together that blanks alone part and that are plainly one entry.
    """
    for rule in (_with_prefix, _with_last):
        found: list[Piece] = []
        index = 0
        while index < len(pieces):
            near = pieces[index : index + 3]
            for place in range(1, len(near)):
                if not near[place].line.usual[near[place - 1].end : near[place].start].isspace():
                    near = near[:place]
                    break
            first, second, third = (*(piece.text for piece in near), "", "")[:3]
            count, text = rule(first, second, third) if second else (1, first)
            if count > 1:
                piece = near[0]
                blank = piece.blank if piece.blank >= 0 else piece.end
                found.append(Piece(piece.line, piece.part, piece.start, near[count - 1].end, text, blank=blank))
            else:
                found.append(pieces[index])
            index += count
        pieces = found
    return pieces


def _with_prefix(first: str, second: str, third: str) -> tuple[int, str]:
    """
    How many of three lexemes are one address with its prefix or mask, and the text they make; one with a blank where nobody can know.
    """
    digits = any(map(str.isdigit, second))
    if first.endswith("/") and _BARE.fullmatch(first[:-1]) and digits:
        return 2, first + second
    if second.startswith(":") and ":" in first and re.fullmatch(r"[0-9A-Fa-f:]+", first):
        return 2, f"{first} {second}"
    if not _BARE.fullmatch(first):
        return 1, first
    if second == "/":
        return (3, f"{first}/{third}") if any(map(str.isdigit, third)) else (2, f"{first}/")
    if second.startswith("/"):
        return 2, first + second
    if second.lower() in _TO and _BARE.fullmatch(third):
        return 3, f"{first} {second} {third}"
    if second == "0.0.0.0":  # noqa: S104  # as a mask all addresses, as a wildcard one
        return 2, f"{first} {second}"
    if "." in first and second.startswith(("255.", "0.")) and _BARE.fullmatch(second):
        return 2, f"{first}/{second}"
    return 1, first


def _with_last(first: str, second: str, third: str) -> tuple[int, str]:
    """
    The same for a first and a last address with a dash. A dash before a word is no range.
    """
    if first.endswith("-") and _BARE.fullmatch(first[:-1]) and second[0].isdigit():
        return 2, first + second
    address, slash, _ = first.partition("/")
    if not _BARE.fullmatch(address):
        return 1, first
    if second == "-" and (_BARE.fullmatch(third.partition("/")[0]) or (not slash and third[:1].isdigit())):
        return 3, f"{first}-{third}"
    if second.startswith("-") and (second[1:2].isdigit() or _LOOKS.search(second)):
        return 2, first + second
    return 1, first


def doubt(pieces: Sequence[Piece]) -> None:
    """
    Take back addresses that may be only a part of what was meant: the rest of it stands behind a comma, some words or a line break.
    """
    before: Piece | None = None
    owner = -1
    mark: Piece | None = None
    line: Line | None = None
    for index, piece in enumerate(pieces):
        if piece.line is not line:
            line, owner = piece.line, -1
            line.bulleted = piece.mark
        if piece.mark:
            mark = piece if piece.text in {"-", "/"} else mark
            continue
        if before is not None and _unclear(before, piece, mark):
            _take_back(before, piece, mark)
        elif owner >= 0 and piece.attaches:
            before = pieces[owner]
            _take_back(before, piece)
            for between in pieces[owner + 1 : index]:
                between.gone = True
            owner = -1
        else:
            before = piece
            owner = index if piece.bare else -1 if piece.networks or piece.looks else owner
        mark = None


def _unclear(before: Piece, piece: Piece, mark: Piece | None) -> bool:
    """
    True where two pieces may be one entry.
    """
    rest = piece.bare or (not piece.networks and _FRAGMENT.fullmatch(piece.text) is not None)
    if before.looks and before.text[-1] in "-/":
        return rest
    same = before.line is piece.line
    if before.networks and not before.bare:
        address, _, prefix = before.text.partition("/")
        digits = prefix + piece.text
        return same and prefix != "" and digits.isdecimal() and len(digits) <= _DIGITS and int(digits) <= (128 if ":" in address else 32)
    if not before.bare:
        return False
    if piece.attaches or (piece.text.startswith("-") and piece.looks):
        return True
    if mark is not None and rest:
        return mark.line is before.line or not before.line.bulleted
    if same and ":" in before.text and not piece.networks and _FRAGMENT_6.fullmatch(piece.text):
        return True
    return same and rest and not piece.bare


def _take_back(before: Piece, piece: Piece, mark: Piece | None = None) -> None:
    """
    Make two pieces one that cannot be read.
    """
    before.networks, before.fault = (), Fault.UNCLEAR
    before.text += f" {piece.text}"
    before.blank = max(before.blank, before.end)
    if before.line is piece.line:
        before.end = piece.end
        before.written = before.line.written(before.start, before.end)
    else:
        parts = [before, piece] if mark is None else [before, mark, piece]
        gaps = [" " if one.line is other.line else "\n" for one, other in pairwise(parts)]
        before.written += "".join(f"{gap}{part.written}" for gap, part in zip(gaps, parts[1:], strict=True))
    if mark is not None:
        mark.gone = True
    piece.gone = True


def read_entry(token: str) -> tuple[tuple[Network, ...], Fault | None]:
    """
    Read one entry: an address, a network, or a first and last address with a dash.

    Returns:
        Its networks, none where it names no address; and what is wrong with it.
    """
    if not token.isascii() or "%" in token:
        return (), Fault.NOT_AN_ADDRESS
    first, dash, last = token.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            if low.version != high.version or int(low) > int(high):
                return (), Fault.NOT_AN_ADDRESS
            return tuple(between(low.version, int(low), int(high))), Fault.RANGE
        network = ipaddress.ip_network(token, strict=False)
    except ValueError:
        return (), Fault.PREFIX if _has_address(token) else Fault.NOT_AN_ADDRESS
    address, slash, prefix = token.partition("/")
    if slash and prefix != str(network.prefixlen):
        return (network,), Fault.NOTATION
    if ipaddress.ip_address(address) != network.network_address:
        return (network,), Fault.HOST_BITS
    return (network,), None


def _has_address(token: str) -> bool:
    """
    True for an address with something behind a slash.
    """
    address, slash, prefix = token.partition("/")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return bool(slash) and not _LOOKS.search(prefix)
