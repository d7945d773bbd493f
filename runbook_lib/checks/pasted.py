"""
Lists of ranges as people paste them: read strictly, every fault with its position, and the list as it should be.

Nothing is guessed. What was plainly written is read, a blank before its slash or not; what could mean two things, such as an address with
a prefix on the next line, is said to be unreadable and is not in the cleaned list.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, islice, pairwise

from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network, between, outermost, span

MOST_ENTRIES = 20_000
"""
Entries read of one list, and faults told of it. The rest is not read.
"""
MOST_PIECES = 40_000
"""
Networks read of one list; a range from a first to a last address may come to many.
"""
_LONGEST_SHOWN = 60
_LIKE = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2044\u2215", "/"),
}
"""
Characters that look like those that were meant.
"""
_WRAPPING = "\"'`{}[]()<>@\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_PAGE_BREAKS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85"
_NUMBERS_OF_WORDS = 2
"""
More numbers than this in a run of words may be an address with commas or blanks for its dots.
"""
_DIGITS = 3
"""
The longest prefix length has as many.
"""
_FOREIGN_SEPARATORS = "\u060c\u3001\uff0c\uff1b"
_LEXEME = re.compile(rf"[^;|\s{_FOREIGN_SEPARATORS}]+")
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
    RESERVED = "reserved"
    """Set aside for documentation, multicast or the future."""


_TOLD = (
    *(Fault.TOO_MANY, Fault.NOT_AN_ADDRESS, Fault.UNCLEAR, Fault.PREFIX),
    *(Fault.EVERYTHING, Fault.PRIVATE, Fault.HOST_BITS, Fault.RESERVED),
    *(Fault.DUPLICATE, Fault.OVERLAP, Fault.INVISIBLE, Fault.STRAY, Fault.SEPARATOR, Fault.SPACES, Fault.NOTATION, Fault.RANGE),
)
"""
In which order faults are told: what loses a range before what only looks untidy.
"""
_UNREAD = frozenset({Fault.NOT_AN_ADDRESS, Fault.UNCLEAR, Fault.PREFIX})
_WIDEST = {4: 16, 6: 32}
"""
Networks with a shorter prefix than this are far too wide for any gateway.
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
        meant: What should, ``""`` where that cannot be known.
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
        return self.fault is Fault.SPACES and self.text == self.text.strip() and "-" not in map(_meant, self.text)

    @property
    def gravity(self) -> int:
        """
        The smaller, the sooner it has to be seen.
        """
        return _TOLD.index(Fault.OVERLAP if self.words else self.fault)

    def __str__(self) -> str:
        """
        ``line:column "text" fault -> meant``, the same in every language.
        """
        return f'{self.line}:{self.column} "{cut(self.text)}" {self.fault.value}' + (f" → {self.meant}" if self.meant else "")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One entry that names addresses.

    Args:
        line: From 1.
        column: From 1.
        number: From 1.
        text: As written, without what does not belong to it.
        networks: What it stands for: one network, or the pieces of a range.
    """

    line: int
    column: int
    number: int
    text: str
    networks: tuple[Network, ...]

    @property
    def far_too_wide(self) -> bool:
        """
        True where it holds more than a gateway could ever need.
        """
        return any(network.prefixlen < _WIDEST[network.version] for network in self.networks)

    @property
    def shown(self) -> str:
        """
        As it should be written.
        """
        return ",".join(map(str, self.networks))


@dataclass(slots=True)
class PastedList:
    """
    A list as it was read.

    Args:
        entries: Those that name addresses, in order.
        issues: All faults, gravest first, each kind in order.
        cleaned: The list as it should be: without faults, duplicates, what lies within another, private and reserved ranges.
        unfit: Entries that are not in the cleaned list: private, reserved, the whole Internet.
        cut_off: The list is longer than what is read.
    """

    entries: list[Entry] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    cleaned: list[Network] = field(default_factory=list)
    unfit: list[Entry] = field(default_factory=list)
    cut_off: bool = False

    @property
    def networks(self) -> list[Network]:
        """
        Every network of every entry.
        """
        return [network for entry in self.entries for network in entry.networks]

    @property
    def empty(self) -> bool:
        """
        True for a list with nothing in it, right or wrong.
        """
        return not self.entries and not self.issues

    @property
    def unread(self) -> list[str]:
        """
        What looks like an address range and is none, as written.
        """
        return [issue.text for issue in self.issues if issue.fault in _UNREAD and not issue.words]

    @property
    def words(self) -> list[str]:
        """
        Runs of words among the entries, as written.
        """
        return [issue.text for issue in self.issues if issue.words]


def read_list(text: str, *, excused: AddressSet | None = None, private_is_right: bool = False) -> PastedList:
    """
    Read a pasted list. Never raises.

    Args:
        text: As pasted.
        excused: Ranges that are right even where they are private or reserved.
        private_is_right: Private addresses are expected.
    """
    reader = _Reader()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        reader.read_line(number, line)
        if reader.found.cut_off:
            break
    reader.settle()
    found = reader.found
    _judge_content(found, excused or AddressSet(), private_is_right=private_is_right)
    _find_repetitions(found)
    found.issues.sort(key=lambda issue: (issue.gravity, issue.line, issue.column, issue.entry))
    unfit = {entry.number for entry in found.unfit}
    found.cleaned = outermost(network for entry in found.entries if entry.number not in unfit for network in entry.networks)
    return found


class _Line:
    """
    One line: as written, and with the characters that were meant, each with its place.
    """

    def __init__(self, number: int, raw: str) -> None:
        self.number, self.raw = number, raw
        self.usual = raw
        self.bulleted = False
        self._places: Sequence[int] = range(len(raw))
        if not (raw.isascii() and raw.replace("\t", "").isprintable()):
            self._places = [index for index, character in enumerate(raw) if not _is_hidden(character)]
            self.usual = "".join(_meant(raw[index]) for index in self._places)

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
class _Piece:
    """
    Something between two separators: an entry, a failed one, or words.
    """

    line: _Line
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


class _Reader:
    """
    Reads lines one after the other.
    """

    def __init__(self) -> None:
        self.found = PastedList()
        self.number = 0
        self.parts = 0
        self.size = 0
        self.pieces: list[_Piece] = []
        self.fields: dict[int, tuple[str, int]] = {}

    def read_line(self, number: int, text: str) -> None:
        """
        Read one line: fields between commas.
        """
        line = _Line(number, text)
        if not line.usual.strip():
            if any(character not in " \t" for character in text):
                self._note(Fault.INVISIBLE, line, 0, text)
            return
        start, raw_start = 0, 0
        fields = line.usual.split(",")
        for index, usual in enumerate(fields):
            raw_end = line.place(start + len(usual))
            raw = text[raw_start:raw_end]
            if usual.strip():
                self._read_field(line, start, usual, raw, raw_start)
            elif index < len(fields) - 1 or raw.strip(" \t"):
                self._note(Fault.SEPARATOR, line, raw_start, raw or ",")
            elif raw:
                self._note(Fault.SPACES, line, raw_start, raw)
            if self.found.cut_off:
                return
            start, raw_start = start + len(usual) + 1, raw_end + 1

    def _read_field(self, line: _Line, start: int, usual: str, raw: str, raw_start: int) -> None:
        self.parts += 1
        self.fields[self.parts] = raw, raw_start
        lexemes = [
            _Piece(line, self.parts, start + one.start(), start + one.end(), _unwrapped(one[0]))
            for one in islice(_LEXEME.finditer(usual), MOST_ENTRIES + 1)
        ]
        pieces = _joined(lexemes)
        for piece in pieces:
            if len(self.pieces) >= MOST_ENTRIES or self.size > MOST_PIECES:
                self._note(Fault.TOO_MANY, line, line.place(piece.start), piece.text)
                self.found.cut_off = True
                return
            piece.written = line.written(piece.start, piece.end)
            piece.networks, piece.fault = read_entry(piece.text)
            piece.fault = Fault.UNCLEAR if " " in piece.text else piece.fault
            self.size += len(piece.networks)
            self.pieces.append(piece)
        if not pieces:
            self._note(Fault.SEPARATOR, line, raw_start, raw)
        elif len(lexemes) > MOST_ENTRIES:
            self._note(Fault.TOO_MANY, line, line.place(lexemes[-1].start), lexemes[-1].text)
            self.found.cut_off = True

    def settle(self) -> None:
        """
        Say what was read, now that all of it is known.
        """
        _doubt(self.pieces)
        for _, line in groupby(self.pieces, key=lambda piece: piece.line.number):
            pieces = [piece for piece in line if not piece.gone]
            entered = {piece.part for piece in pieces if piece.networks}
            for wordy, run in groupby(pieces, key=lambda piece: not piece.networks and not piece.looks):
                if wordy:
                    self._tell_words(list(run), entered)
                else:
                    for piece in run:
                        self._tell(piece)
            for part, members in groupby(pieces, key=lambda piece: piece.part):
                if part in entered:
                    self._tell_field(list(members), *self.fields[part])

    def _tell(self, piece: _Piece) -> None:
        self.number += 1
        line, start = piece.line, piece.line.place(piece.start)
        if not piece.networks:
            self._note(piece.fault or Fault.NOT_AN_ADDRESS, line, start, piece.written)
            return
        self.found.entries.append(Entry(line.number, start + 1, self.number, piece.text, piece.networks))
        shown = ",".join(map(str, piece.networks))
        seen = _visible_part(piece.written)
        if seen not in (piece.text, piece.text.replace("/", "")):
            self._note(Fault.STRAY, line, start, piece.written, piece.text)
        if piece.blank >= 0 and not any(map(_is_odd_space, piece.written)):
            self._note(Fault.SPACES, line, line.place(piece.blank), piece.written, shown)
        if piece.fault is not None:
            self._note(piece.fault, line, start, piece.text, shown)

    def _tell_words(self, run: Sequence[_Piece], entered: set[int]) -> None:
        """
        One fault for a run of words; numbers in a row may be an address with other signs for its dots. Marks beside an entry are told
        with its field.
        """
        if all(piece.mark for piece in run) and run[0].part in entered:
            return
        self.number += 1
        line = run[0].line
        numbers = sum(piece.text.isdecimal() for piece in run)
        text = line.written(run[0].start, run[-1].end)
        self._note(Fault.NOT_AN_ADDRESS, line, line.place(run[0].start), text, words=numbers <= _NUMBERS_OF_WORDS)

    def _tell_field(self, members: Sequence[_Piece], raw: str, start: int) -> None:
        """
        What is wrong around the entries of a field.
        """
        line = members[0].line
        meant = ",".join(piece.text for piece in members if piece.networks or piece.looks)
        hidden = next((index for index, character in enumerate(raw) if _is_hidden(character) or _is_odd_space(character)), None)
        inner = raw.strip(" \t")
        inside = any(piece.blank >= 0 and piece.networks for piece in members)
        if hidden is not None:
            self._note(Fault.INVISIBLE, line, start + hidden, raw, meant)
        elif inner != raw and not inside:
            self._note(Fault.SPACES, line, start, raw, meant)
        place = line.place(members[0].start)
        parted = any(sign in raw for sign in f";|{_FOREIGN_SEPARATORS}")
        if parted or sum(not piece.mark for piece in members) > 1:
            self._note(Fault.SEPARATOR, line, place, inner, meant)
        elif len(members) > 1:
            self._note(Fault.STRAY, line, place, inner, meant)

    def _note(self, fault: Fault, line: _Line, index: int, text: str, meant: str = "", *, words: bool = False) -> None:
        if len(self.found.issues) > MOST_ENTRIES:
            return
        if len(self.found.issues) == MOST_ENTRIES:
            fault, meant, words = Fault.TOO_MANY, "", False
            self.found.cut_off = True
        self.found.issues.append(Issue(fault, line.number, index + 1, max(self.number, 1), text, meant, words))


def _unwrapped(lexeme: str) -> str:
    """
    A lexeme without quotes, brackets and the full stop of a sentence around it. Inside it nothing is taken away: a footnote's number
    would become part of the address.
    """
    inner = lexeme.lstrip(_WRAPPING)
    bracketed = _BRACKETED.fullmatch(inner) if inner != lexeme else None
    inner = bracketed[1] + bracketed[2] if bracketed else inner.rstrip(f"{_WRAPPING}.")
    return inner or lexeme


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """
    The pieces of a field, with those put together that blanks alone part and that are plainly one entry.
    """
    for rule in (_with_prefix, _with_last):
        found: list[_Piece] = []
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
                found.append(_Piece(piece.line, piece.part, piece.start, near[count - 1].end, text, blank=blank))
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


def _doubt(pieces: Sequence[_Piece]) -> None:
    """
    Take back addresses that may be only a part of what was meant: the rest of it stands behind a comma, some words or a line break.
    """
    before: _Piece | None = None
    owner = -1
    mark: _Piece | None = None
    line: _Line | None = None
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


def _unclear(before: _Piece, piece: _Piece, mark: _Piece | None) -> bool:
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


def _take_back(before: _Piece, piece: _Piece, mark: _Piece | None = None) -> None:
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


def _judge_content(found: PastedList, excused: AddressSet, *, private_is_right: bool) -> None:
    """
    Note ranges that have no place in any list. They are left out of the cleaned list.
    """
    for entry in found.entries:
        for network in entry.networks:
            fault = _content_fault(network, private_is_right=private_is_right)
            if fault is not None and not excused.covers(network):
                found.unfit.append(entry)
                found.issues.append(Issue(fault, entry.line, entry.column, entry.number, entry.text))
                break


def _content_fault(network: Network, *, private_is_right: bool) -> Fault | None:
    if network.prefixlen == 0:
        return Fault.EVERYTHING
    if network.is_global and not network.is_multicast:
        return None
    if is_private(str(network.network_address)):
        return None if private_is_right else Fault.PRIVATE
    return Fault.RESERVED


def _find_repetitions(found: PastedList) -> None:
    """
    Note entries that repeat another or lie within it. One pass over the sorted entries, so that long lists stay quick.
    """
    spans = [(entry.networks[0].version, span(entry.networks[0])[0], span(entry.networks[-1])[1], entry) for entry in found.entries]
    widest: tuple[int, int, int, Entry] | None = None
    for version, first, last, entry in sorted(spans, key=lambda one: (one[0], one[1], -one[2], one[3].number)):
        if widest is None or widest[0] != version or first > widest[2]:
            widest = (version, first, last, entry)
            continue
        same = (first, last) == widest[1:3]
        fault = Fault.DUPLICATE if same else Fault.OVERLAP
        found.issues.append(Issue(fault, entry.line, entry.column, entry.number, entry.text, widest[3].text))
        if last > widest[2]:
            widest = (version, first, last, entry)


def _visible_part(text: str) -> str:
    return "".join(character for character in text if not (_is_hidden(character) or _is_space(character)))


def _is_space(character: str) -> bool:
    return character in " \t" or _is_odd_space(character)


def _is_odd_space(character: str) -> bool:
    return character in _PAGE_BREAKS or (character != " " and unicodedata.category(character) in {"Zs", "Zl", "Zp"})


def _is_hidden(character: str) -> bool:
    return character != "\t" and character not in _PAGE_BREAKS and unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"}


def _meant(character: str) -> str:
    """
    What a character was meant to be: a blank, a dash, a slash, a digit of another width. A raised digit is none: it is a footnote.
    """
    if character.isascii() and character.isprintable():
        return character
    if _is_space(character):
        return " "
    if character in _LIKE:
        return _LIKE[character]
    if character not in _FOREIGN_SEPARATORS and unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<font>")):
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) == 1 and plain not in ",;|" else character
    return character


def cut(text: str) -> str:
    """
    A text from a list, not longer than anybody reads.
    """
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def networks_of(texts: Iterable[str]) -> list[Network]:
    """
    The networks of texts that are known to be right.
    """
    return [ipaddress.ip_network(text) for text in texts]
