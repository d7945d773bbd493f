"""
Who may relay without a login, and over which connector.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "exchange.relay_rights"
CONNECTORS, RIGHTS = "Get-ReceiveConnector", "Get-ADPermission"
RELAY, SUBMIT = "ms-Exch-SMTP-Accept-Any-Recipient", "ms-Exch-SMTP-Submit"
FRONT = "EX1\\Default Frontend EX1"


def _brief(finding: Any) -> tuple[Status, str | None]:
    return finding.status, finding.cause


def test_nothing_given(customer: Any, made: Any) -> None:
    """
    Without the permissions a person has to look, however many connectors were exported.
    """
    assert "exchange.relay_rights.manual" == customer.one(CHECK).message.id
    assert "exchange.relay_rights.manual" == customer.one(CHECK, {CONNECTORS: [made.connector()]}).message.id
    assert Status.MANUAL is customer.one(CHECK, {RIGHTS: []}).status


def test_no_right(customer: Any, made: Any) -> None:
    """
    Submitting is no relaying.
    """
    files = {CONNECTORS: [made.connector()], RIGHTS: [made.right(FRONT, SUBMIT)]}

    assert (Status.PASS, None) == _brief(customer(CHECK, files)["Default Frontend EX1"])


def test_open_relay(customer: Any, made: Any) -> None:
    """
    The right on a connector that the gateway's addresses end at, or anybody's, is an open relay; the command takes it away.
    """
    files = {CONNECTORS: [made.connector()], RIGHTS: [made.right(FRONT, SUBMIT), made.right(FRONT, RELAY.lower())]}
    found = customer(CHECK, files)["Default Frontend EX1"]

    assert (Status.FAIL, "relay") == _brief(found)
    first, back = found.words.paste.splitlines()
    told = f"-User 'NT AUTHORITY\\ANONYMOUS LOGON' -ExtendedRights '{RELAY}'"
    assert f"Get-ReceiveConnector -Identity '{FRONT}' | Remove-ADPermission {told}" == first
    assert f"# undo: Get-ReceiveConnector -Identity '{FRONT}' | Add-ADPermission {told}" == back
    assert (Status.FAIL, "relay") == _brief(customer.one(CHECK, files, console_ranges=None))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"RemoteIPRanges": ["10.0.0.0/8", "192.168.1.5"]}, Status.PASS),
        ({"RemoteIPRanges": ["8.8.8.8"]}, Status.WARN),
        ({"RemoteIPRanges": ["8.0.0.0/8"]}, Status.FAIL),
        ({"RemoteIPRanges": ["91.220.42.7"]}, Status.FAIL),
    ],
)
def test_a_relay_for_others(customer: Any, made: Any, changes: dict[str, Any], status: Status) -> None:
    """
    Inside addresses may relay; single outside ones are asked about; the gateway's and anybody's may not.
    """
    files = {
        CONNECTORS: [made.connector(), made.connector("Relay", **changes)],
        RIGHTS: [made.right(FRONT, SUBMIT), made.right("EX1\\Relay", SUBMIT, RELAY)],
    }

    assert status is customer(CHECK, files)["Relay"].status
    off = {**files, CONNECTORS: [made.connector(), made.connector("Relay", Enabled=False, **changes)]}
    assert "Relay" not in customer(CHECK, off)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"RemoteIPRanges": ["91.220.42.0/24"]}, (Status.FAIL, "externally_secured")),
        ({"RemoteIPRanges": ["8.0.0.0/8"]}, (Status.FAIL, "externally_secured")),
        ({"RemoteIPRanges": ["8.8.8.8"]}, (Status.WARN, "externally_secured")),
        ({"RemoteIPRanges": ["10.0.0.0/8"]}, None),
    ],
)
def test_externally_secured(customer: Any, made: Any, changes: dict[str, Any], said: tuple[Status, str] | None) -> None:
    """
    Whoever is taken for one of the organisation's own may relay, without any right of the anonymous user.
    """
    keys = {"AuthMechanism": "Tls, ExternalAuthoritative", "PermissionGroups": "AnonymousUsers, ExchangeServers"}
    trusted = made.connector("Trusted", **keys, **changes)
    files = {CONNECTORS: [made.connector(), trusted], RIGHTS: [made.right(FRONT, SUBMIT), made.right("EX1\\Trusted", SUBMIT)]}
    found = customer(CHECK, files)

    assert said == (_brief(found["Trusted"]) if "Trusted" in found else None)


def test_unknown_ranges(customer: Any, made: Any) -> None:
    """
    Whether single outside addresses are the gateway's is not known without its ranges.
    """
    files = {
        CONNECTORS: [made.connector("Relay", RemoteIPRanges=["91.220.42.7"])],
        RIGHTS: [made.right("EX1\\Relay", SUBMIT, RELAY)],
    }

    assert (Status.UNKNOWN, "dns_servfail") == _brief(customer(CHECK, files, console_ranges=None)["Relay"])


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([{}, {"Deny": True}], Status.PASS),
        ([{"IsInherited": True}, {"Deny": True}], Status.PASS),
        ([{}, {"Deny": True, "IsInherited": True}], Status.FAIL),
        ([{"Deny": True}], Status.PASS),
        ([{"User": "ALDER\\Exchange Servers"}], Status.PASS),
    ],
)
def test_denied_and_inherited(customer: Any, made: Any, rows: list[dict[str, Any]], status: Status) -> None:
    """
    Denied goes before allowed, the connector's own before inherited; only the anonymous user's rights count.
    """
    files = {CONNECTORS: [made.connector()], RIGHTS: [made.right(FRONT, SUBMIT), *(made.right(FRONT, RELAY, **row) for row in rows)]}

    assert status is customer(CHECK, files)["Default Frontend EX1"].status


def test_an_export_without_the_user(customer: Any, made: Any) -> None:
    """
    The usual command asks for the anonymous user only, and leaves the column out.
    """
    rows = [
        {key: value for key, value in made.right(FRONT, right).items() if key in ("Identity", "ExtendedRights")}
        for right in (SUBMIT, RELAY)
    ]

    assert (Status.FAIL, "relay") == _brief(customer(CHECK, {CONNECTORS: [made.connector()], RIGHTS: rows})["Default Frontend EX1"])


def test_a_connector_that_was_not_exported(customer: Any, made: Any) -> None:
    """
    No row about a connector that takes anonymous mail means that the export does not hold them.
    """
    files = {CONNECTORS: [made.connector()], RIGHTS: [made.right("EX9\\Other", SUBMIT)]}

    assert (Status.MANUAL, "not_exported") == _brief(customer(CHECK, files)["Default Frontend EX1"])


def test_rights_alone(customer: Any, made: Any) -> None:
    """
    Without the connectors the right is a fault wherever it stands; without the right no more is said than the permissions tell.
    """
    found = customer(CHECK, {RIGHTS: [made.right(FRONT, SUBMIT, RELAY), made.right("EX1\\Other", SUBMIT)]})

    assert {FRONT: (Status.FAIL, "relay"), "EX1\\Other": (Status.PASS, None)} == {key: _brief(each) for key, each in found.items()}
    assert "exchange.receive_connector" not in found[FRONT].words.summary
    assert "Receive connector" in found["EX1\\Other"].words.summary
