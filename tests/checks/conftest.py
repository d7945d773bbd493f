"""
A world of DNS answers made by hand, and checks carried out against it: no network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.checks import Case, Check, allowlist, dnssec, domain, mx, ranges
from runbook_lib.environment import Environment, environment_from_parameters
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Observation, Observations, Question, Via, replay
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
CHECKS = {check.id: check for module in (allowlist, dnssec, domain, mx, ranges) for check in module.CHECKS}
HOSTS = ("NS", "CNAME", "DNAME", "MX")


@dataclass
class World:
    """
    What DNS would say.

    `records` maps name and type to data; `at` the same for one server's address or one public resolver; `fails` maps name, type and
    server (each ``*`` for any; the resolver is ``""``) to an outcome.
    """

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    at: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)
    fails: dict[tuple[str, str, str], DnsOutcome] = field(default_factory=dict)
    ttl: int = 300
    resolver_ttl: int | None = None
    secure: bool = False
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question) -> Observation:
        """
        The answer to one question.
        """
        assert isinstance(question, DnsQuestion)

        self.asked.append(question)
        for name in (question.name, "*"):
            for rdtype in (question.rdtype, "*"):
                for server in (question.server, "*"):
                    if (name, rdtype, server) in self.fails:
                        return DnsAnswer(question, self.fails[name, rdtype, server], NOW)
        return self._found(question, {**self.records, **self.at.get(question.server, {})})

    def _found(self, question: DnsQuestion, records: dict[tuple[str, str], list[str]]) -> DnsAnswer:
        flags = ("aa",) if question.via is Via.AUTHORITATIVE else ("rd", "ra", "ad") if self.secure else ("rd", "ra")
        name, aliases = question.name, []
        while question.rdtype != "CNAME" and records.get((name, "CNAME")):
            if any(alias.name == name for alias in aliases):
                return DnsAnswer(question, DnsOutcome.LOOP, NOW, aliases=tuple(aliases))
            aliases.append(self._record(name, "CNAME", records[name, "CNAME"][0], question))
            name = aliases[-1].target or ""
        soa = next((self._record(zone, "SOA", records[zone, "SOA"][0], question) for zone in self._above(name, records)), None)
        found = tuple(self._record(name, question.rdtype, data, question) for data in records.get((name, question.rdtype), []))
        exists = any(data and (owner == name or owner.endswith(f".{name}")) for (owner, _), data in records.items())
        outcome = DnsOutcome.ANSWER if found else DnsOutcome.NODATA if exists else DnsOutcome.NXDOMAIN
        return DnsAnswer(question, outcome, NOW, flags=flags, records=found, aliases=tuple(aliases), soa=None if found else soa)

    def _above(self, name: str, records: dict[tuple[str, str], list[str]]) -> list[str]:
        labels = name.split(".")
        return [zone for index in range(len(labels)) if (zone := ".".join(labels[index:]), "SOA") in records]

    def _record(self, name: str, rdtype: str, data: str, question: DnsQuestion) -> DnsRecord:
        ttl = self.resolver_ttl if question.via is Via.RESOLVER and self.resolver_ttl is not None else self.ttl
        preference, target = None, None
        if rdtype == "MX":
            first, _, target = data.partition(" ")
            preference = int(first)
        elif rdtype in HOSTS:
            target = data
        target = "" if target == "." else target
        return DnsRecord(name, rdtype, ttl, data, preference, target, (data,) if rdtype == "TXT" else ())


@dataclass
class Look:
    """
    Carries out checks in a world.
    """

    world: World

    def __call__(self, check_id: str, /, **changes: Any) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words.
        """
        check: Check = CHECKS[check_id]
        environment = self.environment(**changes)
        seen = Observations()
        case = Case(environment, seen, NOW)
        if check.plan is not None:

            def ask(question: Question) -> Observation:
                observation = self.world.answer(question)
                seen.add(observation)
                return observation

            if "dns" in environment.probes:
                replay(check.plan(case), ask)
        words = Catalogue("en")
        findings = [finding.worded(words.words(finding.message)) for finding in check.judge(case, check)]
        assert findings
        assert all(finding.words.summary and finding.words.expected and finding.words.observed for finding in findings)
        assert all(finding.words.source for finding in findings)

        return {finding.subject: finding for finding in findings}

    def one(self, check_id: str, /, **changes: Any) -> Finding:
        """
        The only finding of one check.
        """
        (finding,) = self(check_id, **changes).values()
        return finding

    def environment(self, **changes: Any) -> Environment:
        """
        The customer of these tests with something changed.
        """
        given = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "alder-example.mail.protection.outlook.com",
        }
        return environment_from_parameters({**given, **changes})


@pytest.fixture
def world() -> World:
    """
    A healthy customer before the move.
    """
    return World(
        {
            ("alder.example", "SOA"): ["ns1.alder.example hostmaster.alder.example 7 3600 600 86400 300"],
            ("alder.example", "NS"): ["ns1.alder.example", "ns2.alder.example"],
            ("ns1.alder.example", "A"): ["194.1.1.1"],
            ("ns2.alder.example", "A"): ["194.1.1.2"],
            ("alder.example", "MX"): ["10 mail.alder.example"],
            ("mail.alder.example", "A"): ["194.1.1.7"],
            ("eu-smtp-inbound-1.mimecast.com", "A"): ["195.130.217.1"],
            ("eu-smtp-inbound-2.mimecast.com", "A"): ["195.130.217.2"],
        }
    )


@pytest.fixture
def look(world: World) -> Look:
    """
    Carries out a check in the world of the test.
    """
    return Look(world)
