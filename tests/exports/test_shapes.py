"""
The odd shapes in which PowerShell writes the same thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.errors import ExportError
from runbook_lib.exports import Export, Exports, InboundConnector, Kind

Read = Callable[..., Export]
Several = Callable[..., Exports]
Connector = dict[str, Any]


def only(export: Export) -> InboundConnector:
    """
    The one connector of an export.
    """
    (found,) = export.objects
    assert isinstance(found, InboundConnector)
    return found


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: ("\r\n" + text.replace(",", ",\r\n") + "\r\n").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be bom", "utf-16-le bare", "utf-16-be bare", "utf-32", "crlf"],
)
def test_every_encoding_gives_the_same(read: Read, connector: Connector, encode: Callable[[str], bytes]) -> None:
    """
    With and without a byte order mark, in UTF-8, UTF-16 and UTF-32.
    """
    expected = only(read(connector))

    assert expected == only(read(encode(json.dumps([connector]))))


@pytest.mark.parametrize("wrap", [lambda c: c, lambda c: [c], lambda c: [None, c], lambda c: {"value": [c], "Count": 1}])
def test_object_list_and_wrapped_list_are_the_same(read: Read, connector: Connector, wrap: Callable[[Any], Any]) -> None:
    """
    A single object, a list, a list with null in it, and the list with ``Count`` around it.
    """
    assert "Mimecast inbound" == only(read(wrap(connector))).name


@pytest.mark.parametrize("value", [None, [], [None], {}, {"value": [], "Count": 0}])
def test_nothing_is_accepted_and_proves_nothing(exports: Several, value: Any) -> None:
    """
    A bare null or empty list is no error, and it is not taken for an empty list of connectors: it does not say of what it is.
    """
    given = exports(value)

    assert Kind.NOTHING == given.files[0].kind
    assert given.inbound_connectors is None


def test_given_and_empty_differs_from_not_given(exports: Several) -> None:
    """
    A section that names itself and is empty gives an empty tuple; a kind nobody exported gives None.
    """
    given = exports({"Get-InboundConnector": [], "outbound_connectors": None, "transport_rule": [None]})

    assert ((), (), (), None) == (given.inbound_connectors, given.outbound_connectors, given.transport_rules, given.accepted_domains)


def test_an_empty_section_of_a_failed_command_is_not_given(exports: Several) -> None:
    """
    ScubaGear lists commands that failed; their empty section says nothing.
    """
    given = exports({"inbound_connectors": [], "conn_filter": [], "exo_unsuccessful_commands": ["Get-InboundConnector"]})

    assert (None, ()) == (given.inbound_connectors, given.connection_filter_policies)
    assert ["cmdlet_failed"] == [problem.kind for problem in given.files[0].problems]


def test_several_documents_one_after_the_other_are_read(exports: Several, connector: Connector) -> None:
    """
    JSON documents appended to one file are taken one by one.
    """
    rule = {"Name": "bypass", "State": "Enabled", "Mode": "Enforce", "Priority": 0, "SetSCL": "-1", "SenderIpRanges": None}
    given = exports(f"{json.dumps(connector)}\n{json.dumps([rule])}\n".encode())

    assert Kind.SEVERAL == given.files[0].kind
    assert 1 == len(given.inbound_connectors or ())
    (found,) = given.transport_rules or ()
    assert (-1, (), "Enabled") == (found.set_scl, found.sender_ip_ranges.texts if found.sender_ip_ranges is not None else None, found.state)


def test_keys_are_compared_without_case(read: Read, connector: Connector) -> None:
    """
    Lower-case keys are the same keys.
    """
    assert only(read(connector)) == only(read({key.lower(): value for key, value in connector.items()}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["192.0.2.0/24"], ("192.0.2.0/24",)),
        ("192.0.2.0/24", ("192.0.2.0/24",)),
        ("{192.0.2.0/24, 198.51.100.7}", ("192.0.2.0/24", "198.51.100.7")),
        (
            ["{::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 0.0.0.0-255.255.255.255}"],
            ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0-255.255.255.255"),
        ),
        ("192.0.2.0/24;198.51.100.7", ("192.0.2.0/24", "198.51.100.7")),
        ("192.0.2.0/24 198.51.100.1 - 198.51.100.7", ("192.0.2.0/24", "198.51.100.1 - 198.51.100.7")),
        ({"value": ["192.0.2.0/24"], "Count": 1}, ("192.0.2.0/24",)),
        ([{"Expression": "192.0.2.0/24", "Size": 256}], ("192.0.2.0/24",)),
        ([None], ()),
        (None, ()),
        ("", ()),
    ],
)
def test_lists_of_addresses_in_every_shape(read: Read, connector: Connector, value: Any, expected: tuple[str, ...]) -> None:
    """
    Lists, one text with braces, semicolons or spaces, range objects, null.
    """
    found = only(read({**connector, "SenderIPAddresses": value})).sender_ip_addresses

    assert expected == (found.texts if found is not None else None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["smtp:*;1"], [("*", 1)]),
        ("smtp:*;1", [("*", 1)]),
        (["*"], [("*", None)]),
        ("smtp:*.Alder.example;10 smtp:b.example;1", [("*.alder.example", 10), ("b.example", 1)]),
        ("*;alder.example", [("*", None), ("alder.example", None)]),
        ([{"Type": "SMTP", "Address": "*", "Cost": 1}], [("*", None)]),
        (None, []),
    ],
)
def test_domains_of_connectors(read: Read, connector: Connector, value: Any, expected: list[tuple[str, int | None]]) -> None:
    """
    ``smtp:<domain>;<cost>`` is what an export makes of a domain.
    """
    found = only(read({**connector, "SenderDomains": value})).sender_domains

    assert expected == [(space.domain, space.cost) for space in found or ()]


@pytest.mark.parametrize(
    "value",
    [
        "/Date(1795449600000)/",
        "/Date(1795449600000+0100)/",
        {"value": "/Date(1795449600000)/", "DisplayHint": 2, "DateTime": "Monday, 23 November 2026 16:00:00"},
        "2026-11-23T16:00:00Z",
        "2026-11-23T16:00:00.0000000Z",
        "2026-11-23T17:00:00+01:00",
        "2026-11-23T16:00:00",
    ],
)
def test_dates_of_powershell_5_and_7(read: Read, connector: Connector, value: Any) -> None:
    """
    ``/Date(ms)/`` and ISO 8601 are the same moment; a key that says UTC needs no zone.
    """
    assert datetime(2026, 11, 23, 16, tzinfo=UTC) == only(read({**connector, "WhenChangedUTC": value})).when_changed


@pytest.mark.parametrize(
    ("value", "problem"),
    [("2026-11-23T16:00:00", "no_zone"), ("11/12/2026 4:00 PM", "not_date"), ("/Date(99999999999999999)/", "not_date")],
)
def test_a_time_that_would_have_to_be_guessed_is_noted(read: Read, connector: Connector, value: str, problem: str) -> None:
    """
    Without a zone, or with day and month in an unknown order, there is no time but a problem.
    """
    del connector["WhenChangedUTC"]
    export = read({**connector, "WhenChanged": value})

    assert only(export).when_changed is None
    assert [("Mimecast inbound", "WhenChanged", problem)] == [(one.subject, one.key, one.kind) for one in export.problems]


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("True", True), ("false", False), ("$true", True), (0, False), (None, None)])
def test_flags_as_text(read: Read, connector: Connector, value: Any, expected: bool | None) -> None:
    """
    Truth values are also read as text; null is not told.
    """
    assert expected is only(read({**connector, "RequireTls": value})).require_tls


def test_wrong_types_are_noted_and_do_not_stop_the_reading(read: Read, connector: Connector) -> None:
    """
    A value of the wrong type becomes None with a problem that has words.
    """
    export = read({**connector, "RequireTls": "maybe", "Enabled": [1], "ConnectorType": 2, "EFSkipIPs": ["nonsense", True]})
    found = only(export)

    assert (None, None, None) == (found.require_tls, found.enabled, found.connector_type)
    assert {"RequireTls", "Enabled", "ConnectorType", "EFSkipIPs"} == {problem.key for problem in export.problems}


def test_a_missing_key_is_none_and_not_empty(read: Read, connector: Connector) -> None:
    """
    A column that was not selected differs from an empty list.
    """
    del connector["EFSkipIPs"]

    assert only(read(connector)).ef_skip_ips is None


@pytest.mark.parametrize(
    "value",
    [
        "@{Name=x}",
        "System.Object[]",
        "System.Collections.ArrayList",
        "Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]",
        "{192.0.2.1, 192.0.2.2...}",
    ],
)
def test_what_was_cut_at_a_depth_is_refused_with_advice(read: Read, connector: Connector, value: str) -> None:
    """
    A value of which only the type's name is left is an error that tells to give -Depth.
    """
    with pytest.raises(ExportError, match="-Depth 6") as caught:
        read({**connector, "EFSkipIPs": value})

    assert ("export.json", "truncated") == (caught.value.file, caught.value.cause)


def test_csv_that_lost_its_lists_is_refused_with_advice(read: Read) -> None:
    """
    ``Export-Csv`` writes a list's type name; the error says how to export again.
    """
    text = (
        '#TYPE Deserialized.X\r\n"Name","ConnectorType","SenderDomains","SenderIPAddresses"\r\n'
        '"a","Partner","System.Object[]","System.Object[]"\r\n'
    )

    with pytest.raises(ExportError, match="ConvertTo-Json -Depth 6") as caught:
        read(text.encode(), "a.csv")

    assert "lost_lists" == caught.value.cause


def test_enumerations_as_objects_and_numbers(exports: Several) -> None:
    """
    ``{"value": 1, "Value": "InternalRelay"}`` and 2 are the same type of domain.
    """
    made = exports(
        [{"DomainName": "Alder.example.", "DomainType": kind} for kind in ({"value": 2, "Value": "InternalRelay"}, 2, "InternalRelay")]
    )

    assert [("alder.example", "InternalRelay")] == [(one.domain_name, one.domain_type) for one in made.accepted_domains or ()]


def test_an_unknown_file_says_what_was_recognised_and_what_is_accepted(read: Read) -> None:
    """
    The error names the file, its keys and the accepted kinds.
    """
    with pytest.raises(ExportError) as caught:
        read([{"Foo": 1, "Bar": "\u202e"}], "a.json")

    said = str(caught.value)
    assert said.startswith("a.json: ")
    assert "Foo and Bar" in said
    assert "Get-InboundConnector" in said


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ([{"DomainName": "*", "TargetDeliveryDomain": False}], "Get-AcceptedDomain"),
        ({"schema": "inbound-runbook/result/1", "findings": [], "verdict": "ready"}, "compare"),
        (b"email,name\r\na@alder.example,A\r\n", "Email Address"),
        (b"Name : x\r\nEnabled : True\r\n", "on the screen"),
        ([{"RemoteIPRanges": [], "Bindings": [], "EmailAddresses": []}], "do not tell"),
    ],
)
def test_what_is_known_and_not_used_is_named(read: Read, value: Any, word: str) -> None:
    """
    Remote domains, a result, one bare column, a screen listing, an object of two kinds: each error says which and what to do.
    """
    with pytest.raises(ExportError, match=word):
        read(value)
