"""
A Microsoft 365 tenant made by hand: its exports as PowerShell writes them, its checks, and the commands that change it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.checks import Case, m365
from runbook_lib.environment import Environment, environment_from_parameters
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
    Via,
    replay,
)
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
OLD = "2026-11-01T10:00:00Z"
CHECKS = {check.id: check for check in m365.CHECKS}
RANGES = ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25"]
GATEWAY = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")
CMDLETS = {
    "InboundConnector": "connectors",
    "TransportRule": "rules",
    "HostedConnectionFilterPolicy": "policies",
    "AcceptedDomain": "domains",
    "OrganizationConfig": "organization",
}


@dataclass
class Tenant:
    """
    A tenant, changed by tests.

    `read` reads a command. The lists are what the exports hold; None is "no such export".
    """

    read: Callable[[str], tuple[str, dict[str, Any]]]
    connectors: list[dict[str, Any]] | None = None
    rules: list[dict[str, Any]] | None = None
    policies: list[dict[str, Any]] | None = None
    domains: list[dict[str, Any]] | None = None
    organization: list[dict[str, Any]] | None = None
    outbound: list[dict[str, Any]] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    mx: dict[str, tuple[str, ...] | DnsOutcome] = field(default_factory=lambda: {"alder.example": ("mail.alder.example",)})
    spf: dict[str, str] = field(default_factory=dict)
    now: datetime = NOW
    resolvers: DnsOutcome | None = None
    asked: list[Question] = field(default_factory=list)

    @property
    def environment(self) -> Environment:
        """
        What is intended.
        """
        given = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "alder-example.mail.protection.outlook.com",
            "console_ranges": RANGES,
        }
        return environment_from_parameters({key: value for key, value in {**given, **self.parameters}.items() if value is not None})

    @property
    def exports(self) -> Exports:
        """
        The exports, read.
        """
        names = {
            "inbound_connectors": self.connectors,
            "transport_rule": self.rules,
            "conn_filter": self.policies,
            "accepted_domains": self.domains,
            "org_config": self.organization,
            "outbound_connectors": self.outbound,
        }
        document = {name: value for name, value in names.items() if value is not None}
        return Exports((read_export("tenant.json", json.dumps(document).encode()),)) if document else Exports()

    def judge(self, check_id: str) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words.
        """
        check = CHECKS[check_id]
        seen = Observations()
        exports = self.exports
        for export in exports.files:
            seen.add(GivenText(export.file, export.text, export.sha256))
        case = Case(self.environment, seen, self.now, exports)
        assert check.plan is not None

        def ask(question: Question) -> Observation:
            answer = self._answer(question)
            seen.add(answer)
            return answer

        replay(check.plan(case), ask)
        words = Catalogue("en")
        findings = [finding.worded(words.words(finding.message)) for finding in check.judge(case, check)]
        assert findings
        assert len({finding.subject for finding in findings}) == len(findings)
        assert all(finding.words.summary and finding.words.expected and finding.words.observed for finding in findings)
        assert all(finding.words.source for finding in findings)
        told = [finding for finding in findings if finding.status in ("warn", "fail", "manual")]
        assert all(finding.words.remedy and finding.words.who for finding in told)

        return {finding.subject: finding for finding in findings}

    def one(self, check_id: str) -> Finding:
        """
        The only finding of one check.
        """
        (finding,) = self.judge(check_id).values()
        return finding

    def brief(self, check_id: str) -> tuple[str, str | None]:
        """
        Status and cause of the only finding of one check.
        """
        finding = self.one(check_id)
        return finding.status.value, finding.cause

    def trust(self) -> dict[str, tuple[str, str | None]]:
        """
        Status and cause of each of the three ways of trust.
        """
        return {name: self.brief(f"m365.{name}") for name in ("connection_filter", "bypass_rule", "enhanced_filtering")}

    def _answer(self, question: Question) -> DnsAnswer:
        self.asked.append(question)
        assert isinstance(question, DnsQuestion)

        if self.resolvers is not None and question.via is Via.PROPAGATION:
            return DnsAnswer(question, self.resolvers, NOW)
        if question.rdtype == "MX":
            hosts = self.mx.get(question.name, DnsOutcome.NXDOMAIN)
            if isinstance(hosts, DnsOutcome):
                return DnsAnswer(question, hosts, NOW)
            records = tuple(DnsRecord(question.name, "MX", 300, f"10 {host}", 10, host) for host in hosts)
            return DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=records)
        if question.rdtype == "TXT" and question.name in self.spf:
            text = self.spf[question.name]
            return DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=(DnsRecord(question.name, "TXT", 300, text, texts=(text,)),))
        return DnsAnswer(question, DnsOutcome.SERVFAIL, NOW)

    def paste(self, finding: Finding) -> None:
        """
        Run what a finding gives to paste, as far as it is no comment.
        """
        assert finding.words.paste
        self.run(line for line in finding.words.paste.splitlines() if not line.startswith("#"))

    def undo(self, finding: Finding) -> None:
        """
        Run the way back of what a finding gives to paste.
        """
        lines = [line.removeprefix("# undo: ") for line in finding.words.paste.splitlines() if line.startswith("#")]
        assert lines
        self.run(lines)

    def run(self, lines: Iterable[str]) -> None:
        """
        Carry out commands.
        """
        for line in lines:
            cmdlet, parameters = self.read(line)
            verb, _, noun = cmdlet.partition("-")
            objects = getattr(self, CMDLETS[noun])
            parameters.pop("Confirm", None)
            if verb == "New":
                objects.append(self._new(noun, parameters))
                continue
            index = self._index(objects, parameters.pop("Identity", None))
            if verb == "Remove":
                del objects[index]
            elif verb in ("Enable", "Disable"):
                objects[index]["State"] = f"{verb}d"
            else:
                _change(objects[index], parameters)

    def _new(self, noun: str, parameters: dict[str, Any]) -> dict[str, Any]:
        made = copy.deepcopy(RULE if noun == "TransportRule" else CONNECTOR)
        assert parameters["Name"] not in [item["Name"] for item in getattr(self, CMDLETS[noun])]

        _change(made, parameters)
        return made

    def _index(self, objects: list[dict[str, Any]], identity: str | None) -> int:
        if identity is None:
            return 0
        return next(index for index, item in enumerate(objects) if identity in (item.get("Name"), item.get("DomainName")))


