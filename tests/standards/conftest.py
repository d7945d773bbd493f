"""
Plans carried out against answers made by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Observation, Plan, Question, replay

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Said = dict[tuple[str, str], list[str] | DnsOutcome | tuple[DnsOutcome, str]]


@pytest.fixture
def carry_out() -> Callable[..., Any]:
    """
    Carries out a plan against what each name and type has: data, an outcome, or an outcome with the zone of its SOA. Anything else does
    not exist. Gives the result and the batches of questions, one after the other.
    """

    def run(plan: Plan[Any], said: Said) -> tuple[Any, list[Question]]:
        asked: list[Question] = []

        def answer(question: Question) -> Observation:
            assert isinstance(question, DnsQuestion)

            asked.append(question)
            found = said.get((question.name, question.rdtype), DnsOutcome.NXDOMAIN)
            if isinstance(found, list):
                records = tuple(record(question.name, question.rdtype, data) for data in found)
                return DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=records)
            outcome, zone = found if isinstance(found, tuple) else (found, "")
            return DnsAnswer(question, outcome, NOW, soa=DnsRecord(zone, "SOA", 300, "") if zone else None)

        return replay(plan, answer), asked

    return run


def record(name: str, rdtype: str, data: str) -> DnsRecord:
    """
    One record.
    """
    target = data if rdtype in {"NS", "CNAME"} else None
    return DnsRecord(name, rdtype, 300, data, None, target, (data,) if rdtype == "TXT" else ())
