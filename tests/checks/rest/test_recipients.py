"""
`recipients.coverage`: the platform's addresses beside the gateway's.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "recipients.coverage"
KNOWN = "Email Address,Address Type\nANN@alder.example,Internal\nsales@alder.example,Internal\n"


def _recipient(address: str, *further: str, kind: str = "UserMailbox") -> dict[str, Any]:
    addresses = [f"SMTP:{address}", *(f"smtp:{each}" for each in further)]
    return {"PrimarySmtpAddress": address, "EmailAddresses": addresses, "RecipientTypeDetails": kind, "DisplayName": address}


def test_all_known(desk: Any) -> None:
    """
    Case does not matter; addresses in domains that are not listed, among them the tenant's own, and system mailboxes are aside.
    """
    platform = [
        _recipient("Ann@Alder.example", "ann@alder.onmicrosoft.com", "ann@other.example"),
        _recipient("sales@alder.example", kind="GroupMailbox"),
        _recipient("DiscoverySearchMailbox@alder.example", kind="DiscoveryMailbox"),
    ]
    found = desk.one(CHECK, {"recipients.json": platform, "gateway.csv": KNOWN})

    assert (Status.PASS, "tenant") == (found.status, found.subject)
    assert len(found.evidence) == 2


def test_aliases_and_groups_count(desk: Any) -> None:
    """
    An alias or group the gateway lacks is missing like a mailbox, and stands in the text to paste.
    """
    platform = [
        _recipient("ann@alder.example", "annie@alder.example"),
        _recipient("all@alder.example", kind="MailUniversalDistributionGroup"),
    ]
    found = desk.one(CHECK, {"recipients.json": platform, "gateway.csv": KNOWN})

    assert (Status.FAIL, "missing") == (found.status, found.cause)
    assert found.words.paste == "annie@alder.example\nall@alder.example"


def test_long_list_is_cut(desk: Any) -> None:
    """
    Fifty missing addresses are shown, and the number of all.
    """
    found = desk.one(CHECK, {"r.json": [_recipient(f"u{number}@alder.example") for number in range(120)], "g.csv": KNOWN})

    assert (120, 70, 50) == (found.message.values["number"], found.message.values["more"], len(found.message.values["missing"]))


def test_international_domain(desk: Any) -> None:
    """
    A domain counts in both spellings.
    """
    files = {"r.json": [_recipient("ann@bäume.example")], "g.csv": "Email Address,Address Type\nann@xn--bume-loa.example,Internal\n"}

    assert desk.one(CHECK, files, domains=["bäume.example"]).status is Status.PASS


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "manual"),
        ({"r.json": [_recipient("ann@alder.example")]}, "manual_gateway"),
        ({"g.csv": KNOWN}, "manual_platform"),
    ],
)
def test_exports_missing(desk: Any, files: dict[str, Any], message: str) -> None:
    """
    Without both exports a person has to confirm it, and is told which one is missing.
    """
    found = desk.one(CHECK, files)

    assert (Status.MANUAL, f"{CHECK}.{message}") == (found.status, found.message.id)
    assert found.words.remedy


@pytest.mark.parametrize("files", [{}, {"g.csv": KNOWN}, {"r.json": [_recipient("ann@other.example")], "g.csv": KNOWN}])
@pytest.mark.parametrize(
    ("platform", "host", "way"),
    [
        ("microsoft_365", "alder-example.mail.protection.outlook.com", "Get-Recipient"),
        ("on_premises", "mail.alder.example", "Get-Recipient"),
        ("google_workspace", "smtp.google.com", "GAM"),
        ("hosted_exchange", "mail.host.example", "provider"),
    ],
)
def test_directions_are_those_of_the_platform(desk: Any, platform: str, host: str, way: str, files: dict[str, Any]) -> None:
    """
    A customer reads how to get the addresses of their own platform, and of no other.
    """
    remedy = desk.one(CHECK, files, platform=platform, inbound_host=host).words.remedy

    assert [way] == [each for each in ("Get-Recipient", "GAM", "provider") if each in remedy]


def test_directions_of_several_platforms(desk: Any) -> None:
    """
    A customer on two platforms reads both.
    """
    second = {"name": "birch.example", "platform": "google_workspace", "inbound_host": "smtp.google.com"}
    remedy = desk.one(CHECK, domains=["alder.example", second]).words.remedy

    assert "Get-Recipient" in remedy
    assert "GAM" in remedy


def test_empty_or_foreign_export_does_not_pass(desk: Any) -> None:
    """
    An export without any address in the listed domains shows nothing.
    """
    found = desk.one(CHECK, {"r.json": [_recipient("ann@other.example")], "g.csv": KNOWN})

    assert (Status.UNKNOWN, "empty_export") == (found.status, found.cause)


def test_export_without_aliases_does_not_pass(desk: Any) -> None:
    """
    Where the export leaves further addresses out, nothing missing is not known; something missing is.
    """
    bare = [{"PrimarySmtpAddress": "ann@alder.example", "RecipientTypeDetails": "UserMailbox", "RecipientType": "UserMailbox"}]
    found = desk.one(CHECK, {"r.json": bare, "g.csv": KNOWN})
    missing = desk.one(CHECK, {"r.json": [{**bare[0], "PrimarySmtpAddress": "bob@alder.example"}], "g.csv": KNOWN})

    assert (Status.UNKNOWN, "incomplete_export") == (found.status, found.cause)
    assert missing.status is Status.FAIL


def test_google_needs_users_and_groups(desk: Any) -> None:
    """
    Google's users alone are not all: groups receive mail as well.
    """
    users = "primaryEmail,name.fullName,aliases.0,nonEditableAliases.0\nann@alder.example,Ann,,\n"
    groups = "email,name,aliases,nonEditableAliases,directMembersCount\nsales@alder.example,Sales,,,3\n"
    keys = {"platform": "google_workspace", "inbound_host": "smtp.google.com"}

    assert desk.one(CHECK, {"u.csv": users, "g.csv": KNOWN}, **keys).cause == "incomplete_export"
    assert desk.one(CHECK, {"u.csv": users, "groups.csv": groups, "g.csv": KNOWN}, **keys).status is Status.PASS


def test_no_mail_domain(desk: Any) -> None:
    """
    Parked domains need no addresses.
    """
    assert desk.one(CHECK, domains=[{"name": "alder.example", "role": "parked"}]).status is Status.NOT_APPLICABLE
