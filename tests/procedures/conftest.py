"""
A customer with MX records made by hand, seen by the resolver and by the zone's own servers: no network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.checks import Case
from runbook_lib.environment import environment_from_parameters
from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Observation, Observations, Question, Via, replay
from runbook_lib.procedures.cutover import CutoverPlan, cutover_plan
from runbook_lib.procedures.recorded import FormerMx
from runbook_lib.standards.mx import see_mx

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
SERVER = "194.1.1.1"


@dataclass
class Zone:
    """
    A customer's DNS.

    Args:
        mx: MX data, ``preference host``, by domain.
        ttl: Of MX records at their own servers; None where these do not answer.
        kept: What the resolver has left of it.
        old: What a public resolver still gives, and for how long.
    """

    mx: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"alder.example": ("10 mail.alder.example", "20 mx.alder.example")})
    ttl: int | None = 300
    kept: int = 120
    old: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)

    def plan(self, before: dict[str, FormerMx] | None = None, **keys: Any) -> CutoverPlan:
        """
        The cut-over of the customer with these keys.
        """
        return cutover_plan(self.case(**keys), before)

    def case(self, **keys: Any) -> Case:
        """
        The customer with these keys, everything asked.
        """
        given = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "alder-example.mail.protection.outlook.com",
        }
        environment = environment_from_parameters({**given, **keys})
        seen = Observations()

        def ask(question: Question) -> Observation:
            assert isinstance(question, DnsQuestion)

            observation = self._answer(question)
            seen.add(observation)
            return observation

        for scope in environment.scopes:
            replay(see_mx(scope.name), ask)
            for resolver in environment.propagation_resolvers:
                ask(DnsQuestion(scope.name, "MX", Via.PROPAGATION, resolver))
        return Case(environment, seen, NOW)

    def _answer(self, question: DnsQuestion) -> DnsAnswer:
        if question.via is Via.AUTHORITATIVE and self.ttl is None:
            return DnsAnswer(question, DnsOutcome.TIMEOUT, NOW)
        data, ttl = self.mx.get(question.name, ()), self.ttl if question.via is Via.AUTHORITATIVE else self.kept
        if question.via is Via.PROPAGATION and question.server in self.old:
            data, ttl = self.old[question.server]
        flags = ("aa",) if question.via is Via.AUTHORITATIVE else ("rd", "ra")
        fixed = {"NS": ("ns1.alder.example",), "SOA": ("ns1.alder.example h.alder.example 7 3600 600 86400 300",)}
        if question.rdtype == "A" and question.name == "ns1.alder.example":
            data = (SERVER,)
        elif question.rdtype in fixed and question.name in self.mx:
            data = fixed[question.rdtype]
        elif question.rdtype != "MX":
            data = ()
        records = tuple(_record(question, each, ttl or 0) for each in data)
        soa = _record(DnsQuestion("alder.example", "SOA"), fixed["SOA"][0], 300)
        return DnsAnswer(
            question, DnsOutcome.ANSWER if records else DnsOutcome.NODATA, NOW, flags=flags, records=records, soa=None if records else soa
        )


def _record(question: DnsQuestion, data: str, ttl: int) -> DnsRecord:
    if question.rdtype == "MX":
        preference, _, host = data.partition(" ")
        return DnsRecord(question.name, "MX", ttl, data, int(preference), "" if host == "." else host)
    return DnsRecord(question.name, question.rdtype, ttl, data, None, data if question.rdtype == "NS" else None)


@pytest.fixture
def zone() -> Zone:
    """
    A customer before the move.
    """
    return Zone()
