"""
A customer with servers of their own, made by hand: what was exported, and a console that says what is pasted into it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.checks import Case, exchange
from runbook_lib.environment import environment_from_parameters
from runbook_lib.exports import Exports, read_export
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import DnsAnswer, DnsOutcome, GivenText, Observations, Question, replay
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
CHECKS = {check.id: check for check in exchange.CHECKS}
EVERYBODY = "0.0.0.0-255.255.255.255"


def connector(name: str = "Default Frontend EX1", server: str = "EX1", **changes: Any) -> dict[str, Any]:
    """
    A receive connector as exported: the default front end, changed as asked.
    """
    made = {
        "Name": name,
        "Identity": f"{server}\\{name}",
        "Server": server,
        "Enabled": True,
        "TransportRole": "FrontendTransport",
        "Bindings": ["[::]:25", "0.0.0.0:25"],
        "RemoteIPRanges": ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", EVERYBODY],
        "PermissionGroups": "AnonymousUsers, ExchangeServers, ExchangeLegacyServers",
        "AuthMechanism": "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer",
        "Fqdn": "mail.alder.example",
        "TlsCertificateName": None,
    }
    return {**made, **changes}


def right(identity: str, *rights: str, **changes: Any) -> dict[str, Any]:
    """
    A row of Get-ADPermission.
    """
    row = {
        "Identity": identity,
        "User": "NT AUTHORITY\\ANONYMOUS LOGON",
        "ExtendedRights": list(rights),
        "Deny": False,
        "IsInherited": False,
    }
    return {**row, **changes}


def certificate(*names: str, **changes: Any) -> dict[str, Any]:
    """
    A good certificate of a public authority.
    """
    made = {
        "Thumbprint": "AB12",
        "Subject": f"CN={names[0]}" if names else "CN=none",
        "Issuer": "CN=Public CA, O=Trust",
        "CertificateDomains": list(names),
        "Services": "IIS, SMTP",
        "NotBefore": "2026-01-01T00:00:00Z",
        "NotAfter": "2027-06-01T00:00:00Z",
        "Status": "Valid",
        "IsSelfSigned": False,
    }
    return {**made, **changes}


@dataclass
class Customer:
    """
    Judges checks of one customer.

    Args:
        changes: Of the environment.
    """

    changes: dict[str, Any] = field(default_factory=dict)

    def __call__(self, check_id: str, /, files: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words.

        Args:
            check_id: The check.
            files: Exported objects by cmdlet.
            changes: Of the environment.
        """
        given: dict[str, Any] = {
            "customer": "Alder",
            "platform": "on_premises",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "mail.alder.example",
            "console_ranges": "195.130.217.0/24\n91.220.42.0/24",
        }
        merged = {**given, **self.changes, **changes}
        environment = environment_from_parameters({key: value for key, value in merged.items() if value is not None})
        exports = Exports(
            tuple(read_export(f"{cmdlet}.json", json.dumps({cmdlet: objects}).encode()) for cmdlet, objects in (files or {}).items())
        )
        seen = Observations()
        for export in exports.files:
            seen.add(GivenText(export.file, export.text, export.sha256))
        case = Case(environment, seen, NOW, exports)
        check = CHECKS[check_id]

        def ask(question: Question) -> DnsAnswer:
            answer = DnsAnswer(question, DnsOutcome.SERVFAIL, NOW)  # type: ignore[arg-type]
            seen.add(answer)
            return answer

        if check.plan is not None and "dns" in environment.probes:
            replay(check.plan(case), ask)
        catalogue = Catalogue("en")
        findings = [finding.worded(catalogue.words(finding.message)) for finding in check.judge(case, check)]
        assert len({finding.subject.casefold() for finding in findings}) == len(findings) > 0
        for finding in findings:
            assert finding.words.summary
            assert finding.words.expected
            assert finding.words.observed
            assert finding.words.source
            assert json.dumps(finding.to_json())
        return {finding.subject: finding for finding in findings}

    def one(self, check_id: str, /, files: Mapping[str, Any] | None = None, **changes: Any) -> Finding:
        """
        The only finding of one check.
        """
        (found,) = self(check_id, files, **changes).values()
        return found


