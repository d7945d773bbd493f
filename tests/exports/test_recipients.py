"""
Recipients, the gateway's addresses and message traces.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.errors import ExportError
from runbook_lib.exports import Exports, Kind

Several = Callable[..., Exports]


def every(made: Exports) -> list[tuple[str, ...]]:
    """
    All addresses of the platform's recipients.
    """
    return [one.addresses for one in made.platform_recipients or ()]


@pytest.mark.parametrize(
    "value",
    [
        ["SMTP:a@alder.example", "smtp:b@alder.example", "SIP:a@alder.example", "X500:/o=Org/ou=Exchange (F;Y, D)/cn=a", "SPO:1@SPO_2"],
        "SMTP:a@alder.example;smtp:b@alder.example",
        "smtp:b@alder.example SMTP:a@alder.example",
        "{SMTP:a@alder.example, smtp:b@alder.example}",
        [{"ProxyAddressString": "SMTP:a@alder.example", "SmtpAddress": "a@alder.example"}, {"ProxyAddressString": "smtp:b@alder.example"}],
    ],
)
def test_proxy_addresses_in_every_shape(exports: Several, value: Any) -> None:
    """
    Lists, joined texts and objects; only SMTP addresses count, the primary first.
    """
    made = exports([{"DisplayName": "A", "RecipientTypeDetails": "SharedMailbox", "EmailAddresses": value}])

    assert [("a@alder.example", "b@alder.example")] == every(made)
    assert [("SharedMailbox", "A")] == [(one.kind, one.name) for one in made.platform_recipients or ()]


def test_a_long_word_is_read_once(exports: Several) -> None:
    """
    Half a million letters among the addresses do not hold the reader up.
    """
    made = exports([{"PrimarySmtpAddress": "a@alder.example", "EmailAddresses": ["x" * 500_000, "=smtp:" * 80_000]}])

    assert [("a@alder.example",)] == every(made)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (
            "PrimarySmtpAddress;EmailAddresses\r\na@alder.example;smtp:b@alder.example SMTP:a@alder.example\r\n",
            Kind.RECIPIENTS,
            [("a@alder.example", "b@alder.example")],
        ),
        ("sep=,\r\nmail,proxyAddresses\r\na@alder.example,SMTP:a@alder.example\r\n", Kind.RECIPIENTS, [("a@alder.example",)]),
        (
            "primaryEmail,aliases,aliases.0,nonEditableAliases.0\na@alder.example,1,b@alder.example,a@alder.test-google-a.com\n",
            Kind.GOOGLE_USERS,
            [("a@alder.example", "b@alder.example", "a@alder.test-google-a.com")],
        ),
        (
            "primaryEmail,aliases\na@alder.example,b@alder.example c@alder.example\n",
            Kind.GOOGLE_USERS,
            [("a@alder.example", "b@alder.example", "c@alder.example")],
        ),
        ('"First Name [Required]","Email Address [Required]"\nA,a@alder.example\n', Kind.GOOGLE_USERS, [("a@alder.example",)]),
        ("email,name,directMembersCount,aliases\ng@alder.example,G,3,\n", Kind.GOOGLE_GROUPS, [("g@alder.example",)]),
        ("Alias,Target,TargetType\nx@alder.example,a@alder.example,User\n", Kind.GOOGLE_ALIASES, [("x@alder.example",)]),
    ],
)
def test_csv_of_recipients(exports: Several, text: str, kind: Kind, expected: list[tuple[str, ...]]) -> None:
    """
    Exchange with comma or semicolon, GAM users, groups and aliases, the Admin console's download.
    """
    made = exports(text.encode())

    assert (kind, expected) == (made.files[0].kind, every(made))
    assert made.gateway_addresses is None


@pytest.mark.parametrize(
    "text",
    [
        "Email Address,Global Name\r\nA@alder.example,A\r\n",
        "emailAddress,name,domain,alias\r\nA@alder.example,A,alder.example,false\r\n",
        "email,name,password\r\nA@alder.example,A,\r\n",
    ],
)
def test_the_gateways_own_list(exports: Several, text: str) -> None:
    """
    The console's export, the API's names and the import sheet.
    """
    made = exports(text.encode("utf-8-sig"))

    assert ["A@alder.example"] == [one.address for one in made.gateway_addresses or ()]
    assert made.platform_recipients is None


def test_a_header_alone_is_a_given_and_empty_list(exports: Several) -> None:
    """
    A CSV with its header and no row says: none.
    """
    assert () == exports(b"primaryEmail,aliases\r\n").platform_recipients


def test_recipients_without_their_aliases_say_so(exports: Several) -> None:
    """
    An export that has no column for further addresses is told from one where there are none.
    """
    made = exports([{"PrimarySmtpAddress": "a@alder.example"}], [{"PrimarySmtpAddress": "b@alder.example", "EmailAddresses": []}])

    assert [False, True] == [one.aliases_told for one in made.platform_recipients or ()]


def test_recipients_that_lost_their_addresses_are_refused(exports: Several) -> None:
    """
    ``Export-Csv`` of Get-Recipient writes the list's type name.
    """
    with pytest.raises(ExportError, match="-join"):
        exports(b'"Name","EmailAddresses"\r\n"A","Microsoft.Exchange.Data.ProxyAddressCollection"\r\n')


def test_a_message_trace_of_the_cmdlet(exports: Several) -> None:
    """
    Times are UTC; a subject that looks like a lost list is only a subject.
    """
    text = (
        "Received,SenderAddress,RecipientAddress,Subject,Status,FromIP,Size\r\n"
        "2026-11-23T16:00:00,a@b.example,c@alder.example,System.Object[],Delivered,192.0.2.7,1024\r\n"
    )
    (row,) = exports(text.encode()).message_trace or ()

    assert (datetime(2026, 11, 23, 16, tzinfo=UTC), "192.0.2.7", "Delivered", 1024, "System.Object[]") == (
        row.received,
        row.from_ip,
        row.status,
        row.size,
        row.subject,
    )


def test_a_downloaded_message_trace_has_a_row_a_recipient(exports: Several) -> None:
    """
    The report's cell with all recipients becomes one row each.
    """
    text = (
        "origin_timestamp_utc,sender_address,recipient_status,original_client_ip,connector_id\n"
        "2026-11-23T16:00:00.1234567Z,a@b.example,c@alder.example##Receive;d@alder.example##Fail,192.0.2.7,x\n"
    )
    rows = exports(text.encode()).message_trace or ()

    assert [("c@alder.example", "Receive"), ("d@alder.example", "Fail")] == [(row.recipient, row.status) for row in rows]