def _change(item: dict[str, Any], parameters: Mapping[str, Any]) -> None:
    for key, value in parameters.items():
        assert key in item, key
        if isinstance(value, dict):
            old = [each.removeprefix("smtp:").partition(";")[0] if key == "SenderDomains" else each for each in item[key] or []]
            assert set(value.get("Remove", ())) <= set(old)
            item[key] = [each for each in old if each not in value.get("Remove", ())] + value.get("Add", [])
        elif isinstance(item[key], list):
            item[key] = value if isinstance(value, list) else [] if value is None else [value]
        else:
            item[key] = value


CONNECTOR: dict[str, Any] = {
    "Name": "Mimecast inbound",
    "Enabled": True,
    "ConnectorType": "Partner",
    "SenderIPAddresses": [],
    "SenderDomains": ["smtp:*;1"],
    "AssociatedAcceptedDomains": [],
    "RequireTls": False,
    "RestrictDomainsToIPAddresses": False,
    "RestrictDomainsToCertificate": False,
    "TreatMessagesAsInternal": False,
    "TlsSenderCertificateName": None,
    "EFTestMode": False,
    "EFSkipLastIP": False,
    "EFSkipIPs": [],
    "EFUsers": [],
    "WhenChangedUTC": OLD,
}
RULE: dict[str, Any] = {
    "Name": "Mimecast bypass",
    "State": "Enabled",
    "Mode": "Enforce",
    "Priority": 0,
    "FromScope": None,
    "SentToScope": None,
    "RecipientDomainIs": None,
    "SubjectContainsWords": None,
    "SenderIpRanges": None,
    "ExceptIfSenderIpRanges": None,
    "SetSCL": -1,
    "StopRuleProcessing": False,
    "ActivationDate": None,
    "ExpiryDate": None,
    "WhenChanged": OLD,
}
POLICY: dict[str, Any] = {
    "Name": "Default",
    "IsDefault": True,
    "IPAllowList": [],
    "IPBlockList": [],
    "EnableSafeList": False,
    "WhenChangedUTC": OLD,
}
DOMAIN: dict[str, Any] = {
    "Name": "alder.example",
    "DomainName": "alder.example",
    "DomainType": "Authoritative",
    "MatchSubDomains": False,
    "PendingRemoval": False,
    "OutboundOnly": False,
    "WhenChangedUTC": OLD,
}
OUTBOUND: dict[str, Any] = {
    "Name": "To on-premises",
    "Enabled": True,
    "ConnectorType": "OnPremises",
    "RecipientDomains": ["alder.example"],
    "SmartHosts": ["mail.alder.example"],
    "UseMXRecord": False,
    "IsTransportRuleScoped": False,
    "RouteAllMessagesViaOnPremises": False,
    "AllAcceptedDomains": False,
    "WhenChangedUTC": OLD,
}


