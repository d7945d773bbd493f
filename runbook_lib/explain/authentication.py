"""
Authentication-Results (RFC 8601) and ARC-Authentication-Results (RFC 8617), as platforms write them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 8000
_MOST = 60
_RESULT = re.compile(r"^\s{0,20}([a-z][a-z0-9-]{0,40})(?:/\d{1,3})?\s{0,5}=\s{0,5}([a-z]{1,20})(?=\s|$|[;(])", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z][a-z0-9.-]{0,60})\s{0,3}=\s{0,3}(?:\"([^\"]{0,400})\"|([^\s;\"]{1,400}))", re.IGNORECASE)
_ORDER = ("pass", "bestguesspass", "softpass", "policy", "neutral", "none", "temperror", "softfail", "permerror", "fail")


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What was found out by one method.

    Args:
        method: ``spf``, ``dkim``, ``dmarc``, ``arc``, ``compauth`` and so on, lower case.
        result: ``pass``, ``fail`` and so on, lower case.
        properties: Names such as ``smtp.mailfrom``, ``header.d``, ``reason``, ``action``, lower case, with their values.
        comment: Text in parentheses, without them.
        text: As it stands.
    """

    method: str
    result: str
    properties: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """
    One field.

    Args:
        server: Who says so, lower case; ``""`` where the field does not name it, as Microsoft's does not.
        verdicts: In order.
        instance: ARC instance, None for a field that is not ARC's.
    """

    server: str
    verdicts: tuple[Verdict, ...]
    instance: int | None = None

    def verdict(self, method: str) -> Verdict | None:
        """
        The result of one method, the best where there are several signatures.
        """
        found = [each for each in self.verdicts if each.method == method]
        return min(found, key=lambda each: _ORDER.index(each.result) if each.result in _ORDER else len(_ORDER), default=None)


def read_results(value: str, *, arc: bool = False) -> AuthenticationResults:
    """
    Read one field; what is no result in it is left out.

    Args:
        value: Its value, unfolded.
        arc: It is an ARC-Authentication-Results.
    """
    server = ""
    instance: int | None = None
    verdicts: list[Verdict] = []
    for number, (bare, comment, text) in enumerate(_clauses(value[:_LONGEST])):
        match = _RESULT.match(bare)
        if arc and instance is None and bare.strip().lower().startswith("i="):
            digits = bare.strip()[2:].strip()
            instance = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else 0
        elif match is not None:
            properties = {each[1].lower(): each[2] if each[2] is not None else each[3] for each in _PROPERTY.finditer(bare[match.end() :])}
            verdicts.append(Verdict(match[1].lower(), match[2].lower(), properties, comment, text))
        elif not server and number <= 1 and "=" not in bare and bare.strip():
            server = bare.split()[0].lower()
    return AuthenticationResults(server, tuple(verdicts[:_MOST]), (instance or 0) if arc else None)


def _clauses(value: str) -> list[tuple[str, str, str]]:
    """
    The pieces between semicolons: without comments, the comments, and as they stand.
    """
    found: list[tuple[str, str, str]] = []
    bare: list[str] = []
    comment: list[str] = []
    depth = 0
    quoted = False
    start = 0
    for position, character in enumerate(value + ";"):
        if character == '"' and not depth:
            quoted = not quoted
        if character == "(" and not quoted:
            depth += 1
            if depth == 1:
                continue
        elif character == ")" and depth and not quoted:
            depth -= 1
            if not depth:
                comment.append(" ")
                continue
        if character == ";" and ((not depth and not quoted) or position == len(value)):
            found.append(("".join(bare), "".join(comment).strip(), value[start:position].strip()))
            bare, comment, start = [], [], position + 1
        elif depth:
            comment.append(character)
        else:
            bare.append(character)
    return found
