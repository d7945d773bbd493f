"""
A Google customer made by hand: what was pasted and exported, and what DNS would say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.checks import Case, allowlist, google
from runbook_lib.environment import environment_from_parameters
from runbook_lib.exports import Exports, read_export
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import (
    DnsAnswer,
    DnsOutcome,
    DnsQuestion,
    DnsRecord,
    GivenText,
    Observation,
    Observations,
    Question,
    replay,
)
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
CHECKS = {check.id: check for check in (*google.CHECKS, *allowlist.CHECKS)}


@dataclass
class Customer:
    """
    Judges checks of one customer.

    Args:
        records: Data by name and type; what is not there is SERVFAIL.
    """

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def __call__(self, check_id: str, /, *files: Any, **changes: Any) -> Finding:
        """
        The finding of one check about the tenant, in words; there is no other. See `every`.
        """
        ((subject, finding),) = self.every(check_id, *files, **changes).items()
        assert "tenant" == subject

        return finding

    def every(self, check_id: str, /, *files: Any, **changes: Any) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words.

        Args:
            check_id: The check.
            files: Exported values, each a file.
            changes: Of the environment.
        """
        given: dict[str, Any] = {
            "customer": "Alder",
            "platform": "google_workspace",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "smtp.google.com",
            "console_ranges": "195.130.217.0/24, 91.220.42.0/24",
        }
        environment = environment_from_parameters({key: value for key, value in {**given, **changes}.items() if value is not None})
        exports = Exports(tuple(read_export(f"{number}.json", json.dumps(value).encode()) for number, value in enumerate(files)))
        seen = Observations()
        for export in exports.files:
            seen.add(GivenText(export.file, export.text, export.sha256))
        for name in ("allowlist", "gateway_list"):
            if getattr(environment, name) is not None:
                seen.add(GivenText(name, "x", "00"))
        case = Case(environment, seen, NOW, exports)
        check = CHECKS[check_id]

        def ask(question: Question) -> Observation:
            observation = self._answer(question)
            seen.add(observation)
            return observation

        if check.plan is not None and "dns" in environment.probes:
            replay(check.plan(case), ask)
        found = [finding.worded(Catalogue("en").words(finding.message)) for finding in check.judge(case, check)]
        for worded in found:
            assert worded.words.summary
            assert worded.words.expected
            assert worded.words.observed
            assert worded.words.source
            assert json.dumps(worded.to_json())

        return {worded.subject: worded for worded in found}

    def _answer(self, question: Question) -> DnsAnswer:
        assert isinstance(question, DnsQuestion)

        data = self.records.get((question.name, question.rdtype))
        if data is None:
            return DnsAnswer(question, DnsOutcome.SERVFAIL, NOW)
        records = tuple(_record(question, one) for one in data)
        return DnsAnswer(question, DnsOutcome.ANSWER if records else DnsOutcome.NODATA, NOW, records=records)


def _record(question: DnsQuestion, data: str) -> DnsRecord:
    if question.rdtype == "MX":
        return DnsRecord(question.name, "MX", 300, data, 10, data.split()[1])
    return DnsRecord(question.name, question.rdtype, 300, data, texts=(data,))


@pytest.fixture
def customer() -> Customer:
    """
    A customer whose console shows two ranges; DNS answers nothing but what a test puts in.
    """
    return Customer()


def policies(*ranges: str) -> dict[str, Any]:
    """
    The allow list as the Policy API gives it.
    """
    setting = {"type": "settings/gmail.email_spam_filter_ip_allowlist", "value": {"allowedIpAddresses": list(ranges)}}
    return {"policies": [{"name": "policies/1", "policyQuery": {"orgUnit": "orgUnits/1"}, "setting": setting, "type": "ADMIN"}]}


@pytest.fixture
def exported() -> Any:
    """
    Makes an exported allow list.
    """
    return policies
