"""
The pair of on-premises and Exchange Online: nothing between them, and each knows the other's mail.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "exchange.hybrid"
IN, OUT, HYBRID = "Get-InboundConnector", "Get-OutboundConnector", "Get-HybridConfiguration"
SEND, CERTIFICATES = "Get-SendConnector", "Get-ExchangeCertificate"
ONLINE = "alder-example.mail.protection.outlook.com"


def inbound(name: str = "Inbound from on-premises", **changes: Any) -> dict[str, Any]:
    """
    What the wizard makes for mail from on-premises.
    """
    made = {
        "Name": name,
        "Enabled": True,
        "ConnectorType": "OnPremises",
        "SenderDomains": ["smtp:*;1"],
        "SenderIPAddresses": [],
        "RequireTls": True,
        "RestrictDomainsToIPAddresses": False,
        "RestrictDomainsToCertificate": False,
        "TlsSenderCertificateName": "mail.alder.example",
        "EFSkipLastIP": False,
        "EFSkipIPs": [],
        "EFUsers": [],
        "EFTestMode": False,
        "WhenChangedUTC": "2026-10-01T00:00:00Z",
    }
    return {**made, **changes}


def outbound(**changes: Any) -> dict[str, Any]:
    """
    What the wizard makes for mail to on-premises.
    """
    made = {
        "Name": "Outbound to on-premises",
        "Enabled": True,
        "ConnectorType": "OnPremises",
        "RecipientDomains": ["alder.example"],
        "SmartHosts": ["mail.alder.example"],
        "RouteAllMessagesViaOnPremises": False,
        "WhenChangedUTC": "2026-10-01T00:00:00Z",
    }
    return {**made, **changes}


def _brief(finding: Any) -> tuple[Status, tuple[str, ...]]:
    return finding.status, finding.causes


@pytest.fixture
def hybrid(customer: Any) -> Any:
    """
    A hybrid customer whose gateway delivers to Exchange Online.
    """
    customer.changes = {"platform": "hybrid", "inbound_host": ONLINE}
    return customer


def test_nothing_given(hybrid: Any) -> None:
    """
    Without exports a person has to look; a part of them leaves the rest to a person.
    """
    assert "exchange.hybrid.manual" == hybrid.one(CHECK).message.id
    found = hybrid(CHECK, {IN: [inbound()]})
    assert (Status.MANUAL, ("nothing_given",)) == _brief(found["tenant"])
    assert Status.PASS is found["Inbound from on-premises"].status
    assert Status.MANUAL is hybrid.one(CHECK, {OUT: [outbound()]}).status


def test_a_sound_pair(hybrid: Any, made: Any) -> None:
    """
    The wizard's connectors pass, with the certificates beside them.
    """
    files = {IN: [inbound()], OUT: [outbound()], CERTIFICATES: [made.certificate("mail.alder.example")]}

    assert {Status.PASS} == {finding.status for finding in hybrid(CHECK, files).values()}


def test_centralized_transport(hybrid: Any) -> None:
    """
    Seen at the outbound connector or among the features; the command turns it off, and has a way back.
    """
    found = hybrid(CHECK, {IN: [inbound()], OUT: [outbound(RouteAllMessagesViaOnPremises=True)]})["Outbound to on-premises"]

    assert (Status.FAIL, ("centralized_transport",)) == _brief(found)
    assert "-RouteAllMessagesViaOnPremises $false" in found.words.paste.splitlines()[0]
    assert found.words.paste.splitlines()[1].startswith("# undo: ")
    features = {
        "Name": "Hybrid Configuration",
        "Features": ["FreeBusy", "CentralizedTransport"],
        "OnPremisesSmartHost": "mail.alder.example",
    }
    assert (Status.FAIL, ("centralized_transport",)) == _brief(hybrid(CHECK, {IN: [inbound()], HYBRID: [features]})["tenant"])
    off = outbound(RouteAllMessagesViaOnPremises=True, Enabled=False)
    assert Status.FAIL not in {finding.status for finding in hybrid(CHECK, {IN: [inbound()], OUT: [off]}).values()}


@pytest.mark.parametrize("host", ["eu-smtp-inbound-1.mimecast.com", "[195.130.217.9]"])
def test_the_gateway_between_the_two(hybrid: Any, host: str) -> None:
    """
    The gateway as the next hop from one side to the other breaks the pair, by name or by address.
    """
    found = hybrid(CHECK, {IN: [inbound()], OUT: [outbound(SmartHosts=[host])]})

    assert (Status.FAIL, ("between",)) == _brief(found["Outbound to on-premises"])
    send = {"Name": "To cloud", "Enabled": True, "AddressSpaces": ["smtp:alder.mail.onmicrosoft.com;1"], "SmartHosts": [host]}
    found = hybrid(CHECK, {IN: [inbound()], OUT: [outbound()], SEND: [send]})
    assert (Status.FAIL, ("between",)) == _brief(found["To cloud"])


@pytest.mark.parametrize(
    ("connectors", "subject"),
    [
        ([], "tenant"),
        ([inbound(Enabled=False)], "tenant"),
        ([inbound(ConnectorType="Partner")], "tenant"),
        ([inbound(TlsSenderCertificateName=None)], "Inbound from on-premises"),
        ([inbound(TlsSenderCertificateName=None, SenderIPAddresses=["195.130.217.0/24"])], "Inbound from on-premises"),
    ],
)
def test_mail_from_on_premises_that_nobody_knows(hybrid: Any, connectors: list[dict[str, Any]], subject: str) -> None:
    """
    Without a connector that names the servers' own certificate or addresses a lock would reject it; the gateway's are shared.
    """
    assert (Status.FAIL, ("attribution",)) == _brief(hybrid(CHECK, {IN: connectors, OUT: [outbound()]})[subject])


def test_own_addresses_are_enough(hybrid: Any) -> None:
    """
    Addresses of the organisation's own tell mail from on-premises as well.
    """
    own = inbound(TlsSenderCertificateName=None, SenderIPAddresses=["93.184.216.34"])

    assert Status.PASS is hybrid(CHECK, {IN: [own], OUT: [outbound()]})["Inbound from on-premises"].status


def test_a_locked_tenant_without_the_pair(hybrid: Any) -> None:
    """
    With the partner connector locked it is said that mail is being rejected now.
    """
    lock = inbound("Gateway", ConnectorType="Partner", RestrictDomainsToIPAddresses=True, SenderIPAddresses=["195.130.217.0/24"])
    found = hybrid(CHECK, {IN: [lock], OUT: [outbound()]})["tenant"]

    assert "exchange.hybrid.no_connector_locked" == found.message.id


def test_a_certificate_that_is_not_there(hybrid: Any, made: Any) -> None:
    """
    The name in the connector has to be on one of the exported certificates; wildcards count on either side.
    """
    for name, carried, status in [
        ("mail.alder.example", "old.alder.example", Status.FAIL),
        ("*.alder.example", "mail.alder.example", Status.PASS),
        ("mail.alder.example", "*.alder.example", Status.PASS),
        ("CN=mail.alder.example, O=Alder", "mail.alder.example", Status.PASS),
    ]:
        files = {IN: [inbound(TlsSenderCertificateName=name)], OUT: [outbound()], CERTIFICATES: [made.certificate(carried)]}
        assert status is hybrid(CHECK, files)["Inbound from on-premises"].status


def test_enhanced_filtering_where_the_gateway_delivers_on_premises(hybrid: Any) -> None:
    """
    There the connector from on-premises has to skip the gateway's ranges for everybody; the command makes it so.
    """
    ranges = ["195.130.217.0/24", "91.220.42.0/24"]
    for changes in ({}, {"EFSkipLastIP": True}, {"EFSkipIPs": ranges, "EFUsers": ["erika@alder.example"]}, {"EFSkipIPs": ranges[:1]}):
        found = hybrid(CHECK, {IN: [inbound(**changes)], OUT: [outbound()]}, inbound_host="mail.alder.example")["Inbound from on-premises"]
        assert (Status.WARN, ("enhanced_filtering",)) == _brief(found)
        after = _set(inbound(**changes), found.words.paste.splitlines()[0])
        again = hybrid(CHECK, {IN: [after], OUT: [outbound()]}, inbound_host="mail.alder.example")["Inbound from on-premises"]
        assert f"{CHECK}.own_servers" == again.message.id
    assert Status.PASS is hybrid(CHECK, {IN: [inbound()], OUT: [outbound()]})["Inbound from on-premises"].status


def test_the_own_servers_are_a_hop_as_well(hybrid: Any) -> None:
    """
    Between gateway and Exchange Online stand the customer's servers: their address has to be skipped too, or it counts as the sender.
    """
    ranges, own = ["195.130.217.0/24", "91.220.42.0/24"], "93.184.216.34"

    def look(**changes: Any) -> Any:
        files = {IN: [inbound(**changes)], OUT: [outbound()]}
        return hybrid(CHECK, files, inbound_host="mail.alder.example")["Inbound from on-premises"]

    untold = look(EFSkipIPs=ranges)
    told = look(EFSkipIPs=[*ranges, "198.51.100.1"], SenderIPAddresses=[own])

    assert {(Status.WARN, ("enhanced_filtering",))} == {_brief(untold), _brief(told)}
    assert "@{Add='ADDRESS'}" in untold.words.paste
    assert "Where ADDRESS stands in it" in untold.words.remedy
    assert f"@{{Add='{own}/32'}}" in told.words.paste
    assert f"# undo: Set-InboundConnector -Identity 'Inbound from on-premises' -EFSkipIPs @{{Remove='{own}/32'}}" in told.words.paste
    assert own in look(SenderIPAddresses=[own]).words.paste
    assert {Status.PASS} == {look(EFSkipIPs=[*ranges, own]).status, look(EFSkipIPs=[*ranges, own], SenderIPAddresses=[own]).status}


def _set(connector: dict[str, Any], line: str) -> dict[str, Any]:
    """
    What a Set-InboundConnector makes of a connector.
    """
    made = dict(connector)
    made["EFSkipLastIP"] = "-EFSkipLastIP $true" in line
    if "-EFUsers $null" in line:
        made["EFUsers"] = []
    _, found, rest = line.partition("-EFSkipIPs @{Add=")
    if found:
        made["EFSkipIPs"] = [*made["EFSkipIPs"], *(part.strip("'") for part in rest.partition("}")[0].split(","))]
    return made


def test_a_change_that_has_not_settled(hybrid: Any) -> None:
    """
    A connector changed less than an hour ago is not judged.
    """
    new = {"WhenChangedUTC": "2026-11-24T21:30:00Z"}

    assert (Status.UNKNOWN, ("settling",)) == _brief(
        hybrid(CHECK, {IN: [inbound(TlsSenderCertificateName=None, **new)], OUT: [outbound()]})["Inbound from on-premises"]
    )
    found = hybrid(CHECK, {IN: [inbound()], OUT: [outbound(RouteAllMessagesViaOnPremises=True, **new)]})
    assert (Status.UNKNOWN, ("settling",)) == _brief(found["Outbound to on-premises"])
