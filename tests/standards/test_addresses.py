"""
Addresses of a host.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome
from runbook_lib.standards.addresses import is_private, is_public, resolve_host

H = "mail.alder.example"


@pytest.mark.parametrize(
    ("a", "aaaa", "outcome", "addresses"),
    [
        (["194.1.1.1"], ["2a01::1"], DnsOutcome.ANSWER, ("194.1.1.1", "2a01::1")),
        (["194.1.1.1"], DnsOutcome.SERVFAIL, DnsOutcome.ANSWER, ("194.1.1.1",)),
        (DnsOutcome.NODATA, ["2a01::1"], DnsOutcome.ANSWER, ("2a01::1",)),
        (DnsOutcome.NODATA, DnsOutcome.NODATA, DnsOutcome.NODATA, ()),
        (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, ()),
        (DnsOutcome.NODATA, DnsOutcome.TIMEOUT, DnsOutcome.TIMEOUT, ()),
        (DnsOutcome.LOOP, DnsOutcome.SERVFAIL, DnsOutcome.LOOP, ()),
    ],
)
def test_outcome(carry_out: Any, a: Any, aaaa: Any, outcome: DnsOutcome, addresses: tuple[str, ...]) -> None:
    """
    One family is enough for an address; only two definite answers make an absence.
    """
    found, asked = carry_out(resolve_host(H), {(H, "A"): a, (H, "AAAA"): aaaa})

    assert (outcome, addresses) == (found.outcome, found.addresses)
    assert (outcome in (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.LOOP)) is found.missing
    assert ["A", "AAAA"] == [question.rdtype for question in asked]


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("195.130.217.1", True, False),
        ("10.0.0.1", False, True),
        ("100.64.0.1", False, True),
        ("127.0.0.1", False, True),
        ("169.254.1.1", False, True),
        ("192.0.2.1", False, False),
        ("224.0.0.1", False, False),
        ("2a01:111::1", True, False),
        ("fe80::1", False, True),
        ("fd00::1", False, True),
        ("2001:db8::1", False, False),
        ("::ffff:10.0.0.1", False, True),
    ],
)
def test_use(address: str, public: bool, private: bool) -> None:
    """
    Private and reserved addresses are not public, mapped ones count as what they map.
    """
    assert (public, private) == (is_public(address), is_private(address))
