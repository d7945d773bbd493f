"""
Finding replies, stages and systems in free text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .reasons import Stage

_MOST_LINES = 4000
_LONGEST_LINE = 2000
_MOST_JOINED = 40
_REPLY = re.compile(
    r"(?:^[\s<>*=~|'\"(#+\[-]{0,14}"
    r"|(?:said|says|returned|respon\w{1,6}|repl\w{1,4}|error|reason|because|smtp|code|was|status|got|received|with|data|closed|target|ldap|led)"
    r"[\s:;,'\"(#<=\[]{1,8}"
    r"|(?:[:;>='\"(#,)\]]|\.\.\.)[\s'\"(#<\[]{0,6}"
    r"|<[~=-]{1,2}[\s*]{1,4}|\]\s{1,3})"
    r"([245][0-5]\d)(?=[\s\-:;,#.(\[)<'\"]|$)(?!\.\d)(?!\s{0,2}(?:bytes|octets|kb|mb|days?|hours?|minutes?|seconds?|msec|ms)\b)"
    r"[\s\-:;#,(]{0,4}(?:([245]\.\d\.\d{1,3})(?!\d|\.\d))?",
    re.IGNORECASE,
)
_MORE = re.compile(r"^[\s<>*=~|'\"(#-]{0,14}([245][0-5]\d)([ -])(.*)$")
_FIELD_OF_ORIGINAL = re.compile(
    r"(?:return-path|received|x-received|dkim-signature|mime-version|x-mailer|message-id|x-originating-ip|authentication-results|arc-seal)"
    r": ?\S",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d\.\d{1,3})(?!\d|\.\d)")


@dataclass(frozen=True, slots=True)
class FoundReply:
    """
    A reply in a text.

    Args:
        code: Basic code.
        enhanced: Enhanced code, None where there is none.
        text: Its words with the codes, lines joined.
        context: The whole first line, for the stage.
        line: Number of its first line, from 0.
    """

    code: int
    enhanced: str | None
    text: str
    context: str
    line: int


def lines_of(text: str) -> list[str]:
    """
    The lines of a text, bounded in number and length.
    """
    return [line[:_LONGEST_LINE] for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]]


def find_replies(lines: list[str]) -> list[FoundReply]:
    """
    The SMTP replies that stand in a text, in order; continued lines are joined.
    """
    found = []
    number = 0
    while number < len(lines):
        match = _REPLY.search(lines[number])
        if match is None:
            number += 1
            continue
        words = [_unquoted(lines[number], match.start(1))]
        first = number
        while number + 1 < len(lines) and len(words) < _MOST_JOINED:
            more = _MORE.match(lines[number + 1])
            if more is None or more[1] != match[1] or words[-1][3:4] not in ("-", " ") or (words[-1][3:4] == " " and len(words) == 1):
                break
            words.append(more[1] + more[2] + more[3].strip())
            number += 1
        text = words[0] + "".join(" " + _ENHANCED.sub("", word[4:], count=1).strip() for word in words[1:])
        found.append(FoundReply(int(match[1]), match[2] or enhanced_in(text), text, lines[first], first))
        number += 1
    return found


def _unquoted(line: str, start: int) -> str:
    """
    A line from where its reply begins; up to the mark that ends the quotation where the reply is quoted.
    """
    said, mark = line[start:].strip(), line[max(start - 1, 0) : start]
    if mark not in ("'", '"'):
        return said
    ends = [match.start() for match in re.finditer(rf"{mark}(?=[\s.,;:)>\]]|$)", said)]
    return said[: ends[-1]].rstrip() if ends else said


def enhanced_in(text: str) -> str | None:
    """
    The first enhanced status code in a text that is no part of an address.
    """
    match = _ENHANCED.search(text[:_LONGEST_LINE])
    return match[1] if match else None


def stage_of(text: str) -> Stage | None:
    """
    Where in the dialogue a text says that it happened.
    """
    lower = text[:_LONGEST_LINE].lower()
    return next((Stage(name) for name, pattern in _table("stages") if pattern.search(lower)), None)


def system_of(text: str) -> str:
    """
    Whose server spoke: ``mimecast``, ``google``, ``microsoft`` or ``""``.
    """
    lower = text[: 2 * _LONGEST_LINE].lower()
    return next((name for name, pattern in _table("systems") if pattern.search(lower)), "")


def speaks_of_failure(text: str) -> bool:
    """
    True where a text says that mail was not delivered.
    """
    return says("failure", " ".join(text[: 8 * _LONGEST_LINE].replace("’", "'").split()))


def says(what: str, text: str) -> bool:
    """
    True where a text has words of one of the lists.

    Args:
        what: ``failure``, ``delayed``, ``given_up``, ``sender``, ``subject``, ``automatic``, ``rejected``, ``log``, ``log_arrived`` or
            ``log_deferred``.
        text: Any text, not too long.
    """
    return _list(what).search(text.lower()) is not None


def without_original(lines: list[str]) -> list[str]:
    """
    The lines before the copy of the message that came back.
    """
    for number, line in enumerate(lines):
        if number and (_FIELD_OF_ORIGINAL.match(line) or _list("original").match(line.lower().lstrip(" \t>*"))):
            return lines[:number]
    return lines


def excerpt(text: str, words: str) -> str:
    """
    The piece of a text around the words that decided; the text's beginning where they are not found.
    """
    flat = " ".join(text.split())
    at = flat.lower().find(words[:60]) if words else -1
    if len(flat) <= 300 or at < 0:
        return flat[:300]
    start = max(0, at - 120)
    return flat[start : at + 180]


def _list(name: str) -> re.Pattern[str]:
    return _compiled(name, "")


def _table(name: str) -> list[tuple[str, re.Pattern[str]]]:
    return [(key, _compiled(name, key)) for key in _data()[name]]


@cache
def _compiled(name: str, key: str) -> re.Pattern[str]:
    alternatives = _data()[name][key] if key else _data()[name]
    return re.compile("|".join(f"(?:{each})" for each in alternatives))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("runbook_lib.knowledge").joinpath("bounce_wording.toml").read_text(encoding="utf-8"))
