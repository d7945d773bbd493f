"""
Host and domain names.
"""

from __future__ import annotations

import pytest

from runbook_lib.standards.names import is_address, is_host_name, is_within, parents, without_doubled


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mail.alder.example", True),
        ("xn--bcher-kva.example", True),
        ("4.alder.example", True),
        ("bad_name.alder.example", False),
        ("-a.alder.example", False),
        ("a-.alder.example", False),
        ("a..example", False),
        ("", False),
        (f"{'a' * 63}.example", True),
        (f"{'a' * 64}.example", False),
        (".".join(["a" * 60] * 5), False),
        ("a\\032b.example", False),
        ("mail.alder.example\n", False),
    ],
)
def test_host_names(name: str, expected: bool) -> None:
    """
    Letters, digits and hyphens, 63 a label, 253 in all.
    """
    assert expected is is_host_name(name)


@pytest.mark.parametrize(
    ("name", "expected"), [("192.0.2.1", True), ("[192.0.2.1]", True), ("2001:db8::1", True), ("[ipv6:::1]", True), ("1.2.3", False)]
)
def test_addresses(name: str, expected: bool) -> None:
    """
    IP addresses are told from names, in brackets or not.
    """
    assert expected is is_address(name)


def test_zones() -> None:
    """
    A name stands within its zone; the names above it are nearest first.
    """
    assert is_within("a.alder.example", "alder.example")
    assert is_within("alder.example", "")
    assert not is_within("xalder.example", "alder.example")
    assert ("alder.example", "example") == parents("a.alder.example")
    assert "mail.alder.example" == without_doubled("mail.alder.example.alder.example", "alder.example")
    assert "" == without_doubled("mail.birch.example", "alder.example")
