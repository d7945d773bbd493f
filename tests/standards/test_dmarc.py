"""
DMARC records and the tree walk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.observations import DnsOutcome
from runbook_lib.standards.dmarc import Policy, destination, find_policy, is_dmarc, names_above, parse_record


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DMARC1; p=none", True),
        ("v=DMARC1", True),
        ("V = DMARC1 ;p=none", True),
        ("v=dmarc1; p=none", False),
        ("v=DMARC1 p=none", False),
        ("v=DMARC12; p=none", False),
        ("p=none; v=DMARC1", False),
        (" v=DMARC1; p=none", False),
    ],
)
def test_version(text: str, expected: bool) -> None:
    """
    A record begins with its version, in capitals.
    """
    assert expected == is_dmarc(text)


@pytest.mark.parametrize(
    ("text", "own", "below"),
    [
        ("v=DMARC1; p=reject", "reject", "reject"),
        ("v=DMARC1; P=Reject; SP=none", "reject", "none"),
        ("v=DMARC1; p=reject; t=y", "quarantine", "quarantine"),
        ("v=DMARC1; p=quarantine; t=y", "none", "none"),
        ("v=DMARC1", "none", "none"),
        ("v=DMARC1; p=bad", None, None),
        ("v=DMARC1; p=bad; rua=mailto:a@b.example", "none", "none"),
        ("v=DMARC1; p=reject; np=bad; rua=mailto:a@b.example", "none", "none"),
    ],
)
def test_policy(text: str, own: str | None, below: str | None) -> None:
    """
    The policy applied to the domain itself and to names below it; testing lowers it by one.
    """
    record = parse_record(text)

    assert (own and Policy(own), below and Policy(below)) == (record.applied(inherited=False), record.applied(inherited=True))


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("v=DMARC1; p=none; fo=1:d:s; adkim=S; psd=u", ()),
        ("v=DMARC1; p=none; fo=0:1", ("fo=0:1",)),
        ("v=DMARC1; p=none; psd=x", ("psd=x",)),
        ("v=DMARC1; p=none; junk; rua=mailto:a@b.example, mailto:nobody", ("junk", "rua=mailto:nobody")),
        ("v=DMARC1; p=none; p=reject", ("p",)),
        ("v=DMARC1; p=none; rua=mailto:a@b.example!10m", ()),
    ],
)
def test_ignored(text: str, ignored: tuple[str, ...]) -> None:
    """
    What receivers pass over is told; it does not spoil the rest.
    """
    assert ignored == parse_record(text).ignored


@given(st.text())
def test_any_record(text: str) -> None:
    """
    Whatever stands in a record can be read.
    """
    record = parse_record("v=DMARC1; " + text)

    assert record.applied(inherited=False) in (None, *Policy)
    assert all(map(destination, record.reports)) or record.reports


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("alder.example", ("example",)),
        ("a.b.c.alder.example", ("b.c.alder.example", "c.alder.example", "alder.example", "example")),
        (
            "a.b.c.d.e.f.g.h.i.example",
            ("d.e.f.g.h.i.example", "e.f.g.h.i.example", "f.g.h.i.example", "g.h.i.example", "h.i.example", "i.example", "example"),
        ),
        (
            "a.b.c.d.e.f.g.example",
            ("b.c.d.e.f.g.example", "c.d.e.f.g.example", "d.e.f.g.example", "e.f.g.example", "f.g.example", "g.example", "example"),
        ),
    ],
)
def test_names_above(domain: str, names: tuple[str, ...]) -> None:
    """
    A walk goes up to the top and asks no more than eight names.
    """
    assert names == names_above(domain)
    assert len(names) < 8


def test_own_record_ends_it(carry_out: Callable[..., Any]) -> None:
    """
    Nothing above is asked for where the domain has a record and reports to itself.
    """
    walk, asked = carry_out(
        find_policy("alder.example"), {("_dmarc.alder.example", "TXT"): ["v=DMARC1; p=none; rua=mailto:a@alder.example"]}
    )

    assert (1, "alder.example") == (len(asked), walk.found.domain)


@pytest.mark.parametrize(
    ("records", "organizational", "found"),
    [
        ({}, "a.b.example", None),
        ({"example": "psd=y"}, "b.example", "example"),
        ({"b.example": "p=none", "example": "psd=y"}, "b.example", "b.example"),
        ({"a.b.example": "psd=y"}, "a.b.example", "a.b.example"),
        ({"b.example": "psd=n", "example": "p=none"}, "b.example", "b.example"),
        ({"b.example": "p=none", "example": "p=none"}, "example", "example"),
        ({"a.b.example": "p=none; rua=mailto:x@else.example", "b.example": "p=reject"}, "b.example", "a.b.example"),
    ],
)
def test_organizational_domain(carry_out: Callable[..., Any], records: dict[str, str], organizational: str, found: str | None) -> None:
    """
    ``psd`` draws the boundary; without it the record furthest up counts.
    """
    said = {(f"_dmarc.{name}", "TXT"): [f"v=DMARC1; {tags}"] for name, tags in records.items()}

    walk, _ = carry_out(find_policy("a.b.example"), said)

    assert (organizational, found) == (walk.organizational.domain, walk.found.domain if walk.found else None)


def test_several_count_as_none(carry_out: Callable[..., Any]) -> None:
    """
    Several records at one name are all passed over.
    """
    said = {("_dmarc.a.example", "TXT"): ["v=DMARC1; p=none", "v=DMARC1; p=reject"], ("_dmarc.example", "TXT"): ["v=DMARC1; p=none"]}

    walk, _ = carry_out(find_policy("a.example"), said)

    assert "example" == walk.found.domain


def test_open_end(carry_out: Callable[..., Any]) -> None:
    """
    A name below the record found that gave no answer leaves it open, one above does not.
    """
    said: dict[tuple[str, str], Any] = {("_dmarc.b.example", "TXT"): ["v=DMARC1; p=none"], ("_dmarc.example", "TXT"): DnsOutcome.TIMEOUT}

    assert carry_out(find_policy("a.b.example"), said)[0].open_end is None

    said["_dmarc.a.b.example", "TXT"] = DnsOutcome.SERVFAIL

    assert DnsOutcome.SERVFAIL == carry_out(find_policy("a.b.example"), said)[0].open_end
