"""
SPF as far as ranges need it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.observations import DnsOutcome
from runbook_lib.standards.spf import MAX_LOOKUPS, SpfFault, expand_ranges, is_spf, parse_record, parse_term

S = "eu._netblocks.gateway.example"


def spf(*terms: str) -> list[str]:
    """
    TXT data with an SPF record in it.
    """
    return [" ".join(["v=spf1", *terms])]


@given(st.text())
def test_never_raises(text: str) -> None:
    """
    No text breaks the parser, and no word is lost.
    """
    record = parse_record(f"v=spf1 {text}")

    assert len([word for word in text.split(" ") if word]) == len(record.terms) + len(record.wrong)


@given(st.text(alphabet="+-~?abcipmxr:/=.%{}0123456789f ", max_size=40))
def test_terms_keep_their_text(text: str) -> None:
    """
    A term is kept as it was written.
    """
    term = parse_term(text)

    assert term is None or text == term.text


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("ip4:195.130.217.0/24", "195.130.217.0/24"),
        ("IP4:195.130.217.9/24", "195.130.217.0/24"),
        ("ip4:195.130.217.9", "195.130.217.9/32"),
        ("ip6:2a01:111::/32", "2a01:111::/32"),
        ("ip4:195.130.217.0/33", None),
        ("ip4:195.130.217.0/024", None),
        ("ip4:195.130.217.0/255.255.255.0", None),
        ("ip4:2a01::/32", None),
        ("ip6:9.9.9.9", None),
        ("ip4:", None),
        ("ip4", None),
        ("ip4=9.9.9.9", ""),
        ("nonsense:9.9.9.9", None),
        ("all:x", None),
        ("include", None),
        ("-redirect=x", None),
    ],
)
def test_terms(token: str, expected: str | None) -> None:
    """
    Terms are read strictly; host bits in a network are allowed.
    """
    term = parse_term(token)

    assert expected == (None if term is None else str(term.network or ""))


@pytest.mark.parametrize(("text", "expected"), [("v=spf1", True), ("V=SPF1 -all", True), ("v=spf10", False), (" v=spf1", False)])
def test_is_spf(text: str, expected: bool) -> None:
    """
    A record begins with the version and a space or its end.
    """
    assert expected is is_spf(text)


def test_nested(carry_out: Any) -> None:
    """
    Includes and a redirect are followed, in the order of the record, each name once.
    """
    said = {
        (S, "TXT"): ["other text", *spf("ip4:9.9.9.0/24", "include:a.example", "include:b.example", "redirect=c.example")],
        ("a.example", "TXT"): spf("ip4:9.9.8.0/24", "include:b.example", "~all"),
        ("b.example", "TXT"): spf("ip6:2a01::/32", "-ip4:9.9.7.0/24", "-all"),
        ("c.example", "TXT"): spf("ip4:9.9.9.0/24", "~all"),
    }

    found, asked = carry_out(expand_ranges(S), said)

    assert ("9.9.9.0/24", "9.9.8.0/24", "2a01::/32") == found.cidrs
    assert found.complete
    assert [S, "a.example", "b.example", "c.example"] == [question.name for question in asked]


def test_redirect_behind_all(carry_out: Any) -> None:
    """
    A redirect beside all is ignored.
    """
    found, _ = carry_out(expand_ranges(S), {(S, "TXT"): spf("ip4:9.9.9.0/24", "redirect=c.example", "~all")})

    assert found.complete


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, SpfFault.NO_RECORD),
        ({(S, "TXT"): ["unrelated"]}, SpfFault.NO_RECORD),
        ({(S, "TXT"): [*spf("ip4:9.9.9.9"), *spf("ip4:9.9.9.8")]}, SpfFault.SEVERAL),
        ({(S, "TXT"): spf("ip4:9.9.9.9", "ip4:x")}, SpfFault.SYNTAX),
        ({(S, "TXT"): spf("ip4:9.9.9.9", "a")}, SpfFault.NOT_EXPANDED),
        ({(S, "TXT"): spf("ip4:9.9.9.9", "include:%{d}.example")}, SpfFault.NOT_EXPANDED),
        ({(S, "TXT"): spf("ip4:9.9.9.9", "include:gone.example")}, SpfFault.NO_RECORD),
        ({(S, "TXT"): spf("ip4:9.9.9.9", f"include:{S}")}, SpfFault.LOOP),
        ({(S, "TXT"): DnsOutcome.TIMEOUT}, SpfFault.DNS),
    ],
)
def test_incomplete(carry_out: Any, said: Any, fault: SpfFault) -> None:
    """
    Whatever hides ranges makes the list incomplete.
    """
    found, _ = carry_out(expand_ranges(S), said)

    assert not found.complete
    assert [fault] == [problem.fault for problem in found.problems]
    assert str(found.problems[0])


def test_bounded(carry_out: Any) -> None:
    """
    Neither width nor depth is without end.
    """
    wide, asked = carry_out(expand_ranges(S), {(S, "TXT"): spf(*(f"include:i{n}.example" for n in range(500)))})

    assert MAX_LOOKUPS + 1 == len(asked)
    assert SpfFault.LOOKUPS in {problem.fault for problem in wide.problems}

    chain = {(f"n{n}.example", "TXT"): spf(f"include:n{n + 1}.example") for n in range(100)}
    deep, asked = carry_out(expand_ranges("n0.example"), chain)

    assert 11 == len(asked)
    assert [SpfFault.LOOKUPS] == [problem.fault for problem in deep.problems]
