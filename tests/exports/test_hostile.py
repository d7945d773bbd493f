"""
Whatever bytes a file has, reading it ends: in an export or in an `ExportError`.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.errors import ExportError
from runbook_lib.exports import read_export, read_exports

MB = 1024 * 1024
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "Name",
        "Enabled",
        "ConnectorType",
        "SenderDomains",
        "SenderIPAddresses",
        "EFSkipIPs",
        "IPAllowList",
        "IPBlockList",
        "State",
        "Mode",
        "Priority",
        "SetSCL",
        "SenderIpRanges",
        "DomainName",
        "DomainType",
        "RejectDirectSend",
        "ArcTrustedSealers",
        "RemoteIPRanges",
        "Bindings",
        "PermissionGroups",
        "AuthMechanism",
        "Thumbprint",
        "Services",
        "CertificateDomains",
        "NotAfter",
        "Identity",
        "ExtendedRights",
        "EmailAddresses",
        "PrimarySmtpAddress",
        "primaryEmail",
        "aliases",
        "SenderAddress",
        "RecipientAddress",
        "Status",
        "Received",
        "setting",
        "policies",
        "policyQuery",
        "type",
        "value",
        "schema",
        "observations",
        "vantage",
        "inbound_connectors",
        "Get-Recipient",
        "transport_rule",
        "exo_unsuccessful_commands",
        "Features",
        "ReceivingTransportServers",
        "TarpitInterval",
        "MaxMessageSize",
        "WhenChanged",
        "Email-Address",
    ]
)
VALUES = JSON | st.sampled_from(
    [
        "smtp:*;1",
        "{a, b...}",
        "@{a=b}",
        "System.Object[]",
        "/Date(1)/",
        "/Date(-99999999999999)/",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "\ud800",
        "1-2",
        "::/0",
        "inbound-runbook/vantage/1",
        -1,
        1e308,
        10**400,
    ]
)
OBJECTS = st.dictionaries(KEYS, VALUES | st.lists(VALUES, max_size=3) | st.dictionaries(KEYS, VALUES, max_size=3), max_size=8)


def reads(content: bytes) -> str:
    """
    Read, and what came of it.
    """
    try:
        export = read_export("a", content)
    except ExportError as error:
        return f"{error.cause} {error}"
    return " ".join(str(problem.message.values) for problem in export.problems) + str(export.objects)[:10]


@given(st.binary(max_size=400))
def test_no_bytes_do(content: bytes) -> None:
    """
    Random bytes.
    """
    assert reads(content)


@given(
    st.sampled_from(
        [
            b"\x1f\x8b",
            b"PK\x03\x04",
            b"<",
            b"{",
            b"[",
            b"\xff\xfe",
            b"\xfe\xff\x00",
            b"Received: a\r\nFrom: ",
            b"#TYPE\n",
            b"sep=;\n",
            b"email,name\n",
        ]
    ),
    st.binary(max_size=200),
)
def test_no_bytes_behind_a_known_beginning_do(start: bytes, rest: bytes) -> None:
    """
    Random bytes behind the first bytes of each form.
    """
    assert reads(start + rest)


@settings(max_examples=300)
@given(st.lists(OBJECTS, max_size=3) | OBJECTS, st.sampled_from(["utf-8", "utf-16"]))
def test_no_objects_do(value: Any, encoding: str) -> None:
    """
    Objects with the platforms' keys and values of every type.
    """
    assert reads(json.dumps(value).encode(encoding))


@given(
    st.lists(KEYS | st.text(max_size=8), min_size=1, max_size=8),
    st.lists(st.lists(st.text(max_size=20), max_size=9), max_size=4),
    st.sampled_from(",;\t"),
)
def test_no_table_does(columns: list[str], rows: list[list[str]], delimiter: str) -> None:
    """
    Tables with the platforms' columns and any cells.
    """
    lines = [delimiter.join(columns), *(delimiter.join(row) for row in rows)]

    assert reads("\r\n".join(lines).encode("utf-8", "surrogatepass"))


def test_flipped_bits_of_a_real_archive_do_not() -> None:
    """
    A gzip file with single bytes changed.
    """
    content = gzip.compress(b"<feedback>" * 50, mtime=0)
    chosen = random.Random(1)
    for _ in range(200):
        damaged = bytearray(content)
        damaged[chosen.randrange(len(damaged))] = chosen.randrange(256)

        assert reads(bytes(damaged))


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda: b"[" * 1_000_000, "too_deep"),
        (lambda: b'{"a":' * 1_000_000, "too_deep"),
        (lambda: b"[" * 50 * MB, "too_large"),
        (lambda: b"[]," * (10 * MB), "too_many_values"),
        (lambda: b'"' + b'\\"' * (15 * MB), "not_csv"),
        (lambda: b'["' + b'\\"' * (15 * MB), "json_cut_off"),
        (lambda: b'[1,"' + b"[" * (20 * MB), "too_many_values"),
        (lambda: b"1" * (30 * MB), "not_csv"),
        (lambda: b"[" + b"9" * 5_000 + b"]", "not_json"),
        (lambda: b"a,b\n" + b"1,2\n" * (4 * MB), "too_many_rows"),
        (lambda: b"a," * 5_000, "too_many_columns"),
        (lambda: b"\n" * (30 * MB), "empty"),
        (lambda: bytes(30 * MB), "binary"),
        (lambda: b"\xff" * (30 * MB), "not_csv"),
        (lambda: b"<" * (30 * MB), "not_xml"),
        (lambda: b"[NaN]", "json_constant"),
        (lambda: b"\xd0\xcf\x11\xe0" + bytes(100), "other_format"),
    ],
)
def test_large_and_deep_files_end_in_an_error(make: Callable[[], bytes], cause: str) -> None:
    """
    A million nested brackets, 50 MB, a line without end: an error, and no hang.
    """
    assert cause == reads(make()).split(" ")[0]


def test_a_file_is_not_read_beyond_the_limit(tmp_path: Path) -> None:
    """
    A sparse file of many gigabytes is refused after the limit.
    """
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(20 * 1024 * MB)

    with pytest.raises(ExportError, match=r"huge\.json: .*32 MB"):
        read_exports([path])


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """
    The path tried is named.
    """
    with pytest.raises(ExportError, match=r"gone\.json"):
        read_exports([tmp_path / "gone.json"])


def test_outside_text_in_an_error_is_made_visible() -> None:
    """
    Control characters and reversed text in keys are written out.
    """
    assert "\\u202e" in reads('[{"\u202ekey\\u001b[31m": 1}]'.encode())
    assert "\x1b" not in reads(b'[{"\\u001b[31m": 1}]')
