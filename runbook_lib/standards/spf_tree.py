"""
What an SPF record costs and what is wrong with it, whatever address mail comes from: the tree of its records (RFC 7208).

An evaluation stops at the first match; this walk goes through every term, as an evaluation does for mail that matches nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns
from .spf import SpfTerm, is_spf, parse_record
from .spf_check import MAX_HOSTS, MAX_TERMS, MAX_VOID, faulty_terms
from .spf_macro import Circumstances, expand_name, is_queryable, macro_letters, question_name, split_dual_cidr

MOST_RECORDS = 40
"""
Records looked at. A record that leads to more is over the limit many times.
"""
_KNOWN_LETTERS = frozenset("do")
_NOWHERE = ipaddress.IPv4Address("192.0.2.1")


class SpfIssue(StrEnum):
    """
    What is wrong somewhere in the tree, gravest first. The first seven make receivers give up (permerror).
    """

    SEVERAL = "several"
    SYNTAX = "syntax"
    LOOP = "loop"
    LOOKUPS = "lookups"
    NO_RECORD = "no_record"
    MX_HOSTS = "mx_hosts"
    VOID_LOOKUPS = "void_lookups"
    """Receivers should give up, not all do (section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class SpfFlaw:
    """
    One thing that is wrong.

    Args:
        issue: What.
        where: Name of the record it is in.
        detail: The term.
    """

    issue: SpfIssue
    where: str
    detail: str = ""


@dataclass(slots=True, eq=False)
class SpfNode:
    """
    One record of the tree.

    Args:
        name: Where it stands.
        term: The term that leads to it, ``""`` for the first.
        text: The record, ``""`` where there is none.
        terms: Its terms in order, up to the first ``all``.
        outcome: How asking for it ended.
        asking: Terms of this record that ask DNS, as written.
        unfollowed: Terms whose target depends on the mail (macros).
        children: The records it leads to.
    """

    name: str
    term: str
    text: str = ""
    terms: tuple[SpfTerm, ...] = ()
    outcome: DnsOutcome = DnsOutcome.NOT_ASKED
    asking: tuple[str, ...] = ()
    unfollowed: tuple[str, ...] = ()
    children: list[SpfNode] = field(default_factory=list)

    @property
    def lookups(self) -> int:
        """
        The terms that ask DNS, here and below.
        """
        return len(self.asking) + sum(child.lookups for child in self.children)

    def lines(self, depth: int = 0) -> Iterator[str]:
        """
        The tree for people: a look-up a line, indented, with what it costs with all below it.
        """
        if not self.term:
            yield f"{self.name}: {self.lookups}"
        children = {child.term: child for child in self.children}
        for text in self.asking:
            child = children.get(text)
            yield f"{'  ' * (depth + 1)}{text}: {1 + (child.lookups if child else 0)}"
            if child is not None:
                yield from child.lines(depth + 1)

    @property
    def shown(self) -> str:
        """
        The tree in one line: ``mx 1, include:a.example 2 (include:b.example 1)``.
        """
        children = {child.term: child for child in self.children}
        parts = []
        for text in self.asking:
            child = children.get(text)
            below = f" ({child.shown})" if child is not None and child.asking else ""
            parts.append(f"{text} {1 + (child.lookups if child else 0)}{below}")
        return ", ".join(parts)

    def everything(self) -> Iterator[SpfNode]:
        """
        This record and all below it.
        """
        yield self
        for child in self.children:
            yield from child.everything()


@dataclass(frozen=True, slots=True)
class SpfSurvey:
    """
    A domain's SPF record with all it leads to.

    Args:
        domain: Whose.
        texts: The SPF records at the domain: one is right.
        others: TXT records that look as if they were meant to be one.
        outcome: How asking for it ended.
        root: The tree.
        flaws: What is wrong, gravest first.
        voids: Terms whose question finds nothing.
        open_ends: How DNS failed, where it did.
        answers: What this rests on.
    """

    domain: str
    texts: tuple[str, ...]
    others: tuple[str, ...]
    outcome: DnsOutcome
    root: SpfNode
    flaws: tuple[SpfFlaw, ...] = ()
    voids: tuple[str, ...] = ()
    open_ends: tuple[DnsOutcome, ...] = ()
    answers: tuple[DnsAnswer, ...] = ()

    @property
    def lookups(self) -> int:
        """
        The terms that ask DNS in the whole tree.
        """
        return self.root.lookups

    def leads_to(self, name: str) -> bool:
        """
        True where a record of this name is in the tree.
        """
        return any(node.name == name for node in self.root.everything())


@dataclass(slots=True)
class _Walk:
    domain: str
    flaws: list[SpfFlaw] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    open_ends: list[DnsOutcome] = field(default_factory=list)
    answers: list[DnsAnswer] = field(default_factory=list)
    records: int = 0

    def read(self, node: SpfNode, answer: DnsAnswer) -> list[tuple[SpfTerm, str]]:
        """
        Take one record.

        Returns:
            Its terms that ask DNS, with the name each is about; ``""`` where that depends on the mail.
        """
        self.answers.append(answer)
        node.outcome = answer.outcome
        if not answer.outcome.found:
            self.open_ends.append(answer.outcome)
            return []
        texts = [record.text for record in answer.records if is_spf(record.text)]
        if len(texts) != 1:
            if texts or node.term:
                self.flaws.append(SpfFlaw(SpfIssue.SEVERAL if texts else SpfIssue.NO_RECORD, node.name, node.term))
            return []
        node.text = texts[0]
        record = parse_record(node.text)
        faulty = faulty_terms(record.terms)
        self.flaws += [SpfFlaw(SpfIssue.SYNTAX, node.name, text) for text in (*record.wrong, *faulty)]
        node.terms = _reached(record.terms)
        asking = [term for term in node.terms if _asks(term) and term.text not in faulty]
        node.asking = tuple(term.text for term in asking)
        return [(term, self._about(node, term)) for term in asking]

    def _about(self, node: SpfNode, term: SpfTerm) -> str:
        spec = (split_dual_cidr(term.value) or ("", 0, 0))[0] if term.name in ("a", "mx") else term.value
        if macro_letters(spec) - _KNOWN_LETTERS or term.name == "ptr":
            return ""
        about = Circumstances(_NOWHERE, "postmaster", self.domain, node.name, self.domain)
        name = expand_name(spec, about).lower() if spec else node.name
        return name if is_queryable(name) else ""

    def void(self, node: SpfNode, term: SpfTerm, answers: list[DnsAnswer]) -> None:
        """
        Take the answers to the question of an ``a``, ``mx`` or ``exists``.
        """
        self.answers += answers
        self.open_ends += [answer.outcome for answer in answers if not answer.outcome.found]
        if all(answer.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA) for answer in answers):
            self.voids.append(f"{node.name}: {term.text}")
        if term.name == "mx" and sum(1 for record in answers[0].records if record.target) > MAX_HOSTS:
            self.flaws.append(SpfFlaw(SpfIssue.MX_HOSTS, node.name, term.text))