@dataclass
class Make:
    """
    Makes tenants and exported objects.
    """

    read: Callable[[str], tuple[str, dict[str, Any]]]
    gateway: tuple[str, ...] = GATEWAY

    @property
    def ranges(self) -> list[str]:
        """
        The gateway's ranges.
        """
        return list(RANGES)

    def connector(self, **changes: Any) -> dict[str, Any]:
        """
        An inbound connector for every sender, without restriction and without Enhanced Filtering.
        """
        return {**copy.deepcopy(CONNECTOR), **changes}

    def lock(self, **changes: Any) -> dict[str, Any]:
        """
        An inbound connector that locks the tenant by address.
        """
        right = {"RequireTls": True, "RestrictDomainsToIPAddresses": True, "SenderIPAddresses": list(RANGES)}
        return self.connector(**{**right, **changes})

    def rule(self, **changes: Any) -> dict[str, Any]:
        """
        A rule that bypasses the filter for the gateway.
        """
        return {**copy.deepcopy(RULE), "SenderIpRanges": list(RANGES), **changes}

    def policy(self, *allowed: str, **changes: Any) -> dict[str, Any]:
        """
        A connection filter policy.
        """
        return {**copy.deepcopy(POLICY), "IPAllowList": list(allowed), **changes}

    def domain(self, **changes: Any) -> dict[str, Any]:
        """
        An accepted domain.
        """
        return {**copy.deepcopy(DOMAIN), **changes}

    def outbound(self, **changes: Any) -> dict[str, Any]:
        """
        An outbound connector to servers on-premises.
        """
        return {**copy.deepcopy(OUTBOUND), **changes}

    def organization(self, **changes: Any) -> list[dict[str, Any]]:
        """
        The organisation's settings.
        """
        return [{"Name": "alder.onmicrosoft.example", "RejectDirectSend": False, "WhenChanged": OLD, **changes}]

    def tenant(self, phase: str = "prepare", **changes: Any) -> Tenant:
        """
        A tenant without any export.
        """
        parameters = {"phase": phase, **changes.pop("parameters", {})}
        return Tenant(self.read, parameters=parameters, **changes)

    def trusting(self, **changes: Any) -> Tenant:
        """
        A tenant of which everything about trust was exported, and nothing trusts the gateway.
        """
        given: dict[str, Any] = {"connectors": [], "rules": [], "policies": [self.policy()], **changes}
        return self.tenant(**given)


@pytest.fixture
def make(powershell: Callable[[str], tuple[str, dict[str, Any]]]) -> Make:
    """
    Makes tenants and exported objects.
    """
    return Make(powershell)
