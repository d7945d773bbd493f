"""
Evaluation of SPF records, against the openspf suite for RFC 7208 and by hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Observation, Question, replay
from runbook_lib.standards.spf_check import Evaluation, SpfResult, check_host

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
SUITE = Path(__file__).resolve().parents[3] / "shared" / "samples" / "spf" / "rfc7208-tests.yml"
WITHOUT_SUITE = f"the openspf suite is not there ({SUITE.name} is looked for in ../shared/samples/spf)"


class Zone:
    """
    Answers from the zone data of one scenario, in the way the suite describes it.
    """

    def __init__(self, data: Mapping[str, list[Any]]) -> None:
        self.names = {name.lower(): self._with_txt(entries) for name, entries in data.items()}

    @staticmethod
    def _with_txt(entries: list[Any]) -> list[Any]:
        # SPF records stand for TXT records as well, unless the name has TXT of its own; NONE says that it has none.
        own = [entry for entry in entries if isinstance(entry, dict) and "TXT" in entry]
        spf = [] if own else [{"TXT": entry["SPF"]} for entry in entries if isinstance(entry, dict) and "SPF" in entry]
        return [entry for entry in [*spf, *entries] if entry != {"TXT": "NONE"}]

    def __call__(self, question: Question) -> Observation:
        """
        What the zone has for a question.
        """
        assert isinstance(question, DnsQuestion)

        asked = re.sub(r"\\(\d{3})", lambda match: chr(int(match[1])), question.name)
        if any(len(label) > 63 or not label for label in asked.split(".")) and asked:
            return DnsAnswer(question, DnsOutcome.NXDOMAIN, NOW)
        name, aliases = asked, 0
        while True:
            entries = self.names.get(name)
            if entries is None:
                return DnsAnswer(question, DnsOutcome.NXDOMAIN, NOW)
            found = [entry[question.rdtype] for entry in entries if isinstance(entry, dict) and question.rdtype in entry]
            if found == ["TIMEOUT"] or (not found and "TIMEOUT" in entries):
                return DnsAnswer(question, DnsOutcome.TIMEOUT, NOW)
            alias = next((entry["CNAME"] for entry in entries if isinstance(entry, dict) and "CNAME" in entry), None)
            if found or alias is None:
                break
            name, aliases = alias.lower().rstrip("."), aliases + 1
            if aliases > 10:
                return DnsAnswer(question, DnsOutcome.LOOP, NOW)
        records = tuple(self._record(name, question.rdtype, value) for value in found)
        return DnsAnswer(question, DnsOutcome.ANSWER if records else DnsOutcome.NODATA, NOW, records=records)

    @staticmethod
    def _record(name: str, rdtype: str, value: Any) -> DnsRecord:
        if rdtype == "TXT":
            parts = value if isinstance(value, list) else [value]
            return DnsRecord(name, rdtype, 300, "", texts=tuple(part.encode("utf-8").decode("latin-1") for part in parts))
        if rdtype == "MX":
            return DnsRecord(name, rdtype, 300, "", preference=value[0], target=value[1].lower().rstrip("."))
        if rdtype == "PTR":
            return DnsRecord(name, rdtype, 300, value, target=value.lower().rstrip("."))
        return DnsRecord(name, rdtype, 300, value)


def scenarios() -> list[Any]:
    """
    Every test of the suite, or one that says why there is none.
    """
    if not SUITE.is_file():
        return [pytest.param(None, None, id="suite", marks=pytest.mark.skip(reason=WITHOUT_SUITE))]
    documents = YAML(typ="safe", pure=True).load_all(SUITE.read_text(encoding="utf-8"))
    return [pytest.param(document, name, id=name) for document in documents for name in document["tests"]]


def evaluate(data: Mapping[str, list[Any]], ip: str, sender: str, *, helo: str = "mail.example.com", explain: bool = False) -> Evaluation:
    """
    Evaluate mail in a world of zone data.
    """
    domain = sender.rpartition("@")[2] or helo
    return replay(check_host(ip, domain, sender or f"postmaster@{helo}", helo=helo, explain=explain), Zone(data))


@pytest.mark.parametrize(("document", "name"), scenarios())
def test_suite(document: Any, name: str) -> None:
    """
    Every scenario of the suite gives its result, and its explanation where it has one (upper or lower case nibbles are not told apart).
    """
    test = document["tests"][name]
    expected = test["result"] if isinstance(test["result"], list) else [test["result"]]

    evaluation = evaluate(document["zonedata"], test["host"], test["mailfrom"], helo=test["helo"], explain=True)

    assert evaluation.result.value in expected
    if "explanation" in test:
        wanted = "" if test["explanation"] == "DEFAULT" else test["explanation"]
        assert wanted.casefold() == evaluation.explanation.casefold()


@pytest.mark.parametrize(("outcome", "reason"), [("SERVFAIL", "servfail"), ("NOT_ASKED", "not_asked"), ("LIMIT", "limit")])
def test_what_could_not_be_asked(outcome: str, reason: str) -> None:
    """
    Any way of not getting an answer is a temporary error that says which; for ``ptr``, too, what the run did not ask is not passed over.
    """
    zone = Zone({"alder.example": [{"TXT": "v=spf1 ptr -all"}]})

    def answer(question: Question) -> Observation:
        assert isinstance(question, DnsQuestion)

        if question.rdtype == "PTR" or outcome == "SERVFAIL":
            return DnsAnswer(question, DnsOutcome[outcome], NOW)
        return zone(question)

    evaluation = replay(check_host("192.0.2.7", "alder.example", "ann@alder.example"), answer)

    assert (SpfResult.TEMPERROR, reason) == (evaluation.result, evaluation.reason)


def test_says_what_decided() -> None:
    """
    The evaluation names the record and the term that matched, and counts what it asked.
    """
    data = {
        "alder.example": [{"TXT": "v=spf1 a include:gate.example -all"}, {"A": "192.0.2.1"}],
        "gate.example": [{"TXT": "v=spf1 ip4:198.51.100.0/24 ~all"}],
    }

    evaluation = evaluate(data, "198.51.100.9", "ann@alder.example")

    assert (SpfResult.PASS, "alder.example", "include:gate.example", 2, 0) == (
        evaluation.result,
        evaluation.where,
        evaluation.term,
        evaluation.lookups,
        evaluation.voids,
    )


@given(st.text(max_size=60), st.ip_addresses())
def test_any_record(text: str, ip: Any) -> None:
    """
    Whatever a record says, the evaluation comes to a result within its limits.
    """
    data = {"alder.example": [{"TXT": f"v=spf1 {text}"}]}

    evaluation = evaluate(data, str(ip), "ann@alder.example", explain=True)

    assert evaluation.lookups <= 11
    assert evaluation.voids <= 3
