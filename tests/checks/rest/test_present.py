"""
`present.gateway`: what ties the platform to another gateway.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome
from runbook_lib.results import Status

CHECK = "present.gateway"
OLD = {"name": "Old", "ranges": ["192.0.2.0/24"]}


def _rule(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "Only from the old one",
        "State": "Enabled",
        "Mode": "Enforce",
        "Priority": 0,
        "ExceptIfSenderIpRanges": ["192.0.2.0/24"],
        "RejectMessageReasonText": "Not through the gateway",
        "SetSCL": None,
        "SenderIpRanges": None,
        **changes,
    }


def _receive(name: str, *ranges: str, groups: str = "AnonymousUsers", **changes: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Identity": f"EX1\\{name}",
        "Enabled": True,
        "TransportRole": "FrontendTransport",
        "Bindings": ["0.0.0.0:25"],
        "RemoteIPRanges": list(ranges),
        "PermissionGroups": groups,
        "AuthMechanism": "Tls",
        **changes,
    }


def test_none_named_none_seen(desk: Any) -> None:
    """
    Nothing named, and MX records that lead to no gateway that is known.
    """
    found = desk.one(CHECK)

    assert (Status.PASS, "tenant") == (found.status, found.subject)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"present_gateway": OLD}, "manual"),
        ({"present_gateway": {"hosts": ["mx.old.example"]}}, "manual"),
        ({"present_gateway": {**OLD, "locked": True}}, "locked"),
    ],
)
def test_named(desk: Any, keys: dict[str, Any], message: str) -> None:
    """
    A gateway that is named, without exports, is for a person.
    """
    found = desk.one(CHECK, **keys)

    assert (Status.MANUAL, f"{CHECK}.{message}") == (found.status, found.message.id)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("mx0a-001.pphosted.com", "Proofpoint"),
        ("d1.a.ess.barracudanetworks.com", "Barracuda"),
        ("mx1.hc100.eu.iphmx.com", "Cisco"),
        ("cluster1.eu.messagelabs.com", "MessageLabs"),
        ("mx01.hornetsecurity.com", "Hornetsecurity"),
    ],
)
def test_recognised_by_its_hosts(desk: Any, host: str, name: str) -> None:
    """
    A well-known service in the MX records is named, and somebody has to look.
    """
    desk.mx["alder.example"] = (f"10 {host}",)
    found = desk.one(CHECK)

    assert (Status.MANUAL, f"{CHECK}.recognised") == (found.status, found.message.id)
    assert name in found.words.summary


def test_mx_not_known(desk: Any) -> None:
    """
    MX records that could not be found out do not show that nothing is in front.
    """
    desk.mx["alder.example"] = DnsOutcome.SERVFAIL

    assert (Status.UNKNOWN, "dns_servfail") == (desk.one(CHECK).status, desk.one(CHECK).cause)
    assert desk.one(CHECK, probes=["smtp"]).cause in ("left_out", "dns_servfail")


def test_connector_of_the_old_gateway(desk: Any, connector: Any) -> None:
    """
    A connector restricted to other addresses rejects the new gateway; the command to paste adds ranges and takes none away.
    """
    found = desk.one(CHECK, {"c.json": [connector("O'Brien")]})

    assert (Status.FAIL, "O'Brien", "missing") == (found.status, found.subject, found.cause)
    assert found.words.paste == (
        "Set-InboundConnector -Identity 'O''Brien' -SenderIPAddresses (@((Get-InboundConnector -Identity 'O''Brien').SenderIPAddresses)"
        " + @('203.0.113.0/25','198.51.100.0/24'))"
    )


@pytest.mark.parametrize(
    ("changes", "status", "subject"),
    [
        ({"SenderIPAddresses": ["192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24"]}, Status.PASS, "tenant"),
        ({"Enabled": False}, Status.PASS, "tenant"),
        ({"RestrictDomainsToIPAddresses": False}, Status.PASS, "tenant"),
        ({"ConnectorType": "OnPremises"}, Status.PASS, "tenant"),
        ({"SenderDomains": ["smtp:partner.example;1"]}, Status.FAIL, "Old gateway"),
        ({"SenderIPAddresses": ["203.0.113.0/25"]}, Status.FAIL, "Old gateway"),
    ],
)
def test_connectors(desk: Any, connector: Any, changes: dict[str, Any], status: Status, subject: str) -> None:
    """
    Only an enabled Partner connector with a restriction that lacks the gateway's ranges is in the way, for a partner's mail as well.
    """
    found = desk.one(CHECK, {"c.json": [connector(**changes)]}, present_gateway=OLD)

    assert (status, subject) == (found.status, found.subject)


@pytest.mark.parametrize(
    ("certificate", "status", "cause"),
    [
        ("*.pphosted.com", Status.FAIL, "certificate_name"),
        ("*.mimecast.com", Status.PASS, None),
        (None, Status.UNKNOWN, "certificate_not_told"),
    ],
)
def test_connector_by_certificate(desk: Any, connector: Any, certificate: str | None, status: Status, cause: str | None) -> None:
    """
    A certificate the gateway does not have is in the way.
    """
    changes = {"RestrictDomainsToIPAddresses": False, "RestrictDomainsToCertificate": True, "TlsSenderCertificateName": certificate}
    found = desk.one(CHECK, {"c.json": [connector(**changes)]})

    assert (status, cause) == (found.status, found.cause)


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, True),
        ({"State": "Disabled"}, False),
        ({"Mode": "Audit"}, False),
        ({"RejectMessageReasonText": None, "SetSCL": -1}, False),
        ({"ExceptIfSenderIpRanges": ["192.0.2.0/24", "203.0.113.0/25", "198.51.100.0/24"]}, False),
        ({"RejectMessageReasonText": None, "Quarantine": True}, True),
    ],
)
def test_rules(desk: Any, connector: Any, changes: dict[str, Any], failing: bool) -> None:
    """
    A rule that turns away whatever is not from its exceptions needs the gateway among them.
    """
    files = {"c.json": [connector(Enabled=False)], "r.json": [_rule(**changes)]}
    found = desk.one(CHECK, files, present_gateway=OLD)

    assert found.subject == ("Only from the old one" if failing else "tenant")
    assert found.status is (Status.FAIL if failing else Status.PASS)


def test_receive_connectors(desk: Any) -> None:
    """
    On-premises the gateway needs one connector that takes it; those for the inside are not meant.
    """
    keys = {"platform": "on_premises", "inbound_host": "mail.alder.example"}
    inside = _receive("Scanners", "10.0.0.0/8")
    old = _receive("From the old one", "192.0.2.0/24")
    open_one = _receive("Default Frontend", "0.0.0.0-255.255.255.255")

    assert list(desk(CHECK, {"r.json": [inside, old]}, **keys)) == ["From the old one"]
    assert desk.one(CHECK, {"r.json": [inside, old]}, **keys).words.paste.endswith("+ @('203.0.113.0/25','198.51.100.0/24'))")
    assert desk.one(CHECK, {"r.json": [inside, old, open_one]}, **keys).status is Status.PASS
    assert desk.one(CHECK, {"r.json": [inside, old, _receive("New", "203.0.113.0/25")]}, **keys).status is Status.PASS


def test_google_list(desk: Any) -> None:
    """
    Google's gateway list that rejects all others needs the new ranges before MX moves.
    """
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com", "gateway_options": {"reject_all": True}}
    found = desk.one(CHECK, **keys, gateway_list="192.0.2.0/24")

    assert (Status.FAIL, "gateway_list") == (found.status, found.subject)
    assert found.words.paste == "203.0.113.0/25,198.51.100.0/24"
    whole = desk.one(CHECK, **keys, gateway_list="192.0.2.0/24, 203.0.113.0/25, 198.51.100.0/24")
    assert (Status.PASS, f"{CHECK}.google_let_in") == (whole.status, whole.message.id)


def test_google_list_not_given(desk: Any) -> None:
    """
    Where all others are rejected and the list is not given, somebody has to look; where none is rejected, nothing restricts.
    """
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com"}
    found = desk.one(CHECK, **keys, gateway_options={"reject_all": True})

    assert (Status.MANUAL, f"{CHECK}.google_list_not_given") == (found.status, found.message.id)
    assert f"{CHECK}.not_restricted" == desk.one(CHECK, **keys, gateway_options={"reject_all": False}).message.id


def test_locked_as_said_but_not_exported(desk: Any, connector: Any) -> None:
    """
    A lock that is named and that no export shows stays a question.
    """
    files = {"c.json": [connector(Enabled=False)]}

    assert desk.one(CHECK, files, present_gateway={**OLD, "locked": True}).message.id == f"{CHECK}.locked"


def test_ranges_not_certain(desk: Any, connector: Any) -> None:
    """
    With a snapshot alone part of the ranges missing is not known to be wrong, and nothing is offered for pasting.
    """
    partly = connector(SenderIPAddresses=["195.130.217.0/24"])
    found = desk.one(CHECK, {"c.json": [partly]}, console_ranges=None)
    none = desk.one(CHECK, {"c.json": [connector()]}, console_ranges=None)

    assert (Status.UNKNOWN, "ranges_unknown", "") == (found.status, found.cause, found.words.paste)
    assert (Status.FAIL, "") == (none.status, none.words.paste)


def test_later_phases(desk: Any) -> None:
    """
    After the move it is not needed any more, and nothing is asked.
    """
    assert desk.one(CHECK, phase="cutover", present_gateway=OLD).status is Status.NOT_APPLICABLE
    assert desk.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"AttachmentExtensionMatchesWords": ["exe", "js"]},
        {"Conditions": ["Microsoft.Exchange.MessagingPolicies.Rules.Tasks.AttachmentHasExecutableContentPredicate"]},
        {"FromScope": "InOrganization", "SentToScope": "NotInOrganization"},
        {"SenderIpRanges": ["198.18.0.0/15"]},
    ],
)
def test_a_rule_about_what_is_in_the_mail_ties_nothing(desk: Any, changes: dict[str, Any]) -> None:
    """
    A rule that blocks some mail except from a scanner is no lock: to except the gateway there would switch the rule off for all mail.
    """
    found = desk.one(CHECK, {"r.json": [_rule(**changes)]})

    assert (Status.PASS, "tenant") == (found.status, found.subject)


@pytest.mark.parametrize("phase", ["cutover", "lockdown"])
def test_a_rule_that_turns_the_gateway_away_counts_in_every_phase(desk: Any, phase: str) -> None:
    """
    After the move such a rule refuses what the gateway delivers: that is no matter of the phase before.
    """
    found = desk.one(CHECK, {"r.json": [_rule()]}, phase=phase)

    assert (Status.FAIL, "Only from the old one", f"{CHECK}.rule_now") == (found.status, found.subject, found.message.id)
    assert "Set-TransportRule" in found.words.paste
    assert desk.one(CHECK, {"r.json": [_rule(State="Disabled")]}, phase=phase).cause == "other_phase"
