"""
Addresses and ranges as platforms write them.
"""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.exports import parse_address, parse_addresses


@pytest.mark.parametrize(
    ("text", "networks", "problem"),
    [
        ("192.0.2.7", ["192.0.2.7/32"], ""),
        ("192.0.2.0/24", ["192.0.2.0/24"], ""),
        (" 192.0.2.0/24 ", ["192.0.2.0/24"], ""),
        ("8.8.8.8/24", ["8.8.8.0/24"], "host_bits"),
        ("192.0.2.0-192.0.2.2", ["192.0.2.0/31", "192.0.2.2/32"], ""),
        ("0.0.0.0-255.255.255.255", ["0.0.0.0/0"], ""),
        ("192.0.2.0(255.255.255.0)", ["192.0.2.0/24"], ""),
        ("2001:db8::/32", ["2001:db8::/32"], ""),
        ("fe80::1%4", ["fe80::1/128"], ""),
        ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ["::/0"], ""),
        ("fe80::%4-fe80::ff%4", ["fe80::/120"], ""),
        ("192.0.2.9-192.0.2.1", [], "reversed"),
        ("192.0.2.1-::1", [], "mixed"),
        ("mail.alder.example", [], "not_an_address"),
        ("", [], "not_an_address"),
        ("192.0.2.0/33", [], "not_an_address"),
    ],
)
def test_every_spelling_is_read(text: str, networks: list[str], problem: str) -> None:
    """
    Singles, blocks, ranges, masks and scoped addresses become the CIDR blocks they stand for; anything else is a named problem.
    """
    entry = parse_address(text)

    assert (text, networks, problem) == (entry.text, [str(network) for network in entry.networks], entry.problem)


def test_a_list_keeps_order_and_what_it_cannot_read() -> None:
    """
    Nothing is left out or merged, and membership looks at every entry.
    """
    made = parse_addresses(["192.0.2.0/25", "nonsense", "192.0.2.128/25"])

    assert ("192.0.2.0/25", "nonsense", "192.0.2.128/25") == made.texts
    assert ["nonsense"] == [entry.text for entry in made.unread]
    assert made.holds(ipaddress.ip_address("192.0.2.200"))
    assert not made.holds(ipaddress.ip_address("2001:db8::1"))
    assert [128, 0, 128] == [entry.size for entry in made.entries]


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    """
    Any text is an entry, with networks or with a problem.
    """
    entry = parse_address(text)

    assert bool(entry.networks) == (entry.first is not None)