def _reached(terms: tuple[SpfTerm, ...]) -> tuple[SpfTerm, ...]:
    """
    The terms an evaluation can come to: mechanisms up to the first ``all``; ``redirect`` only where there is none.
    """
    mechanisms = [term for term in terms if term.qualifier]
    end = next((index for index, term in enumerate(mechanisms) if term.name == "all"), None)
    if end is not None:
        return tuple(mechanisms[: end + 1])
    return (*mechanisms, *[term for term in terms if term.name == "redirect" and not term.qualifier][:1])


def _asks(term: SpfTerm) -> bool:
    return term.name in ("include", "a", "mx", "ptr", "exists") if term.qualifier else term.name == "redirect"


def survey(domain: str) -> Plan[SpfSurvey]:
    """
    Walk a domain's SPF record and all it leads to, level by level.

    Args:
        domain: A-label name.
    """
    walk, root = _Walk(domain), SpfNode(domain, "")
    level: list[tuple[SpfNode, tuple[str, ...]]] = [(root, ())]
    first: DnsAnswer | None = None
    while level:
        answers = yield from ask_dns(*(DnsQuestion(question_name(node.name), "TXT") for node, _ in level))
        first = first or answers[0]
        following: list[tuple[SpfNode, tuple[str, ...]]] = []
        hosts: list[tuple[SpfNode, SpfTerm, list[DnsQuestion]]] = []
        for (node, path), answer in zip(level, answers, strict=True):
            for term, name in walk.read(node, answer):
                _sort(walk, (node, path), (term, name), following, hosts)
        yield from _ask_hosts(walk, hosts)
        level = following
    lookups = root.lookups
    if lookups > MAX_TERMS:
        walk.flaws.append(SpfFlaw(SpfIssue.LOOKUPS, domain, str(lookups)))
    if len(walk.voids) > MAX_VOID:
        walk.flaws.append(SpfFlaw(SpfIssue.VOID_LOOKUPS, domain, str(len(walk.voids))))
    return _result(walk, root, first)


