"""
SPF macros and domain-specs (RFC 7208 section 7): are they well written, and what do they expand to?
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

MAX_NAME = 253
"""
Characters of the longest name; an expanded one that is longer loses labels on its left (section 7.3).
"""
_EXPAND = re.compile(r"%(?:\{(?P<letter>[A-Za-z])(?P<keep>[0-9]*)(?P<turn>[rR]?)(?P<cut>[-.+,/_=]*)\}|(?P<mark>[%_-]))")
_MARKS = {"%": "%", "_": " ", "-": "%20"}
_LETTERS = frozenset("slodipvh")
_LETTERS_OF_EXPLANATION = _LETTERS | frozenset("crt")
_TOPLABEL = re.compile(r".*\.(?=[^.]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?\Z", re.DOTALL)
_DUAL_CIDR = re.compile(r"(?P<spec>.*?)(?:/(?P<v4>0|[1-9][0-9]*))?(?://(?P<v6>0|[1-9][0-9]*))?\Z", re.DOTALL)
_PLAIN = re.compile(r"[a-z0-9_.-]")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
"""
The address mail comes from.
"""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What macros stand for in one evaluation.

    Args:
        ip: The address mail comes from.
        local: Local part of the sender.
        origin: Domain of the sender.
        domain: The domain whose record is being read.
        helo: What the client called itself.
        validated: The client's name where it could be validated; only read where a macro ``p`` is used.
        receiver: Name of the receiving host.
        timestamp: Seconds since 1970.
    """

    ip: Address
    local: str
    origin: str
    domain: str
    helo: str
    validated: str = "unknown"
    receiver: str = "unknown"
    timestamp: int = 0

    def values(self) -> Mapping[str, str]:
        """
        The macro letters and their values (section 7.2).
        """
        return {
            "s": f"{self.local}@{self.origin}",
            "l": self.local,
            "o": self.origin,
            "d": self.domain,
            "i": dotted(self.ip),
            "p": self.validated,
            "v": "in-addr" if self.ip.version == 4 else "ip6",
            "h": self.helo,
            "c": str(self.ip),
            "r": self.receiver,
            "t": str(self.timestamp),
        }


def dotted(ip: Address) -> str:
    """
    An address as macro ``i`` has it: dotted quad, or nibbles separated by dots.
    """
    return str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", ""))


def is_macro_string(text: str, *, explanation: bool = False) -> bool:
    """
    True where every ``%`` opens a macro (section 7.1).

    Args:
        text: As written.
        explanation: It is an explanation: spaces and the letters ``c``, ``r`` and ``t`` are allowed.
    """
    letters = _LETTERS_OF_EXPLANATION if explanation else _LETTERS
    for match in _EXPAND.finditer(text):
        letter = match["letter"]
        if letter is not None and (letter.lower() not in letters or (match["keep"] and not int(match["keep"][:9]))):
            return False
    rest = _EXPAND.sub("", text)
    return "%" not in rest and all("!" <= character <= "~" or (explanation and character == " ") for character in rest)


def is_domain_spec(text: str) -> bool:
    """
    True for a well-written domain-spec: a macro-string that ends in a top label or a macro.
    """
    if not text or not is_macro_string(text):
        return False
    literal = text[max((match.end() for match in _EXPAND.finditer(text)), default=0) :]
    return not literal or bool(_TOPLABEL.match(literal))


def split_dual_cidr(text: str) -> tuple[str, int, int] | None:
    """
    Part a domain-spec from the prefix lengths behind it (section 5.3).

    Returns:
        Domain-spec, IPv4 and IPv6 prefix length; None where a length is out of bounds.
    """
    match = _DUAL_CIDR.match(text)
    if match is None:
        return None
    v4, v6 = int((match["v4"] or "32")[:9]), int((match["v6"] or "128")[:9])
    return (match["spec"], v4, v6) if v4 <= 32 and v6 <= 128 else None


def macro_letters(text: str) -> frozenset[str]:
    """
    The macro letters a text uses, in lower case.
    """
    return frozenset(match["letter"].lower() for match in _EXPAND.finditer(text) if match["letter"])


def expand(text: str, about: Circumstances) -> str:
    """
    Expand a macro-string that is well written.
    """
    values = about.values()

    def put(match: re.Match[str]) -> str:
        if match["mark"]:
            return _MARKS[match["mark"]]
        parts = re.split(f"[{re.escape(match['cut'] or '.')}]", values[match["letter"].lower()])
        if match["turn"]:
            parts.reverse()
        if match["keep"]:
            parts = parts[-int(match["keep"][:9]) :]
        value = ".".join(parts)
        return quote(value, safe="-._~") if match["letter"].isupper() else value

    return _EXPAND.sub(put, text)


def expand_name(text: str, about: Circumstances) -> str:
    """
    The name a domain-spec stands for, without the final dot; shortened from the left where it is too long.
    """
    name = expand(text, about).removesuffix(".")
    while len(name) > MAX_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def is_queryable(name: str) -> bool:
    """
    True for a name that can be asked for: no empty label, none over 63 characters (section 4.3).
    """
    return len(name) <= MAX_NAME and all(0 < len(label) <= 63 for label in name.split("."))


def question_name(name: str) -> str:
    r"""
    A name as questions have it: lower case, odd characters as ``\DDD``.
    """
    return "".join(each if _PLAIN.match(each) else f"\\{ord(each):03d}" for each in name.lower().encode("utf-8").decode("latin-1"))
