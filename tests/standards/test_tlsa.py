"""
TLSA record data.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.standards.tlsa import Tlsa, parse_tlsa


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("3 1 1 ABCD ef01", Tlsa(3, 1, 1, "abcdef01")),
        ("3 1 1", None),
        ("3 1 x ab", None),
        ("3 1 1 xyz", None),
        ("", None),
    ],
)
def test_parse(data: str, expected: Tlsa | None) -> None:
    """
    Record data is read with its digits put together, in lower case.
    """
    assert expected == parse_tlsa(data)


@pytest.mark.parametrize(
    ("record", "usable"),
    [
        (Tlsa(3, 1, 1, "ab" * 32), True),
        (Tlsa(2, 0, 2, "ab" * 64), True),
        (Tlsa(3, 0, 0, "ab"), True),
        (Tlsa(3, 0, 0, ""), False),
        (Tlsa(0, 1, 1, "ab" * 32), False),
        (Tlsa(1, 1, 1, "ab" * 32), False),
        (Tlsa(3, 1, 1, "ab" * 64), False),
        (Tlsa(3, 1, 2, "ab" * 32), False),
    ],
)
def test_usable(record: Tlsa, usable: bool) -> None:
    """
    Mail senders use usages 2 and 3 with data of the right length.
    """
    assert usable == record.usable


@given(st.text())
def test_any_data(text: str) -> None:
    """
    Whatever stands in a record can be read, and is shown briefly.
    """
    record = parse_tlsa(text)

    assert record is None or len(str(record)) < 40
