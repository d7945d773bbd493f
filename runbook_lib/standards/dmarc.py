"""
DMARC policy records and where they are found: the DNS tree walk of RFC 9989.

RFC 7489, which it replaces, looks at the domain and at its organizational domain by the public suffix list. That list is not consulted
here: a policy inherited from a parent is named with that parent, and the older rule finds it only where that parent is the registered name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns
from .names import is_host_name, is_within
from .tag_list import TagList, letters_of, read_tags

MOST_QUERIES = 8
"""
Names a tree walk asks at most (RFC 9989 section 4.10).
"""
REMOVED_TAGS = ("pct", "rf", "ri")
"""
Tags of RFC 7489 that RFC 9989 took away.
"""
NEWER_TAGS = ("np", "psd", "t")
"""
Tags of RFC 9989 that RFC 7489 does not know.
"""
_KNOWN = frozenset({"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo", "rua", "ruf", *REMOVED_TAGS})
_VALUES = {"adkim": ("r", "s"), "aspf": ("r", "s"), "psd": ("y", "n", "u"), "t": ("y", "n")}


class Policy(StrEnum):
    """
    What a domain's owner asks for mail that fails.
    """

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def one_lower(self) -> Policy:
        """
        The policy applied in testing, ``t=y`` (RFC 9989 section 4.7).
        """
        return {Policy.REJECT: Policy.QUARANTINE}.get(self, Policy.NONE)


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """
    One policy record.

    Args:
        text: As published.
        tags: Its tags, names in lower case.
    """

    text: str
    tags: TagList

    @property
    def invalid_policies(self) -> tuple[str, ...]:
        """
        The policy tags whose value is no policy, as ``sp=rejct``.
        """
        found = [(name, self.tags.first(name)) for name in ("p", "sp", "np")]
        return tuple(f"{name}={value}" for name, value in found if value is not None and value.lower() not in tuple(Policy))

    @property
    def ignored(self) -> tuple[str, ...]:
        """
        What receivers pass over: parts that are no tag, values that are not allowed, repetitions (RFC 9989 section 4.8).
        """
        found = list(self.tags.malformed)
        for name, value in self.tags.pairs:
            if name in _VALUES and value.lower() not in _VALUES[name]:
                found.append(f"{name}={value}")
            elif name == "fo" and not _is_failure_option(value):
                found.append(f"fo={value}")
            elif name in ("rua", "ruf"):
                found += [f"{name}={uri}" for uri in _list(value) if not _is_uri(uri)]
        return (*found, *self.tags.repeated())

    @property
    def unknown(self) -> tuple[str, ...]:
        """
        Names of tags that no standard has; receivers ignore them.
        """
        return tuple(dict.fromkeys(name for name, _ in self.tags.pairs if name not in _KNOWN))

    def has(self, *names: str) -> tuple[str, ...]:
        """
        Those of the tags that the record has.
        """
        return tuple(name for name in names if self.tags.first(name) is not None)

    @property
    def psd(self) -> str:
        """
        ``y`` a public suffix, ``n`` an organizational domain, ``u`` not said.
        """
        value = (self.tags.first("psd") or "u").lower()
        return value if value in _VALUES["psd"] else "u"

    @property
    def testing(self) -> bool:
        """
        True for ``t=y``.
        """
        return (self.tags.first("t") or "n").lower() == "y"

    @property
    def reports(self) -> tuple[str, ...]:
        """
        Where aggregate reports go: valid URIs, without the obsolete size behind ``!``.
        """
        return tuple(uri.partition("!")[0] for uri in _list(self.tags.first("rua") or "") if _is_uri(uri))

    @property
    def all_reports(self) -> tuple[str, ...]:
        """
        Where reports of either kind go.
        """
        return (*self.reports, *(uri.partition("!")[0] for uri in _list(self.tags.first("ruf") or "") if _is_uri(uri)))

    def published(self, *, inherited: bool) -> Policy | None:
        """
        The policy the record asks for (RFC 9989 section 4.7 and 4.10.1).

        Args:
            inherited: For a domain below the record's own.

        Returns:
            None where the record is not applied at all: a policy is not valid and no report is asked for.
        """
        if self.invalid_policies:
            return Policy.NONE if self.reports else None
        value = (self.tags.first("sp") if inherited else None) or self.tags.first("p") or "none"
        return Policy(value.lower())

    def applied(self, *, inherited: bool) -> Policy | None:
        """
        The policy receivers apply: one lower in testing.
        """
        policy = self.published(inherited=inherited)
        return policy.one_lower if policy is not None and self.testing else policy


def is_dmarc(text: str) -> bool:
    """
    True for a TXT record that is a policy record: its version comes first, ``DMARC1`` in capitals (RFC 9989 section 4.8).
    """
    name, equals, value = text.partition(";")[0].partition("=")
    return bool(equals) and name.rstrip(" \t").lower() == "v" and value.strip(" \t") == "DMARC1"


def parse_record(text: str) -> DmarcRecord:
    """
    Read a policy record. Never raises.
    """
    return DmarcRecord(text, read_tags(text, fold_names=True))


def _list(value: str) -> list[str]:
    return [uri.strip(" \t") for uri in value.split(",")] if value else []


def _is_uri(uri: str) -> bool:
    try:
        parts = urlsplit(uri.partition("!")[0])
    except ValueError:
        return False
    if " " in uri or not parts.scheme:
        return False
    return bool(destination(uri)) if parts.scheme.lower() in ("mailto", "https", "http") else bool(parts.path or parts.netloc)


def destination(uri: str) -> str:
    """
    The domain reports are sent to, A-label in lower case; ``""`` where a URI names none.
    """
    parts = urlsplit(uri.partition("!")[0])
    host = parts.path.rpartition("@")[2] if parts.scheme.lower() == "mailto" and "@" in parts.path else parts.hostname or ""
    host = host.lower().removesuffix(".")
    return host if is_host_name(host) else ""


def _is_failure_option(value: str) -> bool:
    options = value.lower().split(":")
    return set(options) <= {"0", "1", "d", "s"} and len(set(options)) == len(options) and not {"0", "1"} <= set(options)


@dataclass(frozen=True, slots=True)
class Place:
    """
    What stands at one name of the walk.

    Args:
        domain: The domain asked about.
        answer: The answer for its ``_dmarc`` name.
        texts: The policy records there; more than one count as none.
    """

    domain: str
    answer: DnsAnswer
    texts: tuple[str, ...]

    @property
    def record(self) -> DmarcRecord | None:
        """
        The record, if there is exactly one.
        """
        return parse_record(self.texts[0]) if len(self.texts) == 1 else None


@dataclass(frozen=True, slots=True)
class Walk:
    """
    A domain's policy as RFC 9989 finds it.

    Args:
        domain: The author domain.
        own: What stands at the domain itself.
        above: The names above, nearest first, as far as the walk goes.
    """

    domain: str
    own: Place
    above: tuple[Place, ...]

    @property
    def organizational(self) -> Place:
        """
        The organizational domain (section 4.10.2); the domain itself where no record is found.
        """
        chain = (self.own, *self.above)
        found = [(index, place.record) for index, place in enumerate(chain) if place.record is not None]
        for index, record in found:
            if record.psd == "n":
                return chain[index]
            if record.psd == "y" and index:
                return chain[index - 1]
        return chain[found[-1][0]] if found else self.own

    @property
    def found(self) -> Place | None:
        """
        Where the policy comes from (section 4.10.1): the domain itself, its organizational domain, else a public suffix domain.
        """
        for place in (self.own, self.organizational):
            if place.record is not None:
                return place
        return next((place for place in self.above if place.record is not None and place.record.psd == "y"), None)

    @property
    def open_end(self) -> DnsOutcome | None:
        """
        Why it is not known whether a nearer record exists, None where it is known.
        """
        for place in (self.own, *self.above):
            if place.record is not None:
                return None
            if not place.answer.outcome.found:
                return place.answer.outcome
        return None

    @property
    def answers(self) -> tuple[DnsAnswer, ...]:
        """
        What this rests on.
        """
        return (self.own.answer, *(place.answer for place in self.above))


def names_above(domain: str) -> tuple[str, ...]:
    """
    The names a walk goes on to, nearest first; a long name is cut to its last seven labels (section 4.10).
    """
    labels = domain.split(".")
    start = len(labels) - (MOST_QUERIES - 1) if len(labels) >= MOST_QUERIES else 1
    return tuple(".".join(labels[index:]) for index in range(start, len(labels)))


def find_policy(domain: str) -> Plan[Walk]:
    """
    Find the policy record that applies to a domain. The names above are only asked where something depends on them.

    Args:
        domain: A-label name.
    """
    (answer,) = yield from ask_dns(_question(domain))
    own = _place(domain, answer)
    record = own.record
    if record is not None and (record.psd != "u" or all(is_within(destination(uri), domain) for uri in record.all_reports)):
        return Walk(domain, own, ())
    names = names_above(domain)
    if not names:
        return Walk(domain, own, ())
    answers = yield from ask_dns(*(_question(name) for name in names))
    above: list[Place] = []
    for name, found in zip(names, answers, strict=True):
        above.append(_place(name, found))
        last = above[-1].record
        if last is not None and last.psd != "u":
            break
    return Walk(domain, own, tuple(above))


def _question(domain: str) -> DnsQuestion:
    return DnsQuestion(f"_dmarc.{domain}", "TXT")


def _place(domain: str, answer: DnsAnswer) -> Place:
    return Place(domain, answer, tuple(record.text for record in answer.records if is_dmarc(record.text)))


@dataclass(frozen=True, slots=True)
class Consent:
    """
    Whether somebody else's domain takes reports about this one (RFC 9990 section 4).

    Args:
        domain: Where the reports are to go.
        answer: The answer for its consent.
    """

    domain: str
    answer: DnsAnswer

    @property
    def given(self) -> bool:
        """
        True where it says so.
        """
        return any(is_dmarc(record.text) for record in self.answer.records)


def ask_consents(walk: Walk) -> Plan[list[Consent]]:
    """
    Ask every domain outside the organization that reports are to be sent to.
    """
    place = walk.found
    record = place.record if place is not None else None
    if place is None or record is None:
        return []
    at_home = walk.organizational.domain
    outside = [host for uri in record.all_reports if (host := destination(uri)) and not is_within(host, at_home)]
    targets = list(dict.fromkeys(outside))[:MOST_QUERIES]
    if not targets:
        return []
    answers = yield from ask_dns(*(DnsQuestion(f"{place.domain}._report._dmarc.{target}", "TXT") for target in targets))
    return [Consent(target, answer) for target, answer in zip(targets, answers, strict=True)]


def was_meant(text: str) -> bool:
    """
    True for a text at a ``_dmarc`` name that was meant to be a policy record, whether it is one or not.
    """
    return "dmarc1" in letters_of(text)
