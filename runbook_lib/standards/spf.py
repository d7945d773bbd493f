"""
SPF as far as address ranges need it (RFC 7208): the terms of a record, and the walk through ``include`` and ``redirect``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns
from .names import is_host_name
from .ranges import Network

MAX_LOOKUPS = 20
"""
Records looked at besides the first. SPF itself allows 10; a list of ranges may be a little longer before it is given up.
"""
MAX_DEPTH = 10
"""
How deep records may be nested.
"""
_TERM = re.compile(r"(?P<qualifier>[+?~-]?)(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?:(?P<separator>[:/=])(?P<value>.*))?", re.DOTALL)
_MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})


class SpfFault(StrEnum):
    """
    What keeps a record from being read to its end.
    """

    SYNTAX = "syntax"
    """A term that is no term (RFC 7208 section 4.6.1)."""
    NOT_EXPANDED = "not_expanded"
    """A term that stands for addresses but names none: ``a``, ``mx``, ``ptr``, ``exists``, macros."""
    NO_RECORD = "no_record"
    """There is no SPF record where one is referred to (section 5.2)."""
    SEVERAL = "several"
    """More than one SPF record at one name (section 4.5)."""
    LOOP = "loop"
    LOOKUPS = "lookups"
    """More than `MAX_LOOKUPS` records or deeper than `MAX_DEPTH`."""
    DNS = "dns"
    """DNS gave no answer."""


@dataclass(frozen=True, slots=True)
class SpfProblem:
    """
    One thing that hides ranges.

    Args:
        fault: What.
        where: Name of the record it was met in.
        detail: The term, or how DNS failed.
    """

    fault: SpfFault
    where: str
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{self.where}:", self.fault.value, self.detail)))


@dataclass(frozen=True, slots=True)
class SpfTerm:
    """
    One mechanism or modifier.

    Args:
        text: As written.
        name: In lower case.
        qualifier: ``+``, ``-``, ``~``, ``?``; ``""`` for a modifier.
        value: Behind the colon or the equals sign.
        network: Of ``ip4`` and ``ip6``.
    """

    text: str
    name: str
    qualifier: str
    value: str = ""
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """
    The terms of one record, and those that are none.
    """

    terms: tuple[SpfTerm, ...]
    wrong: tuple[str, ...]


def is_spf(text: str) -> bool:
    """
    True for the text of a TXT record that is an SPF record of version 1 (section 4.5).
    """
    return text[:7].lower() in {"v=spf1", "v=spf1 "}


def parse_record(text: str) -> SpfRecord:
    """
    Read an SPF record. Never raises.

    Args:
        text: The TXT strings put together, from ``v=spf1`` on.
    """
    terms: list[SpfTerm] = []
    wrong: list[str] = []
    for token in text[6:].split(" "):
        if token:
            term = parse_term(token)
            if term is None:
                wrong.append(token)
            else:
                terms.append(term)
    return SpfRecord(tuple(terms), tuple(wrong))


def parse_term(token: str) -> SpfTerm | None:
    """
    Read one term.

    Returns:
        None for one that is no term.
    """
    match = _TERM.fullmatch(token) if token.isascii() and token.isprintable() else None
    if match is None:
        return None
    name, separator, value = match["name"].lower(), match["separator"] or "", match["value"] or ""
    if separator == "=":
        return None if match["qualifier"] else SpfTerm(token, name, "", value)
    if name not in _MECHANISMS or (separator == ":" and not value):
        return None
    qualifier = match["qualifier"] or "+"
    if name in ("ip4", "ip6"):
        network = _network(value, 4 if name == "ip4" else 6) if separator == ":" else None
        return SpfTerm(token, name, qualifier, value, network) if network is not None else None
    if (name == "all" and separator) or (name in ("include", "exists") and separator != ":"):
        return None
    return SpfTerm(token, name, qualifier, f"/{value}" if separator == "/" else value)


def _network(value: str, version: int) -> Network | None:
    """
    The network of an ``ip4`` or ``ip6`` term; host bits may be set (section 5.6).
    """
    address, slash, prefix = value.partition("/")
    if slash and not (prefix.isdigit() and str(int(prefix[:4])) == prefix):
        return None
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None
    return network if network.version == version and "%" not in address else None


@dataclass(frozen=True, slots=True)
class Expansion:
    """
    The ranges an SPF record comes to.

    Args:
        name: Name of the record.
        networks: In the order found, without repetition.
        problems: What hides ranges; empty where the list is complete.
        outcomes: How DNS failed, where it did.
        answers: What this rests on.
    """

    name: str
    networks: tuple[Network, ...] = ()
    problems: tuple[SpfProblem, ...] = ()
    outcomes: tuple[DnsOutcome, ...] = ()
    answers: tuple[DnsAnswer, ...] = ()

    @property
    def complete(self) -> bool:
        """
        True where every record was read to its end and names at least one range.
        """
        return bool(self.networks) and not self.problems

    @property
    def cidrs(self) -> tuple[str, ...]:
        """
        The ranges as text.
        """
        return tuple(map(str, self.networks))


@dataclass(slots=True)
class _Walk:
    """
    The state of one walk.
    """

    networks: dict[Network, None] = field(default_factory=dict)
    problems: list[SpfProblem] = field(default_factory=list)
    outcomes: list[DnsOutcome] = field(default_factory=list)
    answers: list[DnsAnswer] = field(default_factory=list)

    def read(self, name: str, answer: DnsAnswer) -> list[str]:
        """
        Take the ranges of one answer.

        Returns:
            The names it leads to.
        """
        self.answers.append(answer)
        if not answer.outcome.found:
            self.outcomes.append(answer.outcome)
            self.problems.append(SpfProblem(SpfFault.DNS, name, answer.outcome.value))
            return []
        records = [record.text for record in answer.records if is_spf(record.text)]
        if len(records) != 1:
            self.problems.append(SpfProblem(SpfFault.SEVERAL if records else SpfFault.NO_RECORD, name))
            return []
        record = parse_record(records[0])
        self.problems += [SpfProblem(SpfFault.SYNTAX, name, text) for text in record.wrong]
        has_all = any(term.name == "all" for term in record.terms)
        return [target for term in record.terms if (target := self._take(name, term, has_all=has_all))]

    def _take(self, name: str, term: SpfTerm, *, has_all: bool) -> str:
        if term.network is not None and term.qualifier == "+":
            self.networks.setdefault(term.network)
        elif (term.name == "include" and term.qualifier == "+") or (term.name == "redirect" and not has_all and not term.qualifier):
            target = term.value.lower().removesuffix(".")
            if all(is_host_name(label.strip("_")) for label in target.split(".")):
                return target
            self.problems.append(SpfProblem(SpfFault.NOT_EXPANDED, name, term.text))
        elif term.name in ("a", "mx", "ptr", "exists") and term.qualifier == "+":
            self.problems.append(SpfProblem(SpfFault.NOT_EXPANDED, name, term.text))
        return ""


def expand_ranges(name: str) -> Plan[Expansion]:
    """
    Walk an SPF record and all it includes, level by level, and collect the ranges it names.

    Args:
        name: Name of the record, A-label.
    """
    walk = _Walk()
    level: list[tuple[str, tuple[str, ...]]] = [(name, ())]
    seen = {name}
    while level:
        answers = yield from ask_dns(*(DnsQuestion(one, "TXT") for one, _ in level))
        level = _next_level(walk, list(zip(level, answers, strict=True)), seen)
    return Expansion(name, tuple(walk.networks), tuple(walk.problems), tuple(walk.outcomes), tuple(walk.answers))


def _next_level(
    walk: _Walk, answered: Sequence[tuple[tuple[str, tuple[str, ...]], DnsAnswer]], seen: set[str]
) -> list[tuple[str, tuple[str, ...]]]:
    following: list[tuple[str, tuple[str, ...]]] = []
    for (name, path), answer in answered:
        for target in walk.read(name, answer):
            if target == name or target in path:
                walk.problems.append(SpfProblem(SpfFault.LOOP, name, target))
            elif target in seen:
                continue
            elif len(seen) > MAX_LOOKUPS or len(path) >= MAX_DEPTH:
                walk.problems.append(SpfProblem(SpfFault.LOOKUPS, name, target))
            else:
                seen.add(target)
                following.append((target, (*path, name)))
    return following
