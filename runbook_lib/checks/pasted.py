"""
Lists of ranges as people paste them: read strictly, every fault with its position, and the list as it should be.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

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
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_WRAPPING = "\"'`{}[]()<>@\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_SEPARATORS = re.compile(r"[;|\s\u060c\u3001\uff0c\uff1b]+")
_AROUND_DASH = re.compile(r"(?<![ \t])[ \t]*-[ \t]*")  # from the first blank of a run only: a long run costs its length once


class Fault(StrEnum):
    """
    What can be wrong with an entry, gravest first.
    """

    TOO_MANY = "too_many"
    NOT_AN_ADDRESS = "not_an_address"
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
    NOTATION = "notation"
    """A network mask or a padded prefix instead of a prefix length."""
    RANGE = "range_notation"
    """First and last address with a dash."""
    OVERLAP = "overlap"
    DUPLICATE = "duplicate"
    RESERVED = "reserved"
    """Set aside for documentation, multicast or the future."""


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
    """

    fault: Fault
    line: int
    column: int
    entry: int
    text: str
    meant: str = ""

    def __str__(self) -> str:
        """
        ``line:column "text" fault -> meant``, the same in every language.
        """
        shown = self.text if len(self.text) <= _LONGEST_SHOWN else f"{self.text[:_LONGEST_SHOWN]}…"
        return f'{self.line}:{self.column} "{shown}" {self.fault.value}' + (f" → {self.meant}" if self.meant else "")


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One entry that names addresses.

    Args:
        line: From 1.
        column: From 1.
        number: From 1.
        text: As written.
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
        issues: All faults, in order.
        cleaned: The list as it should be: without faults, duplicates, what lies within another, private and reserved ranges.
        cut_off: The list is longer than what is read.
    """

    entries: list[Entry] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    cleaned: list[Network] = field(default_factory=list)
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
    found = reader.found
    unfit = _judge_content(found, excused or AddressSet(), private_is_right=private_is_right)
    _find_repetitions(found)
    found.issues.sort(key=lambda issue: (issue.line, issue.column, issue.entry))
    found.cleaned = outermost(network for network in found.networks if network not in unfit)
    return found


class _Reader:
    """
    Reads lines one after the other.
    """

    def __init__(self) -> None:
        self.found = PastedList()
        self.number = 0
        self.pieces = 0

    def read_line(self, line: int, text: str) -> None:
        """
        Read one line: fields between commas.
        """
        if not _visible_part(text):
            if any(character not in " \t" for character in text):
                self._note(Fault.INVISIBLE, line, 1, text)
            return
        column = 1
        fields = text.split(",")
        for index, part in enumerate(fields):
            if _visible_part(part):
                self._read_field(line, column, part)
            elif index < len(fields) - 1 or part.strip(" \t"):
                self._note(Fault.SEPARATOR, line, column, part or ",")
            elif part:
                self._note(Fault.SPACES, line, column, part)
            if self.found.cut_off:
                return
            column += len(part) + 1

    def _read_field(self, line: int, column: int, raw: str) -> None:
        plain = self._without_invisible(line, column, raw)
        inner = plain.strip(" \t")
        if inner != plain:
            self._note(Fault.SPACES, line, column, plain, inner)
        start = column + len(plain) - len(plain.lstrip(" \t"))
        usual = _AROUND_DASH.sub("-", self._usual(line, start, inner))
        tokens = [token for token in _SEPARATORS.split(usual) if token]
        if len(tokens) != 1 or tokens[0] != usual:
            self._note(Fault.SEPARATOR, line, start, inner, ",".join(tokens))
        for token in tokens:
            self.number += 1
            if self.number > MOST_ENTRIES or self.pieces > MOST_PIECES:
                self._note(Fault.TOO_MANY, line, start, token)
                self.found.cut_off = True
                return
            self._read_entry(line, start, token)

    def _without_invisible(self, line: int, column: int, raw: str) -> str:
        """
        A field without characters nobody sees; odd spaces become ordinary ones at the ends of which nothing is said again.
        """
        if raw.isascii() and raw.replace("\t", "").isprintable():
            return raw
        plain = "".join(" " if _is_space(character) else character for character in raw if not _is_hidden(character))
        hidden = next((index for index, character in enumerate(raw) if _is_hidden(character) or _is_odd_space(character)), None)
        if hidden is None:
            return raw
        self._note(Fault.INVISIBLE, line, column + hidden, raw, plain.strip(" \t"))
        return plain.strip(" \t")

    def _usual(self, line: int, column: int, text: str) -> str:
        """
        A field with the characters that were meant.
        """
        usual = "".join("-" if character in _DASHES else character for character in text if character not in _WRAPPING)
        if not usual.isascii():
            usual = unicodedata.normalize("NFKC", usual)
        usual = usual.rstrip(".")  # the full stop of a sentence
        if usual != text:
            self._note(Fault.STRAY, line, column, text, usual)
        return usual

    def _read_entry(self, line: int, column: int, token: str) -> None:
        networks, fault = read_entry(token)
        if networks:
            self.pieces += len(networks)
            self.found.entries.append(Entry(line, column, self.number, token, networks))
        if fault is not None:
            self._note(fault, line, column, token, ",".join(map(str, networks)))

    def _note(self, fault: Fault, line: int, column: int, text: str, meant: str = "") -> None:
        self.found.issues.append(Issue(fault, line, column, max(self.number, 1), text, meant))
        if len(self.found.issues) == MOST_ENTRIES:
            self.found.issues.append(Issue(Fault.TOO_MANY, line, column, max(self.number, 1), text))
            self.found.cut_off = True


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
        return (), Fault.NOT_AN_ADDRESS
    address, slash, prefix = token.partition("/")
    if slash and prefix != str(network.prefixlen):
        return (network,), Fault.NOTATION
    if ipaddress.ip_address(address) != network.network_address:
        return (network,), Fault.HOST_BITS
    return (network,), None


def _judge_content(found: PastedList, excused: AddressSet, *, private_is_right: bool) -> set[Network]:
    """
    Note ranges that have no place in any list.

    Returns:
        The networks that are left out of the cleaned list.
    """
    unfit: set[Network] = set()
    for entry in found.entries:
        for network in entry.networks:
            fault = _content_fault(network, private_is_right=private_is_right)
            if fault is not None and not excused.covers(network):
                unfit.add(network)
                found.issues.append(Issue(fault, entry.line, entry.column, entry.number, entry.text))
                break
    return unfit


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
    return character != " " and unicodedata.category(character) in {"Zs", "Zl", "Zp"}


def _is_hidden(character: str) -> bool:
    return character != "\t" and unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"}


def networks_of(texts: Iterable[str]) -> list[Network]:
    """
    The networks of texts that are known to be right.
    """
    return [ipaddress.ip_network(text) for text in texts]
