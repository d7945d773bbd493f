"""
The longest chain of round trips of a finished check that cannot be avoided, worked out from what was seen.

A question waits for another only where its words come from the other's answer: an address, the target of an MX, NS or CNAME record, the
`include` of an SPF record. Names that the environment or the region's knowledge gives wait for nothing. An SMTP dialogue waits for the
address it goes to; in it the opening of the connection, the greeting (it comes when our acknowledgement has arrived), the TLS handshake and
each command with its reply cost a round trip; commands sent in one go (RFC 2920) cost one together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runbook_lib.knowledge.regions import region

_SPF_TERM = re.compile(r"(?:include:|redirect=)(\S+)")
_HANDSHAKE = {"TLSv1.3": 1}
_OLDER_HANDSHAKE = 2
_UDP, _TCP = 1, 3  # a truncated UDP reply, the opening of the connection, the question again


@dataclass(frozen=True)
class Chain:
    """
    Round trips one after the other.

    Args:
        steps: Each with what it costs.
    """

    steps: tuple[tuple[str, int], ...] = ()

    @property
    def length(self) -> int:
        """
        Round trips in all.
        """
        return sum(cost for _, cost in self.steps)

    def then(self, *steps: tuple[str, int]) -> Chain:
        """
        This chain and what follows.
        """
        return Chain((*self.steps, *steps))


def longest(document: Mapping[str, Any]) -> Chain:
    """
    The longest chain of a result document.
    """
    seen = [one for one in document["observations"].values() if one["kind"] in ("dns", "smtp", "https")]
    return max(_Chains(document, seen).all(), key=lambda chain: chain.length, default=Chain())


class _Chains:
    def __init__(self, document: Mapping[str, Any], seen: list[Mapping[str, Any]]) -> None:
        environment = document["environment"]
        known = region(environment["region"])
        self._given = json.dumps(environment).lower() + " ".join([*known.mx, known.spf or ""])
        self._seen = seen
        self._made: dict[int, Chain] = {}

    def all(self) -> Iterator[Chain]:
        for one in self._seen:
            yield self._of(one)

    def _of(self, one: Mapping[str, Any]) -> Chain:
        if id(one) not in self._made:
            self._made[id(one)] = Chain()  # an answer that leads back to its own question is no reason to wait
            self._made[id(one)] = _smtp(one, self._before(one)) if one["kind"] == "smtp" else self._dns(one)
        return self._made[id(one)]

    def _dns(self, one: Mapping[str, Any]) -> Chain:
        question = one["question"]
        whom = f" at {question['server']}" if question["server"] else ""
        return self._before(one).then((f"{question['rdtype']} {question['name']}{whom}", _TCP if one["transport"] == "tcp" else _UDP))

    def _before(self, one: Mapping[str, Any]) -> Chain:
        """
        What has to be known first: the nearest of the answers that tell it.
        """
        question = one["question"]
        if one["kind"] == "smtp":
            needed = question["address"]
        elif question["via"] == "authoritative":
            needed = question["server"]
        else:
            needed = question["name"] if question["name"] not in self._given else ""
        tell = [self._of(other) for other in self._seen if other is not one and other["kind"] == "dns" and needed in _told(other)]
        return min(tell, key=lambda chain: chain.length, default=Chain()) if needed else Chain()


def _told(answer: Mapping[str, Any]) -> set[str]:
    told = set()
    for record in (*answer["records"], *answer["aliases"]):
        told.add(record["data"])
        told.add(record["target"] or record["data"])
        for text in record["texts"]:
            told.update(_SPF_TERM.findall(text))
    return told


def _smtp(dialogue: Mapping[str, Any], before: Chain) -> Chain:
    chain = before
    for connection in dialogue["connections"]:
        where = f"{dialogue['question']['host']} ({dialogue['question']['address']})"
        chain = chain.then((f"connect to {where}", 1), ("greeting", 1))
        group: list[str] = []
        for line in connection["transcript"]:
            if line["who"] == "client":
                group.append(line["text"].partition(" ")[0])
            elif line["who"] == "server" and group:
                chain = chain.then((" ".join(group) if len(group) < 4 else f"{len(group)} commands, {group[0]} to {group[-1]}", 1))
                if group == ["STARTTLS"] and connection["tls"]:
                    version = connection["tls"]["version"] or "TLS"
                    chain = chain.then((f"{version} handshake", _HANDSHAKE.get(version, _OLDER_HANDSHAKE)))
                group = []
    return chain
