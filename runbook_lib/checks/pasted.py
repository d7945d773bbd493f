"""
Lists of ranges as people paste them: read strictly, every fault with its position, and the list as it should be.

Nothing is guessed. What was plainly written is read, a blank before its slash or not; what could mean two things, such as an address with
a prefix on the next line, is said to be unreadable and is not in the cleaned list.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network, outermost, span
from .pasted_faults import Fault, Issue
from .pasted_pieces import LEXEME, Line, Piece, doubt, joined, read_entry, unwrapped
from .pasted_signs import FOREIGN_SEPARATORS, is_hidden, is_odd_space, visible_part

MOST_ENTRIES = 20_000
"""
Entries read of one list, and faults told of it. The rest is not read.
"""
MOST_PIECES = 40_000
"""
Networks read of one list; a range from a first to a last address may come to many.
"""
_NUMBERS_OF_WORDS = 2
"""
More numbers than this in a run of words may be an address with commas or blanks for its dots.
"""
_UNREAD = frozenset({Fault.NOT_AN_ADDRESS, Fault.UNCLEAR, Fault.PREFIX})
_WIDEST = {4: 16, 6: 32}
"""
Networks with a shorter prefix than this are far too wide for any gateway.
"""


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


class _Reader:
    """
    Reads lines one after the other.
    """

    def __init__(self) -> None:
        self.found = PastedList()
        self.number = 0
        self.parts = 0
        self.size = 0
        self.pieces: list[Piece] = []
        self.fields: dict[int, tuple[str, int]] = {}

    def read_line(self, number: int, text: str) -> None:
        """
        Read one line: fields between commas.
        """
        line = Line(number, text)
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

    def _read_field(self, line: Line, start: int, usual: str, raw: str, raw_start: int) -> None:
        self.parts += 1
        self.fields[self.parts] = raw, raw_start
        lexemes = [
            Piece(line, self.parts, start + one.start(), start + one.end(), unwrapped(one[0]))
            for one in islice(LEXEME.finditer(usual), MOST_ENTRIES + 1)
        ]
        pieces = joined(lexemes)
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
        doubt(self.pieces)
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

    def _tell(self, piece: Piece) -> None:
        self.number += 1
        line, start = piece.line, piece.line.place(piece.start)
        if not piece.networks:
            self._note(piece.fault or Fault.NOT_AN_ADDRESS, line, start, piece.written)
            return
        self.found.entries.append(Entry(line.number, start + 1, self.number, piece.text, piece.networks))
        shown = ",".join(map(str, piece.networks))
        seen = visible_part(piece.written)
        if seen not in (piece.text, piece.text.replace("/", "")):
            self._note(Fault.STRAY, line, start, piece.written, piece.text)
        if piece.blank >= 0 and not any(map(is_odd_space, piece.written)):
            self._note(Fault.SPACES, line, line.place(piece.blank), piece.written, shown)
        if piece.fault is not None:
            self._note(piece.fault, line, start, piece.text, shown)

    def _tell_words(self, run: Sequence[Piece], entered: set[int]) -> None:
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

    def _tell_field(self, members: Sequence[Piece], raw: str, start: int) -> None:
        """
        What is wrong around the entries of a field.
        """
        line = members[0].line
        meant = ",".join(piece.text for piece in members if piece.networks or piece.looks)
        hidden = next((index for index, character in enumerate(raw) if is_hidden(character) or is_odd_space(character)), None)
        inner = raw.strip(" \t")
        inside = any(piece.blank >= 0 and piece.networks for piece in members)
        if hidden is not None:
            self._note(Fault.INVISIBLE, line, start + hidden, raw, meant)
        elif inner != raw and not inside:
            self._note(Fault.SPACES, line, start, raw, meant)
        place = line.place(members[0].start)
        parted = any(sign in raw for sign in f";|{FOREIGN_SEPARATORS}")
        if parted or sum(not piece.mark for piece in members) > 1:
            self._note(Fault.SEPARATOR, line, place, inner, meant)
        elif len(members) > 1:
            self._note(Fault.STRAY, line, place, inner, meant)

    def _note(self, fault: Fault, line: Line, index: int, text: str, meant: str = "", *, words: bool = False) -> None:
        if len(self.found.issues) > MOST_ENTRIES:
            return
        if len(self.found.issues) == MOST_ENTRIES:
            fault, meant, words = Fault.TOO_MANY, "", False
            self.found.cut_off = True
        self.found.issues.append(Issue(fault, line.number, index + 1, max(self.number, 1), text, meant, words))


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
    Note entries that lie within another, and those that stand there several times, once each. One pass over the sorted entries, so that
    long lists stay quick.
    """
    repeated: dict[int, list[Entry]] = {}
    spans = [(entry.networks[0].version, span(entry.networks[0])[0], span(entry.networks[-1])[1], entry) for entry in found.entries]
    widest: tuple[int, int, int, Entry] | None = None
    for version, first, last, entry in sorted(spans, key=lambda one: (one[0], one[1], -one[2], one[3].number)):
        if widest is None or widest[0] != version or first > widest[2]:
            widest = (version, first, last, entry)
            continue
        if (first, last) == widest[1:3]:
            repeated.setdefault(widest[3].number, []).append(entry)
        else:
            found.issues.append(Issue(Fault.OVERLAP, entry.line, entry.column, entry.number, entry.text, widest[3].text))
        if last > widest[2]:
            widest = (version, first, last, entry)
    for again in repeated.values():
        one = min(again, key=lambda entry: entry.number)
        found.issues.append(Issue(Fault.DUPLICATE, one.line, one.column, one.number, one.text, f"{len(again) + 1}×"))


def networks_of(texts: Iterable[str]) -> list[Network]:
    """
    The networks of texts that are known to be right.
    """
    return [ipaddress.ip_network(text) for text in texts]