def _sort(
    walk: _Walk,
    where: tuple[SpfNode, tuple[str, ...]],
    what: tuple[SpfTerm, str],
    following: list[tuple[SpfNode, tuple[str, ...]]],
    hosts: list[tuple[SpfNode, SpfTerm, list[DnsQuestion]]],
) -> None:
    """
    Decide what becomes of one term that asks DNS: a record to go on in, a question to ask, or only a look-up to count.
    """
    (node, path), (term, name) = where, what
    leads = term.name in ("include", "redirect")
    if not name:
        node.unfollowed = (*node.unfollowed, term.text)
    elif leads and name in (node.name, *path):
        walk.flaws.append(SpfFlaw(SpfIssue.LOOP, node.name, term.text))
    elif leads and walk.records < MOST_RECORDS:
        walk.records += 1
        child = SpfNode(name, term.text)
        node.children.append(child)
        following.append((child, (*path, node.name)))
    elif not leads and len(hosts) < MOST_RECORDS:
        types = {"a": ("A", "AAAA"), "mx": ("MX",), "exists": ("A",)}[term.name]
        hosts.append((node, term, [DnsQuestion(question_name(name), rdtype) for rdtype in types]))


def _ask_hosts(walk: _Walk, hosts: list[tuple[SpfNode, SpfTerm, list[DnsQuestion]]]) -> Plan[None]:
    questions = [question for _, _, asked in hosts for question in asked]
    if not questions:
        return
    answers = iter((yield from ask_dns(*questions)))
    for node, term, asked in hosts:
        walk.void(node, term, [next(answers) for _ in asked])


def _result(walk: _Walk, root: SpfNode, first: DnsAnswer | None) -> SpfSurvey:
    found = [record.text for record in first.records] if first is not None else []
    texts = tuple(text for text in found if is_spf(text))
    others = tuple(text for text in found if not is_spf(text) and _meant(text))
    order = list(SpfIssue)
    return SpfSurvey(
        walk.domain,
        texts,
        others,
        root.outcome,
        root,
        tuple(sorted(dict.fromkeys(walk.flaws), key=lambda flaw: order.index(flaw.issue))),
        tuple(dict.fromkeys(walk.voids)),
        tuple(dict.fromkeys(walk.open_ends)),
        tuple(dict.fromkeys(walk.answers)),
    )


def _meant(text: str) -> bool:
    """
    True for a text that was meant to be an SPF record and is none: quotes, spaces or odd characters in front of or within its version.
    """
    bare = "".join(character for character in text.lower() if character.isalnum() or character == "=")
    return bare.startswith(("v=spf1", "spf1", "vspf1"))
