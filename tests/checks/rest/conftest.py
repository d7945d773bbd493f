"""
A customer with exported files and MX records made by hand, and checks carried out against them: no network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbook_lib.checks import Case, Check, delivery, present, recipients, scope, senders
from runbook_lib.environment import Environment, environment_from_parameters
from runbook_lib.exports import Exports
from runbook_lib.exports.reading import read_export
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, GivenText, Observation, Observations, Question, replay
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
CHECKS = {check.id: check for module in (delivery, present, recipients, scope, senders) for check in module.CHECKS}
RANGES = ("203.0.113.0/25", "198.51.100.0/24")
GATEWAY = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")


@dataclass
class Desk:
    """
    Judges a customer.

    Args:
        mx: MX data by domain, ``preference host``; an outcome where there are none.
        addresses: The IPv4 address of a name, or an outcome.
    """

    mx: dict[str, tuple[str, ...] | DnsOutcome] = field(default_factory=dict)
    addresses: dict[str, str | DnsOutcome] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)

    def __call__(self, check_id: str, files: Mapping[str, Any] | None = None, /, **keys: Any) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words.

        Args:
            check_id: The check.
            files: Exported files by name: bytes, text, or what JSON is made of.
            keys: Of the environment.
        """
        check: Check = CHECKS[check_id]
        case = self.case(files, **keys)
        if check.plan is not None:
            replay(check.plan(case), lambda question: self._ask(question, case.observations))
        words = Catalogue("en")
        findings = [finding.worded(words.words(finding.message)) for finding in check.judge(case, check)]
        assert findings
        assert len({finding.subject for finding in findings}) == len(findings)
        for finding in findings:
            assert finding.words.summary
            assert finding.words.expected
            assert finding.words.observed
            assert finding.words.source
        return {finding.subject: finding for finding in findings}

    def one(self, check_id: str, files: Mapping[str, Any] | None = None, /, **keys: Any) -> Finding:
        """
        The only finding of one check.
        """
        (finding,) = self(check_id, files, **keys).values()
        return finding

    def case(self, files: Mapping[str, Any] | None = None, **keys: Any) -> Case:
        """
        The customer, with these files and keys.
        """
        exports = Exports(tuple(read_export(name, _bytes(content)) for name, content in (files or {}).items()))
        seen = Observations()
        for export in exports.files:
            seen.add(GivenText(export.file, export.text, export.sha256, export.kind.value))
        return Case(self.environment(**keys), seen, NOW, exports)

    def environment(self, **keys: Any) -> Environment:
        """
        The customer of these tests with something changed.
        """
        given = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "alder-example.mail.protection.outlook.com",
            "console_ranges": list(RANGES),
        }
        return environment_from_parameters({**given, **keys})

    def _ask(self, question: Question, seen: Observations) -> Observation:
        assert isinstance(question, DnsQuestion)

        self.asked.append(question)
        data = self.mx.get(question.name, DnsOutcome.NODATA) if question.rdtype == "MX" else DnsOutcome.NODATA
        address = self.addresses.get(question.name) if question.rdtype == "A" else None
        if isinstance(address, DnsOutcome):
            observation = DnsAnswer(question, address, NOW)
        elif address is not None:
            observation = DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=(DnsRecord(question.name, "A", 300, address),))
        elif isinstance(data, DnsOutcome):
            observation = DnsAnswer(question, data, NOW)
        else:
            observation = DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=tuple(_record(question.name, each) for each in data))
        seen.add(observation)
        return observation


def _record(name: str, data: str) -> DnsRecord:
    preference, _, host = data.partition(" ")
    return DnsRecord(name, "MX", 300, data, int(preference), "" if host == "." else host)


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


@pytest.fixture
def desk() -> Desk:
    """
    A customer whose mail goes to a server of its own.
    """
    return Desk({"alder.example": ("10 mail.alder.example",)})


@pytest.fixture
def gateway_mx() -> tuple[str, ...]:
    """
    The MX records of a domain that has moved.
    """
    return tuple(f"10 {host}" for host in GATEWAY)


@pytest.fixture
def trace() -> Any:
    """
    Makes a message trace: ``trace(("198.51.100.7", 9), …)`` is one row an address, each so many days old.
    """

    def make(*rows: tuple[str, float] | tuple[str, float, str], direction: str = "Inbound") -> list[dict[str, Any]]:
        return [
            {
                "Received": (NOW - timedelta(days=row[1])).isoformat(),
                "SenderAddress": row[2] if len(row) == 3 else "someone@elsewhere.example",
                "RecipientAddress": "ann@alder.example",
                "Subject": "x",
                "Status": "Delivered",
                "FromIP": row[0],
                "ToIP": "",
                "Size": 10,
                "MessageId": f"<{number}@x>",
                "MessageTraceId": f"{number}",
                **({"Directionality": direction} if direction else {}),
            }
            for number, row in enumerate(rows)
        ]

    return make


@pytest.fixture
def connector() -> Any:
    """
    Makes an exported inbound connector.
    """

    def make(name: str = "Old gateway", **changes: Any) -> dict[str, Any]:
        return {
            "Name": name,
            "Enabled": True,
            "ConnectorType": "Partner",
            "ConnectorSource": "AdminUI",
            "SenderIPAddresses": ["192.0.2.0/24"],
            "SenderDomains": ["smtp:*;1"],
            "RequireTls": True,
            "RestrictDomainsToIPAddresses": True,
            "RestrictDomainsToCertificate": False,
            "TlsSenderCertificateName": None,
            "AssociatedAcceptedDomains": [],
            "EFSkipLastIP": False,
            "EFSkipIPs": [],
            **changes,
        }

    return make
