"""
MTA-STS: the record that announces a policy, the policy itself, and which MX hosts it covers (RFC 8461).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, HttpsAnswer, HttpsOutcome, Plan, ask_dns, ask_https
from .names import is_host_name
from .tag_list import letters_of, read_tags

VERSION = "STSv1"
"""
Version of record and policy, spelt exactly so.
"""
LONGEST_AGE = 31_557_600
"""
Seconds a policy may be kept at most (section 3.2).
"""
MOST_BYTES = 65_536
"""
Size of a policy that every sender reads (section 3.2 advises 64 kilobytes).
"""
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_NUMBER = re.compile(r"[0-9]{1,10}\Z")


class Mode(StrEnum):
    """
    What senders do with an MX host that a policy does not cover.
    """

    ENFORCE = "enforce"
    TESTING = "testing"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class StsRecord:
    """
    The record at ``_mta-sts``.

    Args:
        text: As published.
        id: Identifier of the policy, ``""`` where it is not valid.
        wrong: What is no field.
    """

    text: str
    id: str
    wrong: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """
        True where senders take it for an announcement.
        """
        return bool(self.id) and not self.wrong


@dataclass(frozen=True, slots=True)
class StsPolicy:
    """
    A policy.

    Args:
        mode: None where it is not given, or no mode.
        max_age: Seconds it may be kept, None where it is not given, or no number.
        mx: Patterns in lower case.
        wrong: What keeps senders from using it, each as written.
        keys: The keys that are missing.
    """

    mode: Mode | None
    max_age: int | None
    mx: tuple[str, ...]
    wrong: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """
        True where senders can use it.
        """
        return not self.wrong and not self.keys

    def covers(self, host: str) -> bool:
        """
        True where a host may be delivered to.
        """
        return any(covers(pattern, host) for pattern in self.mx)


@dataclass(frozen=True, slots=True)
class StsView:
    """
    What a domain publishes.

    Args:
        domain: Whose.
        answer: The answer for ``_mta-sts``.
        texts: The records there: one is right (section 3.1).
        others: Texts that were meant to be one and are none.
        fetched: The policy as it was fetched, None where nothing announces one.
    """

    domain: str
    answer: DnsAnswer
    texts: tuple[str, ...]
    others: tuple[str, ...]
    fetched: HttpsAnswer | None

    @property
    def record(self) -> StsRecord | None:
        """
        The record, if there is exactly one.
        """
        return parse_record(self.texts[0]) if len(self.texts) == 1 else None

    @property
    def served(self) -> bool:
        """
        True where a text was served in the way senders accept: status 200, no redirect, plain text, not too large (section 3.3).
        """
        got = self.fetched
        if got is None or got.outcome is not HttpsOutcome.ANSWER or got.status != 200 or got.size > MOST_BYTES:
            return False
        return got.content_type.partition(";")[0].strip().lower() == "text/plain"


def is_sts(text: str) -> bool:
    """
    True for a text that begins as a record has to (section 3.1).
    """
    version = f"v={VERSION}"
    return text.startswith(version) and text[len(version) :].lstrip(" \t").startswith(";")


def parse_record(text: str) -> StsRecord:
    """
    Read a record. Never raises.
    """
    tags = read_tags(text)
    value = tags.first("id") or ""
    wrong = (*tags.malformed, *tags.repeated(), *((f"id={value}",) if value and not _ID.match(value) else ()))
    return StsRecord(text, value if _ID.match(value) else "", wrong)


def parse_policy(text: str) -> StsPolicy:
    """
    Read a policy: ``key: value`` lines. Only ``mx`` may be repeated, of other keys the first counts; unknown ones are ignored.
    Never raises.
    """
    first: dict[str, str] = {}
    patterns: list[str] = []
    wrong: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        value = value.strip(" \t")
        if not line.strip(" \t"):
            continue
        if not colon or name != name.strip():
            wrong.append(line)
        elif name == "mx":
            pattern = value.lower()
            patterns.append(pattern)
            if not is_pattern(pattern):
                wrong.append(line)
        else:
            first.setdefault(name, value)
    mode = next((each for each in Mode if each == first.get("mode")), None)
    age = first.get("max_age", "")
    max_age = int(age) if _NUMBER.match(age) else None
    right = {"version": first.get("version") == VERSION, "mode": mode is not None, "max_age": max_age is not None}
    right["max_age"] = right["max_age"] and (max_age or 0) <= LONGEST_AGE
    wrong += [f"{name}: {first[name]}" for name, good in right.items() if name in first and not good]
    missing = [name for name in right if name not in first]
    if not patterns and mode is not Mode.NONE:
        missing.append("mx")
    return StsPolicy(mode, max_age, tuple(dict.fromkeys(patterns)), tuple(wrong), tuple(missing))


def is_pattern(pattern: str) -> bool:
    """
    True for a host name, or one whose first label is ``*``.
    """
    return is_host_name(pattern.removeprefix("*."))


def covers(pattern: str, host: str) -> bool:
    """
    Does a pattern cover an MX host? It is the host itself, or ``*.`` stands for exactly one label on its left (section 4.1).

    >>> covers("*.alder.example", "mail.alder.example"), covers("*.alder.example", "a.b.alder.example")
    (True, False)
    """
    name, pattern = host.lower().removesuffix("."), pattern.lower()
    if not is_pattern(pattern):
        return False
    if pattern.startswith("*."):
        label, dot, rest = name.partition(".")
        return bool(label) and bool(dot) and rest == pattern[2:]
    return name == pattern


def uncovered(policy: StsPolicy, hosts: Iterable[str]) -> tuple[str, ...]:
    """
    The hosts that a policy leaves out.
    """
    return tuple(host for host in hosts if not policy.covers(host))


def policy_text(mode: Mode, patterns: Iterable[str], max_age: int) -> list[str]:
    """
    The lines of a policy to publish.
    """
    return [f"version: {VERSION}", f"mode: {mode}", *(f"mx: {pattern}" for pattern in patterns), f"max_age: {max_age}"]


def policy_url(domain: str) -> str:
    """
    Where a domain's policy is (section 3.3).
    """
    return f"https://mta-sts.{domain}/.well-known/mta-sts.txt"


def see_record(domain: str) -> Plan[StsView]:
    """
    Ask for a domain's record only.

    Args:
        domain: A-label name.
    """
    (answer,) = yield from ask_dns(DnsQuestion(f"_mta-sts.{domain}", "TXT"))
    found = [record.text for record in answer.records] if answer.outcome is DnsOutcome.ANSWER else []
    texts = tuple(text for text in found if is_sts(text))
    others = tuple(text for text in found if text not in texts and letters_of(text).startswith(("vsts", "stsv1")))
    return StsView(domain, answer, texts, others, None)


def see_policy(domain: str) -> Plan[StsView]:
    """
    Ask for a domain's record, and fetch the policy it announces.

    Args:
        domain: A-label name.
    """
    view = yield from see_record(domain)
    if view.record is None or not view.record.valid:
        return view
    fetched = yield from ask_https(policy_url(domain))
    return StsView(domain, view.answer, view.texts, view.others, fetched)
