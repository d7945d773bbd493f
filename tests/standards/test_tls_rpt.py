"""
TLS-RPT records, and TXT records written out.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.standards.tls_rpt import is_tls_rpt, parse_record
from runbook_lib.standards.txt import zone_line


@pytest.mark.parametrize(
    ("text", "reports", "wrong"),
    [
        ("v=TLSRPTv1; rua=mailto:a@alder.example", ("mailto:a@alder.example",), ()),
        ("v=TLSRPTv1;rua=mailto:a@b.example , https://c.example/x;ext=1", ("mailto:a@b.example", "https://c.example/x"), ()),
        ("v=TLSRPTv1; rua=mailto:a@b.example!10m", (), ("rua=mailto:a@b.example!10m",)),
        ("v=TLSRPTv1; rua=ftp://c.example/", (), ("rua=ftp://c.example/",)),
        ("v=TLSRPTv1; rua=https://[::1", (), ("rua=https://[::1",)),
        ("v=TLSRPTv1;", (), ()),
        ("v=TLSRPTv1; ruf=mailto:a@b.example", (), ()),
    ],
)
def test_records(text: str, reports: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    """
    Reports go to mailboxes and HTTPS addresses; anything else is told.
    """
    record = parse_record(text)

    assert (reports, wrong, bool(reports) and not wrong) == (record.reports, record.wrong, record.valid)


@pytest.mark.parametrize(
    ("text", "expected"), [("v=TLSRPTv1; rua=x", True), ("v=TLSRPTv1", False), ("v=TLSRPTv1x;", False), ("V=TLSRPTv1;", False)]
)
def test_version(text: str, expected: bool) -> None:
    """
    A record begins with its version and a semicolon, spelt exactly so.
    """
    assert expected == is_tls_rpt(text)


@given(st.text())
def test_any_record(text: str) -> None:
    """
    Whatever stands in a record can be read.
    """
    assert not parse_record(text).reports or "rua" in text


def test_zone_line() -> None:
    """
    A long text is parted into strings of at most 255 bytes; quotes and odd bytes are escaped.
    """
    assert 'a.example. 3600 IN TXT "v=x; \\"y\\" \\233"' == zone_line("a.example", 'v=x; "y" \xe9')
    assert ["a" * 255, "a" * 45] == zone_line("a.example", "a" * 300).partition(" TXT ")[2].replace('"', "").split(" ")