class Shell:
    """
    As much of the Exchange Management Shell as the handed-out commands need. What it does not know it refuses.

    Args:
        connectors: As exported.
    """

    def __init__(self, connectors: Iterable[Mapping[str, Any]]) -> None:
        self.connectors = [dict(copy.deepcopy(each)) for each in connectors]

    def paste(self, text: str) -> None:
        """
        Carry out lines; comments do nothing.
        """
        for line in text.splitlines():
            if line and not line.startswith("#"):
                self._run(line)

    def undo(self, text: str) -> None:
        """
        Carry out the lines of the way back.
        """
        self.paste("\n".join(line.removeprefix("# undo: ") for line in text.splitlines() if line.startswith("# undo: ")))

    def _run(self, line: str) -> None:
        cmdlet, values = line.split(" ", 1)[0], _parameters(line)
        if cmdlet == "New-ReceiveConnector":
            assert values.pop("Usage") == "Custom"
            made = connector(values.pop("Name"), values.pop("Server", ""), Fqdn=values.get("Server", "ex1.alder.local"))
            made["TransportRole"] = "HubTransport"
            assert all(each["Identity"].casefold() != made["Identity"].casefold() for each in self.connectors)
            made |= {key: _list(value) if key in ("Bindings", "RemoteIPRanges") else value for key, value in values.items()}
            self.connectors.append(made)
            return
        mine = next(each for each in self.connectors if each["Identity"] == values["Identity"])
        if cmdlet == "Remove-ReceiveConnector":
            self.connectors.remove(mine)
            return
        assert "Set-ReceiveConnector" == cmdlet
        for key, value in values.items():
            if key == "RemoteIPRanges":
                _alter(mine[key], value)
            elif key != "Identity":
                mine[key] = {"$true": True, "$false": False, "$null": None}.get(value, value)
        groups, ways = mine["PermissionGroups"], mine["AuthMechanism"]
        assert "ExternalAuthoritative" not in ways or "ExchangeServers" in groups
        assert mine["RemoteIPRanges"]


_QUOTE = "['\u2018\u2019\u201a\u201b]"
_TEXT = f"'(?:[^'\u2018\u2019\u201a\u201b]|{_QUOTE}{_QUOTE})*'"
_VALUE = rf"(?:{_TEXT}|[^\s',]+)"


def _parameters(line: str) -> dict[str, str]:
    found = {}
    for match in re.finditer(rf" -(\w+) (@\{{.*?\}}|{_VALUE}(?:,{_VALUE})*)(?= -|$)", line):
        value = match.group(2)
        found[match.group(1)] = re.sub(f"({_QUOTE})\\1", r"\1", value[1:-1]) if re.fullmatch(_TEXT, value) else value
    return found


def _list(value: str) -> list[str]:
    return [part.strip("'") for part in value.split(",")]


def _alter(present: list[str], change: str) -> None:
    for action, values in re.findall(r"(Add|Remove)=('[^=]*?')(?=;|\})", change):
        for value in _list(values):
            if action == "Remove":
                present.remove(value)
            else:
                assert value not in present
                present.append(value)


@pytest.fixture
def customer() -> Customer:
    """
    A customer on-premises whose console shows two ranges; DNS answers nothing.
    """
    return Customer()


@pytest.fixture
def made() -> Any:
    """
    Makers of exported objects.
    """

    class _Made:
        connector = staticmethod(connector)
        right = staticmethod(right)
        certificate = staticmethod(certificate)
        everybody = EVERYBODY

    return _Made


@pytest.fixture
def shell() -> Callable[[Iterable[Mapping[str, Any]]], Shell]:
    """
    Makes a shell for some connectors.
    """
    return Shell
